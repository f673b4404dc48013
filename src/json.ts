/**
 * JSON values as types, and the one place where text from outside becomes one.
 *
 * @module
 */

import { HoldfastError } from "./errors.ts";

/** Any value that JSON carries unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** An object of JSON values. */
export interface JsonObject {
  /** A property. */
  readonly [key: string]: Json;
}

/**
 * The value of a JSON text.
 *
 * @throws {HoldfastError} `ERR_MALFORMED` if it is not JSON. The message does not quote the text.
 */
export function parseJson(text: string, what: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    // Only SyntaxError can come here, and its message quotes the text: so it is no cause.
    throw new HoldfastError("ERR_MALFORMED", `Cannot read ${what} as it must be JSON`);
  }
}

/** Whether a value is a JSON object, and neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
