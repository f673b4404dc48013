/**
 * Conditions on one field: what may stand under a field's name in a query.
 *
 * @module
 */

import { ArgumentError, LimitError, shown } from "../errors.ts";
import { isJsonObject, type Json } from "../json.ts";
import { compilePattern } from "./pattern.ts";
import { fieldPath, reachesIn } from "./reach.ts";
import { areComparable, compareValues, isEqual, type Value } from "./values.ts";

/** A test of the value that a field's path reaches. */
export type Test = (value: Value) => boolean;

/** A condition on a field: the test, whether it is turned around, and what an index can make of it. */
export interface Condition {
  /** What a value must pass. */
  readonly test: Test;
  /** Whether no value that the path reaches may pass it. */
  readonly isNegated: boolean;
  /** Where in an order the value must be, for a store that keeps one. */
  readonly bound: Bound | undefined;
}

/** Where a value must be for a condition to hold: one of some, or within a range of one type. */
export type Bound =
  | { readonly kind: "in"; readonly values: readonly Json[] }
  | { readonly kind: "gt" | "gte" | "lt" | "lte"; readonly value: Json };

/** What one query may hold. Parsing counts down, so that a query's cost is known before it runs. */
export interface Allowance {
  /** How many conditions are left. */
  left: number;
}

/** The most members of a list of values in a query. */
export const VALUES_MAX = 1_000;
/** How deep conditions may nest. */
export const DEPTH_MAX = 8;

/**
 * The conditions that stand under a field.
 *
 * @throws {ArgumentError} `ERR_QUERY_OPERATOR` for an operator that is not known, `ERR_QUERY_MALFORMED` for one with an
 * argument that it cannot have, `ERR_QUERY_PATTERN` for a pattern that is not taken.
 * @throws {LimitError} `ERR_TOO_LARGE` if the query has more conditions than it may.
 */
export function conditionsOf(raw: unknown, allowance: Allowance, depth = 0): readonly Condition[] {
  if (!isOperators(raw)) return [spend(allowance, depth, equalTo(jsonOf(raw)))];
  return Object.keys(raw).filter((name) => name !== "$options").map((name) => {
    const argument = raw[name];
    const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
    if (operator === undefined) throw unknownOperator(name);
    return spend(allowance, depth, operator(argument, { all: raw, allowance, depth }));
  });
}

/** Uses up some of what a query may hold. */
export function spend<T>(allowance: Allowance, depth: number, made: T): T {
  if (--allowance.left >= 0 && depth <= DEPTH_MAX) return made;
  throw new LimitError(
    "ERR_TOO_LARGE",
    `Cannot query as conditions must be few, and nest ${DEPTH_MAX} deep at most`,
  );
}

/** The error for an operator that is not in the language. */
export function unknownOperator(name: string): ArgumentError {
  return new ArgumentError(
    "ERR_QUERY_OPERATOR",
    `Cannot query as operators must be known ones: ${shown(name)} is not`,
  );
}

/** The error for a query that does not have its form. */
export function malformedQuery(rule: string): ArgumentError {
  return new ArgumentError("ERR_QUERY_MALFORMED", `Cannot query as ${rule}`);
}

interface Setting {
  /** The operator's siblings. */
  readonly all: Readonly<Record<string, unknown>>;
  readonly allowance: Allowance;
  readonly depth: number;
}

type Operator = (argument: unknown, setting: Setting) => Condition;

const OPERATORS: Readonly<Record<string, Operator>> = {
  $eq: (argument) => equalTo(jsonOf(argument)),
  $ne: (argument) => negated(equalTo(jsonOf(argument))),
  $gt: ordered("gt", (order) => order > 0),
  $gte: ordered("gte", (order) => order >= 0),
  $lt: ordered("lt", (order) => order < 0),
  $lte: ordered("lte", (order) => order <= 0),
  $in: (argument) => oneOf(listOf(argument, "$in")),
  $nin: (argument) => negated(oneOf(listOf(argument, "$nin"))),
  $exists: (argument) => ({
    test: (value) => value !== undefined,
    isNegated: !booleanOf(argument, "$exists"),
    bound: undefined,
  }),
  $size: (argument) => {
    const size = wholeOf(argument, "$size");
    return whole((value) => Array.isArray(value) && value.length === size);
  },
  $mod: (argument) => {
    const [divisor, rest, ...others] = listOf(argument, "$mod");
    if (typeof divisor !== "number" || typeof rest !== "number" || divisor === 0 || others.length) {
      throw malformedQuery("$mod must have a divisor other than 0, and a rest");
    }
    return each((value) => typeof value === "number" && value % divisor === rest);
  },
  $all: (argument, { allowance, depth }) => {
    const wanted = listOf(argument, "$all").map((value) =>
      isOperators(value) ? together(conditionsOf(value, allowance, depth + 1)) : equalTo(value).test
    );
    return whole((value) => wanted.length > 0 && wanted.every((test) => test(value)));
  },
  $elemMatch: (argument, { allowance, depth }) => {
    const test = memberTest(argument, allowance, depth + 1);
    return whole((value) => Array.isArray(value) && value.some(test));
  },
  $not: (argument, { allowance, depth }) => {
    if (!isOperators(argument)) throw malformedQuery("$not must have operators");
    return negated(whole(together(conditionsOf(argument, allowance, depth + 1))));
  },
  $regex: (argument, { all }) => {
    const flags = all["$options"] ?? "";
    if (typeof argument !== "string" || typeof flags !== "string") {
      throw malformedQuery("$regex and $options must be texts");
    }
    const isFound = compilePattern(argument, flags);
    return each((value) => typeof value === "string" && isFound(value));
  },
};

