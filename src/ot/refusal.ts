/**
 * The three ways in which the types of this room say no. What an operation holds never gets into a message.
 *
 * @module
 */

import { ArgumentError, HoldfastError, LimitError } from "../errors.ts";

/** The operation has not the form it must have: nobody could apply it. */
export function malformed(rule: string): ArgumentError {
  return new ArgumentError("ERR_OP_MALFORMED", `Cannot use the operation as ${rule}`);
}

/** The operation has its form, and this document or this other operation is not what it was made for. */
export function mismatch(rule: string, options?: ErrorOptions): HoldfastError {
  return new HoldfastError("ERR_OP_MISMATCH", `Cannot use the operation as ${rule}`, options);
}

/** The operation is larger than this type takes. */
export function tooLarge(what: string, max: number): LimitError {
  return new LimitError(
    "ERR_TOO_LARGE",
    `Cannot use the operation as ${what} must be ${max} at most`,
  );
}
