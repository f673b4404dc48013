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

import type { ErrorCode } from "./error_codes.ts";

export type { ErrorCode };

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
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value) ? "an array" : "an object";
  }
  const whole = typeof value === "bigint" ? `${value}n` : String(value);
  const text = whole.replace(/^(.{40}).+/s, "$1…");
  return typeof value === "string" ? JSON.stringify(text) : text;
}

/** An option that breaks its rule. The message shows its value, so this is not for what may be secret. */
export function optionError(
  action: string,
  rule: string,
  value: unknown,
  Kind: typeof ArgumentError | typeof LimitError = ArgumentError,
): ArgumentError | LimitError {
  return new Kind(
    "ERR_INVALID_OPTION",
    `Cannot ${action} as ${rule}: current value is ${shown(value)}`,
  );
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
