/**
 * What all steps of a document share: reading on, taking in what is committed, and beginning anew.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import type { Change, OpIdentity, PartialPosition } from "../change.ts";
import { isSameSource } from "../protocol/messages.ts";
import { growBase, settleBase } from "./base.ts";
import { type DocContext, type DocEffect, type DocState, emptyDoc } from "./doc_state.ts";
import type { DocStep, SnapshotNews } from "./doc_state.ts";
import { applyChange, type Live } from "./live.ts";
import { folded, listed, type PendingChange, type Rebased, rebased } from "./queue.ts";

/** A step in the making: the one value that is changed in place, and seen by nobody else. */
export type Draft = { -readonly [Field in keyof DocState]: DocState[Field] } & {
  effects: readonly DocEffect[];
};

/** What has nothing to be said about it is one value. */
export const STORE: DocEffect = { kind: "store" };
export const FLUSH: DocEffect = { kind: "flush" };
const NOTHING_TO_DO: readonly DocEffect[] = [];

/** A step that begins. Written out, so that every state has one form (bench/documents_bench.ts). */
export function draftOf(state: DocState): Draft {
  return {
    base: state.base,
    behind: state.behind,
    version: state.version,
    epoch: state.epoch,
    tag: state.tag,
    live: state.live,
    queue: state.queue,
    isOnline: state.isOnline,
    isPaused: state.isPaused,
    isWaiting: state.isWaiting,
    heard: state.heard,
    readFrom: state.readFrom,
    verdict: state.verdict,
    stash: state.stash,
    effects: NOTHING_TO_DO,
  };
}

/** The step as it is seen from here on: nobody changes its state any more, and what was to be done is no part of it. */
export function stepOf(draft: Draft): DocStep {
  const { effects } = draft;
  draft.effects = NOTHING_TO_DO;
  return { state: draft, effects };
}

/** Something is to be done. */
export function tell(draft: Draft, ...effects: readonly DocEffect[]): void {
  draft.effects = draft.effects.length === 0 ? effects : [...draft.effects, ...effects];
}

/** A queue whose first is another one. */
export function withHead(
  queue: readonly PendingChange[],
  head: PendingChange,
): readonly PendingChange[] {
  return queue.length === 1 ? [head] : [head, ...behindHead(queue)];
}

/** A queue without its first. */
export function behindHead(queue: readonly PendingChange[]): readonly PendingChange[] {
  return queue.length === 1 ? NOBODY : queue.slice(1);
}

const NOBODY: readonly PendingChange[] = [];

/** Asks for what follows the version, or for the whole. */
export function ask(draft: Draft, isWhole = false): void {
  draft.readFrom = draft.version;
  tell(draft, { kind: "read", isWhole });
}

/** Learns that the server has come to a version. */
export function hint(draft: Draft, { version, epoch }: PartialPosition): void {
  if (isForeign(draft, epoch)) return begunAnew(draft, epochError());
  if (draft.version !== undefined && version <= draft.version) return;
  draft.heard = Math.max(draft.heard, version);
  ask(draft);
}

/** Takes a committed change into the base, and leads everything of one's own past it. */
export function takeIn(context: DocContext, draft: Draft, change: Change, source?: string): void {
  const led = rebased(context.types, draft.base, draft.queue, change);
  growBase(context, draft, change);
  if (draft.queue.length > 0) tell(draft, STORE);
  show(context, draft, led, source);
}

/** Makes what the user sees follow from the base and the queue, and tells who is refused. */
export function show(context: DocContext, draft: Draft, led: Rebased, source?: string): void {
  const { queue, refusals } = led;
  const before = draft.live;
  draft.queue = queue;
  // Told first: should the rest fail, they are no longer in the queue.
  for (const { tickets, error } of refusals) tell(draft, { kind: "settled", tickets, error });
  if (refusals.length > 0) tell(draft, FLUSH);
  const shown = queue.length === 0 ? settleBase(draft) : ledLive(before, context, led);
  const change = shown === "unfit" ? undefined : led.theirs;
  const after = shown === "unfit" ? folded(context.types, settleBase(draft), queue) : shown;
  draft.live = after;
  if (change === undefined) tell(draft, { kind: "loaded", before });
  else if (change.kind !== "none") {
    tell(draft, { kind: "changed", change, before, after, isLocal: false, source });
  }
}

/** What the user sees after a change that was led past the queue, if it is one that fits. */
function ledLive(live: Live, { types }: DocContext, { theirs }: Rebased): Live | "unfit" {
  if (theirs === undefined) return "unfit";
  try {
    return applyChange(types, live, theirs);
  } catch {
    // A type that does not keep its law: then the base and the queue say what is to be seen.
    return "unfit";
  }
}

/** Gives up all that is known, and all that waits. */
export function begunAnew(draft: Draft, error: unknown, news?: SnapshotNews): void {
  const before = draft.live;
  const refused = draft.queue;
  const { isOnline, isPaused } = draft;
  Object.assign(draft, emptyDoc(isOnline), { isPaused });
  if (news === undefined) ask(draft, true);
  else {
    const { version, epoch, tag, live } = news;
    Object.assign(draft, { version, epoch, tag, live, base: live });
  }
  tell(draft, { kind: "loaded", before }, STORE);
  for (const own of refused) tell(draft, { kind: "settled", tickets: listed(own), error });
}

export function isHead({ queue: [head] }: Draft, identity: OpIdentity): boolean {
  return isSame(head?.identity, identity);
}

export function isSame(identity: OpIdentity | undefined, other: OpIdentity | undefined): boolean {
  return identity !== undefined && identity.sequence === other?.sequence &&
    isSameSource(identity.source, other.source);
}

/** Whether it is open what became of the first of the queue. */
export function isInDoubt({ queue: [head], verdict }: Draft): boolean {
  return head?.identity !== undefined && verdict === undefined;
}

/** Whether an epoch is another one than that in which the version counts. Nothing written fits any. */
export function isForeign({ version, epoch }: Draft, other: string | undefined): boolean {
  return Boolean(version && epoch && other) && epoch !== other;
}

export function epochError(): HoldfastError {
  return new HoldfastError(
    "ERR_DOC_EPOCH",
    "Cannot commit the change as the document must still be the one that it was made on",
  );
}

export function trimmedError(): HoldfastError {
  return new HoldfastError(
    "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND",
    "Cannot lead the change to the document's version as the operations between must be kept",
  );
}

export function unknownError(): HoldfastError {
  return new HoldfastError(
    "ERR_OUTCOME_UNKNOWN",
    "Cannot tell what became of the change as it was given up before it was answered",
  );
}

export function exists(): HoldfastError {
  return new HoldfastError(
    "ERR_DOC_ALREADY_CREATED",
    "Cannot change the document as what the storage has of it must come first",
  );
}
