/**
 * One text per list of arguments, so that no two different lists ever meet.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { encoded, richJson } from "./serializer.ts";

/**
 * The text of a list of arguments: the JSON that keeps all types, with the keys of objects in order. Objects of classes
 * are refused, as two classes could write the same.
 *
 * @throws {ArgumentError} `ERR_INVALID_KEY` if an argument is neither plain data nor a Date, Map, Set or Uint8Array.
 */
export function argumentsText(list: readonly unknown[]): string {
  return encoded(richJson, list.map((each) => ordered(each, 0)));
}

/** How deep arguments may be nested: what is deeper probably contains itself. */
const DEPTH_MAX = 100;

function ordered(value: unknown, depth: number): unknown {
  if (typeof value === "function" || typeof value === "symbol" || depth > DEPTH_MAX) refused();
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date || value instanceof Uint8Array) return value;
  const inner = (part: unknown): unknown => ordered(part, depth + 1);
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Map) {
    return new Map([...value].map(([key, part]) => [inner(key), inner(part)]));
  }
  if (value instanceof Set) return new Set([...value].map(inner));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) refused();
  const pairs = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(pairs.map(([key, part]) => [key, inner(part)]));
}

function refused(): never {
  throw new ArgumentError(
    "ERR_INVALID_KEY",
    "Cannot make a key of arguments as they must be plain data, Date, Map, Set or Uint8Array",
  );
}
