/**
 * A map that forgets what was not asked for in a long time, at no cost per entry.
 *
 * It keeps two generations: whatever is asked for or set is in the young one, and when that is full it becomes the old
 * one, and the old one is forgotten. (Deleting the oldest key of one `Map` again and again is slow: its iterator walks
 * over all that were deleted before.)
 *
 * @module
 */

/** The most recent entries: `generationMax` or more if their bytes allow it, and fewer than twice as many. */
export class Recent<Value> {
  readonly #generationMax: number;
  readonly #bytesMax: number;
  readonly #bytesOf: (key: string, value: Value) => number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  /** What the young generation weighs. */
  #bytes = 0;

  /** Makes an empty map. `bytesMax` is the bound of a generation, too: what is larger alone is not kept. */
  constructor(
    generationMax: number,
    bytesMax: number = Infinity,
    bytesOf: (key: string, value: Value) => number = () => 0,
  ) {
    this.#generationMax = generationMax;
    this.#bytesMax = bytesMax;
    this.#bytesOf = bytesOf;
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
    this.delete(key);
    const bytes = this.#bytesOf(key, value);
    if (bytes > this.#bytesMax) return;
    if (this.#bytes + bytes > this.#bytesMax) this.#age();
    this.#young.set(key, value);
    this.#bytes += bytes;
    if (this.#young.size >= this.#generationMax) this.#age();
  }

  /** Forgets a key. */
  delete(key: string): void {
    const young = this.#young.get(key);
    if (young !== undefined) this.#bytes -= this.#bytesOf(key, young);
    this.#young.delete(key);
    this.#old.delete(key);
  }

  /** The young become the old. */
  #age(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#bytes = 0;
  }
}
