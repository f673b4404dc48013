/**
 * The face's reads of records.
 *
 * @module
 */

import { ArgumentError, LimitError } from "../errors.ts";
import { visible } from "./commit.ts";
import type { ModelContext } from "./context.ts";
import { pageCursor, rangeAfter } from "./cursor.ts";
import { rangeOf } from "./index_keys.ts";
import type { FindOptions, Page, ReadOptions } from "./model_face.ts";
import type { EntryRange, StoredRecord } from "./port.ts";
import { queryRange } from "./query.ts";
import { recordOf } from "./record.ts";
import { claimOf, type Fields, HIDDEN_ENTRY, holdersOf, idOfText, idText } from "./record_keys.ts";
import type { ModelTypes, RecordOf } from "./record_types.ts";
import type { CallOptions } from "./write_options.ts";

/** The most records or members that one call gives. */
export const PAGE_MAX = 1_000;

/** The record with an id. */
export async function get<T extends ModelTypes>(
  context: ModelContext<T>,
  id: T["id"],
  { signal = context.signal }: CallOptions = {},
): Promise<RecordOf<T> | undefined> {
  const { store, plan } = context;
  const [stored] = await store.get(plan.shape, [idText(plan, id)], { signal });
  return visible(context, stored);
}

/** The records with these ids. */
export async function getMany<T extends ModelTypes>(
  context: ModelContext<T>,
  ids: readonly T["id"][],
  { signal = context.signal, onFailure }: ReadOptions = {},
): Promise<readonly (RecordOf<T> | undefined)[]> {
  const { store, plan } = context;
  if (ids.length > PAGE_MAX) {
    throw new LimitError(
      "ERR_LIMIT",
      `Cannot get records as there must be at most ${PAGE_MAX} ids: current number is ${ids.length}`,
    );
  }
  const texts = ids.map((id) => idText(plan, id));
  const found = await store.get(plan.shape, texts, { signal });
  return found.map((stored) => readable(context, stored, onFailure));
}

/** The record with a unique value. */
export async function getByUnique<T extends ModelTypes>(
  context: ModelContext<T>,
  unique: string | readonly string[],
  value: unknown,
  { signal = context.signal }: CallOptions = {},
): Promise<RecordOf<T> | undefined> {
  const { store, plan } = context;
  const fields = [unique].flat();
  const values: unknown = typeof unique === "string" ? [value] : value;
  const rule = plan.unique.find(({ name }) => name === fields.join("+"));
  if (rule === undefined || !Array.isArray(values) || values.length !== fields.length) {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      "Cannot get a record as its field must be declared unique, and have a value",
    );
  }
  return visible(context, await store.getByClaim(plan.shape, claimOf(rule, values), { signal }));
}

/** The records that a query finds. */
export async function find<T extends ModelTypes>(
  context: ModelContext<T>,
  query: object,
  options: FindOptions = {},
): Promise<Page<RecordOf<T>>> {
  return await pageOf(context, queryRange(context.plan, query as Fields), options, false);
}

/** The records whose set has a value. */
export async function memberOf<T extends ModelTypes>(
  context: ModelContext<T>,
  set: string,
  value: unknown,
  options: FindOptions = {},
): Promise<Page<RecordOf<T>>> {
  checkSet(context, set);
  return await pageOf(context, rangeOf(holdersOf(set, value)), options, false);
}

/** The records that are hidden. */
export async function deleted<T extends ModelTypes>(
  context: ModelContext<T>,
  options: FindOptions = {},
): Promise<Page<RecordOf<T>>> {
  return await pageOf(context, rangeOf(HIDDEN_ENTRY), options, true);
}

/** How many records a query finds, or there are. */
export async function count<T extends ModelTypes>(
  { store, plan, ...context }: ModelContext<T>,
  query?: object,
  { signal = context.signal }: CallOptions = {},
): Promise<number> {
  const range = query === undefined || Object.keys(query).length === 0
    ? undefined
    : queryRange(plan, query as Fields);
  return await store.count(plan.shape, range, { signal });
}

/** Refuses a set that the definition does not declare. */
export function checkSet<T extends ModelTypes>({ plan }: ModelContext<T>, set: string): void {
  if (plan.sets.includes(set)) return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot use a set as it must be declared: sets are ${plan.sets.join(", ") || "none"}`,
  );
}

/** A limit of a page. */
export function checkedLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= PAGE_MAX) return limit;
  throw new LimitError(
    "ERR_INVALID_ARGUMENT",
    `Cannot read a page as limit must be from 1 to ${PAGE_MAX}: current value is ${limit}`,
  );
}

async function pageOf<T extends ModelTypes>(
  context: ModelContext<T>,
  range: EntryRange,
  { limit = 100, cursor, reverse = false, signal = context.signal, onFailure }: FindOptions,
  ofHidden: boolean,
): Promise<Page<RecordOf<T>>> {
  const { store, plan: { shape } } = context;
  const rest = cursor === undefined ? range : rangeAfter(shape, range, reverse, cursor);
  const options = { limit: checkedLimit(limit), isReverse: reverse, signal };
  const { records, next } = await store.page(shape, rest, options);
  return {
    records: records.filter(({ isHidden }) => isHidden === ofHidden)
      .map((stored) => readable(context, { ...stored, isHidden: false }, onFailure))
      .filter((record) => record !== undefined),
    cursor: next === undefined ? undefined : pageCursor(shape, range, reverse, next),
  };
}

function readable<T extends ModelTypes>(
  context: ModelContext<T>,
  stored: StoredRecord | undefined,
  onFailure: ReadOptions["onFailure"],
): RecordOf<T> | undefined {
  if (stored === undefined || stored.isHidden) return undefined;
  try {
    return recordOf(context.definition, stored);
  } catch (error) {
    // Corrupt data, or a `migrate` or codec that throws: this record's failure, not the others'.
    if (onFailure === undefined || !(error instanceof Error)) throw error;
    onFailure({ id: idOfText(context.plan, stored.id), error });
    return undefined;
  }
}
