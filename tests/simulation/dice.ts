/**
 * Dice for a simulation: one seed, split by name, so that a draw more in one component does not shift the others.
 *
 * @module
 */

import { type Random, seededRandom } from "../../src/random.ts";

/** A generator with the few shapes of draw that a simulation needs. */
export interface Dice extends Random {
  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean;
  /** A whole number in [from, to). */
  whole(from: number, to: number): number;
  /** A number in [from, to). */
  between(from: number, to: number): number;
  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** A new list with the same elements in random order. */
  shuffled<T>(list: readonly T[]): T[];
  /** A delay with a long tail: exponential with this mean, at most 20 means. */
  tailed(mean: number): number;
}

/** The dice of one component. The same seed and name give the same sequence. */
export function diceFor(seed: number, name: string): Dice {
  return dice(seededRandom(seed ^ fnv1a(name)));
}

/** The 32-bit hash of Fowler, Noll and Vo ("The FNV Non-Cryptographic Hash Algorithm", 2011), variant 1a. */
export function fnv1a(text: string, from = 0x811c9dc5): number {
  let hash = from;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

function dice(random: Random): Dice {
  const { float, bytes } = random;
  const whole = (from: number, to: number) => from + Math.floor(float() * (to - from));
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new RangeError("Cannot pick from an empty list");
    return list[whole(0, list.length)] as T; // the index is below the length
  };
  return {
    bytes,
    float,
    chance: (probability) => probability > 0 && float() < probability,
    whole,
    between: (from, to) => from + float() * (to - from),
    pick,
    shuffled: (list) => {
      const rest = [...list];
      return list.map(() => rest.splice(whole(0, rest.length), 1)).flat();
    },
    tailed: (mean) => Math.min(20 * mean, -mean * Math.log(1 - float())),
  };
}
