/**
 * Backbone's reads of a collection: all of it, a page, a query, or one record by a unique value.
 *
 * @module
 */

import { ArgumentError, LimitError, shown } from "../errors.ts";
import { type FindOptions, type Page, PAGE_MAX, type RecordOf } from "../models/mod.ts";
import { isObject } from "./attributes.ts";
import type { Attributes, BackboneCollection, SyncOptions, UniqueSearch } from "./backbone.ts";
import { readAllContents } from "./members.ts";
import type { ModelStates } from "./model_states.ts";
import { answerOf, seenOf, unknownMethod } from "./serve_model.ts";
import { setNames } from "./sets.ts";
import { notFound } from "./store_error.ts";
import { type AttributesModel, type AttributeTypes, modelOf, type Store } from "./stores.ts";

/** The most records that a `fetch()` of a whole collection reads; more are read in pages, by `limit` and `cursor`. */
export const FETCH_MAX = 10_000;

type Records = readonly RecordOf<AttributeTypes>[];

/** Serves a read. */
export async function serveCollection(
  method: string,
  collection: BackboneCollection,
  store: Store,
  states: ModelStates,
  options: SyncOptions,
): Promise<readonly Attributes[]> {
  if (method !== "read") throw unknownMethod(method);
  const sets = setNames(collection.model.prototype);
  const model = modelOf(store, sets);
  const idAttribute = idAttributeOf(collection);
  const records = await read(model, idAttribute, options);
  const ids = records.map(({ id }) => id);
  const contents = await readAllContents(model, ids, sets, options);
  const seen = records.map((record, at) => seenOf(record, contents[at] ?? new Map(), sets));
  states.read(collection, store, seen, options);
  return seen.map((one) => answerOf(one, idAttribute));
}

/** The name of the id attribute of a collection's models. */
export function idAttributeOf({ model }: BackboneCollection): string {
  return model.prototype?.idAttribute ?? "id";
}

async function read(
  model: AttributesModel,
  idAttribute: string,
  options: SyncOptions,
): Promise<Records> {
  const { searchUnique, limit, cursor, data = {}, onFailure, signal } = options;
  if (searchUnique !== undefined) return [await readOne(model, idAttribute, searchUnique, options)];
  if (limit === undefined && cursor === undefined) return await readAll(model, options);
  const page = await find(model, data, { limit: limit ?? PAGE_MAX, cursor, onFailure, signal });
  options.cursor = page.cursor;
  return page.records;
}

async function readOne(
  model: AttributesModel,
  idAttribute: string,
  { key, value }: UniqueSearch,
  { signal }: SyncOptions,
): Promise<RecordOf<AttributeTypes>> {
  // A value that is no id, or no value of this field, is refused by the model.
  const record = key === idAttribute
    ? await model.get(value as string | number, { signal })
    : await model.getByUnique(key, value as never, { signal });
  if (record === undefined) throw notFound();
  return record;
}

async function readAll(
  model: AttributesModel,
  { data = {}, onFailure, signal }: SyncOptions,
): Promise<Records> {
  const records: RecordOf<AttributeTypes>[] = [];
  let cursor: string | undefined;
  do {
    const page = await find(model, data, { limit: PAGE_MAX, cursor, onFailure, signal });
    records.push(...page.records);
    cursor = page.cursor;
  } while (cursor !== undefined && records.length < FETCH_MAX);
  if (cursor === undefined && records.length <= FETCH_MAX) return records;
  throw new LimitError(
    "ERR_LIMIT",
    `Cannot fetch a whole collection of more than ${FETCH_MAX} records: fetch pages by limit and cursor`,
  );
}

function find(
  model: AttributesModel,
  query: unknown,
  options: FindOptions,
): Promise<Page<RecordOf<AttributeTypes>>> {
  if (!isObject(query)) {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      `Cannot fetch a collection as data must be a query: current value is ${shown(query)}`,
    );
  }
  // Which indexes there are, only the model knows: it refuses all other queries.
  return model.find(query as Record<string, never>, options);
}
