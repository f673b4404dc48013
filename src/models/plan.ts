/**
 * A model's definition as plain data: what the machinery works with, whatever the types of the record are.
 *
 * @module
 */

import { ArgumentError, shown } from "../errors.ts";
import type { Schema } from "../schema.ts";
import type { ModelShape } from "./port.ts";

/** How strings of a unique field are compared: in lower case, as they are, or in lower case after NFKC. */
export type Fold = "lower" | "exact" | "nfkc";

/** Where ids come from: the model's counter, UUIDs of version 7, or a function of the record. */
export type IdSource = "increment" | "uuid" | "custom";

/** One rule of uniqueness. */
export interface UniqueRule {
  /** Its fields joined by `+`. */
  readonly name: string;
  /** The fields that are unique together. */
  readonly fields: readonly string[];
  /** How their strings are compared. */
  readonly fold: Fold;
}

/** One order in which records can be found. */
export interface IndexRule {
  /** Its fields joined by `+`. */
  readonly name: string;
  /** The fields it is ordered by, first to last. */
  readonly fields: readonly string[];
}

/** All that a definition says, but its functions. */
export interface ModelPlan {
  /** The model's name on the wire. */
  readonly name: string;
  /** How it lies in its store. */
  readonly shape: ModelShape;
  /** Where ids come from. */
  readonly ids: IdSource;
  /** What is unique. */
  readonly unique: readonly UniqueRule[];
  /** In which orders records can be found. */
  readonly index: readonly IndexRule[];
  /** The sets of each record. */
  readonly sets: readonly string[];
  /** The fields that journal entries carry as they were before and after. */
  readonly scopes: readonly string[];
  /** Milliseconds that a record lives unless a write says otherwise; `undefined` for ever. */
  readonly ttlMs: number | undefined;
  /** Whether deleting hides. */
  readonly softDelete: boolean;
  /** The number of the shape that is written now. */
  readonly version: number;
}

/** A rule of uniqueness as a user writes it. */
export type UniqueOption = string | readonly string[] | {
  readonly field: string | readonly string[];
  readonly fold: Fold;
};

const KEY_LENGTH_MAX = 128;
const FIELD = /^[^\p{Cc}\p{Cs}|:+]{1,128}$/u;
const FOLDS: readonly string[] = ["lower", "exact", "nfkc"];

/**
 * A model's key: 1 to 128 characters without control characters, `|`, and braces (under the layout of the seed, one
 * pair of braces around all of it is a hash tag and allowed).
 *
 * @throws {ArgumentError} `ERR_INVALID_KEY` if it is none.
 */
export function checkedKey(key: unknown, layout: ModelShape["layout"]): string {
  const rule = layout === "seed"
    ? /^(?:[^\p{Cc}\p{Cs}|{}]+|\{[^\p{Cc}\p{Cs}|{}]+\})$/u
    : /^[^\p{Cc}\p{Cs}|{}]+$/u;
  if (typeof key === "string" && key.length <= KEY_LENGTH_MAX && rule.test(key)) return key;
  throw new ArgumentError(
    "ERR_INVALID_KEY",
    `Cannot define a model as its key must have 1 to ${KEY_LENGTH_MAX} characters, ` +
      "no control characters, no |, { or }",
  );
}

/** The rules of uniqueness, in one form. */
export function uniqueRules(options: readonly UniqueOption[]): readonly UniqueRule[] {
  const rules = listed("unique", options).map((option) => {
    const { field, fold } = typeof option === "string" || isList(option)
      ? { field: option, fold: "lower" as const }
      : option;
    if (!FOLDS.includes(fold)) {
      throw invalid("fold", `must be ${FOLDS.join(", ")}: current value is ${shown(fold)}`);
    }
    return { ...fieldRule("unique", field), fold };
  });
  return distinct("unique", rules);
}

/** The rules of order, in one form. */
export function indexRules(
  options: readonly (string | readonly string[])[],
): readonly IndexRule[] {
  return distinct("index", listed("index", options).map((option) => fieldRule("index", option)));
}

/** Names of fields or sets, each once. */
export function names(option: string, list: readonly string[]): readonly string[] {
  return distinct(option, listed(option, list).map((name) => fieldRule(option, name))).map((
    { name },
  ) => name);
}

/** Refuses fields that the schema is known to lack. Schemas that do not tell their fields are believed. */
export function checkFields(
  schema: Schema<unknown, unknown>,
  option: string,
  fields: readonly string[],
): void {
  const known = fieldsOf(schema);
  const missing = fields.find((field) => known !== undefined && !known.includes(field));
  if (missing !== undefined) {
    throw invalid(option, `names ${shown(missing)}, which the schema does not have`);
  }
}

/** The error of a definition that cannot work. */
export function invalid(option: string, rule: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_OPTION", `Cannot define a model as ${option} ${rule}`);
}

function listed<T>(option: string, list: readonly T[]): readonly T[] {
  if (Array.isArray(list)) return list;
  throw invalid(option, `must be an array: current value is ${shown(list)}`);
}

/** The fields of a schema of an object, where a library shows them (`shape` of zod, `entries` of valibot). */
function fieldsOf(schema: Schema<unknown, unknown>): readonly string[] | undefined {
  for (const property of ["shape", "entries"]) {
    const fields: unknown = Reflect.get(schema, property);
    const isOpen = property === "shape" && Reflect.get(schema, "def")?.catchall !== undefined;
    if (typeof fields === "object" && fields !== null && !isOpen) return Object.keys(fields);
  }
  return undefined;
}

function fieldRule(option: string, field: string | readonly string[]): IndexRule {
  const fields = typeof field === "string" ? [field] : field;
  for (const name of fields) {
    if (typeof name !== "string" || !FIELD.test(name)) {
      throw invalid(option, "must name fields of 1 to 128 characters without |, : and +");
    }
    if (name === "id" || name === "$version") {
      throw invalid(option, `must not name ${shown(name)}, which every record has by itself`);
    }
  }
  if (fields.length === 0) throw invalid(option, "must name a field");
  return { name: fields.join("+"), fields: [...fields] };
}

function distinct<Rule extends { readonly name: string }>(
  option: string,
  rules: readonly Rule[],
): readonly Rule[] {
  const seen = new Set<string>();
  for (const { name } of rules) {
    if (seen.has(name)) throw invalid(option, `names ${shown(name)} twice`);
    seen.add(name);
  }
  return rules;
}

function isList(option: UniqueOption): option is readonly string[] {
  return Array.isArray(option);
}
