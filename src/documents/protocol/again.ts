/**
 * What is told of an operation that the store may have, or not: to our own clients, that they may send it again. They do
 * so under its own identity, and a second arrival is answered like the first.
 *
 * @module
 */

import type { WireError } from "./messages.ts";

/** The failure of a store as the sender of an operation is told of it. */
export function failureFor({ isOurs }: { readonly isOurs: boolean }, error: WireError): WireError {
  const mayBeSentAgain = isOurs && error.code === "ERR_OUTCOME_UNKNOWN";
  return mayBeSentAgain ? { ...error, code: "ERR_UNAVAILABLE" } : error;
}
