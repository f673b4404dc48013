/**
 * Every failure of Holdfast, told apart by a stable code.
 *
 * A failure at run time is a {@linkcode HoldfastError}; a mistake in an argument extends the built-in `TypeError` or
 * `RangeError` and has a code as well. All of them carry a brand under `Symbol.for`, so that
 * {@linkcode HoldfastError.is} recognises an error that another copy of this module made (the ESM and CommonJS builds
 * of one package are two copies, and `instanceof` is false across them).
 *
 * A message says action, rule and, for options, the current value (never of `url`, `token` or `secret`). It never
 * contains a key, stored data or a token.
 *
 * @module
 */

/** All codes, with when they happen. A code never changes its meaning; the same codes stand on the wire. */
export type ErrorCode =
  /** An argument has the wrong type or shape. */
  | "ERR_INVALID_ARGUMENT"
  /** An option is unknown, has the wrong type, or contradicts another. */
  | "ERR_INVALID_OPTION"
  /** The environment names only half of a backend, or one that is not to be had. */
  | "ERR_INVALID_ENVIRONMENT"
  /** A key is empty, malformed, or longer than its limit. */
  | "ERR_INVALID_KEY"
  /** An id is empty, malformed, of the wrong type, or longer than its limit. */
  | "ERR_INVALID_ID"
  /** A cursor is malformed, was altered, or belongs to another query. */
  | "ERR_INVALID_CURSOR"
  /** A value cannot be carried by the serializer in use. */
  | "ERR_NOT_SERIALIZABLE"
  /** A value, an entry or a request is larger than its limit. */
  | "ERR_TOO_LARGE"
  /** A value does not satisfy its schema; the error lists the issues. */
  | "ERR_INVALID_VALUE"
  /** What is to be changed is not there. */
  | "ERR_NOT_FOUND"
  /** What is to be created is there already. */
  | "ERR_EXISTS"
  /** Something changed since it was read; the error has what is there now. */
  | "ERR_CONFLICT"
  /** A value that must be unique is held by something else; the error names the field and the owner. */
  | "ERR_UNIQUE"
  /** A token that named one write was used for another. */
  | "ERR_TOKEN_REUSED"
  /** An operation does not have the form that its type wants, or carries what JSON cannot. */
  | "ERR_OP_MALFORMED"
  /** An operation names what no document holds but every object inherits, such as `__proto__`. */
  | "ERR_OP_PATH_FORBIDDEN"
  /** An operation is well-formed, and does not fit the document or the operation that it meets. */
  | "ERR_OP_MISMATCH"
  /** A document or an operation is of a type that is not to be had here. */
  | "ERR_UNKNOWN_TYPE"
  /** A path of a model is malformed, or leads to a whole collection where a document is wanted. */
  | "ERR_INVALID_PATH"
  /** A query does not have the form that the language wants. */
  | "ERR_QUERY_MALFORMED"
  /** A query has an operator that is not in the language; the message names it. */
  | "ERR_QUERY_OPERATOR"
  /** A query's pattern is none that is taken, or has too many states. */
  | "ERR_QUERY_PATTERN"
  /** A query needs an index that the collection does not declare; the message names the fields. */
  | "ERR_NOT_INDEXED"
  /** A query is to hear of no channel at all. */
  | "ERR_QUERY_CHANNEL_MISSING"
  /** A rule of the server's refuses to show a document that is in the result of a query. */
  | "ERR_SNAPSHOT_READS_REJECTED"
  /** An operation reaches beyond the fields that a projection shows. */
  | "ERR_OP_NOT_ALLOWED_IN_PROJECTION"
  /** A document that is to be created is there already. */
  | "ERR_DOC_ALREADY_CREATED"
  /** A document that is to be edited or deleted was deleted meanwhile. */
  | "ERR_DOC_WAS_DELETED"
  /** A document that is to be edited or deleted was never created. */
  | "ERR_DOC_DOES_NOT_EXIST"
  /** What a reader or writer has of a document is of another life of it: its data was wiped, or lost its end. */
  | "ERR_DOC_EPOCH"
  /** What is stored of a document has a hole, or holds what is none of ours. */
  | "ERR_DOC_CORRUPT"
  /** An operation is made for a version that the document has not reached. */
  | "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT"
  /** An operation is made for a version so old that what came since is no longer kept; it was not committed. */
  | "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND"
  /** An operation lost the race for the next version as often as it may. */
  | "ERR_MAX_SUBMIT_RETRIES_EXCEEDED"
  /** An operation has become nothing on its way, and its sender asked not to commit it then. */
  | "ERR_NO_OP"
  /** A rule of the server's refuses an operation, and its sender is to take it back without a word. */
  | "ERR_OP_SUBMIT_REJECTED"
  /** A rule of the server's refuses to show a document, and its reader is to go without it without a word. */
  | "ERR_SNAPSHOT_READ_SILENT_REJECTION"
  /** A message of a protocol is no message, or lacks what it must have. */
  | "ERR_MESSAGE_BADLY_FORMED"
  /** The other side speaks another version of a protocol. */
  | "ERR_PROTOCOL_VERSION_NOT_SUPPORTED"
  /** An operation or a presence says that it is of somebody who did not send it. */
  | "ERR_SOURCE_REFUSED"
  /** Presence is asked for where there is none. */
  | "ERR_PRESENCE_DISABLED"
  /** What is asked for is not to be had here. */
  | "ERR_NOT_SUPPORTED"
  /** Operations that are asked for are no longer kept. */
  | "ERR_OPS_TRIMMED"
  /** A creator asked, directly or not, for the key it is creating. */
  | "ERR_RECURSIVE_CREATE"
  /** A time limit passed before the work was done. */
  | "ERR_TIMEOUT"
  /** The store cannot be reached, or answered that it cannot serve now. */
  | "ERR_UNAVAILABLE"
  /** A write was sent and its answer lost: it may or may not have happened. */
  | "ERR_OUTCOME_UNKNOWN"
  /** Credentials are missing or refused. */
  | "ERR_UNAUTHORIZED"
  /** It is known who asks, and this is not theirs to do. */
  /** What was asked for is not allowed to who asks. */
  | "ERR_FORBIDDEN"
  /** More requests than the other side takes; try again later. */
  | "ERR_RATE_LIMITED"
  /** A bound that this library keeps is reached: a queue, a batch, a buffer. */
  | "ERR_LIMIT"
  /** A key of the store holds another kind of value. */
  | "ERR_WRONG_TYPE"
  /** A command or a script of ours was refused by the store, or failed there. */
  | "ERR_SCRIPT_FAILED"
  /** Bytes that came from outside do not have the form they must have. */
  | "ERR_MALFORMED"
  /** A store has less than it once acknowledged: it was rolled back, wiped, or lost its tail. */
  | "ERR_STORE_REGRESSED"
  /** What was ended for ever takes no more. */
  | "ERR_SEALED"
  /** What was asked for was trimmed; the error says where what is kept begins. */
  | "ERR_TRIMMED"
  /** A store was taken over by a newer process of the same node, or a writer's fence is not the newest. */
  | "ERR_FENCED"
  /** Another node leads, or none; the error names the leader if it is known. */
  | "ERR_NOT_LEADER"
  /** A proposal was overwritten by another leader's: it has not happened and never will. */
  | "ERR_DISPLACED"
  /** A client session has ended, so that nobody knows whether the command was carried out earlier. It was not now. */
  | "ERR_SESSION_EXPIRED"
  /** The client said that it has the reply, so it is not kept; the command was carried out earlier. */
  | "ERR_REPLY_GONE"
  /** A node that is to join is a member already. */
  | "ERR_ALREADY_MEMBER"
  /** A node belongs to another cluster. */
  | "ERR_OTHER_CLUSTER"
  /** A node is no member of the cluster. */
  | "ERR_NOT_MEMBER"
  /** The last node that can lead cannot leave. */
  | "ERR_LAST_MEMBER"
  /** An earlier change of membership is not finished. */
  | "ERR_CHANGING"
  /** A URL has a protocol that this transport does not speak. */
  | "ERR_UNSUPPORTED_PROTOCOL"
  /** An address cannot be listened on, as another program does. */
  | "ERR_ADDRESS_IN_USE"
  /** Bytes do not match the checksum that came with them. */
  | "ERR_CHECKSUM"
  /** A function of the user's failed while it served a request of somebody else's, who learns no more than this. */
  | "ERR_FAILED"
  /** Something that was closed was used. */
  | "ERR_CLOSED"
  /** A promise of the code to itself is broken: a defect of Holdfast. */
  | "ERR_INVARIANT";

