/**
 * A bounded shelf for what is found by text: as many as fit by number and by bytes, chosen by S3-FIFO.
 *
 * @module
 */

import { hashOf, type RoomLimits, S3Fifo } from "./s3_fifo.ts";

/** Keys of one owner, so that several can share a shelf without their keys meeting. */
export type ShelfPart = Map<string, number>;

/** What an item costs besides its texts, in bytes: its objects, and its places in maps and queues. */
const ITEM_BYTES = 160;
/** What a character of key and text costs, with the value that is decoded from it, in bytes. */
const CHARACTER_BYTES = 2;
/** The largest part of the shelf that one item may take. */
const ITEM_SHARE = 0.5;

/** What an item costs with its key and its text, in bytes. */
export function itemBytes(key: string, textLength: number): number {
  return ITEM_BYTES + CHARACTER_BYTES * (key.length + textLength);
}

/** Items of several parts under common limits. */
export class Shelf<Item> {
  /** The longest text that may be put in. */
  readonly textMax: number;
  readonly #room: S3Fifo;
  readonly #keys: string[] = [];
  readonly #items: (Item | undefined)[] = [];
  #owners = new Uint16Array(64);
  readonly #parts: ShelfPart[] = [];

  /** Makes an empty shelf. */
  constructor(limits: RoomLimits) {
    this.#room = new S3Fifo(limits);
    this.textMax = Math.floor(limits.bytesMax * ITEM_SHARE / CHARACTER_BYTES);
  }

  /** How many items there are. */
  get size(): number {
    return this.#room.entries;
  }

  /** How many bytes they are counted as. */
  get bytes(): number {
    return this.#room.bytes;
  }

  /** A part for one more owner; there may be 65,535. */
  part(): ShelfPart {
    const part: ShelfPart = new Map();
    this.#parts.push(part);
    return part;
  }

  /** The item of a key. */
  get(part: ShelfPart, key: string): Item | undefined {
    const slot = part.get(key);
    if (slot === undefined) return undefined;
    this.#room.touch(slot);
    return this.#items[slot];
  }

  /** Puts an item in, and out what has to go for it. */
  put(part: ShelfPart, key: string, item: Item, textLength: number): void {
    const bytes = itemBytes(key, textLength);
    const held = part.get(key);
    if (held === undefined) this.#add(part, key, item, bytes);
    else {
      this.#items[held] = item;
      this.#room.touch(held);
      this.#room.resize(held, bytes);
    }
    for (let slot = this.#room.evict(); slot !== undefined; slot = this.#room.evict()) {
      this.#forget(slot);
    }
  }

  /** Takes an item out. */
  delete(part: ShelfPart, key: string): void {
    const slot = part.get(key);
    if (slot === undefined) return;
    this.#room.drop(slot);
    this.#forget(slot);
  }

  #add(part: ShelfPart, key: string, item: Item, bytes: number): void {
    const slot = this.#room.add(hashOf(key), bytes);
    if (slot >= this.#owners.length) {
      const owners = new Uint16Array(this.#owners.length * 2);
      owners.set(this.#owners);
      this.#owners = owners;
    }
    this.#keys[slot] = key;
    this.#items[slot] = item;
    this.#owners[slot] = this.#parts.indexOf(part);
    part.set(key, slot);
  }

  #forget(slot: number): void {
    this.#parts[this.#owners[slot] ?? 0]?.delete(this.#keys[slot] ?? "");
    this.#keys[slot] = "";
    this.#items[slot] = undefined;
  }
}
