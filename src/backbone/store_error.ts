/**
 * Failures in the words of the seed: `errorCode` and `errorMessage`.
 *
 * @module
 */

import { type ErrorCode, HoldfastError } from "../errors.ts";
import type { ConflictError, UniqueError } from "../models/mod.ts";
import type { ValueError, ValueIssue } from "../schema.ts";
import type { Attributes } from "./backbone.ts";

/** What a {@linkcode StoreError} tells besides its code and message. */
export interface StoreErrorDetails {
  /** The unique field whose value is taken; several joined by `+`. */
  readonly field?: string | undefined;
  /** The id of the record that has it. */
  readonly owner?: string | number | undefined;
  /** Of a conflict: the attributes as they are now. */
  readonly current?: Attributes | undefined;
  /** Of a record that the model's schema, or JSON, refuses: what is wrong, and where. */
  readonly issues?: readonly ValueIssue[] | undefined;
}

/**
 * What `error` callbacks, `error` events and promises get when a store refuses or fails.
 *
 * `errorCode` is the seed's, which borrowed it from HTTP: 404 for a record that is not there, 409 for a unique value
 * that is taken, an id that exists, or a record that was changed since it was read (then `current` has it); 422 for
 * what can be no record, id or value; 413 for what is too large; 503 if the store cannot be reached, or its answer was
 * lost; 500 for the rest.
 */
export class StoreError extends HoldfastError implements StoreErrorDetails {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "StoreError";
  /** What happened, as an HTTP status. */
  readonly errorCode: number;
  /** What happened, for people. */
  readonly errorMessage: string;
  /** The unique field whose value is taken; several joined by `+`. */
  readonly field: string | undefined;
  /** The id of the record that has it. */
  readonly owner: string | number | undefined;
  /** Of a conflict: the attributes as they are now. */
  readonly current: Attributes | undefined;
  /** Of a record that the model's schema, or JSON, refuses: what is wrong, and where. */
  readonly issues: readonly ValueIssue[] | undefined;

  /** Makes an error; its status follows from its code. */
  constructor(code: ErrorCode, message: string, details: StoreErrorDetails & ErrorOptions = {}) {
    super(code, message, "cause" in details ? { cause: details.cause } : {});
    this.errorCode = STATUS[code] ?? 500;
    this.errorMessage = message;
    this.field = details.field;
    this.owner = details.owner;
    this.current = details.current;
    this.issues = details.issues;
  }
}

const STATUS: { readonly [Code in ErrorCode]?: number } = {
  ERR_NOT_FOUND: 404,
  ERR_CONFLICT: 409,
  ERR_EXISTS: 409,
  ERR_TOKEN_REUSED: 409,
  ERR_UNIQUE: 409,
  ERR_LIMIT: 413,
  ERR_TOO_LARGE: 413,
  ERR_INVALID_ARGUMENT: 422,
  ERR_INVALID_CURSOR: 422,
  ERR_INVALID_ID: 422,
  ERR_INVALID_KEY: 422,
  ERR_INVALID_VALUE: 422,
  ERR_NOT_SERIALIZABLE: 422,
  ERR_RATE_LIMITED: 429,
  ERR_CLOSED: 503,
  ERR_OUTCOME_UNKNOWN: 503,
  ERR_TIMEOUT: 503,
  ERR_UNAVAILABLE: 503,
};

/** A record that is not there, in the seed's words. */
export function notFound(cause?: unknown): StoreError {
  return new StoreError("ERR_NOT_FOUND", "Not found", { cause });
}

/**
 * A failure in the seed's words. What has no code (the reason of an abort, what a hook threw) passes as it is.
 *
 * @param attributesOf Makes attributes of the record that a conflict carries.
 */
export function storeError(cause: unknown, attributesOf: (record: object) => Attributes): unknown {
  if (!HoldfastError.is(cause) || cause instanceof StoreError) return cause;
  const { code, message } = cause;
  // What an error of a code has besides is part of the code's meaning, whichever copy of the class made it.
  const { fields = [], owner, current, issues } = cause as
    & Partial<Pick<UniqueError, "fields" | "owner">>
    & Partial<Pick<ConflictError<object>, "current">>
    & Partial<Pick<ValueError, "issues">>;
  switch (code) {
    case "ERR_UNIQUE": {
      const field = fields.join("+");
      return new StoreError(code, `Unique key conflict for key '${field}'`, {
        field,
        owner,
        cause,
      });
    }
    case "ERR_CONFLICT":
      if (current === undefined) return notFound(cause);
      return new StoreError(code, message, { current: attributesOf(current), cause });
    case "ERR_NOT_FOUND":
      return notFound(cause);
    default:
      return new StoreError(code, message, { issues, cause });
  }
}
