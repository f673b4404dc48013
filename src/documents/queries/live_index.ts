/**
 * The live queries of a collection, by what they ask, by the documents in their results, and by what may change those.
 *
 * @module
 */

import { FieldIndex } from "../../queries/mod.ts";
import type { Snapshot } from "../core.ts";
import type { Ear, LiveQuery } from "./live_query.ts";
import { subjectOf } from "./matches.ts";

/** The channel of everything in a collection. */
const ALL = "";

/** Live queries of one collection. */
export class LiveIndex implements Iterable<LiveQuery> {
  readonly #lives = new Map<string, LiveQuery>();
  readonly #channels = new Map<string, FieldIndex<LiveQuery>>();
  /** The queries in whose results a document is, as those were told. */
  readonly #members = new Map<string, Set<LiveQuery>>();

  /** How many there are. */
  get size(): number {
    return this.#lives.size;
  }

  [Symbol.iterator](): Iterator<LiveQuery> {
    return this.#lives.values();
  }

  /** The query of a key. */
  get(key: string): LiveQuery | undefined {
    return this.#lives.get(key);
  }

  /** Takes a query in. */
  add(live: LiveQuery): void {
    this.#lives.set(live.key, live);
    for (const channel of live.options.channels ?? [ALL]) {
      const index = this.#channels.get(channel) ?? new FieldIndex();
      this.#channels.set(channel, index);
      index.add(live.query, live);
    }
  }

  /** Takes a query out. */
  delete(live: LiveQuery): void {
    if (this.#lives.get(live.key) === live) this.#lives.delete(live.key);
    for (const channel of live.options.channels ?? [ALL]) {
      const index = this.#channels.get(channel);
      index?.delete(live);
      if (index?.size === 0) this.#channels.delete(channel);
    }
  }

  /** Documents came into the result that is told, or left it. */
  shown(live: LiveQuery, inserted: Iterable<string>, removed: readonly string[]): void {
    for (const id of inserted) {
      const members = this.#members.get(id) ?? new Set();
      this.#members.set(id, members.add(live));
    }
    for (const id of removed) {
      const members = this.#members.get(id);
      members?.delete(live);
      if (members?.size === 0) this.#members.delete(id);
    }
  }

  /** Who hears of a document, as it is in a result. */
  earsOf(id: string): ReadonlySet<Ear> {
    return earsOf(this.#members.get(id) ?? []);
  }

  /** Everybody who hears of any. */
  ears(): ReadonlySet<Ear> {
    return earsOf(this.#lives.values());
  }

  /** The queries that a change may concern. Without channels it is not known on which it came, nor what was before. */
  concerned(
    before: Snapshot | undefined,
    after: Snapshot,
    channels: readonly string[] | undefined,
  ): Iterable<LiveQuery> {
    const [then, now] = [subjectOf(before), subjectOf(after)];
    if (channels?.length === 0) return this.#channels.get(ALL)?.concerned(then, now) ?? [];
    const names = channels === undefined ? this.#channels.keys() : new Set([ALL, ...channels]);
    const found = new Set<LiveQuery>();
    for (const name of names) {
      for (const live of this.#channels.get(name)?.concerned(then, now) ?? []) found.add(live);
    }
    if (channels === undefined) {
      for (const live of this) if (live.has(after.id)) found.add(live);
    }
    return found;
  }
}

function earsOf(lives: Iterable<LiveQuery>): ReadonlySet<Ear> {
  const ears = new Set<Ear>();
  for (const live of lives) for (const ear of live.ears) ears.add(ear);
  return ears;
}
