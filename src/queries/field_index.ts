/**
 * Which live queries a changed document may concern, found without asking each of them.
 *
 * A query that names a field's value is filed under that value; a change is looked up by the values that the document
 * had and has. The others are passed over by the fields that they depend on: what did not change those changes no
 * result. So the cost of a change grows with the results that it changes, and not with the queries that are open.
 *
 * @module
 */

import { isJsonObject, type Json } from "../json.ts";
import { encodeScalar } from "../ordered_text.ts";
import type { FieldBound, Query } from "./language.ts";
import { type FieldPath, fieldPath, reaches, type Subject } from "./reach.ts";
import type { Value } from "./values.ts";

/** A query under more values than these is filed among those without any. */
const VALUES_PER_QUERY_MAX = 64;

interface Filed<Item> {
  readonly item: Item;
  /** The first steps of the fields that it depends on. */
  readonly tops: readonly string[];
}

interface Field<Item> {
  readonly path: FieldPath;
  readonly byValue: Map<string, Set<Filed<Item>>>;
}

/** Live queries of one collection, each with something of the owner's. */
export class FieldIndex<Item> {
  readonly #fields: Map<string, Field<Item>> = new Map();
  readonly #others: Set<Filed<Item>> = new Set();
  readonly #filed: Map<Item, { readonly filed: Filed<Item>; readonly query: Query }> = new Map();

  /** How many queries are filed. */
  get size(): number {
    return this.#filed.size;
  }

  /** Files a query. */
  add(query: Query, item: Item): void {
    const tops = [...new Set(query.fields.map((field) => field.split(".", 1)[0] ?? ""))];
    const filed = { item, tops };
    this.#filed.set(item, { filed, query });
    const named = namedValues(query.bounds);
    if (named === undefined) {
      this.#others.add(filed);
      return;
    }
    const field = this.#fields.get(named.field) ??
      { path: fieldPath(named.field), byValue: new Map() };
    this.#fields.set(named.field, field);
    for (const value of named.values) {
      const filedHere = field.byValue.get(value) ?? new Set();
      field.byValue.set(value, filedHere.add(filed));
    }
  }

  /** Takes a query out. */
  delete(item: Item): void {
    const found = this.#filed.get(item);
    if (found === undefined) return;
    this.#filed.delete(item);
    this.#others.delete(found.filed);
    const named = namedValues(found.query.bounds);
    const field = named && this.#fields.get(named.field);
    if (named === undefined || field === undefined) return;
    for (const value of named.values) {
      const filedHere = field.byValue.get(value);
      filedHere?.delete(found.filed);
      if (filedHere?.size === 0) field.byValue.delete(value);
    }
    if (field.byValue.size === 0) this.#fields.delete(named.field);
  }

  /** The owners of all queries whose results may differ between a document's two states; `undefined` is no document. */
  concerned(before: Subject | undefined, after: Subject | undefined): readonly Item[] {
    const isTouched = touched(before, after);
    const found = new Set<Item>();
    const consider = (filed: Filed<Item>): void => {
      if (isTouched(filed.tops)) found.add(filed.item);
    };
    for (const filed of this.#others) consider(filed);
    for (const { path, byValue } of this.#fields.values()) {
      for (const value of new Set([...valuesAt(before, path), ...valuesAt(after, path)])) {
        byValue.get(value)?.forEach(consider);
      }
    }
    return [...found];
  }
}

/** The first bound that names values, as texts of an index. */
function namedValues(
  bounds: readonly FieldBound[],
): { readonly field: string; readonly values: readonly string[] } | undefined {
  for (const { field, bound } of bounds) {
    if (bound.kind !== "in" || bound.values.length > VALUES_PER_QUERY_MAX) continue;
    if (bound.values.every(isScalar)) return { field, values: bound.values.map(textOf) };
  }
  return undefined;
}

function valuesAt(subject: Subject | undefined, path: FieldPath): readonly string[] {
  const texts: string[] = [];
  if (subject === undefined) return texts;
  const note = (value: Value): void => {
    if (value === undefined || isScalar(value)) texts.push(textOf(value));
  };
  reaches(subject, path, (value) => {
    note(value);
    if (Array.isArray(value)) value.forEach(note);
    return false;
  });
  return texts;
}

function isScalar(value: Json): boolean {
  return typeof value !== "object" || value === null;
}

/** Null is what a missing field equals. */
function textOf(value: Value): string {
  const isText = typeof value === "string" || typeof value === "number" ||
    typeof value === "boolean";
  return isText ? encodeScalar(value) : "";
}

/** A test of fields: whether any of them is another one now. Parts that did not change are the same object. */
function touched(
  before: Subject | undefined,
  after: Subject | undefined,
): (tops: readonly string[]) => boolean {
  const [then, now] = [before?.data, after?.data];
  if (before?.type !== after?.type || !isJsonObject(then) || !isJsonObject(now)) return () => true;
  const changed = new Set<string>(["_v"]);
  for (const key of [...Object.keys(then), ...Object.keys(now)]) {
    if (ownOf(then, key) !== ownOf(now, key)) changed.add(key);
  }
  return (tops) => tops.some((top) => changed.has(top));
}

function ownOf(object: Readonly<Record<string, Json>>, key: string): Value {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
