/**
 * What a record holds besides itself: its claims, its entries, its scopes. And the forms of ids.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { isNumberId, memberOfPrefix, SEPARATOR } from "./index_keys.ts";
import { encodeScalar, type Scalar } from "../ordered_text.ts";
import { isWellFormed, isWithin } from "./json_body.ts";
import type { Fold, IndexRule, ModelPlan, UniqueRule } from "./plan.ts";

/** The most bytes of UTF-8 that one value of a unique field, an index or a set has. */
export const VALUE_BYTES_MAX = 16_384;
/** The most bytes of UTF-8 that an id has. */
export const ID_BYTES_MAX = 512;

/** A record's fields by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** The entry under which every record stands that is not hidden, and the one of those that are. */
export const ALL_ENTRY = "i";
/** The entry of records that are hidden. */
export const HIDDEN_ENTRY = "h";

/**
 * The claims of a record: one for each rule of uniqueness all of whose fields it has.
 *
 * @throws {ArgumentError} `ERR_INVALID_KEY` if a value is no scalar, or too long.
 */
export function claimsOf(plan: ModelPlan, fields: Fields): readonly string[] {
  return present(plan.unique.map((rule) => {
    const values = valuesOf(rule.fields, fields);
    return values && claimOf(rule, values);
  }));
}

/** The rule that claim number `at` of a record stands for. */
export function ruleOfClaim(plan: ModelPlan, fields: Fields, at: number): UniqueRule | undefined {
  return plan.unique.filter((rule) => valuesOf(rule.fields, fields) !== undefined)[at];
}

/** The claim that a record with these values would have under a rule. */
export function claimOf(rule: UniqueRule, values: readonly unknown[]): string {
  let claim = rule.name;
  for (const value of values) {
    claim += SEPARATOR + encodeScalar(folded(checkedScalar(value, "unique"), rule.fold));
  }
  return claim;
}

/** Where a record stands in order: in the list of all, and in each index all of whose fields it has. */
export function entriesOf(plan: ModelPlan, fields: Fields): readonly string[] {
  return [ALL_ENTRY].concat(present(plan.index.map((rule) => {
    const values = valuesOf(rule.fields, fields);
    return values && indexEntry(rule, values);
  })));
}

/** The scopes of a record, as JSON text. */
export function scopesOf(plan: ModelPlan, fields: Fields): string {
  if (plan.scopes.length === 0) return "{}";
  const scopes = plan.scopes.map((field) => [field, ownValue(fields, field)] as const)
    .filter(([, value]) => !isMissing(value));
  return JSON.stringify(Object.fromEntries(scopes));
}

/** A value of a set as its store keeps it. */
export function memberOf(value: unknown): string {
  return encodeScalar(checkedScalar(value, "set"));
}

/** Where the records stand whose set has this value. */
export function holdersOf(set: string, value: unknown): string {
  return memberOfPrefix(set, memberOf(value));
}

/**
 * An id as text: a whole number from 0 to 2^53 - 1 where the model counts, or a text of at most
 * {@linkcode ID_BYTES_MAX} bytes without control characters.
 *
 * @throws {ArgumentError} `ERR_INVALID_ID` if it is none.
 */
export function idText(plan: ModelPlan, id: unknown): string {
  if (typeof id === "number" && plan.ids === "increment") {
    if (Number.isSafeInteger(id) && id >= 0) return String(id);
  } else if (typeof id === "string" && id !== "" && !/\p{Cc}/u.test(id) && isWellFormed(id)) {
    if (isWithin(id, ID_BYTES_MAX)) return id;
  }
  throw new ArgumentError(
    "ERR_INVALID_ID",
    "Cannot use an id as it must be " +
      (plan.ids === "increment" ? "a whole number from 0 to 2^53 - 1, or " : "") +
      `a text of 1 to ${ID_BYTES_MAX} bytes without control characters: current type is ${typeof id}`,
  );
}

/** An id as its users see it. */
export function idOfText(plan: ModelPlan, id: string): string | number {
  return plan.ids === "increment" && isNumberId(id) ? Number(id) : id;
}

function indexEntry({ name }: IndexRule, values: readonly unknown[]): string {
  let entry = `f${SEPARATOR}${name}`;
  for (const value of values) entry += SEPARATOR + encodeScalar(checkedScalar(value, "indexed"));
  return entry;
}

/** The values of some fields; `undefined` if one is missing. */
function valuesOf(names: readonly string[], fields: Fields): readonly unknown[] | undefined {
  const values = names.map((name) => ownValue(fields, name));
  return values.some(isMissing) ? undefined : values;
}

/** The texts that are there. A list that stays as long as its record has no room to spare, as one that grew would. */
function present(texts: readonly (string | undefined)[]): readonly string[] {
  return texts.every(isText) ? texts : texts.filter(isText);
}

function isText(text: string | undefined): text is string {
  return text !== undefined;
}

function checkedScalar(value: unknown, what: string): Scalar {
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) {
    return value;
  }
  if (typeof value === "string" && isWellFormed(value) && isWithin(value, VALUE_BYTES_MAX)) {
    return value;
  }
  throw new ArgumentError(
    "ERR_INVALID_KEY",
    `Cannot use a value as a ${what} one as it must be a boolean, a finite number, or well-formed ` +
      `text of at most ${VALUE_BYTES_MAX} bytes: current type is ${typeof value}`,
  );
}

function folded(value: Scalar, fold: Fold): Scalar {
  if (typeof value !== "string" || fold === "exact") return value;
  return (fold === "nfkc" ? value.normalize("NFKC") : value).toLowerCase();
}

/** A field of the record itself: a schema's prototype, or an odd field name, must not lend it one. */
function ownValue(fields: Fields, field: string): unknown {
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}
