/**
 * Where a document stands in the order of its collection's indexes.
 *
 * An entry is a field's path, U+0000, and the text of a value: a digit for its type, so that entries of one field are in
 * the order in which queries compare values of any types, and a scalar as `ordered_text.ts` writes it. A list stands
 * under each of its members, marked apart, and as a list after everything else. A field that is missing, or has nothing
 * in it, stands where null does. The store adds the document's id.
 *
 * @module
 */

import type { Json } from "../json.ts";
import { encodeScalar, type Scalar } from "../ordered_text.ts";
import { reachesIn, typeRank, type Value } from "../queries/mod.ts";
import { EXISTS_ENTRY } from "./port.ts";

/** The most characters of a text that count for the order; what is longer ties. */
export const INDEXED_LENGTH_MAX = 256;
/** The most entries of one field; a document with more also stands where every reader of the index looks. */
export const INDEXED_ITEMS_MAX = 100;
/** The type digit of lists as such, and what all digits of values are below. */
export const LIST_DIGIT = "6";

/** The entries of a document; none for one that does not exist. */
export function indexEntries(
  index: readonly (readonly string[])[],
  data: Json | undefined,
  exists: boolean,
): readonly string[] {
  if (!exists) return [];
  return [EXISTS_ENTRY, ...new Set(index.flatMap((steps) => entriesOf(steps, data)))];
}

/** The start of all entries of a field's own values: then U+0000. */
export function fieldPrefix(steps: readonly string[]): string {
  return `.${steps.join(".")}`;
}

/** The start of all entries of members of a field's lists. */
export function memberPrefix(steps: readonly string[]): string {
  return `${fieldPrefix(steps)}[]`;
}

/** The start of the entries of documents that have more values than are indexed. */
export function overflowPrefix(steps: readonly string[]): string {
  return `${fieldPrefix(steps)}[+]`;
}

/** The text of a value within an entry. */
export function valueText(value: Value): string {
  const digit = String(typeRank(value));
  return isScalar(value) ? digit + encodeScalar(short(value)) : digit;
}

function entriesOf(steps: readonly string[], data: Json | undefined): readonly string[] {
  const [own, member] = [fieldPrefix(steps), memberPrefix(steps)];
  const entries = new Set<string>();
  reachesIn(data, steps, 0, (value) => {
    if (!Array.isArray(value) || value.length === 0) entries.add(`${own}\u0000${valueText(value)}`);
    else {
      entries.add(`${own}\u0000${LIST_DIGIT}`);
      for (const item of value) entries.add(`${member}\u0000${valueText(item)}`);
    }
    return entries.size > INDEXED_ITEMS_MAX;
  });
  if (entries.size === 0) return [`${own}\u0000${valueText(undefined)}`];
  if (entries.size <= INDEXED_ITEMS_MAX) return [...entries];
  return [...[...entries].slice(0, INDEXED_ITEMS_MAX), `${overflowPrefix(steps)}\u0000`];
}

function isScalar(value: Value): value is Scalar {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function short(value: Scalar): Scalar {
  if (typeof value !== "string") return value;
  // An order by bytes wants well-formed texts, and a cut may fall into a pair.
  return value.slice(0, INDEXED_LENGTH_MAX).toWellFormed();
}
