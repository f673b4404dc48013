/**
 * Who holds what: how many fetches and subscriptions of a document or query each context has, and all together.
 *
 * A context is a name for things that are let go of together, such as a page. What nobody holds any more is let go of
 * after a delay, so that a page which is left and entered again asks the server for nothing. Pure: whoever owns the
 * counts makes the requests, and keeps the time.
 *
 * @module
 */

/** How something is held. */
export type Hold = "fetch" | "subscribe";

/** How often something is held, each way. */
export interface Held {
  /** Fetches. */
  readonly fetch: number;
  /** Subscriptions. */
  readonly subscribe: number;
}

const NONE: Held = { fetch: 0, subscribe: 0 };

/** Counts of holds by context and key. */
export class HoldCounts {
  readonly #contexts: Map<string, Map<string, Held>> = new Map();
  readonly #total: Map<string, Held> = new Map();

  /** How often a key is held by all contexts together. */
  total(key: string): Held {
    return this.#total.get(key) ?? NONE;
  }

  /** How often a key is held by a context. */
  of(context: string, key: string): Held {
    return this.#contexts.get(context)?.get(key) ?? NONE;
  }

  /** The keys that a context holds. */
  keys(context: string): readonly string[] {
    return [...this.#contexts.get(context)?.keys() ?? []];
  }

  /** The contexts that hold anything. */
  get contexts(): readonly string[] {
    return [...this.#contexts.keys()];
  }

  /** Holds a key once more. */
  add(context: string, key: string, hold: Hold): void {
    const ofContext = this.#contexts.get(context) ?? new Map<string, Held>();
    this.#contexts.set(context, ofContext);
    change(ofContext, key, hold, 1);
    change(this.#total, key, hold, 1);
  }

  /**
   * Holds a key once less, and gives how many holds of this kind are left in all. A context that does not hold it takes
   * nothing from the others.
   */
  release(context: string, key: string, hold: Hold): number {
    const ofContext = this.#contexts.get(context);
    if (ofContext !== undefined && (ofContext.get(key)?.[hold] ?? 0) > 0) {
      change(ofContext, key, hold, -1);
      if (ofContext.size === 0) this.#contexts.delete(context);
      change(this.#total, key, hold, -1);
    }
    return this.total(key)[hold];
  }

  /** Lets go of all that a context holds, and gives the keys. */
  releaseAll(context: string): readonly string[] {
    const ofContext = this.#contexts.get(context) ?? new Map<string, Held>();
    this.#contexts.delete(context);
    for (const [key, held] of ofContext) {
      change(this.#total, key, "fetch", -held.fetch);
      change(this.#total, key, "subscribe", -held.subscribe);
    }
    return [...ofContext.keys()];
  }
}

function change(counts: Map<string, Held>, key: string, hold: Hold, by: number): void {
  const now = counts.get(key) ?? NONE;
  const next = { ...now, [hold]: now[hold] + by };
  if (next.fetch === 0 && next.subscribe === 0) counts.delete(key);
  else counts.set(key, next);
}
