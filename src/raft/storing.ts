/**
 * A node's writes on their way to its store: one operation in flight, and all that comes meanwhile is the next one.
 *
 * What was not answered is sent again under the same number, so that it cannot happen twice. Messages that attest to a
 * write wait here until it is durable. A snapshot of the node's own goes piece by piece between the saves, so that it
 * holds up no commit.
 *
 * @module
 */

import { backoffMs, type BackoffOptions } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import { sleep } from "../waiting.ts";
import type { Message, Position, SnapshotMeta } from "./core/message.ts";
import type { InstallWrite, SaveWrite, StageWrite, StoreWrite } from "./core/ready.ts";
import { mergedSave, saveBytes } from "./merging.ts";
import type { RaftStore, StoreAnswer, StoreNode, StoreProof } from "./port.ts";

/** Most bytes of entries in one operation; one save may exceed it. */
const SAVE_BYTES_MAX = 1024 * 1024;

/** Most steps whose messages wait for the store; the oldest go first, as Raft says again what matters. */
export const ATTESTING_MAX = 4_096;

/** What is told of the store's answers. */
export interface StoringEvents {
  /** All writes of the core up to this sequence are durable. */
  stored(sequence: number): void;
  /** A snapshot of the own machine is published. */
  published(snapshot: SnapshotMeta, base: Position): void;
  /** The store is not this process's any more. */
  lost(reason: "fenced" | "regressed"): void;
  /** A write broke a rule of the store: a defect. */
  refused(rule: string): void;
  /** The store did not answer; it is asked again. */
  failed(error: unknown, attempt: number): void;
}

/** What the writes of a process need. */
export interface StoringParts {
  readonly store: RaftStore;
  readonly node: StoreNode;
  readonly owner: string;
  readonly epoch: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly retry: BackoffOptions;
  readonly send: (message: Message) => void;
  readonly events: StoringEvents;
}

/** A snapshot of the node's own, as far as it is staged. */
interface OwnSnapshot {
  readonly snapshot: SnapshotMeta;
  readonly data: Uint8Array;
  readonly keepAfter: number;
  readonly pieceBytes: number;
  offset: number;
  isBegun: boolean;
}

type Operation =
  | { readonly kind: "saves"; readonly saves: readonly SaveWrite[] }
  | StageWrite
  | InstallWrite
  | { readonly kind: "ownPiece"; readonly own: OwnSnapshot; readonly data: Uint8Array }
  | { readonly kind: "ownEnd"; readonly own: OwnSnapshot };

/** The writes of one process. */
export class Storing {
  readonly #parts: StoringParts;
  readonly #stop = new AbortController();
  #waiting: StoreWrite[] = [];
  #own: OwnSnapshot | undefined;
  #operations = 0;
  #running: Promise<void> | undefined;
  #storedSequence = 0;
  #messages: { readonly through: number; readonly messages: readonly Message[] }[] = [];

  /** Makes the writes of a process that has opened its store. */
  constructor(parts: StoringParts) {
    this.#parts = parts;
  }

  /** Whether nothing is to be written. */
  get isIdle(): boolean {
    return this.#running === undefined;
  }

  /** How many writes of the core wait, beside those under way. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Whether a snapshot of the node's own is on its way. */
  get isPublishing(): boolean {
    return this.#own !== undefined;
  }

