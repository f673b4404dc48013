/**
 * What a dotted path reaches in a document: through objects by their own properties, through lists by index and into
 * each of their members, as MongoDB does.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { Value } from "./values.ts";

/** A document as a query sees it. */
export interface Subject {
  /** The document's id, which a query calls `_id`. */
  readonly id: string;
  /** Its version, which a query calls `_v`. */
  readonly version: number;
  /** The URI of its type, which a query calls `_type`. */
  readonly type: string;
  /** Its content. */
  readonly data: Value;
}

/** A dotted path, in its steps. */
export type FieldPath = readonly string[];

/** The most steps of a path. */
export const PATH_LENGTH_MAX = 16;

/**
 * The steps of a dotted path.
 *
 * @throws {ArgumentError} `ERR_QUERY_MALFORMED` if a step is empty or there are too many.
 */
export function fieldPath(text: string): FieldPath {
  const path = text.split(".");
  if (path.length <= PATH_LENGTH_MAX && path.every((step) => step !== "")) return path;
  throw new ArgumentError(
    "ERR_QUERY_MALFORMED",
    `Cannot query as a field must be a path of 1 to ${PATH_LENGTH_MAX} names with dots between`,
  );
}

/** Whether any value that a path reaches passes the test; a path that leads nowhere reaches `undefined`. */
export function reaches(
  subject: Subject,
  path: FieldPath,
  test: (value: Value) => boolean,
): boolean {
  switch (path[0]) {
    case "_id":
      return test(subject.id);
    case "_v":
      return test(subject.version);
    case "_type":
      return test(subject.type);
    default:
      return reachesIn(subject.data, path, 0, test);
  }
}

/** The same within a value, from a step of the path on. */
export function reachesIn(
  value: Value,
  path: FieldPath,
  at: number,
  test: (value: Value) => boolean,
): boolean {
  const step = path[at];
  if (step === undefined) return test(value);
  if (!Array.isArray(value)) return reachesIn(ownOf(value, step), path, at + 1, test);
  if (/^\d+$/.test(step) && reachesIn(value[Number(step)], path, at + 1, test)) return true;
  return value.some((member) => isJsonObject(member) && reachesIn(member, path, at, test));
}

function ownOf(value: Value, name: string): Value {
  return isJsonObject(value) && Object.hasOwn(value, name)
    ? (value as JsonObject)[name]
    : undefined;
}
