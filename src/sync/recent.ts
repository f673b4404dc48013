/**
 * The last changes of a model, so that who was away for a moment is caught up without the store.
 *
 * @module
 */

import type { ModelEvent } from "./model_event.ts";

/** The most changes that are kept. */
export const RECENT_MAX = 1_000;
/** The most characters of their messages that are kept. */
export const RECENT_SIZE_MAX: number = 4 * 1024 * 1024;

/** The last changes, in the order of the journal. Places between them belong to changes that nobody hears of. */
export class Recent {
  #events: ModelEvent[] = [];
  #size = 0;
  #from: string;
  #fromSeq: number;
  #known: Set<string>;

  /** Begins at a cursor and its place, with nothing. */
  constructor(cursor: string, seq: number) {
    this.#from = cursor;
    this.#fromSeq = seq;
    this.#known = new Set([cursor]);
  }

  /** Adds the next change. */
  add(event: ModelEvent): void {
    this.#events.push(event);
    this.#known.add(event.cursor);
    this.#size += event.text.length;
    while (this.#events.length > RECENT_MAX || this.#size > RECENT_SIZE_MAX) {
      const gone = this.#events.shift();
      if (gone === undefined) return;
      this.#known.delete(this.#from);
      this.#from = gone.cursor;
      this.#fromSeq = gone.seq;
      this.#size -= gone.text.length;
    }
  }

  /** The changes after a cursor; `undefined` if this does not know it. */
  after(cursor: string): readonly ModelEvent[] | undefined {
    if (!this.#known.has(cursor)) return undefined;
    if (cursor === this.#from) return [...this.#events];
    return this.#events.slice(this.#events.findIndex((event) => event.cursor === cursor) + 1);
  }

  /** The changes after a place of this very journal; `undefined` if some of them are no longer kept. */
  since(seq: number): readonly ModelEvent[] | undefined {
    return seq < this.#fromSeq ? undefined : this.#events.filter((event) => event.seq > seq);
  }
}
