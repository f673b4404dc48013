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
import type { Submission, Submitter } from "./core.ts";
import type { CoreContext } from "./core_context.ts";
import { lap, type LapQueue } from "./lap.ts";
import { checkIdentity, checkNames, checkPosition } from "./names.ts";
import { COMMIT_OPS_MAX } from "./port.ts";
import { documentKey } from "./recent.ts";
import { unitOf } from "./settings.ts";
import { Pending } from "./submission.ts";

/** Who waits for one document. */
interface Queue extends LapQueue {
  /** The collection, as whoever submits names it. */
  readonly collection: string;
  /** They, in the order of their coming; those who were told are taken out after each lap. */
  waiting: Pending[];
  arrivals: number;
  /** Whether laps are made. */
  isDraining: boolean;
  /** Makes them. */
  readonly drain: () => void;
}

/** What a store or a log says against one document, and not that it cannot be asked. */
const VERDICTS: readonly ErrorCode[] = ["ERR_DOC_CORRUPT", "ERR_TOO_LARGE", "ERR_UNKNOWN_TYPE"];
const NOBODY: Pending[] = [];

/** The queues of documents that somebody is committing to, and the one that was begun last. */
export class Queues {
  readonly #context: CoreContext;
  readonly #queues = new Map<string, Queue>();
  /** Mostly it is entered again: it costs its names' check, key and place once (bench/documents_bench.ts). */
  #last: Queue | undefined;

  /** Nobody waits yet. */
  constructor(context: CoreContext) {
    this.#context = context;
  }

  /**
   * Commits one operation, and calls the submitter back.
   *
   * @throws {ArgumentError | LimitError} What is wrong with the names, the identity or the base; the signal's reason.
   */
  enter(
    collection: string,
    id: string,
    submission: Submission,
    submitter: Submitter,
    signal?: AbortSignal,
  ): void {
    const queue = this.#queueOf(collection, id);
    checkIdentity(submission);
    checkPosition(submission.base);
    signal?.throwIfAborted();
    const { waitingMax } = this.#context.settings;
    if (isCrowded(queue, waitingMax)) {
      const refused = { kind: "refused", error: crowded(waitingMax), missed: [] } as const;
      return queueMicrotask(() => submitter.resolve(refused));
    }
    const pending = signal === undefined
      ? new Pending(submission, queue.arrivals++, submitter)
      : abortable(submission, queue.arrivals++, submitter, signal);
    if (queue.waiting.length === 0) queue.waiting = [pending];
    else queue.waiting.push(pending);
    if (queue.isDraining) return;
    queue.isDraining = true;
    // Whoever submits in the same breath goes along.
    queueMicrotask(queue.drain);
  }

  #queueOf(collection: string, id: string): Queue {
    const last = this.#last;
    if (last !== undefined && last.place.id === id && last.collection === collection) return last;
    checkNames(collection, [id]);
    const key = documentKey(collection, id);
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const place = { unit: unitOf(this.#context.settings.collection(collection), id), id };
    const queue: Queue = {
      ...{ key, place, collection, waiting: NOBODY, arrivals: 0, compared: 0, isDraining: false },
      drain: () => this.#drain(queue, COMMIT_OPS_MAX),
    };
    if (this.#context.isolation === "request") return queue;
    if (last !== undefined && !last.isDraining) this.#queues.delete(last.key);
    this.#queues.set(key, queue);
    return this.#last = queue;
  }

  /** Makes laps until nobody waits; without a wait where the store answers at once. Tells everybody, and never fails. */
  #drain(queue: Queue, opsMax: number): void {
    for (let max = opsMax;;) {
      const batch = nextBatch(queue, max);
      if (batch.length === 0) return this.#end(queue);
      try {
        const waiting = lap(this.#context, queue, batch);
        if (waiting === undefined) continue;
        waiting.then(() => this.#drain(queue, max), (error) => {
          failed(this.#context, queue, batch, error);
          this.#drain(queue, 1);
        });
        return;
      } catch (error) {
        max = 1;
        failed(this.#context, queue, batch, error);
      }
    }
  }

  #end(queue: Queue): void {
    queue.isDraining = false;
    queue.arrivals = queue.compared = 0;
    if (queue !== this.#last) this.#queues.delete(queue.key);
  }
}

/** A submission that is told its signal's reason when that is aborted first. */
function abortable(
  submission: Submission,
  arrival: number,
  submitter: Submitter,
  signal: AbortSignal,
): Pending {
  const aborted = (): void => pending.fail(signal.reason);
  const ended = <T>(tell: (value: T) => void) => (value: T): void => {
    signal.removeEventListener("abort", aborted);
    tell(value);
  };
  const pending = new Pending(submission, arrival, {
    resolve: ended((result) => submitter.resolve(result)),
    reject: ended((error) => submitter.reject(error)),
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
  queue.waiting = waiting.every(({ isTold }) => isTold) ? NOBODY : waiting.filter(isWaiting);
}

function isWaiting({ isTold }: Pending): boolean {
  return !isTold;
}

function nextBatch(queue: Queue, opsMax: number): readonly Pending[] {
  forgetTold(queue);
  // A list of its own: others come while these are on their way.
  return queue.waiting.slice(0, opsMax);
}

/** Whatever the store throws: nobody of the lap can be told more. Only where all together were too much, each may do alone. */
function failed(
  context: CoreContext,
  queue: Queue,
  batch: readonly Pending[],
  error: unknown,
): void {
  context.recents.delete(queue.key);
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
