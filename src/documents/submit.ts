/**
 * Committing operations: one queue for each document, and one request for all that wait in it.
 *
 * A lap takes who waits, leads each past what was committed since its base and past those of the same lap before it,
 * and asks the store to append all of them at the head. The store says what others appended meanwhile, and the next lap
 * goes on from there: so nobody reads to try again, and writers of one process never race each other.
 *
 * Whoever is refused is refused by a document that was compared with the store since he came: a copy that is out of date
 * may cost a request, and never an operation.
 *
 * Where a promise must not outlive its request (`isolation: "request"`), every submission has a queue of its own, and
 * they race as if they were of different processes.
 *
 * @module
 */

import { backoffMs } from "../backoff.ts";
import { type ErrorCode, HoldfastError, LimitError } from "../errors.ts";
import { sleep } from "../waiting.ts";
import { attemptAtOnce } from "./at_once.ts";
import { prepare } from "./attempt.ts";
import type { Attempt, DocumentPlace } from "./draft.ts";
import type { Op } from "./change.ts";
import type { CoreOptions, Submission, SubmitResult } from "./core.ts";
import type { CoreContext } from "./core_context.ts";
import { corrupt, type DocumentState, movedOn } from "./document_state.ts";
import { checkIdentity, checkNames, checkPosition } from "./names.ts";
import { COMMIT_OPS_MAX, type CommitResult } from "./port.ts";
import { freshDocument } from "./read.ts";
import { documentKey, grown, type RecentDocument } from "./recent.ts";
import { unitOf } from "./settings.ts";
import { duplicateOf, outrun, type Pending, pendingOf } from "./submission.ts";

/** Who waits for one document. */
interface Queue {
  /** They, in the order of their coming; those who were told are taken out after each lap. */
  waiting: Pending[];
  /** How many ever came. */
  arrivals: number;
  /** So many of them came before the copy of the document was last compared with the store. */
  compared: number;
}

/** The queues of documents that somebody is committing to. */
export type Queues = Map<string, Queue>;

/** How long who lost a second race waits before the next: others may be many. */
const WAITS = { firstMs: 2, ceilingMs: 200 };

/** What a store or a log says against one document, and not that it cannot be asked. */
const VERDICTS: readonly ErrorCode[] = ["ERR_DOC_CORRUPT", "ERR_TOO_LARGE", "ERR_UNKNOWN_TYPE"];

/** Commits one operation. */
export function submitted(
  context: CoreContext,
  queues: Queues,
  collection: string,
  id: string,
  submission: Submission,
  { signal }: CoreOptions = {},
): Promise<SubmitResult> {
  return new Promise((resolve, reject) => {
    checkNames(collection, [id]);
    checkIdentity(submission);
    checkPosition(submission.base);
    signal?.throwIfAborted();
    const isShared = context.isolation === "process";
    const key = documentKey(collection, id);
    const running = isShared ? queues.get(key) : undefined;
    const queue = running ?? { waiting: [], arrivals: 0, compared: 0 };
    if (isCrowded(queue, context.settings.waitingMax)) {
      resolve({ kind: "refused", error: crowded(context.settings.waitingMax), missed: [] });
      return;
    }
    const pending = pendingOf(submission, queue.arrivals++, resolve, reject);
    queue.waiting.push(signal === undefined ? pending : abortable(pending, signal));
    if (running !== undefined) return;
    if (isShared) queues.set(key, queue);
    const place = { unit: unitOf(context.settings.collection(collection), id), id };
    // Tells everybody in the queue what became of them, failures as well, and so never fails itself.
    void drained(context, place, queue, () => {
      if (isShared) queues.delete(key);
    });
  });
}

/** A submission that is told its signal's reason when that is aborted first. */
function abortable(pending: Pending, signal: AbortSignal): Pending {
  const aborted = (): void => pending.fail(signal.reason);
  const ended = <T>(tell: (value: T) => void) => (value: T): void => {
    signal.removeEventListener("abort", aborted);
    pending.isTold = true;
    tell(value);
  };
  signal.addEventListener("abort", aborted, { once: true });
  // One and the same from here on, so that an abort is seen by who works on it.
  return Object.assign(pending, { settle: ended(pending.settle), fail: ended(pending.fail) });
}

function isCrowded(queue: Queue, waitingMax: number): boolean {
  if (queue.waiting.length < waitingMax) return false;
  forgetTold(queue);
  return queue.waiting.length >= waitingMax;
}

function forgetTold(queue: Queue): void {
  queue.waiting = queue.waiting.filter(({ isTold }) => !isTold);
}

