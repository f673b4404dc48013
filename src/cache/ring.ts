/**
 * A queue of numbers in a ring that grows by doubling.
 *
 * @module
 */

/** First in, first out. */
export class Ring {
  #items = new Uint32Array(16);
  #head = 0;
  #length = 0;

  /** How many numbers wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds a number at the end. */
  push(item: number): void {
    if (this.#length === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#length++) & (this.#items.length - 1)] = item;
  }

  /** Takes the number at the head; undefined if there is none. */
  shift(): number | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#length--;
    return item;
  }

  #grow(): void {
    const items = new Uint32Array(this.#items.length * 2);
    items.set(this.#items.subarray(this.#head));
    items.set(this.#items.subarray(0, this.#head), this.#items.length - this.#head);
    this.#items = items;
    this.#head = 0;
  }
}
