/**
 * Mutations as operations: what a mutator does to a document, and what it gives back.
 *
 * Every mutator is a function from the document's content to an operation of the JSON type and a result, so that local
 * and shared documents change by the same code. A path that leads where nothing is yet makes its parents on the way, in
 * the same operation: lists where an index follows, objects elsewhere.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { json, type JsonComponent, type JsonOp } from "../ot/mod.ts";
import { invalidPath, isIndex, type Segments } from "./path.ts";

/** A value, or nothing. */
export type Value = Json | undefined;

/** A mutation: the operation that makes it (none if nothing changes), and what the mutator gives back. */
export interface Edit<Result> {
  /** The operation; empty if nothing changes. */
  readonly op: JsonOp;
  /** What the mutator gives back. */
  readonly result: Result;
}

/** The value at a path; undefined if there is none. */
export function valueAt(data: Value, path: Segments): Value {
  let value = data;
  for (const segment of path) {
    if (Array.isArray(value)) value = isIndex(segment) ? value[Number(segment)] : undefined;
    else if (isJsonObject(value) && Object.hasOwn(value, segment)) value = value[segment];
    else return undefined;
  }
  return value;
}

/** A copy that may be changed at its first level. */
export function copy(value: Value): Value {
  if (Array.isArray(value)) return [...value];
  return isJsonObject(value) ? { ...value } : value;
}

/** A copy that may be changed, as deep as it is. */
export function deepCopy(value: Value): Value {
  if (Array.isArray(value)) return value.map((item) => deepCopy(item) ?? null);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, deepCopy(inner) ?? null]),
  );
}

/** What a list or an object holds; nothing where nothing is. */
export function valuesOf(value: Value): readonly Json[] {
  const container = value ?? [];
  if (typeof container === "object") return Object.values(container);
  throw wrongKind("an object or a list");
}

/** Sets a value; gives the one before. */
export function set(data: Value, path: Segments, value: Json): Edit<Value> {
  const previous = valueAt(data, path);
  return { op: [putting(data, path, value)], result: previous };
}

/** Sets several properties of what a path leads to, in one operation. */
export function setEach(data: Value, path: Segments, values: JsonObject): Edit<void> {
  let now: Json = data ?? {};
  const op = Object.entries(values).flatMap(([name, value]) => {
    const each = [putting(now, [...path, name], value)];
    now = json.apply(now, each);
    return each;
  });
  return { op, result: undefined };
}

/** Deletes a value; gives it back. What is not there is left alone. */
export function del(data: Value, path: Segments): Edit<Value> {
  const previous = valueAt(data, path);
  if (previous === undefined) return { op: [], result: undefined };
  const p = steps(data, path);
  const isItem = Array.isArray(valueAt(data, path.slice(0, -1)));
  return { op: [isItem ? { p, ld: previous } : { p, od: previous }], result: previous };
}

/** Adds to a number; what is not there counts as 0. Gives the sum. */
export function increment(data: Value, path: Segments, by: number): Edit<number> {
  const previous = valueAt(data, path) ?? undefined;
  if (previous === undefined) return { op: [putting(data, path, by)], result: by };
  if (typeof previous !== "number") throw wrongKind("a number");
  return { op: [{ p: steps(data, path), na: by }], result: previous + by };
}

/** Inserts items; gives the list's new length. */
export function insert(
  data: Value,
  path: Segments,
  index: number,
  items: readonly Json[],
): Edit<number> {
  const list = listAt(data, path);
  const at = within(index, list?.length ?? 0);
  const length = (list?.length ?? 0) + items.length;
  if (list === undefined) return { op: [putting(data, path, items)], result: length };
  const p = steps(data, path);
  return { op: items.map((li, i) => ({ p: [...p, at + i], li })), result: length };
}

/** Inserts items at the end; gives the list's new length. */
export function push(data: Value, path: Segments, items: readonly Json[]): Edit<number> {
  return insert(data, path, listAt(data, path)?.length ?? 0, items);
}

/** Removes items; gives them. */
export function remove(
  data: Value,
  path: Segments,
  index: number,
  howMany = 1,
): Edit<readonly Json[]> {
  const list = listAt(data, path) ?? [];
  const at = within(index, list.length);
  const removed = list.slice(at, at + atLeastNone(howMany));
  const p = [...steps(data, path), at];
  return { op: removed.map((ld) => ({ p, ld })), result: removed };
}

/** Removes the last item; gives it. */
export function pop(data: Value, path: Segments): Edit<Value> {
  const length = listAt(data, path)?.length ?? 0;
  const { op, result } = remove(data, path, Math.max(0, length - 1), 1);
  return { op, result: result[0] };
}

/** Removes the first item; gives it. */
export function shift(data: Value, path: Segments): Edit<Value> {
  const { op, result } = remove(data, path, 0, 1);
  return { op, result: result[0] };
}

