/**
 * Paths of a model: `collection.id.property…`, as a text with dots or as its segments.
 *
 * A text cannot name an id or a property with a dot in it; segments can. Collections that begin with `_` or `$` are
 * local: they live in this model alone, and nobody else ever sees them.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";

/** A path: a text with dots, one number, or segments. */
export type Path = string | number | readonly (string | number)[];

/** A path in its segments; list indexes are decimal texts. */
export type Segments = readonly string[];

/** The most segments of a path. */
export const SEGMENTS_MAX = 128;

const NONE: Segments = [];
const INHERITED = ["__proto__", "constructor", "prototype"];

/**
 * The segments of a path; none for no path.
 *
 * @throws {ArgumentError} `ERR_INVALID_PATH` if it is no path, or has too many segments or an empty one;
 * `ERR_OP_PATH_FORBIDDEN` if a segment is `__proto__`, `constructor` or `prototype`.
 */
export function segmentsOf(path: Path | undefined): Segments {
  if (path === undefined || path === "") return NONE;
  const parts: readonly unknown[] = typeof path === "string"
    ? path.split(".")
    : Array.isArray(path)
    ? path
    : [path];
  if (parts.length > SEGMENTS_MAX) {
    throw invalidPath(`must have ${SEGMENTS_MAX} segments at most`);
  }
  return parts.map(segmentOf);
}

/** Whether a value can be used as a path. */
export function isPath(value: unknown): value is Path {
  try {
    // Judged by the very function that throws at what is none.
    segmentsOf(value as Path);
    return value !== undefined;
  } catch {
    // It throws for nothing else.
    return false;
  }
}

/** The error for a path that cannot be used; it never quotes the path. */
export function invalidPath(rule: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_PATH", `Cannot use a path as it ${rule}`);
}

/** Whether a collection lives in this model alone. */
export function isLocal(collection: string): boolean {
  return collection.startsWith("_") || collection.startsWith("$");
}

/** Whether a segment can be an index of a list. */
export function isIndex(segment: string): boolean {
  return /^(?:0|[1-9]\d{0,14})$/.test(segment);
}

function segmentOf(part: unknown): string {
  if (Number.isSafeInteger(part) && Number(part) >= 0) return String(part);
  if (typeof part !== "string" || part === "") {
    throw invalidPath("must be of texts that are not empty, and whole numbers from 0");
  }
  if (!INHERITED.includes(part)) return part;
  throw new ArgumentError(
    "ERR_OP_PATH_FORBIDDEN",
    `Cannot use a path as no segment may be ${INHERITED.join(" or ")}`,
  );
}
