/**
 * The log as the core sees it: the newest entries in memory, the rest in the store, and how much of it is durable.
 *
 * ```text
 *        base            anchor                         stored          last
 *   ──────┼────────────────┼──────────────────────────────┼───────────────┤
 *   gone: │ in the store   │ in memory and in the store   │ being written │
 *   in the snapshot
 * ```
 *
 * The anchor may also stand below the base, when entries outlive their compaction in memory.
 *
 * @module
 */

import type { Entry, EntryHead, Position, SnapshotMeta } from "./message.ts";
import { takeWhile } from "./take_while.ts";

/** What an entry costs beside its data, in bytes; an estimate that is the same everywhere. */
export const ENTRY_OVERHEAD_BYTES = 32;

/** How many bytes an entry counts for in all bounds. */
export function entryBytes(entry: Entry): number {
  return ENTRY_OVERHEAD_BYTES + (entry.kind === "command" ? entry.data.length : 0);
}

/** How many bytes entries count for together. */
export function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entryBytes(entry);
  return bytes;
}

/** A write that is on its way: with it the log is durable up to this place, if the place is still in the log. */
interface PendingWrite extends Position {
  readonly sequence: number;
}

/** The log of one node. */
export class LogView {
  /** The place before the first entry that the store has. */
  base: Position;
  /** The last index that is durable here, with everything before it. */
  stored: number;
  /** The place before the first entry in memory, and the log's time there. */
  #anchor: EntryHead;
  #entries: Entry[];
  #heldBytes = 0;
  #pending: PendingWrite[] = [];
  /** The entries that were appended last, as one array: what is sent next is mostly just that. */
  #newest: readonly Entry[] = [];

  /** Takes what the store has: all of it is durable. */
  constructor(base: Position, timeMs: number, entries: readonly Entry[]) {
    this.base = base;
    this.#anchor = { ...base, timeMs };
    this.#entries = [...entries];
    this.#heldBytes = bytesOf(entries);
    this.stored = this.lastIndex;
  }

  /** The index before the first entry in memory. */
  get anchorIndex(): number {
    return this.#anchor.index;
  }

  get lastIndex(): number {
    return this.#anchor.index + this.#entries.length;
  }

  /** The log's time at its end. */
  get lastTimeMs(): number {
    return (this.#entries.at(-1) ?? this.#anchor).timeMs;
  }

  get last(): Position {
    const { term } = this.#entries.at(-1) ?? this.#anchor;
    return { index: this.lastIndex, term };
  }

  /** Term and time at an index, if it is in memory: undefined below the anchor and past the end. */
  at(index: number): EntryHead | undefined {
    if (index === this.#anchor.index) return this.#anchor;
    return this.#entries[index - this.#anchor.index - 1];
  }

  /** The term at an index, if it is in memory. */
  termAt(index: number): number | undefined {
    return this.at(index)?.term;
  }

  /** Whether the entry at this place is, or was before it left the memory, in this log. */
  matches(place: Position): boolean {
    return this.termAt(place.index) === place.term;
  }

  /** The entries in memory from `from` on, to `to` (not included). */
  range(from: number, to: number): readonly Entry[] {
    const newest = this.#newest;
    if (newest[0]?.index === from && to === from + newest.length) return newest;
    return this.#entries.slice(from - this.#anchor.index - 1, to - this.#anchor.index - 1);
  }

  /** The entries from `from` on that fit into one message: at least one, if there is any. */
  batch(from: number, countMax: number, bytesMax: number): readonly Entry[] {
    const first = from - this.#anchor.index - 1;
    const end = Math.min(this.#entries.length, first + countMax);
    let to = first;
    for (let bytes = 0; to < end; to++) {
      const entry = this.#entries[to];
      if (entry === undefined) break;
      bytes += entryBytes(entry);
      if (bytes > bytesMax && to > first) break;
    }
    return this.range(from, from + to - first);
  }

  /** Appends entries that follow the last. */
  append(entries: readonly Entry[]): void {
    for (const entry of entries) this.#entries.push(entry);
    this.#heldBytes += bytesOf(entries);
    this.#newest = entries;
  }

  /** Cuts off everything after `index`. */
  truncate(index: number): void {
    this.#heldBytes -= bytesOf(this.#entries.splice(index - this.#anchor.index));
    this.stored = Math.min(this.stored, index);
    this.#newest = [];
  }

  /** Forgets all entries for a snapshot; nothing is durable until its write is. */
  restore(snapshot: SnapshotMeta): void {
    const { index, term, timeMs } = snapshot;
    this.base = { index, term };
    this.#anchor = { index, term, timeMs };
    this.#entries = [];
    this.#newest = [];
    this.#heldBytes = 0;
    this.stored = 0;
  }

  /** A write of everything up to the log's end begins. */
  writing(sequence: number): void {
    this.#pending.push({ sequence, ...this.last });
  }

  /** All writes up to this one are durable. What was cut off meanwhile does not count. */
  written(sequence: number): void {
    for (const write of takeWhile(this.#pending, (one) => one.sequence <= sequence)) {
      if (write.index > this.stored && this.matches(write)) this.stored = write.index;
    }
  }

  /** Lets entries up to `index` go from memory, if there are more bytes than the bound. */
  release(index: number, bytesMax: number): void {
    if (this.#heldBytes <= bytesMax) return;
    let count = 0;
    for (; this.#heldBytes > bytesMax / 2 && this.#anchor.index + count < index; count++) {
      const entry = this.#entries[count];
      if (entry !== undefined) this.#heldBytes -= entryBytes(entry);
    }
    const last = this.#entries[count - 1];
    if (last === undefined) return;
    const { term, timeMs } = last;
    this.#anchor = { index: last.index, term, timeMs };
    this.#entries.splice(0, count);
  }
}
