/**
 * A map that forgets what was not asked for in a long time, at no cost per entry.
 *
 * It keeps two generations: whatever is asked for or set is in the young one, and when that is full it becomes the old
 * one, and the old one is forgotten. (Deleting the oldest key of one `Map` again and again is slow: its iterator walks
 * over all that were deleted before.)
 *
 * @module
 */

/** The most recent entries: at least `generationMax`, at most twice as many. */
export class Recent<Value> {
  readonly #generationMax: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  /** Makes an empty map. */
  constructor(generationMax: number) {
    this.#generationMax = generationMax;
  }

  /** The value of a key. */
  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  /** Sets the value of a key. */
  set(key: string, value: Value): void {
    if (this.#young.size >= this.#generationMax && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  /** Forgets a key. */
  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
