/**
 * One lap of a document's queue: all who wait are put together as one attempt, which goes to the store, and are told what
 * became of it.
 *
 * Of processes that change one document at the same time, each commit lets one through. Who loses learns what he missed
 * and tries again at once: any wait would only make the time longer in which somebody else may come first, and one who
 * never waits would come first every time. It is who wins that rests, if the store says that others lost to him: up to
 * one round trip for each of them, by dice, so that they come in turn.
 *
 * @module
 */

import { backoffMs } from "../backoff.ts";
import { isPromiseLike, sleep } from "../waiting.ts";
import { attemptAtOnce } from "./at_once.ts";
import { prepare } from "./attempt.ts";
import { type Op, placedOp } from "./change.ts";
import type { CoreContext } from "./core_context.ts";
import { corrupt, type DocumentState, movedOn } from "./document_state.ts";
import type { Attempt, DocumentPlace } from "./draft.ts";
import type { CommitResult, DocumentHead } from "./port.ts";
import { freshDocument } from "./read.ts";
import { grown, type RecentDocument } from "./recent.ts";
import { duplicateOf, outrun, type Pending } from "./submission.ts";

/** What a lap must know of the queue of a document. */
export interface LapQueue {
  /** The document's name among copies. */
  readonly key: string;
  /** The document. */
  readonly place: DocumentPlace;
  /** How many ever came. */
  readonly arrivals: number;
  /** So many of them came before the copy of the document was last compared with the store. */
  compared: number;
}

/** An attempt on its way to the store. */
interface SentAttempt {
  /** The document that it was made for. */
  readonly recent: RecentDocument;
  /** What is sent. */
  readonly attempt: Attempt;
  /** How many had come to the queue before: only they were compared with the store. */
  readonly arrivals: number;
}

const NONE: readonly Op[] = [];

/** How long to wait before the store is asked again that did not say how to go on. */
const WAITS = { firstMs: 2, ceilingMs: 200 };

/** The longest rest of who won, in milliseconds. */
const REST_MS_MAX = 200;

/** One try for all who wait; `undefined` if nothing has to be waited for. */
export function lap(
  context: CoreContext,
  queue: LapQueue,
  batch: readonly Pending[],
): Promise<void> | undefined {
  const recent = context.recents.get(queue.key);
  if (recent?.restUntilMs !== undefined) {
    return rested(context, queue.key, recent, recent.restUntilMs);
  }
  const attempt = recent && attemptAtOnce(context, queue.place, recent, batch);
  if (attempt === "nobody") return undefined;
  return recent === undefined || attempt === undefined
    ? closerLap(context, queue, batch, recent)
    : committed(context, queue, { recent, attempt, arrivals: queue.arrivals });
}

/** Leaves the turn to others before a try of one's own; until then more may come to the queue. */
async function rested(
  { clock, recents }: CoreContext,
  key: string,
  { restUntilMs: _, ...recent }: RecentDocument,
  untilMs: number,
): Promise<void> {
  const restMs = untilMs - clock.monotonic();
  if (restMs > 0) await sleep(clock, restMs);
  recents.set(key, recent);
}

/** A try in which anybody may have to be asked anything. */
async function closerLap(
  context: CoreContext,
  queue: LapQueue,
  batch: readonly Pending[],
  known: RecentDocument | undefined,
): Promise<void> {
  // Who comes while the store is asked knows of later things than its answer.
  const { arrivals, place } = queue;
  const recent = known ?? await freshDocument(context, place, {});
  if (known === undefined) queue.compared = arrivals;
  const isFresh = batch.every(({ arrival }) => arrival < queue.compared);
  const attempt = (known === undefined && attemptAtOnce(context, place, recent, batch)) ||
    await prepare(context, place, recent, batch, { isFresh });
  if (attempt === "refresh") {
    await freshDocument(context, place, {});
    queue.compared = arrivals;
    await lost(context, batch, { isTold: false });
  } else if (attempt !== "nobody") {
    await committed(context, queue, { recent, attempt, arrivals });
  }
}

/** Sends an attempt to the store, and takes what that says; at once if it says it at once. */
function committed(
  context: CoreContext,
  queue: LapQueue,
  sent: SentAttempt,
): Promise<void> | undefined {
  const result = context.documents.commit(queue.place.unit, sent.attempt.commit);
  return isPromiseLike(result)
    ? committedLater(context, queue, sent, result)
    : taken(context, queue, sent, result);
}

async function committedLater(
  context: CoreContext,
  queue: LapQueue,
  sent: SentAttempt,
  result: PromiseLike<CommitResult>,
): Promise<void> {
  const sentAtMs = context.clock.monotonic();
  const said = await result;
  await taken(context, queue, sent, said);
  if (said.kind !== "done" || said.losers === undefined) return;
  rest(context, queue.key, said.losers, sentAtMs);
}

