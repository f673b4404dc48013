/**
 * How often a subject may ask: a token bucket each (Turner, "New directions in communications", 1986), of which only
 * those are kept that are not full.
 *
 * @module
 */

/** How often who asks may ask. Counted per process: each isolate or instance counts by itself. */
export interface RateOptions {
  /** How many requests a second come back. */
  readonly perSecond: number;
  /** How many requests may come at once. */
  readonly burst: number;
}

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** The most subjects that are kept; of more, the one that asked longest ago is forgotten, and starts afresh. */
export const SUBJECTS_MAX = 10_000;

/** The buckets of all subjects. */
export class Buckets {
  readonly #options: RateOptions;
  readonly #buckets = new Map<string, Bucket>();

  /** Makes buckets that are all full. */
  constructor(options: RateOptions) {
    this.#options = options;
  }

  /** Takes one token of a subject's. Gives how many milliseconds it must wait for one: 0 if it has it. */
  take(subject: string, nowMs: number): number {
    const { perSecond, burst } = this.#options;
    const { tokens, atMs } = this.#buckets.get(subject) ?? { tokens: burst, atMs: nowMs };
    const filled = Math.min(burst, tokens + Math.max(0, nowMs - atMs) * perSecond / 1_000);
    this.#buckets.delete(subject);
    this.#buckets.set(subject, { tokens: filled < 1 ? filled : filled - 1, atMs: nowMs });
    if (this.#buckets.size > SUBJECTS_MAX) this.#forgetOldest();
    return filled < 1 ? Math.ceil((1 - filled) * 1_000 / perSecond) : 0;
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
