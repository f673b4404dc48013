/**
 * The language of queries: a small, safe part of MongoDB's.
 *
 * Fields are dotted paths into a document's content; `_id`, `_v` and `_type` are the document's own. Conditions are a
 * value or `$eq $ne $gt $gte $lt $lte $in $nin $exists $size $mod $all $elemMatch $not $regex`, put together by `$and`,
 * `$or` and `$nor`; `$sort`, `$skip`, `$limit` and `$count` say what of the matches is wanted. Whatever else begins
 * with `$` is refused, code above all. A query is compiled once, and tells what it depends on: fields, so that changes
 * elsewhere are known not to matter, and bounds, by which indexes can find what matches.
 *
 * @module
 */

import { LimitError, shown } from "../errors.ts";
import { isJsonObject, type Json } from "../json.ts";
import { compareUtf8 } from "../ordered_text.ts";
import {
  type Allowance,
  type Bound,
  conditionsOf,
  malformedQuery,
  spend,
  unknownOperator,
} from "./condition.ts";
import { type FieldPath, fieldPath, reaches, type Subject } from "./reach.ts";
import { type Ranked, type SortField, sortFields, sortKeys } from "./sorting.ts";

/** The most conditions of one query. */
export const CONDITIONS_MAX = 256;
/** The most that one query may hold, in characters of JSON, about. */
export const QUERY_SIZE_MAX = 16_384;
/** The most documents of one result, and how far into the matches it may reach. */
export const RESULTS_MAX = 10_000;
/** How deep the values of a query may nest. */
const VALUE_DEPTH_MAX = 32;

/** A bound on one field that every match keeps. */
export interface FieldBound {
  /** The field's dotted path. */
  readonly field: string;
  /** Where its value, or a member of it where that is a list, must be. */
  readonly bound: Bound;
}

/** A query, compiled. */
export interface Query {
  /** A text that is the same for queries that mean the same by their form. */
  readonly key: string;
  /** Whether a document that is there matches. */
  readonly matches: (subject: Subject) => boolean;
  /** The dotted paths that the result depends on, sorting included. */
  readonly fields: readonly string[];
  /** Whether there are documents that it does not match. */
  readonly hasConditions: boolean;
  /** What every match keeps, for indexes. */
  readonly bounds: readonly FieldBound[];
  /** The order of the result; the ids decide between equals. */
  readonly sort: readonly SortField[];
  /** How many matches are left out at the start. */
  readonly skip: number;
  /** How many are wanted at most; `Infinity` if the query does not say. */
  readonly limit: number;
  /** Whether only the number of matches is wanted. */
  readonly isCount: boolean;
  /** A document's place in the order of the result. */
  readonly rank: (subject: Subject) => Ranked;
}

/**
 * Compiles a query.
 *
 * @throws {ArgumentError} `ERR_QUERY_OPERATOR` for an operator that is not in the language, `ERR_QUERY_PATTERN` for a
 * pattern that is not taken, `ERR_QUERY_MALFORMED` for anything else that has not its form.
 * @throws {LimitError} `ERR_TOO_LARGE` if it is larger, deeper or reaches farther than the limits of this module.
 */
export function parseQuery(raw: unknown): Query {
  checkSize(raw);
  if (!isJsonObject(raw)) throw malformedQuery("a query must be an object");
  const { $sort, $skip, $limit, $count, ...where } = raw as Readonly<Record<string, unknown>>;
  const sort = sortFields($sort);
  // Copies of what flatMap gives, which leaves room for a dozen more: a live query keeps them.
  const terms = [...termsOf(where, { left: CONDITIONS_MAX }, 0)];
  const skip = amountOf($skip, "$skip") ?? 0;
  const limit = amountOf($limit, "$limit") ?? Infinity;
  if (skip + (limit === Infinity ? 0 : limit) > RESULTS_MAX) {
    throw new LimitError(
      "ERR_TOO_LARGE",
      `Cannot query as $skip and $limit together must be ${RESULTS_MAX} at most`,
    );
  }
  return {
    key: canonical(raw, "$sort"),
    matches: (subject) => terms.every(({ matches }) => matches(subject)),
    fields: [...new Set([...terms.flatMap(({ fields }) => fields), ...sort.map((by) => by.field)])],
    hasConditions: terms.length > 0,
    bounds: [...terms.flatMap(({ bounds }) => bounds)],
    sort,
    skip,
    limit,
    isCount: isCountOf($count),
    rank: (subject) => ({ id: subject.id, keys: sortKeys(sort, subject) }),
  };
}

