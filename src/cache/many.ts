/**
 * The keys and values of a call for many.
 *
 * @module
 */

import { ArgumentError, shown } from "../errors.ts";
import type { ManyValues } from "./face.ts";
import type { CacheKey } from "./key.ts";
import type { Wanted } from "./wanted.ts";

/**
 * The values that a creator made, by wanted key.
 *
 * @throws {ArgumentError} `ERR_INVALID_VALUE` if it made a list of another length, or no container at all.
 */
export function valuesByWanted(
  wanted: readonly Wanted[],
  made: ManyValues<CacheKey, unknown>,
): Map<Wanted, unknown> {
  if (Array.isArray(made)) {
    if (made.length === wanted.length) return new Map(wanted.map((each, i) => [each, made[i]]));
    return refused(`a list of ${wanted.length} values: it has ${made.length}`);
  }
  if (typeof made !== "object" || made === null) {
    return refused(`a list, a map or an object: it is ${shown(made)}`);
  }
  const values = new Map<Wanted, unknown>();
  for (const each of wanted) {
    const { key } = each;
    if (made instanceof Map) {
      if (made.has(key)) values.set(each, made.get(key));
    } else if (typeof key === "string" && Object.hasOwn(made, key)) {
      values.set(each, Reflect.get(made, key));
    }
  }
  return values;
}

function refused(rule: string): never {
  throw new ArgumentError(
    "ERR_INVALID_VALUE",
    `Cannot take what the creator made as it must be ${rule}`,
  );
}
