/**
 * What a document asks of the server besides its operations: to be read, to be followed, to be left. A machine like the
 * document's own.
 *
 * Wishes are counted, and made together in the next moment: who subscribes, unsubscribes and subscribes in one breath
 * asks once. At most one subscription and one reading are on their way.
 *
 * @module
 */

import type { CodedError } from "../../errors.ts";
import { isTransient } from "./transient.ts";

/** What is asked: to read (`f`), to follow (`s`), to leave (`u`). */
export type Asked = "f" | "s" | "u";

/** Where a document stands with the server. */
export interface Subscription {
  /** How many want it followed. */
  readonly wanted: number;
  /** `asked` and `leaving`: the request is on its way. */
  readonly status: "off" | "asked" | "on" | "leaving";
  readonly isReading: boolean;
  /** Whether the server could not serve, and is left alone for a while. */
  readonly isResting: boolean;
  /** How often in a row it could not. */
  readonly attempt: number;
  /** What must be read: what follows, or the whole. */
  readonly need: "nothing" | "rest" | "whole";
  /** Who wait for their wish to be asked: subscribers and unsubscribers, readers. */
  readonly wishes: readonly Wish[];
  readonly readers: readonly number[];
  /** Who wait for what was asked. */
  readonly askedWishes: readonly Wish[];
  readonly askedReaders: readonly number[];
}

/** Somebody who subscribes or unsubscribes. */
export interface Wish {
  readonly ticket: number;
  readonly isFor: boolean;
}

/** What happens to it. */
export type SubscriptionEvent =
  | { readonly kind: "wish"; readonly wish: Wish }
  | { readonly kind: "read"; readonly ticket?: number | undefined; readonly isWhole: boolean }
  /** Nobody wants it followed any more. */
  | { readonly kind: "drop" }
  /** The moment to ask. */
  | { readonly kind: "flush" }
  | { readonly kind: "offline" | "rested" }
  | {
    readonly kind: "answered";
    readonly asked: Asked;
    readonly error?: CodedError | undefined;
  };

/** What is to be done. */
export type SubscriptionEffect =
  | { readonly kind: "ask"; readonly asked: Asked; readonly isWhole: boolean }
  | { readonly kind: "settled"; readonly tickets: readonly number[]; readonly error?: unknown }
  /** Come again later: `rested`. */
  | { readonly kind: "rest"; readonly attempt: number }
  /** Nobody waited for what was refused. */
  | { readonly kind: "failed"; readonly error: CodedError };

/** The beginning: nothing is wanted. */
export const UNSUBSCRIBED: Subscription = {
  wanted: 0,
  status: "off",
  isReading: false,
  isResting: false,
  attempt: 0,
  need: "nothing",
  wishes: [],
  readers: [],
  askedWishes: [],
  askedReaders: [],
};

/** What came of an event. */
export interface SubscriptionStep {
  readonly state: Subscription;
  readonly effects: readonly SubscriptionEffect[];
}

type Draft = { -readonly [Field in keyof Subscription]: Subscription[Field] };

/** What an event makes of it. */
export function stepSubscription(
  state: Subscription,
  event: SubscriptionEvent,
): SubscriptionStep {
  const next: Draft = { ...state };
  const effects: SubscriptionEffect[] = [];
  switch (event.kind) {
    case "wish":
      next.wanted = Math.max(0, next.wanted + (event.wish.isFor ? 1 : -1));
      next.wishes = [...next.wishes, event.wish];
      break;
    case "read":
      if (event.ticket !== undefined) next.readers = [...next.readers, event.ticket];
      next.need = event.isWhole || next.need === "whole" ? "whole" : "rest";
      break;
    case "drop":
      next.wanted = 0;
      break;
    case "flush":
      if (!next.isResting) flush(next, effects);
      break;
    case "rested":
      next.isResting = false;
      break;
    case "offline":
      offline(next, effects);
      break;
    case "answered":
      answered(next, effects, event.asked, event.error);
  }
  return { state: next, effects };
}

/** Whether anything is on its way or waits to be. */
export function isBusy(subscription: Subscription): boolean {
  const { wishes, readers, status, isReading, need, wanted } = subscription;
  return wishes.length + readers.length > 0 || isReading || need !== "nothing" ||
    status === "asked" || status === "leaving" || (status === "on") !== (wanted > 0);
}