/** Makes laps until nobody waits. */
async function drained(
  context: CoreContext,
  place: DocumentPlace,
  queue: Queue,
  end: () => void,
): Promise<void> {
  // Whoever submits in the same breath goes along.
  await undefined;
  let opsMax = COMMIT_OPS_MAX;
  for (;;) {
    forgetTold(queue);
    if (queue.waiting.length === 0) break;
    const batch = queue.waiting.slice(0, opsMax);
    try {
      await lap(context, place, queue, batch);
    } catch (error) {
      // Whatever the store throws: nobody of the lap can be told more. Only where all together were too much, each may
      // do alone.
      context.recents.delete(documentKey(place.unit.collection, place.id));
      queue.compared = 0;
      opsMax = 1;
      if (batch.length > 1 && HoldfastError.is(error, "ERR_TOO_LARGE")) continue;
      for (const pending of batch) unable(pending, error);
    }
  }
  end();
}

/** One try for all who wait. */
async function lap(
  context: CoreContext,
  place: DocumentPlace,
  queue: Queue,
  batch: readonly Pending[],
): Promise<void> {
  const key = documentKey(place.unit.collection, place.id);
  // Who comes while the store is asked knows of later things than its answer.
  const { arrivals } = queue;
  let recent = context.recents.get(key);
  if (recent === undefined) {
    recent = await freshDocument(context, place, {});
    queue.compared = arrivals;
  }
  const isFresh = batch.every(({ arrival }) => arrival < queue.compared);
  const attempt = attemptAtOnce(context, place, recent, batch) ??
    await prepare(context, place, recent, batch, { isFresh });
  if (attempt === "refresh") {
    await freshDocument(context, place, {});
    queue.compared = arrivals;
    await lost(context, batch);
    return;
  }
  if (attempt === "nobody") return;
  const result = await context.documents.commit(place.unit, attempt.commit);
  if (result.kind === "done") {
    settleAll(context, key, recent, attempt, result);
    queue.compared = arrivals;
    return;
  }
  queue.compared = learned(context, key, recent, attempt, result) ? arrivals : 0;
  await lost(context, attempt.pendings);
}

/** Everything is committed. */
function settleAll(
  context: CoreContext,
  key: string,
  recent: RecentDocument,
  { commit, pendings, after }: Attempt,
  { head, atMs }: Extract<CommitResult, { readonly kind: "done" }>,
): void {
  const { version, createdAtMs } = recent.state;
  const { epoch } = head;
  const ops = commit.ops.map((op, at): Op => ({ ...op, version: version + at, atMs }));
  const state: DocumentState = {
    epoch,
    version: head.version,
    tag: head.tag,
    type: after.type,
    content: after.content,
    createdAtMs: ops.some(({ kind }) => kind === "create") ? atMs : createdAtMs,
    changedAtMs: atMs,
  };
  context.recents.set(key, grown(recent, state, ops, head));
  for (let at = 0; at < ops.length; at++) {
    const [pending, op] = [pendings[at], ops[at]];
    if (pending === undefined || op === undefined) continue;
    const isFirst = pending.submission.base === undefined || at === 0;
    const missed = isFirst ? pending.missed : pending.missed.concat(ops.slice(0, at));
    pending.settle({ kind: "committed", op, epoch, missed, fixup: op.fixup });
  }
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
      const state = movedOn(context.settings.types, recent.state, result.ops);
      context.recents.set(key, grown(recent, state, result.ops, result.head));
      return state.version === result.head.version;
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
      return false;
    case "corrupt":
      throw corrupt();
  }
}

/** Counts a lap that came to nothing, tells who lost too many, and lets who lost several times wait. */
async function lost(
  { settings: { retriesMax }, clock, random }: CoreContext,
  pendings: readonly Pending[],
): Promise<void> {
  let laps = 0;
  for (const pending of pendings) {
    if (pending.isTold) continue;
    pending.laps++;
    laps = Math.max(laps, pending.laps);
    if (pending.laps <= retriesMax) continue;
    pending.settle({ kind: "refused", error: outrun(retriesMax), missed: pending.missed });
  }
  if (laps > 1 && laps <= retriesMax) await sleep(clock, backoffMs(laps - 2, WAITS, random));
}

/** Tells one that its lap failed; unless it is told already. */
function unable(pending: Pending, error: unknown): void {
  if (pending.isTold) return;
  const isOwn = HoldfastError.is(error) && VERDICTS.includes(error.code);
  if (isOwn) pending.settle({ kind: "refused", error, missed: pending.missed });
  else pending.fail(error);
}

function crowded(waitingMax: number): LimitError {
  return new LimitError(
    "ERR_LIMIT",
    `Cannot submit the operation as at most ${waitingMax} may wait for one document`,
  );
}
