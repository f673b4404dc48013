/**
 * What may name a document and an operation, and what is said of anything else.
 *
 * @module
 */

import { ArgumentError, LimitError } from "../errors.ts";
import type { OpIdentity, PartialPosition } from "./change.ts";

/** The most characters of a collection's name, so that a channel's name has room for it. */
export const COLLECTION_LENGTH_MAX = 200;
/** The most characters of a document's id. */
export const ID_LENGTH_MAX = 256;

const INHERITED = ["__proto__", "constructor", "prototype"];
const SOURCE = /^[\x21-\x7e]{1,128}$/;

/** Whether a value may name a document: well-formed, without control characters, and nothing that objects inherit. */
export function isName(name: unknown, lengthMax: number = ID_LENGTH_MAX): name is string {
  // deno-lint-ignore no-control-regex
  return typeof name === "string" && name !== "" && !/[\u0000-\u001f\p{Surrogate}]/u.test(name) &&
    name.length <= lengthMax && !INHERITED.includes(name);
}

/**
 * Refuses a collection or an id that is none.
 *
 * @throws {ArgumentError} `ERR_INVALID_ID`. The message does not quote it.
 */
export function checkNames(collection: unknown, ids: readonly unknown[]): void {
  const rule = "without control characters, well-formed, and no name that every object has";
  if (!isName(collection, COLLECTION_LENGTH_MAX)) {
    throw new ArgumentError(
      "ERR_INVALID_ID",
      `Cannot use a collection as its name must have 1 to ${COLLECTION_LENGTH_MAX} characters ${rule}`,
    );
  }
  if (ids.every((id) => isName(id))) return;
  throw new ArgumentError(
    "ERR_INVALID_ID",
    `Cannot use a document as its id must have 1 to ${ID_LENGTH_MAX} characters ${rule}`,
  );
}

/**
 * Refuses what identifies no operation.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT`.
 */
export function checkIdentity({ source, sequence }: OpIdentity): void {
  if (typeof source === "string" && SOURCE.test(source) && isCount(sequence)) return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    "Cannot submit an operation as source must have 1 to 128 visible ASCII characters, " +
      "and sequence must be a whole number from 0",
  );
}

/**
 * Refuses what is no position.
 *
 * @throws {LimitError} `ERR_INVALID_ARGUMENT`.
 */
export function checkPosition(position: PartialPosition | undefined): void {
  if (position === undefined || isCount(position.version)) return;
  throw new LimitError(
    "ERR_INVALID_ARGUMENT",
    "Cannot use a version as it must be a whole number from 0",
  );
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
