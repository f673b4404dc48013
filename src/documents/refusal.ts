/**
 * What rules are, checked, and what they say when they refuse.
 *
 * @module
 */

import { ArgumentError, checkOptions, type CodedError, HoldfastError, shown } from "../errors.ts";
import type { DocumentHooks } from "./middleware.ts";

const HOOKS: readonly (keyof DocumentHooks)[] = [
  "connect",
  "read",
  "query",
  "submit",
  "apply",
  "commit",
  "afterCommit",
];

/**
 * Refuses functions that stand on the way of nothing, and what is no function.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`.
 */
export function checkRules(authorize: unknown, use: DocumentHooks, onError?: unknown): void {
  checkOptions("create documents", use, HOOKS);
  for (const [name, given] of Object.entries({ authorize, onError, ...use })) {
    for (const one of Array.isArray(given) ? given : [given ?? Array]) {
      if (typeof one === "function") continue;
      throw new ArgumentError(
        "ERR_INVALID_OPTION",
        `Cannot create documents as ${name} must be a function: current value is ${shown(one)}`,
      );
    }
  }
}

/** Whether a rule meant what it threw: its code says so. Anything else may be a defect of the rule. */
export function isRefusal(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === "string";
}

/** What a rule threw, as an error with a code. */
export function refusalOf(error: unknown): CodedError {
  if (HoldfastError.is(error)) return error;
  const said = (error as { readonly message?: unknown } | null | undefined)?.message;
  const message = typeof said === "string" ? said : typeof error === "string" ? error : "Refused";
  return new HoldfastError("ERR_FORBIDDEN", message, { cause: error });
}

/** The failure of an operation that was made on another life of the document. */
export function otherLife(): HoldfastError {
  return new HoldfastError(
    "ERR_DOC_EPOCH",
    "Cannot submit the operation as what it was made on must be of this life of the document",
  );
}

/** The failure of a query that has a document in its result which a rule refuses to show. */
export function readsRejected(): HoldfastError {
  return new HoldfastError(
    "ERR_SNAPSHOT_READS_REJECTED",
    "Cannot tell the result as a rule of the server must allow all of its documents",
  );
}

/** The failure of a reading without an answer. */
export function noAnswer(): HoldfastError {
  return new HoldfastError("ERR_INVARIANT", "Cannot read the document as the core gave no answer");
}
