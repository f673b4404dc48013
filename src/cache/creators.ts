/**
 * The creators that users write, as the one kind that a batch takes.
 *
 * @module
 */

import { ArgumentError, shown } from "../errors.ts";
import type { Creator, ManyCreator } from "./face.ts";
import type { CacheKey } from "./key.ts";
import { valuesByWanted } from "./many.ts";
import type { BatchCreator } from "./wanted.ts";

/** The creator of one value. */
export function createOne<Value>(create: Creator<Value>): BatchCreator {
  checkCreator(create);
  return async ([wanted], context) => {
    if (wanted === undefined) return new Map();
    const { key, sight: { record, value, age } } = wanted;
    const stale = record === undefined ? undefined : { value, ageMs: age };
    return new Map([[wanted, await create(Object.assign(context, { key, stale }))]]);
  };
}

/** The creator of many values; the keys that it leaves out are added to `absent`. */
export function createAll<Key extends CacheKey, Value>(
  create: ManyCreator<Key, Value>,
  absent: Set<string>,
): BatchCreator {
  checkCreator(create);
  return async (wanted, context) => {
    // All keys of the batch come from the caller who gave this creator.
    const values = valuesByWanted(
      wanted,
      await create(wanted.map(({ key }) => key as Key), context),
    );
    for (const each of wanted) if (!values.has(each)) absent.add(each.flat);
    return values;
  };
}

/** @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if a creator is no function. */
export function checkCreator(create: unknown): void {
  if (typeof create === "function") return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot create an entry as the creator must be a function: it is ${shown(create)}`,
  );
}
