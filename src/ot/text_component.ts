/**
 * The grammar of text operations.
 *
 * @module
 */

import { isIndex } from "./json_path.ts";
import { isPlain } from "./json_value.ts";
import type { OpLimits } from "./limits.ts";
import { malformed, tooLarge } from "./refusal.ts";

/** One step over a text: skips so many units, inserts this string, or deletes `d` units. */
export type TextComponent = number | string | { readonly d: number };

/** An operation on a text: steps from its start on. */
export type TextOp = readonly TextComponent[];

/**
 * Holds an operation against the grammar: no step does nothing, no skip follows another or ends the operation.
 *
 * @throws {ArgumentError} `ERR_OP_MALFORMED`.
 */
export function checkTextOp(op: unknown): asserts op is TextOp {
  checkTextComponents(op);
  let wasSkip = false;
  for (const component of op) {
    const isSkip = typeof component === "number";
    if (isSkip && wasSkip) throw malformed("a skip must not follow another");
    if (lengthOf(component) === 0) throw malformed("a component must not be empty");
    wasSkip = isSkip;
  }
  if (wasSkip) throw malformed("a skip must not be its end");
}

/**
 * Holds an operation against the grammar of its components alone: what `normalize` takes.
 *
 * @throws {ArgumentError} `ERR_OP_MALFORMED`.
 */
export function checkTextComponents(op: unknown): asserts op is TextOp {
  if (!Array.isArray(op)) throw malformed("it must be a list of components");
  let length = 0;
  for (let at = 0; at < op.length; at++) {
    const component: unknown = op[at];
    if (!isComponent(component)) {
      throw malformed("a component must be a whole number, a text, or an object with d");
    }
    length += lengthOf(component);
  }
  if (length > Number.MAX_SAFE_INTEGER) {
    throw malformed("its length must be a number to count with");
  }
}

/**
 * Holds an operation against the bounds.
 *
 * @throws {LimitError} `ERR_TOO_LARGE`.
 */
export function checkTextSize({ componentsMax, sizeMax }: OpLimits, op: TextOp): void {
  if (op.length > componentsMax) throw tooLarge("the number of its components", componentsMax);
  let size = 0;
  for (const component of op) size += typeof component === "string" ? component.length : 0;
  if (size > sizeMax) throw tooLarge("its size", sizeMax);
}

/** How many units a component skips, inserts or deletes. */
export function lengthOf(component: TextComponent): number {
  if (typeof component === "number") return component;
  return typeof component === "string" ? component.length : component.d;
}

function isComponent(value: unknown): value is TextComponent {
  if (typeof value === "string") return true;
  if (typeof value === "number") return isIndex(value);
  return isPlain(value) && isIndex(value.d) && hasOneKey(value);
}

function hasOneKey(value: object): boolean {
  let keys = 0;
  for (const _key in value) keys++;
  return keys === 1;
}
