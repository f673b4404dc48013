/**
 * The order of a result.
 *
 * @module
 */

import { isJsonObject } from "../json.ts";
import { compareUtf8 } from "../ordered_text.ts";
import { malformedQuery } from "./condition.ts";
import { type FieldPath, fieldPath, reaches, type Subject } from "./reach.ts";
import { compareValues, type Value } from "./values.ts";

/** A field that a result is sorted by. */
export interface SortField {
  /** Its dotted path. */
  readonly field: string;
  /** The path's steps. */
  readonly path: FieldPath;
  /** Whether the greatest comes first. */
  readonly isDescending: boolean;
}

/** A document's place in an order. */
export interface Ranked {
  /** Its id, which decides between equals. */
  readonly id: string;
  /** Its value for each field that is sorted by. */
  readonly keys: readonly Value[];
}

/** The most fields that a result can be sorted by. */
const FIELDS_MAX = 8;

/**
 * The fields that `$sort` names.
 *
 * @throws {ArgumentError} `ERR_QUERY_MALFORMED` if they are not given as `{ field: 1, other: -1 }`.
 */
export function sortFields(raw: unknown): readonly SortField[] {
  if (raw === undefined || raw === null) return [];
  if (!isJsonObject(raw) || Object.keys(raw).length > FIELDS_MAX) {
    throw malformedQuery(`$sort must be an object of ${FIELDS_MAX} fields at most`);
  }
  return Object.keys(raw).map((field) => {
    const direction: unknown = raw[field];
    if (direction !== 1 && direction !== -1) throw malformedQuery("$sort must say 1 or -1");
    if (field.startsWith("$")) throw malformedQuery("$sort must name fields");
    return { field, path: fieldPath(field), isDescending: direction === -1 };
  });
}

/** What a document has for each field: of a list, or of many values, the one that comes first in the order. */
export function sortKeys(fields: readonly SortField[], subject: Subject): readonly Value[] {
  return fields.map(({ path, isDescending }) => {
    const found: Value[] = [];
    reaches(subject, path, (value) => {
      if (Array.isArray(value) && value.length > 0) found.push(...value);
      else found.push(value);
      return false;
    });
    return found.reduce((first, value) => {
      const order = compareValues(value, first);
      return (isDescending ? order > 0 : order < 0) ? value : first;
    }, found[0]);
  });
}

/** Below, at or above 0 as the first comes before, with or after the second. */
export function compareRanked(fields: readonly SortField[], a: Ranked, b: Ranked): number {
  for (let i = 0; i < fields.length; i++) {
    const order = compareValues(a.keys[i], b.keys[i]);
    if (order !== 0) return fields[i]?.isDescending ? -order : order;
  }
  return compareUtf8(a.id, b.id);
}
