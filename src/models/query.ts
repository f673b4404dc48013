/**
 * A query by declared indexes as a range of entries.
 *
 * @module
 */

import { ArgumentError, shown } from "../errors.ts";
import { rangeOf, SEPARATOR } from "./index_keys.ts";
import type { IndexRule, ModelPlan } from "./plan.ts";
import type { EntryRange } from "./port.ts";
import { ALL_ENTRY, type Fields, memberOf } from "./record_keys.ts";

const BOUNDS = ["gt", "gte", "lt", "lte"];

/**
 * The entries that a query means.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if no declared index begins with the query's fields, or a condition is
 * none; `ERR_INVALID_KEY` if a value cannot be indexed.
 */
export function queryRange(plan: ModelPlan, query: Fields): EntryRange {
  if (typeof query !== "object" || query === null) {
    throw refused(`must be an object: current value is ${shown(query)}`);
  }
  const fields = Object.keys(query);
  // As JSON it would be gone, and the query mean every record.
  const missing = fields.find((field) => query[field] === undefined);
  if (missing !== undefined) {
    throw refused(`must give each field that it names a value: ${shown(missing)} is undefined`);
  }
  if (fields.length === 0) return rangeOf(ALL_ENTRY);
  const index = plan.index.find((rule) => answers(rule, fields, query));
  if (index === undefined) {
    const known = plan.index.map(({ name }) => name).join(", ") || "none";
    throw refused(
      `must name the first fields of an index, only the last with a range: indexes are ${known}`,
    );
  }
  const exact = index.fields.slice(0, fields.length - 1);
  const last = index.fields[fields.length - 1] ?? "";
  const prefix = ["f", index.name, ...exact.map((field) => memberOf(query[field]))].join(SEPARATOR);
  return conditionRange(prefix, query[last]);
}

function answers(index: IndexRule, fields: readonly string[], query: Fields): boolean {
  const first = index.fields.slice(0, fields.length);
  return first.length === fields.length && first.every((field) => fields.includes(field)) &&
    first.slice(0, -1).every((field) => !isRange(query[field]));
}

function conditionRange(prefix: string, condition: unknown): EntryRange {
  if (!isRange(condition)) return rangeOf(prefix + SEPARATOR + memberOf(condition));
  for (const name of Object.keys(condition)) {
    if (!BOUNDS.includes(name)) throw refused(`has ${shown(name)}, which is none of ${BOUNDS}`);
  }
  const { gt, gte, lt, lte } = condition;
  if ((gt !== undefined && gte !== undefined) || (lt !== undefined && lte !== undefined)) {
    throw refused("must not have both gt and gte, or lt and lte");
  }
  const bounds = [gt ?? gte, lt ?? lte].filter((bound) => bound !== undefined);
  const [type, other = type] = bounds.map((bound) => typeOf(bound));
  if (type !== other) throw refused("must have bounds of one type");
  if (type === undefined) return rangeOf(prefix);
  const within = prefix + SEPARATOR;
  return {
    from: within + (gt === undefined ? gte === undefined ? type : memberOf(gte) : past(gt)),
    to: within +
      (lte === undefined ? lt === undefined ? following(type) : memberOf(lt) : past(lte)),
  };
}

/** Bounds of a range, not yet checked. */
interface Bounds {
  readonly gt?: unknown;
  readonly gte?: unknown;
  readonly lt?: unknown;
  readonly lte?: unknown;
}

function isRange(condition: unknown): condition is Bounds {
  return typeof condition === "object" && condition !== null;
}

/** The letter that all values of a bound's type begin with. */
function typeOf(bound: unknown): string {
  return memberOf(bound).slice(0, 1);
}

/** Right after everything that has this value. */
function past(bound: unknown): string {
  return rangeOf(memberOf(bound)).to;
}

function following(type: string): string {
  return String.fromCharCode(type.charCodeAt(0) + 1);
}

function refused(rule: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_ARGUMENT", `Cannot find records as the query ${rule}`);
}
