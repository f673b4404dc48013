/**
 * How a query is answered from indexes: which of them holds everything that can match, and where in it.
 *
 * An index has the values of one field in order; of a list, each member. A plan never leaves out a match, and may find
 * more: who follows it looks at each document again. In this order of preference: the ids that the query names, the
 * fewest values that it names, the order that it wants the first matches of, a range, and for a query without
 * conditions simply all.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { Json } from "../json.ts";
import type { Query } from "./language.ts";

/** An end of a range; which values of one type lie on its side. */
export interface RangeEnd {
  /** Whether the values lie above. */
  readonly isLower: boolean;
  /** The value; values of other types are outside. */
  readonly value: Json;
}

/** Where everything that can match is to be found. */
export type IndexPlan =
  /** These documents. */
  | { readonly kind: "ids"; readonly ids: readonly string[] }
  /** Documents whose value of the field, or a member of it, is one of these. */
  | { readonly kind: "values"; readonly field: string; readonly values: readonly Json[] }
  /** Documents whose value of the field, or a member of it, is beyond each of these ends. */
  | { readonly kind: "range"; readonly field: string; readonly ends: readonly RangeEnd[] }
  /** Documents in the order of the field, until there are enough; the ends are as above, and may be none. */
  | {
    readonly kind: "order";
    readonly field: string;
    readonly isDescending: boolean;
    readonly ends: readonly RangeEnd[];
  }
  /** All documents, as all match. */
  | { readonly kind: "all" };

/** The most values that are looked up one by one. */
const VALUES_MAX = 64;

/**
 * A plan for a query on a collection with indexes of these fields.
 *
 * @throws {ArgumentError} `ERR_NOT_INDEXED` if none holds its matches; the message names the fields that would do.
 */
export function planQuery(query: Query, indexed: readonly string[]): IndexPlan {
  return byIds(query) ?? byValues(query, indexed) ?? byOrder(query, indexed) ??
    byRange(query, indexed) ?? byNothing(query, indexed) ?? refuse(query);
}

function byIds({ bounds }: Query): IndexPlan | undefined {
  for (const { field, bound } of bounds) {
    if (field !== "_id" || bound.kind !== "in") continue;
    const ids = bound.values.filter((value) => typeof value === "string");
    return { kind: "ids", ids: [...new Set(ids)] };
  }
  return undefined;
}

function byValues({ bounds }: Query, indexed: readonly string[]): IndexPlan | undefined {
  let found: Extract<IndexPlan, { kind: "values" }> | undefined;
  for (const { field, bound } of bounds) {
    if (bound.kind !== "in" || !indexed.includes(field)) continue;
    const { values } = bound;
    if (values.length > VALUES_MAX || values.length >= (found?.values.length ?? Infinity)) continue;
    found = { kind: "values", field, values };
  }
  return found;
}

function byOrder(query: Query, indexed: readonly string[]): IndexPlan | undefined {
  const [first] = query.sort;
  if (first === undefined || query.limit === Infinity || query.isCount) return undefined;
  const { field, isDescending } = first;
  if (!indexed.includes(field)) return undefined;
  return { kind: "order", field, isDescending, ends: endsOf(query, field) };
}

function byRange(query: Query, indexed: readonly string[]): IndexPlan | undefined {
  const found = query.bounds.find(({ field, bound }) =>
    bound.kind !== "in" && indexed.includes(field)
  );
  if (found === undefined) return undefined;
  const { field } = found;
  return { kind: "range", field, ends: endsOf(query, field) };
}

function byNothing({ hasConditions }: Query, indexed: readonly string[]): IndexPlan | undefined {
  return hasConditions || indexed.length === 0 ? undefined : { kind: "all" };
}

function endsOf({ bounds }: Query, wanted: string): readonly RangeEnd[] {
  return bounds.flatMap(({ field, bound }) => {
    if (field !== wanted || bound.kind === "in") return [];
    return [{ isLower: bound.kind.startsWith("g"), value: bound.value }];
  });
}

function refuse({ fields }: Query): never {
  const named = fields.filter((field) => !field.startsWith("_")).slice(0, 8).join(", ");
  throw new ArgumentError(
    "ERR_NOT_INDEXED",
    named === ""
      ? "Cannot query as the collection must declare an index"
      : `Cannot query as the collection must declare an index of one of these fields: ${named}`,
  );
}