/** One of the things that must all hold. */
interface Term {
  readonly matches: (subject: Subject) => boolean;
  readonly fields: readonly string[];
  readonly bounds: readonly FieldBound[];
}

function termsOf(raw: unknown, allowance: Allowance, depth: number): readonly Term[] {
  if (!isJsonObject(raw)) throw malformedQuery("conditions must be an object");
  return Object.keys(raw).flatMap((name) => {
    const argument: unknown = raw[name];
    if (!name.startsWith("$")) return fieldTerms(name, argument, allowance, depth);
    const branches = branchesOf(name, argument, allowance, depth + 1);
    return name === "$and" ? branches.flat() : [alternatives(branches, name === "$nor")];
  });
}

function fieldTerms(field: string, raw: unknown, allowance: Allowance, depth: number): Term[] {
  const path: FieldPath = fieldPath(field);
  return conditionsOf(raw, allowance, depth).map(({ test, isNegated, bound }) => ({
    matches: (subject) => reaches(subject, path, test) !== isNegated,
    fields: [field],
    bounds: bound === undefined ? [] : [{ field, bound }],
  }));
}

function branchesOf(
  name: string,
  raw: unknown,
  allowance: Allowance,
  depth: number,
): readonly (readonly Term[])[] {
  if (name !== "$and" && name !== "$or" && name !== "$nor") throw unknownOperator(name);
  if (!Array.isArray(raw) || raw.length === 0) {
    throw malformedQuery(`${name} must have a list of conditions`);
  }
  return raw.map((branch) => spend(allowance, depth, termsOf(branch, allowance, depth)));
}

/** Any of some branches; or, turned around, none of them. */
function alternatives(branches: readonly (readonly Term[])[], isNone: boolean): Term {
  return {
    matches: (subject) =>
      branches.some((terms) => terms.every(({ matches }) => matches(subject))) !== isNone,
    fields: branches.flat().flatMap(({ fields }) => fields),
    bounds: [],
  };
}

function amountOf(raw: unknown, name: string): number | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (Number.isSafeInteger(raw) && Number(raw) >= 0) return Number(raw);
  throw malformedQuery(`${name} must be a whole number from 0: current value is ${shown(raw)}`);
}

function isCountOf(raw: unknown): boolean {
  if (raw === undefined || raw === null || raw === false) return false;
  if (raw === true) return true;
  throw malformedQuery(`$count must be true or false: current value is ${shown(raw)}`);
}

/** Refuses what is too large or deep to be looked at any closer; cycles end here too. */
function checkSize(raw: unknown): void {
  let left = QUERY_SIZE_MAX;
  const walk = (value: unknown, depth: number): void => {
    left -= typeof value === "string" ? value.length + 2 : 2;
    if (left < 0 || depth > VALUE_DEPTH_MAX) {
      throw new LimitError(
        "ERR_TOO_LARGE",
        `Cannot query as a query must have ${QUERY_SIZE_MAX} characters at most, and nest ${VALUE_DEPTH_MAX} deep`,
      );
    }
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      left -= key.length;
      walk((value as Readonly<Record<string, unknown>>)[key], depth + 1);
    }
  };
  walk(raw, 0);
}

/** JSON with the properties in order, but for those of one name, whose order has a meaning. */
function canonical(value: unknown, ordered: string, name = ""): string {
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each, ordered)).join()}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? "null";
  const keys = name === ordered ? Object.keys(value) : Object.keys(value).sort(compareUtf8);
  const parts = keys.map((key) =>
    `${JSON.stringify(key)}:${
      canonical((value as Readonly<Record<string, Json>>)[key], ordered, key)
    }`
  );
  return `{${parts.join()}}`;
}
