/**
 * What is committed on its way to the state machine: entries and restores in order, in slices that leave room for
 * heartbeats between them.
 *
 * @module
 */

import { backoffMs, type BackoffOptions } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import { sleep } from "../waiting.ts";
import type { Entry, SnapshotMeta } from "./core/message.ts";
import type { RaftStore, StoreNode } from "./port.ts";
import type { LoopMachine } from "./replicated.ts";

/** Entries that are applied before others get a turn. */
const SLICE = 1_024;

/** Applied entries that may lie before those that wait. */
const APPLIED_KEPT_MAX = 8 * SLICE;

/** What is told of the machine. */
export interface ApplyingEvents<Reply> {
  /** It has taken an entry. */
  applied(entry: Entry, reply: Reply | undefined): void;
  /** It has been replaced by a snapshot of so many bytes. */
  restored(meta: SnapshotMeta, sizeBytes: number): void;
  /** It has come further. */
  advanced(): void;
  /** The store did not give the snapshot; it is asked again. */
  failed(error: unknown, attempt: number): void;
  /** The machine threw, which it must not: nothing more can be applied. */
  broken(error: unknown): void;
}

/** What a queue needs. */
export interface ApplyingParts<Reply> {
  readonly machine: LoopMachine<Reply>;
  readonly store: RaftStore;
  readonly node: StoreNode;
  readonly clock: Clock;
  readonly random: Random;
  readonly retry: BackoffOptions;
  /** How long to wait before each slice, in milliseconds; for a machine that is slow by nature. 0: not at all. */
  readonly pauseMs: number;
  readonly events: ApplyingEvents<Reply>;
}

type Restore = { readonly kind: "restore"; readonly meta: SnapshotMeta };

/** What one process has to apply. */
export class Applying<Reply> {
  readonly #parts: ApplyingParts<Reply>;
  readonly #stop = new AbortController();
  #waiting: (Entry | Restore)[] = [];
  #at = 0;
  #isWaiting = false;

  /** Makes an empty queue. */
  constructor(parts: ApplyingParts<Reply>) {
    this.#parts = parts;
  }

  /** Whether something is left to apply. */
  get isBusy(): boolean {
    return this.#isWaiting || this.#at < this.#waiting.length;
  }

  /** Restores and applies after all that came before. */
  push(restore: SnapshotMeta | undefined, entries: readonly Entry[]): void {
    if (restore !== undefined) this.#waiting.push({ kind: "restore", meta: restore });
    for (const entry of entries) this.#waiting.push(entry);
    if (restore !== undefined || entries.length > 0) this.#go();
  }

  /** Applies nothing more. */
  stop(): void {
    this.#stop.abort();
  }

  #go(): void {
    if (this.#isWaiting || this.#at >= this.#waiting.length || this.#stop.signal.aborted) return;
    if (this.#waiting[this.#at]?.kind === "restore") return this.#wait(this.#restore());
    if (this.#parts.pauseMs > 0) return this.#wait(this.#pause(this.#parts.pauseMs));
    if (this.#slice()) this.#wait(this.#pause(0));
  }

  /** Whether more can be applied after a pause. */
  #slice(): boolean {
    const { machine, events } = this.#parts;
    const from = this.#at;
    for (; this.#at < this.#waiting.length; this.#at++) {
      const next = this.#waiting[this.#at];
      if (next === undefined || next.kind === "restore" || this.#at - from >= SLICE) break;
      if (this.#stop.signal.aborted) return false;
      events.applied(next, machine.apply(next));
    }
    const isAtEnd = this.#at >= this.#waiting.length;
    if (isAtEnd || this.#at >= APPLIED_KEPT_MAX) {
      this.#waiting = isAtEnd ? [] : this.#waiting.slice(this.#at);
      this.#at = 0;
    }
    if (this.#stop.signal.aborted) return false;
    events.advanced();
    return !isAtEnd;
  }

  #wait(waiting: Promise<void>): void {
    this.#isWaiting = true;
    void waiting.then(() => {
      this.#isWaiting = false;
      this.#go();
    }).catch((error) => this.#parts.events.broken(error));
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stop;
    await sleep(this.#parts.clock, ms, { signal }).catch(() => {});
    if (ms > 0 && !signal.aborted) this.#slice();
  }

  /** Takes the published snapshot. If that is a newer one already, its own order to restore is on the way. */
  async #restore(): Promise<void> {
    const { clock, random, retry, machine, events } = this.#parts;
    const { signal } = this.#stop;
    for (let attempt = 0; !signal.aborted; attempt++) {
      this.#at = this.#waiting.findLastIndex(({ kind }) => kind === "restore");
      const wanted = this.#waiting[this.#at];
      if (wanted?.kind !== "restore") return;
      const data = await this.#read(wanted.meta, attempt);
      const isNewest = !this.#waiting.some((later, at) => {
        return at > this.#at && later.kind === "restore";
      });
      if (signal.aborted) return;
      if (data !== undefined && isNewest) {
        this.#at += 1;
        machine.restore(wanted.meta, data);
        events.restored(wanted.meta, data.length);
        return events.advanced();
      }
      await sleep(clock, backoffMs(attempt, retry, random), { signal }).catch(() => {});
    }
  }

  async #read({ index }: SnapshotMeta, attempt: number): Promise<Uint8Array | undefined> {
    const { signal } = this.#stop;
    try {
      return await readSnapshot(this.#parts, index, signal);
    } catch (error) {
      // Whatever the store fails with.
      if (!signal.aborted) this.#parts.events.failed(error, attempt);
      return undefined;
    }
  }
}

/** How many bytes of a snapshot are read at a time. */
const READ_BYTES = 2 * 1024 * 1024;

/** The bytes of a published snapshot; undefined if it is another one. */
export async function readSnapshot(
  { store, node }: { readonly store: RaftStore; readonly node: StoreNode },
  index: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let offset = 0;
  for (;;) {
    const piece = await store.piece(node, { index, offset, bytesMax: READ_BYTES }, { signal });
    if (piece === undefined) return undefined;
    pieces.push(piece.data);
    offset += piece.data.length;
    if (piece.isLast) break;
  }
  const all = new Uint8Array(offset);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
