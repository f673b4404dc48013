/**
 * How values compare in queries: one order over all of JSON, the same in every store.
 *
 * Missing and null come first, then numbers, texts (by their UTF-8 bytes), objects, lists and booleans, as MongoDB has
 * them; so a sort that meets values of several types still has one result.
 *
 * @module
 */

import { isJsonObject, type Json } from "../json.ts";
import { compareUtf8 } from "../ordered_text.ts";

/** A value, or nothing. */
export type Value = Json | undefined;

/** Below, at or above 0 as the first value comes before, with or after the second. */
export function compareValues(a: Value, b: Value): number {
  if (a === b) return 0;
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return compareUtf8(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  if (isJsonObject(a) && isJsonObject(b)) return compareLists(entriesOf(a), entriesOf(b));
  const order = typeRank(a) - typeRank(b);
  return order === 0 && typeof a === "boolean" ? Number(a) - Number(b) : order;
}

/** Whether two values are of one type, so that one is less or greater than the other. */
export function areComparable(a: Value, b: Value): boolean {
  return typeRank(a) === typeRank(b);
}

/** Whether two values are the same; the order of an object's properties does not matter. */
export function isEqual(a: Value, b: Value): boolean {
  return compareValues(a, b) === 0;
}

/** Where the values of a value's type come among all types: 0 to 5. */
export function typeRank(value: Value): number {
  switch (typeof value) {
    case "number":
      return 1;
    case "string":
      return 2;
    case "boolean":
      return 5;
    default:
      return value === null || value === undefined ? 0 : Array.isArray(value) ? 4 : 3;
  }
}

function compareLists(a: readonly Json[], b: readonly Json[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function entriesOf(value: Readonly<Record<string, Json>>): Json[] {
  return Object.keys(value).sort(compareUtf8).map((key) => [key, value[key] ?? null]);
}