  /** Writes these after all earlier ones. */
  write(writes: readonly StoreWrite[]): void {
    if (writes.length === 0 || this.#stop.signal.aborted) return;
    for (const write of writes) {
      // Another node's snapshot needs the room of the own one.
      if (write.kind === "stage" && write.offset === 0) this.#own = undefined;
      this.#waiting.push(write);
    }
    this.#run();
  }

  /** Publishes a snapshot of the own machine, and drops the entries up to `keepAfter`. */
  publish(
    snapshot: SnapshotMeta,
    data: Uint8Array,
    options: { readonly keepAfter: number; readonly pieceBytes: number },
  ): void {
    this.#own = { snapshot, data, ...options, offset: 0, isBegun: false };
    this.#run();
  }

  /** Sends messages once the core's writes up to this one are durable. */
  sendOnceStored(through: number, messages: readonly Message[]): void {
    if (messages.length === 0) return;
    if (through > this.#storedSequence) this.#messages.push({ through, messages });
    else this.#sendAll(messages);
    if (this.#messages.length > ATTESTING_MAX) this.#messages.shift();
  }

  /** Asks the store for nothing more. What is under way is left to itself. */
  stop(): void {
    this.#stop.abort();
  }

  /** Resolves when nothing is to be written any more. */
  async drained(): Promise<void> {
    while (this.#running !== undefined && !this.#stop.signal.aborted) await this.#running;
  }

  #run(): void {
    if (this.#running !== undefined || this.#stop.signal.aborted) return;
    this.#running = this.#writeAll();
  }

  /** Never fails: what goes wrong is told by an event. */
  async #writeAll(): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#operations += 1;
      const answer = await this.#persist(next, this.#operations);
      if (answer === undefined || this.#stop.signal.aborted) break;
      if (!this.#answered(next, answer)) break;
    }
    this.#running = undefined;
  }

  #next(): Operation | undefined {
    const [first] = this.#waiting;
    if (this.#own !== undefined && this.#isOwnTurn()) return nextOf(this.#own);
    if (first === undefined) return undefined;
    if (first.kind !== "save") {
      this.#waiting.shift();
      return first;
    }
    return { kind: "saves", saves: this.#takeSaves() };
  }

  /**
   * Pieces of the own snapshot take turns with saves, and come after pieces of another node's that were there before: those
   * are of use no more, but must find what they go on from.
   */
  #isOwnTurn(): boolean {
    if (this.#waiting.length === 0) return true;
    return this.#operations % 2 === 0 && this.#waiting.every(({ kind }) => kind === "save");
  }

  #takeSaves(): readonly SaveWrite[] {
    const saves: SaveWrite[] = [];
    let bytes = 0;
    for (const write of this.#waiting) {
      if (write.kind !== "save") break;
      bytes += saveBytes(write);
      if (saves.length > 0 && bytes > SAVE_BYTES_MAX) break;
      saves.push(write);
    }
    this.#waiting.splice(0, saves.length);
    return saves;
  }

  /** Asks until there is an answer; undefined once it is too late. */
  async #persist(operation: Operation, number: number): Promise<StoreAnswer | undefined> {
    const { owner, epoch, clock, random, retry, events } = this.#parts;
    const { signal } = this.#stop;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        return await this.#ask(operation, { owner, epoch, operation: number });
      } catch (error) {
        // Whatever the store fails with: what was acknowledged stays true, and this may have happened or not.
        if (signal.aborted) return undefined;
        events.failed(error, attempt);
        await sleep(clock, backoffMs(attempt, retry, random), { signal }).catch(() => {});
      }
    }
    return undefined;
  }

  #ask(operation: Operation, proof: StoreProof): Promise<StoreAnswer> {
    const { store, node } = this.#parts;
    const options = { signal: this.#stop.signal };
    switch (operation.kind) {
      case "saves":
        return store.save(node, proof, mergedSave(operation.saves), options);
      case "stage":
        return store.stage(node, proof, operation, options);
      case "ownPiece": {
        const { own: { snapshot, offset }, data } = operation;
        return store.stage(node, proof, { snapshot, offset, data }, options);
      }
      case "install":
        return store.publish(node, proof, { ...operation, keepAfter: undefined }, options);
      case "ownEnd": {
        const { snapshot, data, keepAfter } = operation.own;
        return store.publish(node, proof, { snapshot, sizeBytes: data.length, keepAfter }, options);
      }
    }
  }

  /** Whether to go on. */
  #answered(operation: Operation, answer: StoreAnswer): boolean {
    const { events, epoch } = this.#parts;
    switch (answer.kind) {
      case "done":
        this.#done(operation, answer.base, answer.snapshotIndex);
        return true;
      case "fenced":
        events.lost(answer.epoch > epoch ? "fenced" : "regressed");
        return false;
      case "gap":
      case "late":
        events.lost("regressed");
        return false;
      case "refused":
        events.refused(answer.rule);
        return false;
    }
  }

  #done(operation: Operation, base: Position, snapshotIndex: number): void {
    switch (operation.kind) {
      case "ownPiece":
        operation.own.offset += operation.data.length;
        operation.own.isBegun = true;
        return;
      case "ownEnd":
        if (this.#own === operation.own) this.#own = undefined;
        // An installed snapshot may have overtaken the own one.
        if (operation.own.snapshot.index !== snapshotIndex) return;
        return this.#parts.events.published(operation.own.snapshot, base);
      default:
        return this.#stored(
          operation.kind === "saves" ? operation.saves.at(-1)?.sequence ?? 0 : operation.sequence,
        );
    }
  }

  #stored(sequence: number): void {
    this.#storedSequence = sequence;
    let due = 0;
    for (const { through, messages } of this.#messages) {
      if (through > sequence) break;
      this.#sendAll(messages);
      due += 1;
    }
    this.#messages.splice(0, due);
    this.#parts.events.stored(sequence);
  }

  #sendAll(messages: readonly Message[]): void {
    for (const message of messages) this.#parts.send(message);
  }
}

/** The next operation of a snapshot: one more piece, of which the first may be empty, or the end. */
function nextOf(own: OwnSnapshot): Operation {
  const { data, offset, pieceBytes, isBegun } = own;
  if (isBegun && offset >= data.length) return { kind: "ownEnd", own };
  return { kind: "ownPiece", own, data: data.subarray(offset, offset + pieceBytes) };
}
