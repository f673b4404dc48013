/**
 * Tags of operations: no two are the same, whoever gave them.
 *
 * A core draws its own beginning once and counts from there, as dice for every operation cost more than the operation's
 * own transformation (`bench/documents_bench.ts`).
 *
 * @module
 */

import { type Random, randomToken } from "../random.ts";

/** How many random characters of six bits tell one core from all others. */
const BEGINNING_LENGTH = 10;

/** The tags that one core gives. */
export class Tags {
  readonly #random: Random;
  #beginning: string | undefined;
  #count = 0;

  /** Draws nothing yet. */
  constructor(random: Random) {
    this.#random = random;
  }

  /** A tag that was never given before. */
  next(): string {
    this.#beginning ??= randomToken(this.#random, BEGINNING_LENGTH);
    return this.#beginning + (this.#count++).toString(36);
  }
}