/** Moves items so that the first of them stands at `to` afterwards; gives them. Negative places are the list's from the end. */
export function move(
  data: Value,
  path: Segments,
  from: number,
  to = 0,
  howMany = 1,
): Edit<readonly Json[]> {
  const list = listAt(data, path) ?? [];
  const count = atLeastNone(howMany);
  const start = within(from, list.length);
  const moved = list.slice(start, start + count);
  if (moved.length < count) throw outside();
  const end = to < 0 ? list.length + to : to;
  if (!isPlace(end, list.length - count)) throw outside();
  const p = steps(data, path);
  const op = start === end
    ? []
    : moved.map((_, i): JsonComponent =>
      start < end
        ? { p: [...p, start], lm: end + moved.length - 1 }
        : { p: [...p, start + i], lm: end + i }
    );
  return { op, result: moved };
}

/** Inserts a text inside a string; gives the string before. */
export function stringInsertion(
  index: number,
  text: string,
): (data: Value, path: Segments) => Edit<string | undefined> {
  return (data, path) => {
    const previous = stringAt(data, path);
    const at = within(index, previous?.length ?? 0);
    if (previous === undefined) return { op: [putting(data, path, text)], result: undefined };
    return { op: [{ p: [...steps(data, path), at], si: text }], result: previous };
  };
}

/** Removes a text from a string; gives the string before. */
export function stringRemove(
  data: Value,
  path: Segments,
  index: number,
  howMany = 0,
): Edit<string | undefined> {
  const previous = stringAt(data, path);
  if (previous === undefined) return { op: [], result: undefined };
  const at = within(index, previous.length);
  const sd = previous.slice(at, at + atLeastNone(howMany));
  return { op: sd === "" ? [] : [{ p: [...steps(data, path), at], sd }], result: previous };
}

/** A path with numbers where it leads into lists, as operations want it. */
export function steps(data: Value, path: Segments): readonly (string | number)[] {
  let value = data;
  return path.map((segment) => {
    const isItem = Array.isArray(value);
    if (isItem && !isIndex(segment)) {
      throw invalidPath("must have indexes where it leads into lists");
    }
    value = valueAt(value, [segment]);
    return isItem ? Number(segment) : segment;
  });
}

/** The component that puts a value at a path, with all parents that are not there. */
function putting(data: Value, path: Segments, value: Json): JsonComponent {
  let container = data;
  for (let at = 0; at < path.length; at++) {
    const segment = path[at] ?? "";
    const here = valueAt(container, [segment]);
    if (Array.isArray(container)) checkItem(container, segment);
    else if (!isJsonObject(container)) throw wrongKind("an object or a list");
    const isLast = at === path.length - 1;
    if (isLast || here === undefined || here === null) {
      const p = steps(data, path.slice(0, at + 1));
      return replacing(p, container, here, implied(path.slice(at + 1), value));
    }
    container = here;
  }
  return data === undefined ? { p: [], oi: value } : { p: [], od: data, oi: value };
}

function replacing(
  p: readonly (string | number)[],
  container: Value,
  here: Value,
  value: Json,
): JsonComponent {
  if (Array.isArray(container)) {
    return here === undefined ? { p, li: value } : { p, ld: here, li: value };
  }
  return here === undefined ? { p, oi: value } : { p, od: here, oi: value };
}

/** A value inside of all that a path implies. */
function implied(path: Segments, value: Json): Json {
  return path.reduceRight<Json>((inner, segment) => {
    if (!isIndex(segment)) return { [segment]: inner };
    if (segment !== "0") throw outside();
    return [inner];
  }, value);
}

function checkItem(list: readonly Json[], segment: string): void {
  if (!isIndex(segment)) throw invalidPath("must have indexes where it leads into lists");
  if (Number(segment) > list.length) throw outside();
}

function listAt(data: Value, path: Segments): readonly Json[] | undefined {
  const value = valueAt(data, path) ?? undefined;
  if (value === undefined || Array.isArray(value)) return value;
  throw wrongKind("a list");
}

function stringAt(data: Value, path: Segments): string | undefined {
  const value = valueAt(data, path) ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw wrongKind("a string");
}

function within(index: number, length: number): number {
  const at = index < 0 ? length + index : index;
  if (isPlace(at, length)) return at;
  throw outside();
}

function isPlace(at: number, length: number): boolean {
  return Number.isSafeInteger(at) && at >= 0 && at <= length;
}

function atLeastNone(howMany: number): number {
  if (Number.isSafeInteger(howMany) && howMany >= 0) return howMany;
  throw outside();
}

function wrongKind(what: string): HoldfastError {
  return new HoldfastError(
    "ERR_OP_MISMATCH",
    `Cannot change what a path leads to as it must be ${what}`,
  );
}

function outside(): HoldfastError {
  return new HoldfastError(
    "ERR_OP_MISMATCH",
    "Cannot change a list or string as places and counts must lie within it",
  );
}
