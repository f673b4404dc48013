/**
 * A set of texts in the order of their UTF-8 bytes, for the memory drivers.
 *
 * A list of short sorted lists: an insertion moves at most one of them, and none ever needs to be balanced. What is
 * added waits until somebody looks, or until there is enough of it to be sorted and put in place in one go: then each
 * text is compared with its neighbours while they are at hand (`bench/models_bench.ts`).
 *
 * @module
 */

import { compareUtf8 } from "../../src/ordered_text.ts";

/** How many texts wait at most. */
const FRESH_MAX = 1_024;
/** A list that grows past this is cut in two. */
const CHUNK_LENGTH_MAX = 256;
/** Surrogates and what UTF-16 puts after them. */
const REORDERED = /[\ud800-\uffff]/;

/** Options of {@linkcode SortedTexts.range}. */
export interface TextRangeOptions {
  /** The most texts. */
  readonly limit: number;
  /** Whether to go from the end to the start. */
  readonly isReverse?: boolean;
}

/** A sorted set of texts. */
export class SortedTexts {
  readonly #chunks: string[][] = [[]];
  /** What was added and is not in its place yet, in any order. */
  #fresh: string[] = [];
  #isBefore = byUnits;

  /** Adds a text, unless it is there. */
  add(text: string): void {
    this.#fresh.push(text);
    if (this.#fresh.length >= FRESH_MAX) this.#settle();
  }

  /** Removes a text, if it is there. */
  delete(text: string): void {
    this.#settle();
    const at = this.#chunkOf(text);
    const chunk = this.#chunk(at);
    const index = this.#lowerBound(chunk, text);
    if (chunk[index] !== text) return;
    chunk.splice(index, 1);
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
  }

  /** Whether a text is there. */
  has(text: string): boolean {
    this.#settle();
    const chunk = this.#chunk(this.#chunkOf(text));
    return chunk[this.#lowerBound(chunk, text)] === text;
  }

  /** The texts from `from` up to, and without, `to`. */
  range(from: string, to: string, { limit, isReverse = false }: TextRangeOptions): string[] {
    this.#settle();
    const found: string[] = [];
    const step = isReverse ? -1 : 1;
    let at = this.#chunkOf(isReverse ? to : from);
    let index = this.#lowerBound(this.#chunk(at), isReverse ? to : from) - (isReverse ? 1 : 0);
    while (found.length < limit) {
      const text = this.#chunk(at)[index];
      if (text === undefined) {
        at += step;
        if (at < 0 || at >= this.#chunks.length) break;
        index = isReverse ? this.#chunk(at).length - 1 : 0;
        continue;
      }
      if (isReverse ? this.#isBefore(text, from) : !this.#isBefore(text, to)) break;
      found.push(text);
      index += step;
    }
    return found;
  }

  /** How many texts there are from `from` up to, and without, `to`. */
  count(from: string, to: string): number {
    this.#settle();
    return Math.max(0, this.#rank(to) - this.#rank(from));
  }

  /** Puts everything in its place. */
  #settle(): void {
    if (this.#fresh.length === 0) return;
    const fresh = this.#fresh;
    this.#fresh = [];
    if (fresh.some((text) => REORDERED.test(text))) this.#isBefore = byBytes;
    fresh.sort(this.#isBefore === byBytes ? compareUtf8 : undefined);
    for (const text of fresh) {
      const at = this.#chunkOf(text);
      const chunk = this.#chunk(at);
      const index = this.#lowerBound(chunk, text);
      if (chunk[index] === text) continue;
      insert(chunk, index, text);
      if (chunk.length > CHUNK_LENGTH_MAX) {
        this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK_LENGTH_MAX / 2));
      }
    }
  }

  #rank(text: string): number {
    const at = this.#chunkOf(text);
    let rank = this.#lowerBound(this.#chunk(at), text);
    for (let before = 0; before < at; before++) rank += this.#chunk(before).length;
    return rank;
  }

  /** Which chunk holds a text, or would: the last that begins with it or with something before it. */
  #chunkOf(text: string): number {
    let low = 1;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const [first = ""] = this.#chunk(middle);
      if (this.#isBefore(text, first)) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  /** The place of the first text in a chunk that is not before this one. */
  #lowerBound(texts: readonly string[], text: string): number {
    let low = 0;
    let high = texts.length;
    // What grows mostly grows at its end.
    if (high > 0 && this.#isBefore(texts[high - 1] ?? "", text)) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#isBefore(texts[middle] ?? "", text)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #chunk(at: number): string[] {
    return this.#chunks[at] ?? [];
  }
}

/** Moves what follows by one place. `splice` would copy the whole list, which costs more than the search. */
function insert(texts: string[], index: number, text: string): void {
  texts.push(text);
  for (let at = texts.length - 1; at > index; at--) texts[at] = texts[at - 1] ?? "";
  texts[index] = text;
}

/** The order of the bytes. */
function byBytes(a: string, b: string): boolean {
  return compareUtf8(a, b) < 0;
}

/** The host's own order, several times as fast; the same while one of the two has nothing past U+D7FF. */
function byUnits(a: string, b: string): boolean {
  return a < b;
}
