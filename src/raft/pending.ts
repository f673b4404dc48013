/**
 * Who waits for a node: proposals until they are applied, reads until they may be served.
 *
 * @module
 */

import type { Entry, SessionStamp } from "./core/message.ts";
import type { Answer, Command, ReadOutcome, Refusal } from "./core/ready.ts";
import type { NodeId } from "./core/membership.ts";

/** What became of a proposal. */
export type ProposalOutcome<Reply> =
  /** It is applied. */
  | {
    readonly kind: "done";
    readonly reply: Reply;
    readonly index: number;
    readonly term: number;
  }
  /** Nothing was done. */
  | { readonly kind: "refused"; readonly reason: Refusal; readonly leader: NodeId | undefined }
  /** Another leader's entry stands where it stood: it has not happened, and never will. */
  | { readonly kind: "lost" }
  /** It may have happened, or may still happen. */
  | { readonly kind: "unknown" };

/** What became of a read. */
export type ReadOutcomeOf<Value> =
  | { readonly kind: "done"; readonly value: Value; readonly index: number }
  | { readonly kind: "failed"; readonly reason: Refusal | "tooLate" };

/** What the queue asks of its loop. */
export interface PendingLoop {
  /** False if the node takes nothing. */
  propose(commands: readonly Command[], answer: (answer: Answer) => void): boolean;
  /** False if the node takes nothing. */
  read(id: number): boolean;
  /** How far the state machine is. */
  applied(): number;
  /** The monotonic time. */
  nowMs(): number;
}

/** Commands of one input. */
const COMMANDS_MAX = 1_024;
/** Bytes of one input. */
const BYTES_MAX = 1024 * 1024;

interface Proposal<Reply> {
  readonly command: Command;
  readonly resolve: (outcome: ProposalOutcome<Reply>) => void;
}

interface Placed<Reply> extends Proposal<Reply> {
  readonly term: number;
}

interface Reader {
  /** Reads now, and tells if that was in time. */
  serve(index: number, isInTime: () => boolean): void;
  fail(reason: Refusal | "tooLate"): void;
}

interface Servable {
  readonly readers: readonly Reader[];
  readonly index: number;
  readonly validUntilMs: number;
}

/** Who waits for one node. */
export class Pending<Reply> {
  readonly #loop: PendingLoop;
  #proposals: Proposal<Reply>[] = [];
  readonly #placed = new Map<number, Placed<Reply>>();
  #readers: Reader[] = [];
  readonly #asked = new Map<number, readonly Reader[]>();
  #servable: Servable[] = [];
  #readsCount = 0;
  #isFlushing = false;
  #hasEnded = false;

  /** Makes an empty queue. */
  constructor(loop: PendingLoop) {
    this.#loop = loop;
  }

  /** Takes a proposal; all of one turn are appended together. */
  propose(data: Uint8Array, session: SessionStamp | undefined): Promise<ProposalOutcome<Reply>> {
    return new Promise((resolve) => {
      const command = session === undefined ? { data } : { data, session };
      if (this.#hasEnded) return resolve(STOPPED);
      this.#proposals.push({ command, resolve });
      this.#flushSoon();
    });
  }

  /** Takes a read; all of one turn are confirmed together. What `serve` throws is the reader's alone. */
  read<Value>(serve: () => Value): Promise<ReadOutcomeOf<Value>> {
    return new Promise((resolve, reject) => {
      const fail = (reason: Refusal | "tooLate"): void => resolve({ kind: "failed", reason });
      if (this.#hasEnded) return fail("stopped");
      this.#readers.push({
        fail,
        serve: (index, isInTime) => {
          try {
            const value = serve();
            // A lease must have lasted until after the reading.
            if (isInTime()) resolve({ kind: "done", value, index });
            else fail("tooLate");
          } catch (error) {
            // A query that the state machine refuses: nothing of the node's.
            reject(error);
          }
        },
      });
      this.#flushSoon();
    });
  }