function ordered(kind: "gt" | "gte" | "lt" | "lte", fits: (order: number) => boolean): Operator {
  return (argument) => {
    const limit = jsonOf(argument);
    const test: Test = (value) => areComparable(value, limit) && fits(compareValues(value, limit));
    return { ...each(test), bound: { kind, value: limit } };
  };
}

function equalTo(wanted: Json): Condition {
  return { ...each((value) => isEqual(value, wanted)), bound: { kind: "in", values: [wanted] } };
}

function oneOf(values: readonly Json[]): Condition {
  return {
    ...each((value) => values.some((wanted) => isEqual(value, wanted))),
    bound: { kind: "in", values },
  };
}

/** A condition that holds for a list as a whole, or for any of its members. */
function each(test: Test): Condition {
  return whole((value) => test(value) || (Array.isArray(value) && value.some(test)));
}

function whole(test: Test): Condition {
  return { test, isNegated: false, bound: undefined };
}

function negated({ test, isNegated }: Condition): Condition {
  return { test, isNegated: !isNegated, bound: undefined };
}

/** All of some conditions on one and the same value. */
function together(conditions: readonly Condition[]): Test {
  return (value) => conditions.every(({ test, isNegated }) => test(value) !== isNegated);
}

/** What a member of a list must be: conditions on itself, or on its fields. */
function memberTest(raw: unknown, allowance: Allowance, depth: number): Test {
  if (isOperators(raw)) return together(conditionsOf(raw, allowance, depth));
  if (!isJsonObject(raw)) throw malformedQuery("$elemMatch must have conditions");
  const fields = Object.keys(raw).map((name) => {
    if (name.startsWith("$")) throw unknownOperator(name);
    const path = fieldPath(name);
    return { path, conditions: conditionsOf(raw[name], allowance, depth) };
  });
  return (value) =>
    isJsonObject(value) &&
    fields.every(({ path, conditions }) =>
      conditions.every(({ test, isNegated }) => reachesIn(value, path, 0, test) !== isNegated)
    );
}

function isOperators(raw: unknown): raw is Readonly<Record<string, unknown>> {
  if (!isJsonObject(raw)) return false;
  const names = Object.keys(raw);
  const operators = names.filter((name) => name.startsWith("$")).length;
  if (operators > 0 && operators < names.length) {
    throw malformedQuery("operators and fields must not stand side by side");
  }
  return operators > 0;
}

/** A value of a query; what is undefined is taken for null, as JSON does in lists. */
function jsonOf(raw: unknown): Json {
  if (raw === undefined || raw === null) return null;
  if (typeof raw === "string" || typeof raw === "boolean" || Number.isFinite(raw)) {
    return raw as Json;
  }
  if (Array.isArray(raw)) return raw.map(jsonOf);
  if (!isJsonObject(raw)) throw malformedQuery("its values must be JSON");
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, jsonOf(value)]));
}

function listOf(raw: unknown, name: string): readonly Json[] {
  if (Array.isArray(raw) && raw.length <= VALUES_MAX) return raw.map(jsonOf);
  throw malformedQuery(`${name} must have a list of ${VALUES_MAX} values at most`);
}

function booleanOf(raw: unknown, name: string): boolean {
  if (typeof raw === "boolean") return raw;
  throw malformedQuery(`${name} must be true or false`);
}

function wholeOf(raw: unknown, name: string): number {
  if (Number.isSafeInteger(raw) && Number(raw) >= 0) return Number(raw);
  throw malformedQuery(`${name} must be a whole number from 0`);
}
