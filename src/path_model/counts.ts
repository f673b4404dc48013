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

/** Why something is held: also because it came into being here, until its context is let go of. */
export type Reason = Hold | "create";

/** How often something is held, for each reason. */
export type Held = Readonly<Record<Reason, number>>;

const NONE: Held = { fetch: 0, subscribe: 0, create: 0 };
const REASONS: readonly Reason[] = ["fetch", "subscribe", "create"];

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

  /** Whether anybody holds a key. */
  has(key: string): boolean {
    return this.#total.has(key);
  }

  /** The contexts that hold anything. */
  get contexts(): readonly string[] {
    return [...this.#contexts.keys()];
  }

  /** Holds a key once more. Returns what takes that back, unless the context was let go of since. */
  add(context: string, key: string, reason: Reason): () => void {
    const ofContext = this.#contexts.get(context) ?? new Map<string, Held>();
    this.#contexts.set(context, ofContext);
    change(ofContext, key, reason, 1);
    change(this.#total, key, reason, 1);
    return () => {
      if (this.#contexts.get(context) === ofContext) this.release(context, key, reason);
    };
  }

  /**
   * Holds a key once less, and gives how many holds of this kind are left in all. A context that does not hold it takes
   * nothing from the others.
   */
  release(context: string, key: string, reason: Reason): number {
    const ofContext = this.#contexts.get(context);
    if (ofContext !== undefined && this.of(context, key)[reason] > 0) {
      change(ofContext, key, reason, -1);
      if (ofContext.size === 0) this.#contexts.delete(context);
      change(this.#total, key, reason, -1);
    }
    return this.total(key)[reason];
  }

  /** Lets go of all that a context holds, and gives the keys. */
  releaseAll(context: string): readonly string[] {
    const ofContext = this.#contexts.get(context) ?? new Map<string, Held>();
    this.#contexts.delete(context);
    for (const [key, held] of ofContext) {
      for (const reason of REASONS) change(this.#total, key, reason, -held[reason]);
    }
    return [...ofContext.keys()];
  }
}

function change(counts: Map<string, Held>, key: string, reason: Reason, by: number): void {
  const now = counts.get(key) ?? NONE;
  const next = { ...now, [reason]: now[reason] + by };
  if (REASONS.every((each) => next[each] === 0)) counts.delete(key);
  else counts.set(key, next);
}