/** The shape that all errors of Holdfast share, whatever they extend. */
export interface CodedError extends Error {
  /** What happened, for programs. */
  readonly code: ErrorCode;
}

const BRAND: unique symbol = /* @__PURE__ */ Symbol.for("holdfast.error");

function brand(error: CodedError): void {
  Object.defineProperty(error, BRAND, { value: true });
}

/**
 * A failure at run time.
 *
 * @example
 * ```ts
 * import { HoldfastError } from "@holdfast/holdfast";
 * import { strictEqual } from "node:assert/strict";
 *
 * const error = new HoldfastError("ERR_TIMEOUT", "Cannot read the entry within 100 ms");
 * strictEqual(HoldfastError.is(error), true);
 * strictEqual(HoldfastError.is(error, "ERR_TIMEOUT"), true);
 * strictEqual(HoldfastError.is(new Error("other")), false);
 * ```
 */
export class HoldfastError extends Error implements CodedError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "HoldfastError";
  /** What happened, for programs. */
  readonly code: ErrorCode;

  /** Makes an error with its code and message. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    brand(this);
  }

  /** Whether a value is an error of Holdfast (of any copy of it), and has this code if one is given. */
  static is(error: unknown, code?: ErrorCode): error is CodedError {
    return typeof error === "object" && error !== null && BRAND in error &&
      (code === undefined || (error as unknown as CodedError).code === code);
  }
}

