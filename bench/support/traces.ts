/**
 * Sequences of keys as caches see them: skewed, with scans, with drift.
 *
 * @module
 */

import { seededRandom } from "../../src/random.ts";

/** How long and how wide a trace is. */
export interface TraceOptions {
  /** How many different keys are popular. */
  readonly keys: number;
  /** How many requests there are. */
  readonly requests: number;
  /** What the dice follow from. */
  readonly seed: number;
}

/** Zipf of exponent 0.9, alone, with a fifth of one-time keys, with a fifth from a loop, and reshuffled ten times. */
export function traces(options: TraceOptions): Record<string, Uint32Array> {
  const { keys, requests, seed } = options;
  const random = seededRandom(seed);
  const popular = zipf(keys, 0.9, () => random.float());
  const scanFrom = keys;
  const loopLength = Math.ceil(keys / 5);
  let scanned = 0;
  const other = (next: () => number): number => random.float() < 0.2 ? next() : popular();
  const shuffled = Uint32Array.from({ length: keys }, (_, i) => i);
  return {
    "zipf": Uint32Array.from({ length: requests }, popular),
    "zipf + one-time scans": Uint32Array.from(
      { length: requests },
      () => other(() => scanFrom + scanned++),
    ),
    "zipf + loop scan": Uint32Array.from(
      { length: requests },
      () => other(() => scanFrom + scanned++ % loopLength),
    ),
    "zipf reshuffled": Uint32Array.from({ length: requests }, (_, i) => {
      if (i % Math.ceil(requests / 10) === 0) shuffle(shuffled, () => random.float());
      return shuffled[popular()] ?? 0;
    }),
  };
}

/** Draws ranks from 0, the most popular, by the inverse of the distribution's sum. */
function zipf(keys: number, exponent: number, roll: () => number): () => number {
  const sums = new Float64Array(keys);
  let sum = 0;
  for (let rank = 0; rank < keys; rank++) sums[rank] = sum += 1 / (rank + 1) ** exponent;
  return () => {
    const target = roll() * sum;
    let [low, high] = [0, keys - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < target) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function shuffle(list: Uint32Array, roll: () => number): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(roll() * (i + 1));
    [list[i], list[j]] = [list[j] ?? 0, list[i] ?? 0];
  }
}
