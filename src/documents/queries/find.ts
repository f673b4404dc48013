/**
 * Finding what matches a query in a store: among all documents where the store lists them, else by indexes.
 *
 * By indexes, each document that an index leads to is read and looked at again, many in one request; what the process
 * has a copy of costs no more than what is new of it. A store that lists is asked for what is not known already.
 *
 * @module
 */

import { LimitError } from "../../errors.ts";
import { type IndexPlan, planQuery, type Query } from "../../queries/mod.ts";
import type { CoreOptions, DocumentCore, Snapshot } from "../core.ts";
import type { DocumentStore, ListedDocument } from "../port.ts";
import type { CollectionSettings, CoreSettings } from "../settings.ts";
import { type EntryRanges, rangesOf } from "./index_ranges.ts";
import { IndexWalk } from "./index_walk.ts";
import { firstOf, type Found, type Match, matchesAmong } from "./matches.ts";

/** The most documents that one evaluation looks at, found by indexes. */
export const CANDIDATES_MAX = 10_000;
/** The most documents that one evaluation looks at in a store that lists them. */
export const LISTED_MAX = 1_000_000;
/** At least so many documents are read at once on a walk through an order. */
const BATCH_MIN = 10;
/** At most so many. */
const BATCH_MAX = 100;

/** What finding needs. */
export interface FinderOptions {
  /** Keeps the documents. */
  readonly store: Pick<DocumentStore, "page" | "list">;
  /** Reads them. */
  readonly core: Pick<DocumentCore, "read">;
  /** How the collections lie in the store. */
  readonly settings: Pick<CoreSettings, "collection">;
}

/** How something is looked for. */
export interface FindOptions extends CoreOptions {
  /** What is known of a document that the store lists, if it still is the same. */
  readonly known?: (listed: ListedDocument) => Snapshot | undefined;
  /** Told of everything that was read. */
  readonly learned?: (snapshots: readonly Snapshot[]) => void;
}

/** Finds matches. */
export class Finder {
  readonly #options: FinderOptions;

  /** Looks for nothing yet. */
  constructor(options: FinderOptions) {
    this.#options = options;
  }

  /**
   * Refuses a query that cannot be answered here.
   *
   * @throws {ArgumentError} `ERR_NOT_INDEXED`.
   */
  check(collection: string, query: Query): void {
    if (this.#options.store.list !== undefined) return;
    planQuery(query, indexedOf(this.#options.settings.collection(collection)));
  }

  /**
   * The first matches of a query, as new as the moment of asking at least.
   *
   * @throws {HoldfastError} `ERR_NOT_INDEXED`; `ERR_TOO_LARGE` if more than {@linkcode CANDIDATES_MAX} documents would have
   * to be looked at; what the store throws.
   */
  async find(
    collection: string,
    query: Query,
    wanted: number,
    options: FindOptions = {},
  ): Promise<Found> {
    const settings = this.#options.settings.collection(collection);
    const { store } = this.#options;
    if (store.list !== undefined) {
      const lists = await Promise.all(settings.units.map((unit) => store.list?.(unit, options)));
      const snapshots = await this.#listed(
        collection,
        lists.flatMap((list) => list ?? []),
        options,
      );
      return firstOf(query, matchesAmong(query, snapshots), wanted);
    }
    const plan = planQuery(query, indexedOf(settings));
    if (plan.kind !== "ids") return await this.#byIndex(collection, query, plan, wanted, options);
    const snapshots = await this.#read(collection, plan.ids, options);
    return firstOf(query, matchesAmong(query, snapshots), wanted);
  }

  /** Documents that the store lists; only those are read that are not known. */
  async #listed(
    collection: string,
    listed: readonly ListedDocument[],
    options: FindOptions,
  ): Promise<readonly Snapshot[]> {
    checkCount(listed.length, LISTED_MAX);
    const snapshots: Snapshot[] = [];
    const missing: string[] = [];
    for (const document of listed) {
      const known = options.known?.(document);
      if (known === undefined) missing.push(document.id);
      else snapshots.push(known);
    }
    if (missing.length > 0) snapshots.push(...await this.#read(collection, missing, options));
    return snapshots;
  }

  async #byIndex(
    collection: string,
    query: Query,
    plan: Exclude<IndexPlan, { readonly kind: "ids" }>,
    wanted: number,
    options: FindOptions,
  ): Promise<Found> {
    const ranges = rangesOf(plan);
    const seen = new Set<string>();
    const look = async (ids: Iterable<string>): Promise<readonly Match[]> => {
      const fresh = [...new Set(ids)].filter((id) => !seen.has(id));
      for (const id of fresh) seen.add(id);
      checkCount(seen.size, CANDIDATES_MAX);
      return matchesAmong(query, await this.#read(collection, fresh, options));
    };
    const matches = [...await look(await this.#whole(collection, ranges, options))];
    if (plan.kind !== "order") return firstOf(query, matches, wanted);
    const walk = this.#walk(collection, ranges.ordered, {
      ...options,
      isReverse: plan.isDescending,
      wanted: Math.max(wanted + 1, BATCH_MIN) + 1,
    });
    // What comes later in the walk comes later in the result: of those, so many are enough.
    for (let found = 0; found <= wanted;) {
      const count = Math.min(Math.max(wanted + 1 - found, BATCH_MIN), BATCH_MAX);
      const entries = await walk.next(count, CANDIDATES_MAX + 1);
      if (entries.length === 0) break;
      const more = await look(entries.map(({ id }) => id));
      matches.push(...more);
      found += more.length;
    }
    return firstOf(query, matches, wanted);
  }

  /** The ids of everything in some ranges. */
  async #whole(
    collection: string,
    { whole }: EntryRanges,
    options: FindOptions,
  ): Promise<readonly string[]> {
    const wanted = CANDIDATES_MAX;
    const walk = this.#walk(collection, whole, { ...options, isReverse: false, wanted });
    const entries = await walk.next(CANDIDATES_MAX + 1, CANDIDATES_MAX + 1);
    checkCount(new Set(entries.map(({ id }) => id)).size, CANDIDATES_MAX);
    return entries.map(({ id }) => id);
  }

  #walk(
    collection: string,
    ranges: EntryRanges["ordered"],
    options: ConstructorParameters<typeof IndexWalk>[3],
  ): IndexWalk {
    const { store, settings } = this.#options;
    return new IndexWalk(store, settings.collection(collection).units, ranges, options);
  }

  /** Documents that are there; one that cannot be served fails them all, as a result without it would be wrong. */
  async #read(
    collection: string,
    ids: readonly string[],
    { signal, learned }: FindOptions,
  ): Promise<readonly Snapshot[]> {
    if (ids.length === 0) return [];
    const results = await this.#options.core.read(collection, ids.map((id) => ({ id })), {
      signal,
    });
    const snapshots = results.flatMap((result) => {
      if (result.kind === "refused") throw result.error;
      return result.kind === "snapshot" ? [result.snapshot] : [];
    });
    learned?.(snapshots);
    return snapshots;
  }
}

function indexedOf({ index }: CollectionSettings): readonly string[] {
  return index.map((steps) => steps.join("."));
}

function checkCount(count: number, max: number): void {
  if (count <= max) return;
  throw new LimitError(
    "ERR_TOO_LARGE",
    `Cannot query as ${max} documents at most may be looked at for one result`,
  );
}
