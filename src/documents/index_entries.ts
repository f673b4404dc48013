/**
 * Where a document stands in the order of its collection's indexes.
 *
 * An entry is a field's path, U+0000, and the field's value as `ordered_text.ts` writes it: so entries of one field are
 * in the order of its values. Null, and what is no scalar, is written so that it comes before every scalar; a list also
 * stands under each scalar that it holds, marked apart. The store adds the document's id.
 *
 * @module
 */

import { isJsonObject, type Json } from "../json.ts";
import { encodeScalar, type Scalar } from "../ordered_text.ts";
import { EXISTS_ENTRY } from "./port.ts";

/** The most characters of a text that count for the order; what is longer ties. */
export const INDEXED_LENGTH_MAX = 256;
/** The most items of one list that are indexed. */
export const INDEXED_ITEMS_MAX = 100;

/** The entries of a document; none for one that does not exist. */
export function indexEntries(
  index: readonly (readonly string[])[],
  data: Json | undefined,
  exists: boolean,
): readonly string[] {
  if (!exists) return [];
  return [EXISTS_ENTRY, ...new Set(index.flatMap((steps) => entriesOf(steps, data)))];
}

/** The start of all entries of a field: then U+0000. */
export function fieldPrefix(steps: readonly string[]): string {
  return `.${steps.join(".")}`;
}

/** The text of a value within an entry. */
export function valueText(value: Json): string {
  if (value === null) return "0";
  return isScalar(value) ? encodeScalar(short(value)) : "1";
}

function entriesOf(steps: readonly string[], data: Json | undefined): readonly string[] {
  const value = valueAt(steps, data);
  if (value === undefined) return [];
  const prefix = fieldPrefix(steps);
  const own = `${prefix}\u0000${valueText(value)}`;
  if (!Array.isArray(value)) return [own];
  const items: readonly Json[] = value.slice(0, INDEXED_ITEMS_MAX);
  return [own, ...items.filter(isScalar).map((item) => `${prefix}[]\u0000${valueText(item)}`)];
}

function valueAt(steps: readonly string[], data: Json | undefined): Json | undefined {
  let value = data;
  for (const step of steps) {
    if (!isJsonObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}

function isScalar(value: Json): value is Scalar {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function short(value: Scalar): Scalar {
  if (typeof value !== "string") return value;
  // An order by bytes wants well-formed texts, and a cut may fall into a pair.
  return value.slice(0, INDEXED_LENGTH_MAX).toWellFormed();
}
