/**
 * Queries as something that a model holds.
 *
 * While a query is held, the documents of its result are. One that asks for ids and nothing else is no query for the
 * server: its documents are fetched or subscribed to.
 *
 * @module
 */

import type { Json } from "../json.ts";
import { isJsonObject } from "../json.ts";
import { differences, differencesOfList } from "./difference.ts";
import type { EditOptions } from "./document.ts";
import type { Holdable } from "./holds.ts";
import type { Shared } from "./options.ts";
import { pathPattern } from "./pattern.ts";
import { documentKey, documentTarget } from "./target.ts";

/** The local collection where queries are. */
export const QUERIES = "$queries";
/** Where the ids of a query's result are. */
export const IDS = "ids";
/** Where what is told beside them is. */
export const EXTRA = "extra";
/** The most ids that are fetched as documents; more of them are a query. */
export const IDS_MAX = 100;
/** How what is known of queries changes. */
export const QUIET: EditOptions = { passed: { $query: true }, compose: true };

/** What tells a query from all others, and from documents. */
export function queryKey(collection: string, expression: Json): string {
  return JSON.stringify([collection, expression]);
}

/** A query that can be held. */
export class QueryTarget implements Holdable {
  readonly key: string;
  readonly #shared: Shared;
  readonly #collection: string;
  readonly #expression: Json;
  /** The ids, if it asks for nothing else. */
  readonly #byId: readonly string[] | undefined;
  readonly #fetching: Set<Promise<void>> = new Set();
  /** The ids whose documents it holds. */
  #held: ReadonlySet<string> = new Set();
  /** Ends its subscription. */
  #end: (() => Promise<void>) | undefined;

  constructor(shared: Shared, collection: string, expression: Json) {
    this.#shared = shared;
    this.#collection = collection;
    this.#expression = expression;
    this.#byId = idsIn(expression);
    this.key = queryKey(collection, expression);
  }

  async fetch(): Promise<void> {
    const fetching = this.#byId ? this.#fetchEach(this.#byId) : this.#fetch();
    this.#fetching.add(fetching);
    try {
      await fetching;
    } finally {
      this.#fetching.delete(fetching);
    }
  }

  subscribe(): Promise<void> {
    if (this.#shared.fetchOnly) return this.fetch();
    return this.#byId ? this.#followEach(this.#byId) : this.#follow();
  }

  async unsubscribe(): Promise<void> {
    await this.#end?.();
    this.#end = undefined;
  }

  async leave(): Promise<boolean> {
    await Promise.allSettled(this.#fetching);
    return this.#fetching.size === 0;
  }

  forget(): void {
    this.#shared.store.drop([QUERIES, this.key], QUIET);
    this.#hold([]);
  }

  async #fetch(): Promise<void> {
    const { connection } = this.#shared;
    const asked = await connection.fetchQuery(this.#collection, this.#expression);
    // What a subscription shows is newer.
    if (this.#end === undefined) this.#show(asked.ids, asked.extra);
  }

  async #follow(): Promise<void> {
    const { connection, store, onError } = this.#shared;
    const results = [...this.#held].map((id) => store.document(this.#collection, id).doc);
    const asked = await connection.subscribeQuery(
      this.#collection,
      this.#expression,
      results.length > 0 ? { results } : {},
    );
    const show = (): void => this.#show(asked.ids, asked.extra);
    for (const name of ["insert", "remove", "move", "extra", "ready"] as const) {
      asked.on(name, show);
    }
    asked.on("error", onError);
    this.#end = () => Promise.resolve(asked.destroy());
    show();
  }

  async #fetchEach(ids: readonly string[]): Promise<void> {
    this.#hold(ids);
    await Promise.all(this.#documents(ids).map((held) => held.fetch()));
    this.#showExisting(ids);
  }

  async #followEach(ids: readonly string[]): Promise<void> {
    this.#hold(ids);
    const documents = this.#documents(ids);
    await Promise.all(documents.map((held) => held.subscribe()));
    const pattern = pathPattern([this.#collection, "*"]);
    const stop = this.#shared.listeners.on("all", pattern, () => this.#showExisting(ids));
    this.#end = async () => {
      stop();
      await Promise.all(documents.map((held) => held.unsubscribe()));
    };
    this.#showExisting(ids);
  }

  #showExisting(ids: readonly string[]): void {
    const { store } = this.#shared;
    const existing = ids.filter((id) => store.get([this.#collection, id]) !== undefined);
    this.#tell(existing, undefined);
  }

  #show(ids: readonly string[], extra: Json | undefined): void {
    // What comes in is there before it is told, and what is told to be gone goes after that.
    const held = this.#held;
    this.#hold([...ids, ...held]);
    this.#tell(ids, extra);
    this.#hold(ids);
  }

  #tell(ids: readonly string[], extra: Json | undefined): void {
    const { store } = this.#shared;
    const at = [QUERIES, this.key];
    store.edit([...at, IDS], (data, path) => differencesOfList(data, path, ids), QUIET);
    if (extra === undefined) return;
    store.edit([...at, EXTRA], (data, path) => differences(data, path, extra), QUIET);
  }

  #documents(ids: readonly string[]): readonly Holdable[] {
    return ids.map((id) => documentTarget(this.#shared, this.#collection, id));
  }

  /** Holds the documents of these ids, and lets go of the others. */
  #hold(ids: readonly string[]): void {
    const { holds } = this.#shared;
    const before = this.#held;
    const now = this.#held = new Set(ids);
    for (const held of this.#documents([...now].filter((id) => !before.has(id)))) holds.want(held);
    for (const id of before) {
      if (!now.has(id)) holds.unwant(documentKey(this.#collection, id));
    }
  }
}

/** The ids that an expression asks for, if it asks for nothing else. */
function idsIn(expression: Json): readonly string[] | undefined {
  if (!isJsonObject(expression) || Object.keys(expression).join() !== "_id") return undefined;
  const { _id: asked } = expression;
  const isList = isJsonObject(asked) && Object.keys(asked).join() === "$in";
  const ids = isList ? asked.$in : [asked];
  if (!Array.isArray(ids) || ids.length > IDS_MAX) return undefined;
  return ids.every((id) => typeof id === "string") ? [...new Set(ids)] : undefined;
}
