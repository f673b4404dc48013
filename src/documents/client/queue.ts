/**
 * The changes of one's own that are not committed yet, in order: how they compose while they wait, and how they are led
 * past what was committed meanwhile.
 *
 * The first one alone may be on its way. From the moment when it has an identity it is never composed with another: the
 * server knows a second arrival by the identity, and must find the same change under it.
 *
 * @module
 */

import type { OtType } from "../../ot/mod.ts";
import type { Change, OpIdentity } from "../change.ts";
import { applyChange, type Live, meet } from "./live.ts";

/** Where a change is on its way to the server. */
export type Phase =
  /** It waits for its turn, and has no identity yet. */
  | "waiting"
  /** It has its identity, and goes out when the storage has it. */
  | "storing"
  /** It has its identity, and goes out when there is a connection. */
  | "ready"
  /** It was sent on this connection, and is not answered. */
  | "sent";

/** A change that is not committed yet. */
export interface PendingChange {
  readonly change: Change;
  readonly phase: Phase;
  /** Who wait for it: more than one where changes were composed. */
  readonly tickets: Tickets | undefined;
  readonly identity?: OpIdentity | undefined;
  /** Whether later ones may be composed onto it. */
  readonly isComposable: boolean;
  /** How often the server asked to try again. */
  readonly attempts: number;
  /** It was refused here, while it was on its way: what the server says of it no longer matters. */
  readonly isGone?: boolean | undefined;
}

/** Who wait, the latest first: a list that grows at no cost, as thousands may be composed in a moment. */
export interface Tickets {
  readonly ticket: number;
  readonly earlier: Tickets | undefined;
}

/** Changes that can no longer be made, and why. */
export interface Refusal {
  readonly tickets: readonly number[];
  readonly error: unknown;
}

/** A queue led past a change that was committed. */
export interface Rebased {
  readonly queue: readonly PendingChange[];
  /** The committed change, as it is after the whole queue; `undefined` if that is no single change. */
  readonly theirs: Change | undefined;
  readonly refusals: readonly Refusal[];
}

const NO_REFUSALS: readonly Refusal[] = [];
const NO_TICKETS: readonly number[] = [];

/** What there is to say of changes that came together. */
export interface Appended {
  readonly change: Change;
  readonly ticket: number;
  readonly isComposable: boolean;
}

/** The queue with one more change, composed onto the last where that has not begun its way. */
export function appended(
  types: readonly OtType[],
  queue: readonly PendingChange[],
  live: Live,
  { change, ticket, isComposable }: Appended,
): readonly PendingChange[] {
  const last = queue[queue.length - 1];
  const composed = last?.phase === "waiting" && last.isComposable && isComposable
    ? composedChange(types, last.change, change, live)
    : undefined;
  if (last === undefined || composed === undefined) {
    const own = {
      change,
      phase: "waiting",
      tickets: { ticket, earlier: undefined },
      identity: undefined,
      isComposable,
      attempts: 0,
    } as const;
    return queue.length === 0 ? [own] : [...queue, own];
  }
  return [...queue.slice(0, -1), {
    ...last,
    change: composed,
    tickets: { ticket, earlier: last.tickets },
  }];
}

/** Leads a queue that was made on `before` past a change that was committed on `before`. */
export function rebased(
  types: readonly OtType[],
  before: Live,
  queue: readonly PendingChange[],
  committed: Change,
): Rebased {
  if (queue.length === 0) return { queue, theirs: committed, refusals: NO_REFUSALS };
  const kept: PendingChange[] = [];
  const refusals: Refusal[] = [];
  let [live, theirs] = [before, committed];
  for (const [at, own] of queue.entries()) {
    const { mine, theirs: led, error } = meet(types, live, own.change, theirs);
    if (mine === "refused") {
      if (theirs.kind !== "del") return withRest(kept, refusals, cutOff(queue.slice(at), error));
      refusals.push({ tickets: listed(own), error });
      if (own.phase === "sent") kept.push(gone(own));
    } else kept.push(mine === own.change ? own : { ...own, change: mine });
    // The next of mine was made on what this one of mine left, and theirs has been led past it.
    live = afterwards(types, live, own.change);
    theirs = led;
  }
  return { queue: kept, theirs, refusals };
}

/** What is left of a queue where nobody can tell how it would be after what happened: what begins with a deletion. */
export function cutOff(queue: readonly PendingChange[], error: unknown): Rebased {
  const first = queue.findIndex(({ change }) => change.kind === "del");
  const at = first === -1 ? queue.length : first;
  return {
    queue: [
      ...queue.slice(0, at).filter(({ phase }) => phase === "sent").map(gone),
      ...queue.slice(at),
    ],
    theirs: undefined,
    refusals: queue.slice(0, at).map((own) => ({ tickets: listed(own), error })),
  };
}

/** Who wait for a change, in order. */
export function listed({ tickets }: PendingChange): readonly number[] {
  if (tickets === undefined) return NO_TICKETS;
  const list = [tickets.ticket];
  for (let at = tickets.earlier; at !== undefined; at = at.earlier) list.push(at.ticket);
  return list.reverse();
}

/** The document with all of a queue. */
export function folded(
  types: readonly OtType[],
  base: Live,
  queue: readonly PendingChange[],
): Live {
  return queue.reduce((live, { change }) => applyChange(types, live, change), base);
}

function withRest(
  kept: readonly PendingChange[],
  refusals: readonly Refusal[],
  rest: Rebased,
): Rebased {
  return {
    queue: [...kept, ...rest.queue],
    theirs: rest.theirs,
    refusals: [...refusals, ...rest.refusals],
  };
}

function gone(own: PendingChange): PendingChange {
  return { ...own, change: { kind: "none" }, tickets: undefined, isGone: true };
}

/** The document after a change that was made on it; a change that is gone is none. */
function afterwards(types: readonly OtType[], live: Live, change: Change): Live {
  // Only the type and whether it is there matter to a meeting, so edits need not be applied.
  return change.kind === "op" ? live : applyChange(types, live, change);
}

/** One change that does what both do, if there is such a one. `live` is the document before the later. */
function composedChange(
  types: readonly OtType[],
  change: Change,
  next: Change,
  live: Live,
): Change | undefined {
  if (next.kind !== "op" || live === undefined) return undefined;
  const { type } = live;
  if (change.kind === "create" && type.deserialize === undefined) {
    const created = applyChange(types, undefined, change);
    return { ...change, data: type.apply(created?.data, next.op) as typeof change.data };
  }
  if (change.kind !== "op" || type.compose === undefined) return undefined;
  return { kind: "op", op: type.compose(change.op, next.op) as typeof change.op };
}
