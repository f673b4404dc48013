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

import { type ErrorCode, HoldfastError, LimitError } from "../errors.ts";
import type { DocumentPlace } from "./draft.ts";
import { lap } from "./lap.ts";
import type { CoreOptions, Submission, SubmitResult } from "./core.ts";
import type { CoreContext } from "./core_context.ts";
import { checkIdentity, checkNames, checkPosition } from "./names.ts";
import { COMMIT_OPS_MAX } from "./port.ts";
import { documentKey } from "./recent.ts";
import { unitOf } from "./settings.ts";
import { Pending, type PendingAnswer } from "./submission.ts";

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
    const queue: Queue = running ?? { waiting: [], arrivals: 0, compared: 0 };
    if (isCrowded(queue, context.settings.waitingMax)) {
      resolve({ kind: "refused", error: crowded(context.settings.waitingMax), missed: [] });
      return;
    }
    const answer = { resolve, reject };
    const pending = signal === undefined
      ? new Pending(submission, queue.arrivals++, answer)
      : abortable(submission, queue.arrivals++, answer, signal);
    if (queue.waiting.length === 0) queue.waiting = [pending];
    else queue.waiting.push(pending);
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
function abortable(
  submission: Submission,
  arrival: number,
  { resolve, reject }: PendingAnswer,
  signal: AbortSignal,
): Pending {
  const aborted = (): void => pending.fail(signal.reason);
  const ended = <T>(tell: (value: T) => void) => (value: T): void => {
    signal.removeEventListener("abort", aborted);
    tell(value);
  };
  const pending = new Pending(submission, arrival, {
    resolve: ended(resolve),
    reject: ended(reject),
  });
  signal.addEventListener("abort", aborted, { once: true });
  return pending;
}

function isCrowded(queue: Queue, waitingMax: number): boolean {
  if (queue.waiting.length < waitingMax) return false;
  forgetTold(queue);
  return queue.waiting.length >= waitingMax;
}

function forgetTold(queue: Queue): void {
  const { waiting } = queue;
  // After most laps everybody is told.
  queue.waiting = waiting.every(({ isTold }) => isTold) ? [] : waiting.filter(isWaiting);
}

function isWaiting({ isTold }: Pending): boolean {
  return !isTold;
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
  for (let batch = nextBatch(queue, opsMax); batch.length > 0; batch = nextBatch(queue, opsMax)) {
    try {
      await lap(context, place, queue, batch);
    } catch (error) {
      opsMax = 1;
      failed(context, place, queue, batch, error);
    }
  }
  end();
}

function nextBatch(queue: Queue, opsMax: number): readonly Pending[] {
  forgetTold(queue);
  // A list of its own: others come while these are on their way.
  return queue.waiting.slice(0, opsMax);
}

/** Whatever the store throws: nobody of the lap can be told more. Only where all together were too much, each may do alone. */
function failed(
  context: CoreContext,
  place: DocumentPlace,
  queue: Queue,
  batch: readonly Pending[],
  error: unknown,
): void {
  context.recents.delete(documentKey(place.unit.collection, place.id));
  queue.compared = 0;
  if (batch.length > 1 && HoldfastError.is(error, "ERR_TOO_LARGE")) return;
  for (const pending of batch) unable(pending, error);
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