  /** The state machine has taken an entry. */
  applied({ index, term }: Entry, reply: Reply | undefined): void {
    const placed = this.#placed.get(index);
    if (placed === undefined) return;
    this.#placed.delete(index);
    if (placed.term !== term || reply === undefined) return placed.resolve({ kind: "lost" });
    placed.resolve({ kind: "done", reply, index, term });
  }

  /** A snapshot took the place of everything up to an index: whether those are in it is not known. */
  restored(upTo: number): void {
    for (const [index, { resolve }] of this.#placed) {
      if (index > upTo) continue;
      this.#placed.delete(index);
      resolve({ kind: "unknown" });
    }
  }

  /** The state machine has come further. */
  advanced(): void {
    if (this.#servable.length === 0) return;
    const applied = this.#loop.applied();
    const due = this.#servable.filter(({ index }) => index <= applied);
    if (due.length === 0) return;
    this.#servable = this.#servable.filter(({ index }) => index > applied);
    for (const { readers, validUntilMs } of due) {
      const isInTime = (): boolean => this.#loop.nowMs() <= validUntilMs;
      for (const reader of readers) reader.serve(applied, isInTime);
    }
  }

  /** The core says what becomes of a read. */
  resolve(outcome: ReadOutcome): void {
    const readers = this.#asked.get(outcome.id) ?? [];
    this.#asked.delete(outcome.id);
    if (outcome.kind === "failed") {
      for (const reader of readers) reader.fail(outcome.reason);
      return;
    }
    this.#servable.push({ readers, ...outcome });
    this.advanced();
  }

  /** Nothing comes any more. */
  end(): void {
    this.#hasEnded = true;
    for (const { resolve } of this.#proposals.splice(0)) resolve(STOPPED);
    for (const { resolve } of this.#placed.values()) resolve({ kind: "unknown" });
    this.#placed.clear();
    const waiting = [...this.#asked.values(), ...this.#servable.map(({ readers }) => readers)];
    for (const reader of [...waiting.flat(), ...this.#readers.splice(0)]) reader.fail("stopped");
    this.#asked.clear();
    this.#servable = [];
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const proposals = this.#proposals;
    this.#proposals = [];
    for (let from = 0; from < proposals.length;) {
      const to = endOfBatch(proposals, from);
      this.#place(from === 0 && to === proposals.length ? proposals : proposals.slice(from, to));
      from = to;
    }
    const readers = this.#readers;
    if (readers.length === 0) return;
    this.#readers = [];
    const id = ++this.#readsCount;
    this.#asked.set(id, readers);
    if (this.#loop.read(id)) return;
    this.#asked.delete(id);
    for (const reader of readers) reader.fail("stopped");
  }

  #place(batch: readonly Proposal<Reply>[]): void {
    const isTaken = this.#loop.propose(batch.map(({ command }) => command), (answer) => {
      if (answer.kind === "refused") {
        // What fits is taken.
        if (answer.reason === "full" && batch.length > 1) return this.#placeHalves(batch);
        for (const { resolve } of batch) resolve(answer);
        return;
      }
      const { index, term } = answer;
      batch.forEach((proposal, at) => {
        // What stood there before is gone from the log of a leader: so it is lost.
        this.#placed.get(index + at)?.resolve({ kind: "lost" });
        this.#placed.set(index + at, { ...proposal, term });
      });
    });
    if (isTaken) return;
    for (const { resolve } of batch) resolve(STOPPED);
  }

  #placeHalves(batch: readonly Proposal<Reply>[]): void {
    const half = batch.length >> 1;
    this.#place(batch.slice(0, half));
    this.#place(batch.slice(half));
  }
}

const STOPPED = { kind: "refused", reason: "stopped", leader: undefined } as const;

function endOfBatch<Reply>(proposals: readonly Proposal<Reply>[], from: number): number {
  let bytes = 0;
  for (let at = from; at < proposals.length; at++) {
    bytes += proposals[at]?.command.data.length ?? 0;
    if (at > from && (bytes > BYTES_MAX || at - from >= COMMANDS_MAX)) return at;
  }
  return proposals.length;
}
