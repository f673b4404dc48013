/**
 * How much somebody may still do: a bucket of tokens that fills at a steady rate.
 *
 * @module
 */

/** A rate and what may come at once. */
export interface BucketRules {
  /** Tokens per second. */
  readonly perSecond: number;
  /** The most tokens that are there at once. */
  readonly burst: number;
}

/** Tokens that are taken by whoever does something. */
export class Bucket {
  #tokens: number;
  #filledMs: number;
  readonly #rules: BucketRules;

  /** Begins full. */
  constructor(rules: BucketRules, nowMs: number) {
    this.#rules = rules;
    this.#tokens = rules.burst;
    this.#filledMs = nowMs;
  }

  /** Takes one token: 0 if there is one, else the milliseconds until there is. */
  take(nowMs: number): number {
    const { perSecond, burst } = this.#rules;
    const passedMs = Math.max(0, nowMs - this.#filledMs);
    this.#tokens = Math.min(burst, this.#tokens + passedMs * perSecond / 1_000);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return Math.ceil((1 - this.#tokens) * 1_000 / perSecond);
    this.#tokens--;
    return 0;
  }
}