/** An argument or option of the wrong type or shape: the caller's mistake, found before anything happens. */
export class ArgumentError extends TypeError implements CodedError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "ArgumentError";
  /** What is wrong, for programs. */
  readonly code: ErrorCode;

  /** Makes an error with its code and message. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    brand(this);
  }
}

/** An argument or option past its limit: the caller's mistake, found before anything happens. */
export class LimitError extends RangeError implements CodedError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "LimitError";
  /** What is wrong, for programs. */
  readonly code: ErrorCode;

  /** Makes an error with its code and message. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    brand(this);
  }
}

/** A defect of Holdfast: the code broke a promise to itself. */
export class InvariantError extends HoldfastError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "InvariantError";

  /** Makes an error that says which invariant is broken. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_INVARIANT", message, options);
  }
}

/** Throws an {@linkcode InvariantError} with this message unless the condition holds. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Closes a `switch` over a union: a compile error while a case is missing, an {@linkcode InvariantError} at run time. */
export function assertNever(value: never, what: string): never {
  throw new InvariantError(`Cannot go on as ${what} has no case for ${typeof value}`);
}

/** How an option's value is shown in a message: short, and never a container's contents. Not for what may be secret. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(cut(value));
    case "bigint":
      return cut(`${value}n`);
    case "function":
      return "a function";
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "an array" : "an object";
    default:
      return String(value);
  }
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/**
 * Refuses options that this call does not know, so that a misspelt one is not silently ignored.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if options is no object, or has a key that is not in `known`.
 */
export function checkOptions(action: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    // A text in place of options is likely a URL or a token.
    const current = typeof options === "string" ? "text" : shown(options);
    throw new ArgumentError(
      "ERR_INVALID_OPTION",
      `Cannot ${action} as options must be an object: current value is ${current}`,
    );
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new ArgumentError(
      "ERR_INVALID_OPTION",
      `Cannot ${action} as ${shown(name)} is not an option: known options are ${known.join(", ")}`,
    );
  }
}