/** Notes that who lost to this process is to have a turn before it tries again. */
function rest(
  { clock, random, recents }: CoreContext,
  key: string,
  losers: number,
  sentAtMs: number,
): void {
  const recent = recents.get(key);
  if (recent === undefined) return;
  const nowMs = clock.monotonic();
  const restMs = Math.min(REST_MS_MAX, random.float() * losers * (nowMs - sentAtMs));
  recents.set(key, { ...recent, restUntilMs: nowMs + restMs });
}

/** Takes what the store said. */
function taken(
  context: CoreContext,
  queue: LapQueue,
  sent: SentAttempt,
  result: CommitResult,
): Promise<void> | undefined {
  if (result.kind === "done") {
    settleAll(context, queue.key, sent.recent, sent.attempt, result);
    queue.compared = sent.arrivals;
    return undefined;
  }
  const isCompared = learned(context, queue.key, sent.recent, sent.attempt, result);
  queue.compared = isCompared ? sent.arrivals : 0;
  return lost(context, sent.attempt.pendings, { isTold: result.kind === "behind" });
}

/** Everything is committed. */
function settleAll(
  context: CoreContext,
  key: string,
  sent: RecentDocument,
  { commit, pendings, after }: Attempt,
  { head, atMs, ops: placed, missed: others = NONE }: Extract<
    CommitResult,
    { readonly kind: "done" }
  >,
): void {
  const recent = others.length === 0 ? sent : movedRecent(context, sent, others, head);
  const { version, createdAtMs } = recent.state;
  const { epoch } = head;
  const ops = placed ?? commit.ops.map((op, at) => placedOp(op, version + at, atMs));
  const moved = others.length === 0 ? after : movedOn(context.settings.types, recent.state, ops);
  const state: DocumentState = {
    epoch,
    version: head.version,
    tag: head.tag,
    type: moved.type,
    content: moved.content,
    createdAtMs: ops.some(({ kind }) => kind === "create") ? atMs : createdAtMs,
    changedAtMs: atMs,
  };
  context.recents.set(key, grown(recent, state, ops, head));
  for (let at = 0; at < ops.length; at++) {
    const [pending, op] = [pendings[at], ops[at]];
    if (pending === undefined || op === undefined) continue;
    const isAlone = pending.submission.base === undefined || (at === 0 && others.length === 0);
    const missed = isAlone ? pending.missed : pending.missed.concat(others, ops.slice(0, at));
    pending.settle({ kind: "committed", op, epoch, missed, fixup: op.fixup });
  }
}

/** The copy of a document after what others appended. */
function movedRecent(
  { settings: { types } }: CoreContext,
  recent: RecentDocument,
  ops: readonly Op[],
  head: DocumentHead,
): RecentDocument {
  return grown(recent, movedOn(types, recent.state, ops), ops, head);
}

/** Takes what the store said instead. Says whether the copy of the document is compared with the store now. */
function learned(
  context: CoreContext,
  key: string,
  recent: RecentDocument,
  { pendings }: Attempt,
  result: Exclude<CommitResult, { readonly kind: "done" }>,
): boolean {
  switch (result.kind) {
    case "behind": {
      const moved = movedRecent(context, recent, result.ops, result.head);
      context.recents.set(key, moved);
      for (const pending of pendings) pending.isNew = true;
      return moved.state.version === result.head.version;
    }
    case "duplicate":
      for (const { at, version } of result.known) {
        const pending = pendings[at];
        pending?.settle(duplicateOf(pending, version, result.head.epoch, recent.ops));
      }
      return false;
    case "ahead":
    case "foreign":
    case "trimmed":
      // The copy is of another life, or so old that nothing leads from it to the head.
      context.recents.delete(key);
      for (const pending of pendings) pending.isNew = false;
      return false;
    case "corrupt":
      throw corrupt();
  }
}

/**
 * Counts a lap that came to nothing, and tells who lost too many. Where the store did not tell what was missed, it is
 * given time: it may be a replica's answer that is late.
 */
async function lost(
  { settings: { retriesMax }, clock, random }: CoreContext,
  pendings: readonly Pending[],
  { isTold }: { readonly isTold: boolean },
): Promise<void> {
  let laps = 0;
  for (const pending of pendings) {
    if (pending.isTold) continue;
    pending.laps++;
    laps = Math.max(laps, pending.laps);
    if (pending.laps <= retriesMax) continue;
    pending.settle({ kind: "refused", error: outrun(retriesMax), missed: pending.missed });
  }
  if (isTold || laps < 2 || laps > retriesMax) return;
  await sleep(clock, backoffMs(laps - 2, WAITS, random));
}
