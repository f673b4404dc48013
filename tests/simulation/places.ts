/**
 * All log positions that any node ever had, as one tree.
 *
 * Log matching (Ongaro and Ousterhout 2014, §5.3) says that index and term name an entry and everything before it. So
 * each (index, term) is one object that knows the one before it: two logs agree up to a place exactly if they hold the
 * same object, and the rule is checked whenever a place is entered again.
 *
 * @module
 */

import type { Entry, Membership, Position } from "../../src/raft/core/mod.ts";
import { hold } from "./failure.ts";

/** A place in some log. */
export interface Place extends Position {
  /** The place before; `undefined` only before the first entry. */
  readonly previous: Place | undefined;
  /** The entry; `undefined` only before the first. */
  entry: Entry | undefined;
  /** The membership in force from here on. */
  readonly membership: Membership;
  /** Where it was appended. */
  readonly membershipIndex: number;
}

/** The tree of all places. */
export class Places {
  /** The place before the first entry, where the first membership holds. */
  readonly root: Place;
  readonly #byPosition = new Map<number, Place>();
  readonly #changes: Place[] = [];

  /** Makes a tree with a root alone. */
  constructor(membership: Membership) {
    this.root = {
      index: 0,
      term: 0,
      previous: undefined,
      entry: undefined,
      membership,
      membershipIndex: 0,
    };
    this.#byPosition.set(0, this.root);
  }

  /** The place with this index and term, if any node ever had it. */
  at({ index, term }: Position): Place | undefined {
    return this.#byPosition.get(keyOf(index, term));
  }

  /** The place of an entry that some node has after `previous`. */
  enter(previous: Place, entry: Entry): Place {
    const known = this.at(entry);
    if (known === undefined) {
      const place: Place = { ...this.#membershipAfter(previous, entry), previous, entry };
      this.#byPosition.set(keyOf(entry.index, entry.term), place);
      if (entry.kind === "membership") this.#changes.push(place);
      return place;
    }
    const name = `${entry.index}@${entry.term}`;
    hold(known.previous === previous, "2 log matching", () => {
      return `${name} follows ${known.previous?.term} in one log and ${previous.term} in another`;
    });
    if (known.entry !== entry) {
      hold(isSameEntry(known.entry, entry), "2 log matching", () => `two entries ${name}`);
      if (known.entry?.kind === "witnessed") known.entry = entry;
    }
    return known;
  }

  /** All memberships that were ever appended after an index, also those that were cut off again. */
  changesAfter(index: number): readonly Membership[] {
    return this.#changes.filter((place) => place.index > index).map(({ membership }) => membership);
  }

  #membershipAfter(previous: Place, entry: Entry): Omit<Place, "previous" | "entry"> {
    const { index, term } = entry;
    if (entry.kind === "membership") {
      return { index, term, membership: entry.membership, membershipIndex: index };
    }
    const { membership, membershipIndex } = previous;
    return { index, term, membership, membershipIndex };
  }
}

function keyOf(index: number, term: number): number {
  return index * 2 ** 24 + term;
}

function isSameEntry(a: Entry | undefined, b: Entry): boolean {
  if (a === undefined || a.timeMs !== b.timeMs) return false;
  if (a.kind === "witnessed" || b.kind === "witnessed") {
    return [a, b].every(({ kind }) => kind === "witnessed" || kind === "command");
  }
  if (a.kind === "command" && b.kind === "command") {
    return a.data.length === b.data.length && a.data.every((byte, i) => byte === b.data[i]);
  }
  if (a.kind === "membership" && b.kind === "membership") {
    return JSON.stringify(a.membership) === JSON.stringify(b.membership);
  }
  return a.kind === b.kind;
}
