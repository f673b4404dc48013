/**
 * A bounded shelf for cache records of all spaces together, each found by its space and key.
 *
 * @module
 */

import type { CacheRecord } from "../../src/cache/port.ts";
import { hashOf, type RoomLimits, S3Fifo } from "../../src/cache/s3_fifo.ts";

/** Records by key; a part of a {@linkcode Shelf}. */
export interface ShelfPart {
  /** Where each key's record is. */
  readonly slots: Map<string, number>;
}

/** What an entry costs besides its texts, in bytes: its objects and its places in the maps. */
const ENTRY_BYTES = 160;
/** What a character of key and text costs, with the value that is decoded from it, in bytes. */
const CHARACTER_BYTES = 2;

/** Records of several parts under common limits. */
export class Shelf {
  readonly #room: S3Fifo;
  readonly #limits: RoomLimits;
  readonly #keys: string[] = [];
  readonly #records: (CacheRecord | undefined)[] = [];
  #parts = new Uint16Array(64);
  readonly #byNumber: ShelfPart[] = [];
  readonly #numbers = new Map<ShelfPart, number>();

  /** Makes an empty shelf. */
  constructor(limits: RoomLimits) {
    this.#limits = limits;
    this.#room = new S3Fifo(limits);
  }

  /** How many records there are. */
  get entries(): number {
    return this.#room.entries;
  }

  /** How many bytes they are counted as. */
  get bytes(): number {
    return this.#room.bytes;
  }

  /** The longest text that fits. */
  get textMax(): number {
    return Math.floor((this.#limits.bytesMax - ENTRY_BYTES) / CHARACTER_BYTES) >> 1;
  }

  /** The record of a key. */
  get(part: ShelfPart, key: string): CacheRecord | undefined {
    const slot = part.slots.get(key);
    if (slot === undefined) return undefined;
    this.#room.touch(slot);
    return this.#records[slot];
  }

  /** Puts a record in, and out what has to go for it. */
  put(part: ShelfPart, key: string, record: CacheRecord): void {
    const bytes = ENTRY_BYTES + CHARACTER_BYTES * (key.length + record.text.length);
    const held = part.slots.get(key);
    if (held === undefined) this.#add(part, key, record, bytes);
    else {
      this.#records[held] = record;
      this.#room.touch(held);
      this.#room.resize(held, bytes);
    }
    for (let slot = this.#room.evict(); slot !== undefined; slot = this.#room.evict()) {
      this.#forget(slot);
    }
  }

  /** Takes a record out. */
  delete(part: ShelfPart, key: string): void {
    const slot = part.slots.get(key);
    if (slot === undefined) return;
    this.#room.drop(slot);
    this.#forget(slot);
  }

  #add(part: ShelfPart, key: string, record: CacheRecord, bytes: number): void {
    const slot = this.#room.add(hashOf(key), bytes);
    if (slot >= this.#parts.length) {
      const grown = new Uint16Array(this.#parts.length * 2);
      grown.set(this.#parts);
      this.#parts = grown;
    }
    this.#keys[slot] = key;
    this.#records[slot] = record;
    this.#parts[slot] = this.#numberOf(part);
    part.slots.set(key, slot);
  }

  #forget(slot: number): void {
    this.#byNumber[this.#parts[slot] ?? 0]?.slots.delete(this.#keys[slot] ?? "");
    this.#keys[slot] = "";
    this.#records[slot] = undefined;
  }

  #numberOf(part: ShelfPart): number {
    const known = this.#numbers.get(part);
    if (known !== undefined) return known;
    const number = this.#byNumber.push(part) - 1;
    this.#numbers.set(part, number);
    return number;
  }
}
