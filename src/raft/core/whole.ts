/**
 * The check of an option that counts something.
 *
 * @module
 */

import { LimitError, optionError } from "../../errors.ts";

/** Refuses what is not a whole number from `from` on. @throws {LimitError} `ERR_INVALID_OPTION` */
export function checkWhole(action: string, name: string, value: number, from: number): void {
  if (Number.isSafeInteger(value) && value >= from) return;
  throw optionError(action, `${name} must be a whole number from ${from}`, value, LimitError);
}
