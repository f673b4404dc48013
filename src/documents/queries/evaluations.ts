/**
 * Live queries that are being evaluated, few at a time; one whose evaluation was overtaken is evaluated once more.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import type { LiveQuery } from "./live_query.ts";
import type { Found } from "./matches.ts";

/** So many queries are evaluated at once: what the first ones read, the others need not. */
const EVALUATIONS_MAX = 4;
const TRANSIENT = ["ERR_UNAVAILABLE", "ERR_TIMEOUT", "ERR_RATE_LIMITED", "ERR_OUTCOME_UNKNOWN"];

/** What evaluating needs. */
export interface EvaluationsOptions {
  /** Finds the matches of a query. */
  readonly find: (live: LiveQuery) => Promise<Found>;
  /** Waits before another attempt. */
  readonly pause: (attempt: number) => Promise<void>;
  /** A query cannot be evaluated, and never will. */
  readonly failed: (live: LiveQuery, error: unknown) => void;
  /** A query was evaluated, or not. */
  readonly settled: () => void;
}

/** The evaluations of a collection's queries. */
export class Evaluations {
  readonly #options: EvaluationsOptions;
  readonly #evaluating = new Set<LiveQuery>();
  /** Those that must be evaluated once more, as what was heard does not lead on. */
  readonly #outdated = new Set<LiveQuery>();
  /** Those that wait for their turn. */
  readonly #queue: (() => void)[] = [];
  #running = 0;

  /** Nothing is evaluated yet. */
  constructor(options: EvaluationsOptions) {
    this.#options = options;
  }

  /** Whether something is being evaluated. */
  get isBusy(): boolean {
    return this.#evaluating.size > 0;
  }

  /** Evaluates a query anew, when it is its turn; again and again while the store cannot be reached. */
  fill(live: LiveQuery): void {
    if (live.isOver) return;
    if (this.#evaluating.has(live)) {
      this.#outdated.add(live);
      return;
    }
    live.changing ??= new Set();
    void this.#refill(live);
  }

  /**
   * Evaluates a query, when it is its turn.
   *
   * @throws {HoldfastError} What the store throws, and `ERR_TOO_LARGE`.
   */
  async evaluate(live: LiveQuery): Promise<void> {
    this.#evaluating.add(live);
    if (this.#running >= EVALUATIONS_MAX) {
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else this.#running++;
    try {
      for (;;) {
        if (live.isOver) return;
        this.#outdated.delete(live);
        live.changing = new Set();
        const found = await this.#options.find(live);
        if (live.isOver) return;
        if (this.#outdated.has(live)) continue;
        this.#evaluating.delete(live);
        return live.fill(found);
      }
    } finally {
      this.#evaluating.delete(live);
      this.#outdated.delete(live);
      // Whoever is next goes on in this one's place.
      const next = this.#queue.shift();
      if (next === undefined) this.#running--;
      else next();
      this.#options.settled();
    }
  }

  async #refill(live: LiveQuery): Promise<void> {
    try {
      await this.evaluate(live);
    } catch (error) {
      // The store cannot be reached: again in a while. Anything else is the end of this query.
      if (isTransient(error) && !live.isOver) {
        await this.#options.pause(live.failures++);
        this.fill(live);
      } else if (!live.isOver) this.#options.failed(live, error);
    }
  }
}

/** Whether the same may succeed in a while. */
export function isTransient(error: unknown): boolean {
  return HoldfastError.is(error) && TRANSIENT.includes(error.code);
}
