/**
 * Fetching, subscribing, and letting go: the requests that follow from who holds what.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { type Hold, HoldCounts } from "./counts.ts";

/** Something that can be held: a document, or a query. */
export interface Holdable {
  /** What tells it from all others. */
  readonly key: string;
  /** Whether changes of others come. */
  readonly isSubscribed: boolean;
  /** Brings it up to date once. */
  fetch(): Promise<void>;
  /** Brings it up to date and keeps it so. */
  subscribe(): Promise<void>;
  /** Ends that. */
  unsubscribe(): Promise<void>;
  /** Leaves it, when nothing of it waits for the server any more; it may be taken up again meanwhile. */
  leave(): Promise<void>;
  /** It is gone from the model. */
  forget(): void;
}

/** The holds of a model. */
export class Holds {
  /** Who holds what. */
  readonly counts: HoldCounts = new HoldCounts();
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #held: Map<string, Holdable> = new Map();
  readonly #subscribing: Map<string, Promise<void>> = new Map();
  readonly #timers: Map<string, () => void> = new Map();
  /** How many queries have a key among their results. */
  readonly #wanted: Map<string, number> = new Map();
  /** What came into being in a context: it stays until that is let go of. */
  readonly #made: Map<string, Set<string>> = new Map();

  /** Holds that are let go of after a delay. */
  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** Holds something once more, and brings it up to date. A hold that fails does not count. */
  async take(context: string, held: Holdable, hold: Hold): Promise<void> {
    this.counts.add(context, held.key, hold);
    this.#held.set(held.key, held);
    try {
      await (hold === "fetch" ? held.fetch() : this.#subscribed(held));
    } catch (error) {
      // What the server has against it: then it is not held.
      this.release(context, held.key, hold);
      throw error;
    }
  }

  /** Holds something once less. Gives how many such holds are left in all; 0 as well if there was none. */
  release(context: string, key: string, hold: Hold): number {
    const left = this.counts.release(context, key, hold);
    this.#settleLater(key);
    return left;
  }

  /** Lets go of all that a context holds. */
  releaseAll(context: string): void {
    const made = this.#made.get(context) ?? [];
    this.#made.delete(context);
    for (const key of new Set([...this.counts.releaseAll(context), ...made])) {
      this.#settleLater(key);
    }
  }

  /** The contexts that hold anything. */
  get contexts(): readonly string[] {
    return [...new Set([...this.counts.contexts, ...this.#made.keys()])];
  }

  /** Keeps what came into being in a context until that is let go of. */
  keep(context: string, held: Holdable): void {
    this.#held.set(held.key, held);
    this.#made.set(context, (this.#made.get(context) ?? new Set<string>()).add(held.key));
  }

  /** Keeps something as long as a query has it among its results. */
  want(held: Holdable): void {
    this.#held.set(held.key, held);
    this.#wanted.set(held.key, (this.#wanted.get(held.key) ?? 0) + 1);
  }

  /** A query has it no more. */
  unwant(key: string): void {
    const left = (this.#wanted.get(key) ?? 0) - 1;
    if (left > 0) return void this.#wanted.set(key, left);
    this.#wanted.delete(key);
    this.#settleLater(key);
  }

  /** Ends all timers. */
  close(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** One subscription for all who want it at once. */
  #subscribed(held: Holdable): Promise<void> {
    if (held.isSubscribed) return Promise.resolve();
    const { key } = held;
    const running = this.#subscribing.get(key);
    if (running !== undefined) return running;
    const subscribing = held.subscribe().finally(() => this.#subscribing.delete(key));
    this.#subscribing.set(key, subscribing);
    return subscribing;
  }

  #settleLater(key: string): void {
    if (!this.#held.has(key)) return;
    this.#timers.get(key)?.();
    this.#timers.delete(key);
    if (this.#delayMs === 0) return void this.#settle(key);
    const cancel = this.#clock.after(this.#delayMs, () => {
      this.#timers.delete(key);
      void this.#settle(key);
    });
    this.#timers.set(key, cancel);
  }

  async #settle(key: string): Promise<void> {
    const held = this.#held.get(key);
    if (held === undefined) return;
    if (this.counts.total(key).subscribe === 0 && held.isSubscribed) {
      // A way that is lost has no subscription to end; what comes back is asked for anew.
      await held.unsubscribe().catch(() => {});
    }
    if (this.#isHeld(key)) return;
    await held.leave();
    if (this.#isHeld(key) || this.#held.get(key) !== held) return;
    this.#held.delete(key);
    held.forget();
  }

  #isHeld(key: string): boolean {
    const { fetch, subscribe } = this.counts.total(key);
    return fetch > 0 || subscribe > 0 || this.#wanted.has(key) ||
      [...this.#made.values()].some((keys) => keys.has(key));
  }
}
