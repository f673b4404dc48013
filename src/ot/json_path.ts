/**
 * Paths into JSON, and documents that change without changing: a new version shares with the old one all that the path
 * did not touch.
 *
 * A path leads only through what a document holds itself, never through what objects inherit; and the names by which
 * JavaScript reaches its prototypes are refused outright, so that nobody can hand them on to code that is less careful.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { malformed, mismatch, tooLarge } from "./refusal.ts";

/** Where something is, from the outside in: names of an object's properties, and indexes of a list from 0. */
export type JsonPath = readonly (string | number)[];

/** The containers that a running change made itself, and may go on changing in place. */
export type Owned = Pick<Set<object>, "has"> & { add(container: object): void };

/** For what is done after one step: nothing is gone on with. */
export const NOT_OWNED: Owned = { has: () => false, add: () => {} };

/** What to do where a path leads: gives the value that shall be there. */
export type Change = (value: Json) => Json;

/** A walk: where to, how many steps of it, and what to do there. */
export interface Walk {
  /** The whole path. */
  readonly path: JsonPath;
  /** How many of its steps are gone. */
  readonly steps: number;
  /** What is done at the end. */
  readonly change: Change;
  /** What may be changed in place. */
  readonly owned: Owned;
}

/**
 * Holds a path against the grammar: a list of texts and indexes.
 *
 * @throws {ArgumentError} `ERR_OP_MALFORMED`, or `ERR_OP_PATH_FORBIDDEN` for a name that leads to a prototype.
 * @throws {LimitError} `ERR_TOO_LARGE` if it is deeper than `depthMax`.
 */
export function checkPath(path: unknown, depthMax: number): void {
  if (!Array.isArray(path)) throw malformed("a path must be a list");
  if (path.length > depthMax) throw tooLarge("a path's length", depthMax);
  for (let at = 0; at < path.length; at++) {
    const key: unknown = path[at];
    if (typeof key === "string") checkKey(key);
    else if (!isIndex(key)) throw malformed("a path must hold texts and indexes from 0");
  }
}

/** Whether a value can be an index of a list: a whole number from 0. */
export function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Whether two paths are the same, or their first steps are. */
export function isSamePath(path: JsonPath, other: JsonPath, steps: number = path.length): boolean {
  if (path.length !== other.length) return false;
  for (let at = 0; at < steps; at++) if (path[at] !== other[at]) return false;
  return true;
}

/** The same path with another step in one place. */
export function withStep(path: JsonPath, at: number, step: string | number): JsonPath {
  const changed = path.slice();
  changed[at] = step;
  return changed;
}

/**
 * What is inside a container under a key.
 *
 * @throws {HoldfastError} `ERR_OP_MISMATCH` if it is no container, the key is not of its kind, or there is nothing.
 */
export function childOf(node: Json, key: string | number | undefined): Json {
  const child = Array.isArray(node)
    ? (typeof key === "number" ? node[key] : undefined)
    : isJsonObject(node) && typeof key === "string" && Object.hasOwn(node, key)
    ? node[key]
    : undefined;
  if (child === undefined) throw mismatch("its path must lead to something in the document");
  return child;
}

/** The document with the change made at the end of the walk, sharing all else; the same one if nothing changed. */
export function walked(walk: Walk, node: Json, depth = 0): Json {
  if (depth === walk.steps) return walk.change(node);
  const key = walk.path[depth];
  const child = childOf(node, key);
  const changed = walked(walk, child, depth + 1);
  if (changed === child) return node;
  if (Array.isArray(node)) {
    const list = ownList(node, walk.owned);
    list[Number(key)] = changed;
    return list;
  }
  return withKey(checkedObject(node), String(key), changed, walk.owned);
}

/** The value at the end of a path, or of its first steps. */
export function valueAt(node: Json, path: JsonPath, steps: number = path.length): Json {
  let value = node;
  for (let at = 0; at < steps; at++) value = childOf(value, path[at]);
  return value;
}

/** A list that may be changed, with what this one holds. */
export function ownList(list: readonly Json[], owned: Owned): Json[] {
  // Only what was made below is in `owned`: it is as mutable as it was then.
  if (owned.has(list)) return list as Json[];
  const copy = list.slice();
  owned.add(copy);
  return copy;
}

/** The list with so many items less at an index, and others there: a copy in one go, or in place. */
export function splicedList(
  list: readonly Json[],
  owned: Owned,
  index: number,
  deleted: number,
  ...items: Json[]
): readonly Json[] {
  if (owned.has(list)) {
    ownList(list, owned).splice(index, deleted, ...items);
    return list;
  }
  const copy = list.toSpliced(index, deleted, ...items);
  owned.add(copy);
  return copy;
}

/** The object with a value under a key. */
export function withKey(object: JsonObject, key: string, value: Json, owned: Owned): JsonObject {
  const copy = ownObject(object, owned);
  copy[key] = value;
  return copy;
}

/** The object without a key. */
export function withoutKey(object: JsonObject, key: string, owned: Owned): JsonObject {
  if (!Object.hasOwn(object, key)) return object;
  const copy = ownObject(object, owned);
  delete copy[key];
  return copy;
}

/**
 * A value as a list.
 *
 * @throws {HoldfastError} `ERR_OP_MISMATCH` if it is none.
 */
export function checkedList(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw mismatch("its path must lead into a list");
}

/**
 * A value as an object.
 *
 * @throws {HoldfastError} `ERR_OP_MISMATCH` if it is none.
 */
export function checkedObject(value: Json): JsonObject {
  if (isJsonObject(value)) return value;
  throw mismatch("its path must lead into an object");
}

function ownObject(object: JsonObject, owned: Owned): Record<string, Json> {
  // As in ownList().
  if (owned.has(object)) return object as Record<string, Json>;
  const copy = { ...object };
  owned.add(copy);
  return copy;
}

function checkKey(key: string): void {
  if (key !== "__proto__" && key !== "constructor" && key !== "prototype") return;
  throw new ArgumentError(
    "ERR_OP_PATH_FORBIDDEN",
    `Cannot use the operation as no path may lead through ${key}`,
  );
}
