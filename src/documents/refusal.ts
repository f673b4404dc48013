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
export function checkRules(authorize: unknown, use: DocumentHooks): void {
  checkOptions("create documents", use, HOOKS);
  for (const [name, given] of Object.entries({ authorize, ...use })) {
    for (const one of Array.isArray(given) ? given : [given ?? Array]) {
      if (typeof one === "function") continue;
      throw new ArgumentError(
        "ERR_INVALID_OPTION",
        `Cannot create documents as ${name} must be a function: current value is ${shown(one)}`,
      );
    }
  }
}

/** What a rule threw, as an error with a code. */
export function refusalOf(error: unknown): CodedError {
  if (HoldfastError.is(error)) return error;
  const said = (error as { readonly message?: unknown } | null | undefined)?.message;
  const message = typeof said === "string" ? said : typeof error === "string" ? error : "Refused";
  return new HoldfastError("ERR_FORBIDDEN", message, { cause: error });
}
