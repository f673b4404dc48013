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
import { type Attempt, prepare } from "./attempt.ts";
import type { Op } from "./change.ts";
import type { CoreOptions, Submission, SubmitResult } from "./core.ts";
import type { CoreContext } from "./core_context.ts";
import { corrupt, type DocumentState, movedOn } from "./document_state.ts";
import { checkIdentity, checkNames, checkPosition } from "./names.ts";
import { COMMIT_OPS_MAX, type CommitResult } from "./port.ts";
import { type DocumentPlace, freshDocument } from "./read.ts";
import { documentKey, grown, type RecentDocument } from "./recent.ts";
import { unitOf } from "./settings.ts";
import { duplicateOf, outrun, type Pending, pendingOf } from "./submission.ts";

/** Who waits for one document, in the order of their coming. */
type Queue = Set<Pending>;

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
    const place = { unit: unitOf(context.settings.collection(collection), id), id };
    const key = documentKey(collection, id);
    const running = context.isolation === "process" ? queues.get(key) : undefined;
    const queue = running ?? new Set();
    if (queue.size >= context.settings.waitingMax) {
      resolve({ kind: "refused", error: crowded(context.settings.waitingMax), missed: [] });
      return;
    }
    queue.add(pendingIn(queue, submission, resolve, reject, signal));
    if (running !== undefined) return;
    if (context.isolation === "process") queues.set(key, queue);
    // Tells everybody in the queue what became of them, failures as well, and so never fails itself.
    void drained(context, place, queue, () => {
      if (queues.get(key) === queue) queues.delete(key);
    });
  });
}

/** A submission that leaves its queue when it is told what came of it, or when its signal is aborted. */
function pendingIn(
  queue: Queue,
  submission: Submission,
  resolve: (result: SubmitResult) => void,
  reject: (reason: unknown) => void,
  signal: AbortSignal | undefined,
): Pending {
  const left = (): void => {
    queue.delete(pending);
    signal?.removeEventListener("abort", aborted);
  };
  const aborted = (): void => {
    left();
    reject(signal?.reason);
  };
  const pending = pendingOf(submission, (result) => {
    left();
    resolve(result);
  }, (error) => {
    left();
    reject(error);
  });
  signal?.addEventListener("abort", aborted, { once: true });
  return pending;
}

/** Makes laps until nobody waits. */
async function drained(
  context: CoreContext,
  place: DocumentPlace,
  queue: Queue,
  end: () => void,
): Promise<void> {
  let freshFor: ReadonlySet<Pending> = new Set();
  let opsMax = COMMIT_OPS_MAX;
  while (queue.size > 0) {
    const batch = [...queue].slice(0, opsMax);
    try {
      const isFresh = await lap(context, place, queue, batch, freshFor);
      freshFor = isFresh ? new Set(queue) : new Set();
    } catch (error) {
      // Whatever the store throws: nobody of the lap can be told more. Only where all together were too much, each may
      // do alone.
      context.recents.delete(documentKey(place.unit.collection, place.id));
      freshFor = new Set();
      opsMax = 1;
      if (batch.length > 1 && HoldfastError.is(error, "ERR_TOO_LARGE")) continue;
      for (const pending of batch) unable(queue, pending, error);
    }
  }
  end();
}

/**
 * One try for all who wait; `freshFor` came before the copy of the document was last compared with the store. Says
 * whether it is compared now.
 */
async function lap(
  context: CoreContext,
  place: DocumentPlace,
  queue: Queue,
  batch: readonly Pending[],
  freshFor: ReadonlySet<Pending>,
): Promise<boolean> {
  const copy = context.recents.get(documentKey(place.unit.collection, place.id));
  const recent = copy ?? await freshDocument(context, place, {});
  const isFresh = copy === undefined || batch.every((pending) => freshFor.has(pending));
  const attempt = await prepare(context, place, recent, batch, { isFresh });
  if (attempt === "refresh") {
    await freshDocument(context, place, {});
    return true;
  }
  if (attempt === undefined) return isFresh;
  const result = await context.documents.commit(place.unit, attempt.commit);
  if (result.kind === "done") {
    settleAll(context, place, recent, attempt, result);
    return true;
  }
  const isCompared = learned(context, place, recent, attempt, result);
  await lost(context, queue, attempt.pendings);
  return isCompared;
}

/** Everything is committed. */
function settleAll(
  context: CoreContext,
  { unit, id }: DocumentPlace,
  recent: RecentDocument,
  { commit, pendings, after }: Attempt,
  { head, atMs }: Extract<CommitResult, { readonly kind: "done" }>,
): void {
  const { version, createdAtMs } = recent.state;
  const ops = commit.ops.map((op, at): Op => ({ ...op, version: version + at, atMs }));
  const state: DocumentState = {
    epoch: head.epoch,
    version: head.version,
    tag: head.tag,
    ...after,
    createdAtMs: ops.some(({ kind }) => kind === "create") ? atMs : createdAtMs,
    changedAtMs: atMs,
  };
  context.recents.set(documentKey(unit.collection, id), grown(recent, state, ops, head));
  for (const [at, pending] of pendings.entries()) {
    const op = ops[at];
    if (op === undefined) continue;
    const isBound = pending.submission.base !== undefined;
    const missed = isBound ? pending.missed.concat(ops.slice(0, at)) : [];
    pending.settle({ kind: "committed", op, epoch: head.epoch, missed, fixup: op.fixup });
  }
}

/** Takes what the store said instead. Says whether the copy of the document is compared with the store now. */
function learned(
  context: CoreContext,
  { unit, id }: DocumentPlace,
  recent: RecentDocument,
  { pendings }: Attempt,
  result: Exclude<CommitResult, { readonly kind: "done" }>,
): boolean {
  const key = documentKey(unit.collection, id);
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

/** Counts a lost race, tells who lost too many, and lets who lost several times wait. */
async function lost(
  { settings: { retriesMax }, clock, random }: CoreContext,
  queue: Queue,
  pendings: readonly Pending[],
): Promise<void> {
  let laps = 0;
  for (const pending of pendings) {
    if (!queue.has(pending)) continue;
    pending.laps++;
    laps = Math.max(laps, pending.laps);
    if (pending.laps <= retriesMax) continue;
    pending.settle({ kind: "refused", error: outrun(retriesMax), missed: pending.missed });
  }
  if (laps > 1 && laps <= retriesMax) await sleep(clock, backoffMs(laps - 2, WAITS, random));
}

/** Tells one that its lap failed; unless it is told already. */
function unable(queue: Queue, pending: Pending, error: unknown): void {
  if (!queue.has(pending)) return;
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
