/**
 * Whether a value that came along with an operation is JSON, and how much of it: both found in one walk.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { malformed, tooLarge } from "./refusal.ts";
import type { OpLimits } from "./limits.ts";

/** What a node costs beside its text, about. */
const NODE_SIZE = 2;

/**
 * How large a value is, about in characters of JSON. Cycles and values that share parts without end are found by the
 * bounds: every step costs something.
 *
 * @throws {ArgumentError} `ERR_OP_MALFORMED` if JSON would not carry it unchanged, `ERR_OP_PATH_FORBIDDEN` if it has a
 * property `__proto__`.
 * @throws {LimitError} `ERR_TOO_LARGE` if it nests deeper than `depthMax`, or is larger than `sizeMax`.
 */
export function sizeOfValue(value: unknown, limits: OpLimits, depth = 0, before = 0): number {
  const size = before + NODE_SIZE;
  if (size > limits.sizeMax) throw tooLarge("its size", limits.sizeMax);
  if (typeof value === "string") return within(size + value.length, limits);
  if (value === null || typeof value === "boolean" || Number.isFinite(value)) return size;
  if (typeof value !== "object") throw malformed("a value must be JSON");
  if (depth >= limits.depthMax) throw tooLarge("the depth of a value", limits.depthMax);
  return Array.isArray(value)
    ? sizeOfList(value, limits, depth + 1, size)
    : sizeOfObject(value, limits, depth + 1, size);
}

/** Whether a value is an object that is nothing but its own properties, of this realm or another. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

function sizeOfList(
  list: readonly unknown[],
  limits: OpLimits,
  depth: number,
  before: number,
): number {
  let size = before;
  // By index, since a hole must be found, and undefined is what it reads as.
  for (let at = 0; at < list.length; at++) size = sizeOfValue(list[at], limits, depth, size);
  return size;
}

function sizeOfObject(value: object, limits: OpLimits, depth: number, before: number): number {
  if (!isPlain(value)) throw malformed("a value must be JSON");
  let size = before;
  for (const key of Object.keys(value)) {
    if (key === "__proto__") {
      throw new ArgumentError(
        "ERR_OP_PATH_FORBIDDEN",
        "Cannot use the operation as no value may have a property __proto__",
      );
    }
    size = sizeOfValue(value[key], limits, depth, size + key.length);
  }
  return size;
}

function within(size: number, limits: OpLimits): number {
  if (size > limits.sizeMax) throw tooLarge("its size", limits.sizeMax);
  return size;
}
