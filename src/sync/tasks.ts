/**
 * What goes on without anybody waiting for it, so that an end can wait for all of it.
 *
 * @module
 */

/** Work that is under way. None of it may reject. */
export class Tasks {
  readonly #running = new Set<Promise<void>>();

  /** Takes note of work. */
  add(work: Promise<void>): void {
    const noted = work.finally(() => this.#running.delete(noted));
    this.#running.add(noted);
  }

  /** Settles when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
