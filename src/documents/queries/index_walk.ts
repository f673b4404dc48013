/**
 * Entries of several ranges and units, one after the other in the order of their values.
 *
 * @module
 */

import { compareUtf8 } from "../../ordered_text.ts";
import type { CoreOptions } from "../core.ts";
import type { DocumentStore, DocumentUnit } from "../port.ts";
import type { EntryRange } from "./index_ranges.ts";

/** The most entries of one request. */
export const PAGE_MAX = 1_000;

/** An entry: the text of a value, and whose it is. */
export interface Entry {
  readonly text: string;
  readonly id: string;
}

/** How a walk goes. */
export interface WalkOptions extends CoreOptions {
  /** Whether from the end to the start. */
  readonly isReverse: boolean;
  /** About how many entries will be wanted. */
  readonly wanted: number;
}

/** Goes through ranges of units. */
export class IndexWalk {
  readonly #lanes: Lane[];
  readonly #isReverse: boolean;

  /** Begins nowhere yet. */
  constructor(
    store: Pick<DocumentStore, "page">,
    units: readonly DocumentUnit[],
    ranges: readonly EntryRange[],
    options: WalkOptions,
  ) {
    this.#isReverse = options.isReverse;
    this.#lanes = units.flatMap((unit) =>
      ranges.filter(({ from, to }) => compareUtf8(from, to) < 0)
        .map((range) => new Lane(store, unit, range, options))
    );
  }

  /**
   * The next entries, at least so many if there are, and all that tie with the last of them; none at the end. No more
   * than `max` in any case.
   */
  async next(count: number, max: number): Promise<readonly Entry[]> {
    const taken: Entry[] = [];
    for (;;) {
      await Promise.all(this.#lanes.map((lane) => lane.fill()));
      // As long as every lane that goes on has something, the first of their heads is the first of all.
      while (this.#lanes.every(({ isEmpty, isOver }) => !isEmpty || isOver)) {
        const first = this.#first();
        const last = taken.at(-1);
        const isEnough = taken.length >= count && first?.head?.text !== last?.text;
        if (first?.head === undefined || isEnough || taken.length >= max) return taken;
        taken.push(first.take());
      }
    }
  }

  #first(): Lane | undefined {
    return this.#lanes.reduce<Lane | undefined>((first, lane) => {
      if (lane.head === undefined) return first;
      if (first?.head === undefined) return lane;
      const order = compareUtf8(lane.head.text, first.head.text);
      return (this.#isReverse ? order > 0 : order < 0) ? lane : first;
    }, undefined);
  }
}

/** One range of one unit. */
class Lane {
  readonly #page: (range: EntryRange) => Promise<readonly string[]>;
  readonly #isReverse: boolean;
  readonly #pageMax: number;
  #range: EntryRange;
  #entries: readonly string[] = [];
  #at = 0;
  #isLast = false;

  constructor(
    store: Pick<DocumentStore, "page">,
    unit: DocumentUnit,
    range: EntryRange,
    { isReverse, wanted, signal }: WalkOptions,
  ) {
    this.#pageMax = Math.min(Math.max(wanted, 1), PAGE_MAX);
    const options = { limit: this.#pageMax, isReverse, signal };
    this.#page = (rest) => store.page(unit, rest, options);
    this.#isReverse = isReverse;
    this.#range = range;
  }

  get isEmpty(): boolean {
    return this.#at === this.#entries.length;
  }

  /** Whether nothing more is in the store. */
  get isOver(): boolean {
    return this.#isLast;
  }

  get head(): Entry | undefined {
    const entry = this.#entries[this.#at];
    return entry === undefined ? undefined : parsedEntry(entry);
  }

  take(): Entry {
    return parsedEntry(this.#entries[this.#at++] ?? "");
  }

  async fill(): Promise<void> {
    if (!this.isEmpty || this.#isLast) return;
    this.#entries = await this.#page(this.#range);
    this.#at = 0;
    this.#isLast = this.#entries.length < this.#pageMax;
    const last = this.#entries.at(-1);
    if (last === undefined) return;
    const { from, to } = this.#range;
    this.#range = this.#isReverse ? { from, to: last } : { from: `${last}\u0000`, to };
  }
}

/** An entry is a field's start, U+0000, a value's text, U+0000 and an id; the one that says that it exists has no value. */
function parsedEntry(entry: string): Entry {
  const [, ...rest] = entry.split("\u0000");
  const id = rest.pop() ?? "";
  return { text: rest.join("\u0000"), id };
}