function flush(next: Draft, effects: SubscriptionEffect[]): void {
  const isWhole = next.need === "whole";
  const isSettled = (next.status === "on") === (next.wanted > 0);
  if (next.status === "off" && !isSettled) {
    Object.assign(next, {
      status: "asked",
      need: "nothing",
      askedWishes: next.wishes,
      askedReaders: [...next.askedReaders, ...next.readers],
      wishes: [],
      readers: [],
    });
    effects.push({ kind: "ask", asked: "s", isWhole });
    return;
  }
  if (next.status === "on" && !isSettled) {
    Object.assign(next, { status: "leaving", askedWishes: next.wishes, wishes: [] });
    effects.push({ kind: "ask", asked: "u", isWhole: false });
  } else if (isSettled && next.status !== "asked" && next.status !== "leaving") {
    settle(next, effects, "wishes");
  }
  if (next.need === "nothing" || next.isReading || next.status === "asked") return;
  Object.assign(next, {
    isReading: true,
    need: "nothing",
    askedReaders: next.readers,
    readers: [],
  });
  effects.push({ kind: "ask", asked: "f", isWhole });
}

function answered(
  next: Draft,
  effects: SubscriptionEffect[],
  asked: Asked,
  error: CodedError | undefined,
): void {
  const waiting = next.askedReaders.length + next.askedWishes.length;
  const isSilent = error?.code === "ERR_SNAPSHOT_READ_SILENT_REJECTION";
  const told = isSilent ? undefined : error;
  const isNeeded = waiting === 0 || next.wanted > failedWishes(next);
  const isAgain = error !== undefined && isNeeded && isTransient(error.code);
  if (asked === "f") next.isReading = false;
  if (asked === "u") next.status = "off";
  if (asked === "s") followed(next, error, isAgain);
  if (asked !== "f") settle(next, effects, "askedWishes", told);
  if (asked === "f" || (asked === "s" && !next.isReading)) {
    effects.push({ kind: "settled", tickets: next.askedReaders, error: told });
    next.askedReaders = [];
  }
  if (isAgain) {
    // Whoever waited is told; but it is needed besides: a document that others follow, or that has a gap.
    effects.push({ kind: "rest", attempt: next.attempt });
    const need = asked === "f" && next.need === "nothing" ? "rest" : next.need;
    Object.assign(next, { isResting: true, attempt: next.attempt + 1, need });
  } else {
    next.attempt = 0;
    if (told !== undefined && waiting === 0) effects.push({ kind: "failed", error: told });
  }
}

function followed(next: Draft, error: CodedError | undefined, isAgain: boolean): void {
  next.status = error === undefined ? "on" : "off";
  if (error === undefined) return;
  // Who is told that it failed no longer counts. If nobody is, the server has thrown everybody out.
  const failed = failedWishes(next);
  const isOver = failed === 0 || error.code === "ERR_SNAPSHOT_READ_SILENT_REJECTION";
  next.wanted = isOver && !isAgain ? 0 : Math.max(0, next.wanted - failed);
}

/** How many of those who wait wanted it followed. */
function failedWishes({ askedWishes }: Draft): number {
  return askedWishes.filter(({ isFor }) => isFor).length;
}

/** What was asked is to be asked again; who wanted to leave has left. */
function offline(next: Draft, effects: SubscriptionEffect[]): void {
  if (next.status === "leaving") settle(next, effects, "askedWishes");
  const isAsked = next.isReading || next.status === "asked";
  Object.assign(next, {
    status: "off",
    isReading: false,
    isResting: false,
    need: isAsked && next.need === "nothing" ? "rest" : next.need,
    wishes: [...next.askedWishes, ...next.wishes],
    readers: [...next.askedReaders, ...next.readers],
    askedWishes: [],
    askedReaders: [],
  });
}

function settle(
  next: Draft,
  effects: SubscriptionEffect[],
  who: "wishes" | "askedWishes",
  error?: unknown,
): void {
  if (next[who].length === 0) return;
  effects.push({ kind: "settled", tickets: next[who].map(({ ticket }) => ticket), error });
  next[who] = [];
}
