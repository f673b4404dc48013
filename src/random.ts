/**
 * Dice that are handed in. With `clock.ts` this is the only file of the core that touches the host's randomness.
 *
 * Tokens and ids come from {@linkcode systemRandom}; tests and simulations use {@linkcode seededRandom}, so that one
 * number replays a run.
 *
 * @module
 */

import { LimitError } from "./errors.ts";

/** Where the library rolls its dice. */
export interface Random {
  /** Fresh random bytes, `length` of them. */
  bytes(length: number): Uint8Array;
  /** A number in [0, 1). */
  float(): number;
}

/** How many bytes are drawn at once: a call of the host's generator costs as much as many bytes of it. */
const POOL_LENGTH = 1_024;

/** The host's cryptographic generator. */
export function systemRandom(): Random {
  let pool: DataView<ArrayBuffer> | undefined;
  let used = POOL_LENGTH;
  // Each byte is given once. What asks for many goes to the host itself.
  const drawn = (length: number): DataView<ArrayBuffer> => {
    pool ??= new DataView(new ArrayBuffer(POOL_LENGTH));
    if (used + length > POOL_LENGTH) {
      crypto.getRandomValues(new Uint8Array(pool.buffer));
      used = 0;
    }
    used += length;
    return pool;
  };
  return {
    bytes: (length) =>
      length > POOL_LENGTH / 8
        ? crypto.getRandomValues(new Uint8Array(length))
        : new Uint8Array(drawn(length).buffer.slice(used - length, used)),
    // Read where it lies: a buffer for four bytes costs ten times as much.
    float: () => drawn(4).getUint32(used - 4) / 2 ** 32,
  };
}

/**
 * A generator whose whole sequence follows from a seed: xoshiro128** (Blackman and Vigna, "Scrambled linear
 * pseudorandom number generators", 2018), its state filled by splitmix32. Not for secrets.
 *
 * @example
 * ```ts
 * import { seededRandom } from "@holdfast/holdfast/testing";
 * import { strictEqual } from "node:assert/strict";
 *
 * strictEqual(seededRandom(7).float(), seededRandom(7).float());
 * ```
 */
export function seededRandom(seed: number): Random {
  const state = new Uint32Array(4);
  for (let i = 0, mixed = seed >>> 0; i < 4; i++) {
    mixed = (mixed + 0x9e3779b9) >>> 0;
    let word = mixed;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    state[i] = word ^ (word >>> 16);
  }
  const next = (): number => {
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = state;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    state[0] = s0 ^ s3 ^ s1;
    state[1] = s1 ^ s2 ^ s0;
    state[2] = s2 ^ s0 ^ (s1 << 9);
    state[3] = rotateLeft(s3 ^ s1, 11);
    return result;
  };
  return {
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    float: () => next() / 2 ** 32,
  };
}

/** A number in [from, to), whole. */
export function randomInteger(random: Random, from: number, to: number): number {
  if (!(to > from)) throw new LimitError("ERR_INVALID_ARGUMENT", "Cannot draw from an empty range");
  return from + Math.floor(random.float() * (to - from));
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A random text of URL-safe characters, six bits each. The default of 22 has 132 bits: never the same twice. */
export function randomToken(random: Random, length = 22): string {
  const units: number[] = [];
  for (const byte of random.bytes(length)) units.push(ALPHABET.charCodeAt(byte & 63));
  // In one call: a text that is joined piece by piece has to be copied together before it can be a key.
  return String.fromCharCode.apply(null, units);
}

/**
 * A random text like that of {@linkcode randomToken}, its length a multiple of four, made from numbers and not from
 * bytes: for what is drawn on every write. The default of eight characters tells an entry of a journal from another
 * one with the same index.
 */
export function randomTag(random: Random, length = 8): string {
  let tag = "";
  while (tag.length < length) {
    let bits = Math.floor(random.float() * 2 ** 24);
    for (let i = 0; i < 4; i++, bits >>= 6) tag += ALPHABET[bits & 63];
  }
  return tag;
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
