/**
 * Which entry to forget when there is no room: S3-FIFO, from "FIFO Queues are All You Need for Cache Eviction" (Yang,
 * Zhang, Qiu, Yue and Rashmi, SOSP 2023, §4).
 *
 * New entries enter a small queue, a tenth of the room. Those asked for twice before they reach its end move on to the
 * main queue; the others leave, so that a scan never reaches the main queue. Who left lately is remembered by a ghost,
 * and comes back straight into the main queue. The main queue gives everyone who was asked for one more round.
 *
 * This file knows entries as *slots*, numbers that it hands out, and nothing of keys or values: whoever owns those
 * keeps them in arrays by slot. All it knows of a slot is in typed arrays, a few bytes each.
 *
 * @module
 */

import { Ghosts } from "./ghosts.ts";
import { Ring } from "./ring.ts";

/** How much fits. */
export interface RoomLimits {
  /** The most entries. */
  readonly entriesMax: number;
  /** The most bytes, as the owner counts them. */
  readonly bytesMax: number;
}

/** The small queue's part of the room. */
const SMALL_SHARE = 0.1;
/** How often an entry must be asked for in the small queue to move on, and how far the count goes. */
const HITS_TO_STAY = 2;
const HITS_MAX = 3;

/** Where a slot is. A dropped slot stays in its queue until it reaches the end. */
const FREE = 0;
const SMALL = 1;
const MAIN = 2;
const DROPPED = 3;

/** The two queues and their ghost. */
export class S3Fifo {
  readonly #limits: RoomLimits;
  readonly #small = new Ring();
  readonly #main = new Ring();
  readonly #free = new Ring();
  readonly #ghosts = new Ghosts();
  #place = new Uint8Array(0);
  #hits = new Uint8Array(0);
  #bytes = new Uint32Array(0);
  #hashes = new Uint32Array(0);
  #slots = 0;
  #entries = 0;
  #totalBytes = 0;
  #smallEntries = 0;
  #smallBytes = 0;

  /** Makes an empty room. */
  constructor(limits: RoomLimits) {
    this.#limits = limits;
  }

  /** How many entries there are. */
  get entries(): number {
    return this.#entries;
  }

  /** How many bytes they have. */
  get bytes(): number {
    return this.#totalBytes;
  }

  /** Takes in an entry. `hash` stands for its key: a collision costs a misplaced entry, nothing more. */
  add(hash: number, bytes: number): number {
    const slot = this.#free.shift() ?? this.#newSlot();
    const place = this.#ghosts.take(hash) ? MAIN : SMALL;
    this.#place[slot] = place;
    this.#hits[slot] = 0;
    this.#bytes[slot] = bytes;
    this.#hashes[slot] = hash;
    this.#count(place, 1, bytes);
    (place === MAIN ? this.#main : this.#small).push(slot);
    return slot;
  }

  /** Notes that an entry was asked for. */
  touch(slot: number): void {
    const hits = this.#hits[slot] ?? 0;
    if (hits < HITS_MAX) this.#hits[slot] = hits + 1;
  }

  /** Notes that an entry has another size now. */
  resize(slot: number, bytes: number): void {
    this.#count(this.#place[slot], 0, bytes - (this.#bytes[slot] ?? 0));
    this.#bytes[slot] = bytes;
  }

  /** Gives an entry up. Its slot is not to be used any more. */
  drop(slot: number): void {
    this.#count(this.#place[slot], -1, -(this.#bytes[slot] ?? 0));
    this.#place[slot] = DROPPED;
  }

  /** Gives up the entry that has to go because there are too many, and tells its slot; undefined while all fit. */
  evict(): number | undefined {
    while (this.#entries > this.#limits.entriesMax || this.#totalBytes > this.#limits.bytesMax) {
      const victim = this.#mustShrinkSmall() ? this.#fromSmall() : this.#fromMain();
      if (victim !== undefined) return victim;
    }
    return undefined;
  }

  #mustShrinkSmall(): boolean {
    return this.#smallEntries === this.#entries ||
      this.#smallEntries > this.#limits.entriesMax * SMALL_SHARE ||
      this.#smallBytes > this.#limits.bytesMax * SMALL_SHARE;
  }

  #fromSmall(): number | undefined {
    const slot = this.#small.shift();
    if (slot === undefined || this.#reclaimed(slot)) return undefined;
    if ((this.#hits[slot] ?? 0) < HITS_TO_STAY) return this.#leave(slot, true);
    this.#hits[slot] = 0;
    this.#count(SMALL, -1, -(this.#bytes[slot] ?? 0));
    this.#count(MAIN, 1, this.#bytes[slot] ?? 0);
    this.#place[slot] = MAIN;
    this.#main.push(slot);
    return undefined;
  }

  #fromMain(): number | undefined {
    const slot = this.#main.shift();
    if (slot === undefined || this.#reclaimed(slot)) return undefined;
    const hits = this.#hits[slot] ?? 0;
    if (hits === 0) return this.#leave(slot, false);
    this.#hits[slot] = hits - 1;
    this.#main.push(slot);
    return undefined;
  }

  #leave(slot: number, asGhost: boolean): number {
    this.drop(slot);
    if (asGhost) this.#ghosts.add(this.#hashes[slot] ?? 0, this.#entries);
    this.#reclaimed(slot);
    return slot;
  }

  /** Whether a slot that left its queue had been dropped, and is free now. */
  #reclaimed(slot: number): boolean {
    if (this.#place[slot] !== DROPPED) return false;
    this.#place[slot] = FREE;
    this.#free.push(slot);
    return true;
  }

  #count(place: number | undefined, entries: number, bytes: number): void {
    this.#entries += entries;
    this.#totalBytes += bytes;
    if (place !== SMALL) return;
    this.#smallEntries += entries;
    this.#smallBytes += bytes;
  }

  /** A slot that was never used, or, when dropped ones make up a third of all, one of theirs. */
  #newSlot(): number {
    if (this.#slots > 64 && this.#slots > this.#entries * 1.5) {
      for (const queue of [this.#small, this.#main]) {
        for (let left = queue.length; left > 0; left--) {
          const slot = queue.shift() ?? 0;
          if (!this.#reclaimed(slot)) queue.push(slot);
        }
      }
    }
    return this.#free.shift() ?? this.#grow();
  }

  #grow(): number {
    if (this.#slots === this.#place.length) {
      const length = Math.max(64, this.#slots * 2);
      this.#place = copied(this.#place, new Uint8Array(length));
      this.#hits = copied(this.#hits, new Uint8Array(length));
      this.#bytes = copied(this.#bytes, new Uint32Array(length));
      this.#hashes = copied(this.#hashes, new Uint32Array(length));
      this.#ghosts.resize(length);
    }
    return this.#slots++;
  }
}

/** A number for a text, the same for the same text: FNV-1a over its UTF-16 units, 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}

function copied<T extends Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
