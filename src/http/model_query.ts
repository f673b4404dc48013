/**
 * The query of a list as a query by indexes: `?team=7&age:gte=18&limit=20&reverse=true`.
 *
 * A filter is the name of a field, or the name, a colon and one of the operators; names of fields have no colons. So a
 * field called `limit` is still found, as `limit:eq`.
 *
 * @module
 */

import type { JsonObject } from "../json.ts";
import { Refusal } from "./refusal.ts";

/** The query of a list. */
export interface ModelQuery {
  /** Conditions by field. */
  readonly filter: Readonly<Record<string, unknown>>;
  /** The most records; the model's own default if left out. */
  readonly limit: number | undefined;
  /** Where to go on. */
  readonly cursor: string | undefined;
  /** Whether to go from the last to the first. */
  readonly isReverse: boolean;
}

const OPERATORS: readonly string[] = ["eq", "gt", "gte", "lt", "lte"];
const PAGING: readonly string[] = ["limit", "cursor", "reverse"];

/** The parameters of a list, for its description. */
export const PAGE_PARAMETERS: Readonly<Record<string, string>> = {
  limit: "The most records, from 1 to 1,000; 100 by default",
  cursor: "Where an earlier page ended; its Link header has it",
  reverse: "true: from the last to the first",
};

/**
 * Reads a query. `schema` is the JSON Schema of a record, by which values are told from texts.
 *
 * @throws {Refusal} 400 if a parameter is given twice, or is none.
 */
export function modelQuery(query: URLSearchParams, schema: JsonObject | undefined): ModelQuery {
  const filter = new Map<string, unknown>();
  for (const [name, text] of query) {
    if (query.getAll(name).length > 1) throw refused(name, "must be given once");
    if (PAGING.includes(name)) continue;
    const [field = "", operator = "eq"] = name.split(":");
    if (!OPERATORS.includes(operator)) throw refused(name, `must have one of ${OPERATORS}`);
    const value = valueOf(schema, field, text);
    const known = filter.get(field) ?? {};
    if (operator === "eq" ? filter.has(field) : typeof known !== "object") {
      throw refused(name, "must not be a value and a range");
    }
    filter.set(field, operator === "eq" ? value : { ...Object(known), [operator]: value });
  }
  return { filter: Object.fromEntries(filter), ...pagingOf(query) };
}

/**
 * A value of a field, from text: as the schema says, and where it says nothing, numbers and booleans as JSON writes
 * them, and everything else as text; `"7"` in quotes is a text as well.
 *
 * @throws {Refusal} 400 if it is none of the field.
 */
export function valueOf(schema: JsonObject | undefined, field: string, text: string): unknown {
  switch (typeOf(schema, field)) {
    case "string":
      return text;
    case "number":
    case "integer":
      if (isNumber(text)) return Number(text);
      throw refused(field, "must be a number");
    case "boolean":
      if (text === "true" || text === "false") return text === "true";
      throw refused(field, "must be true or false");
    default:
      return guessed(text);
  }
}

function pagingOf(query: URLSearchParams): Omit<ModelQuery, "filter"> {
  const limit = query.get("limit");
  const reverse = query.get("reverse") ?? "false";
  if (limit !== null && !/^([1-9]\d{0,2}|1000)$/.test(limit)) {
    throw refused("limit", "must be a whole number from 1 to 1000");
  }
  if (reverse !== "true" && reverse !== "false") throw refused("reverse", "must be true or false");
  return {
    limit: limit === null ? undefined : Number(limit),
    cursor: query.get("cursor") ?? undefined,
    isReverse: reverse === "true",
  };
}

/** The one type of a field beside null; `undefined` if it has several, or nobody says. */
function typeOf(schema: JsonObject | undefined, field: string): unknown {
  const properties = Object(schema?.properties);
  const property = Object.hasOwn(properties, field) ? Object(properties[field]) : {};
  const choices: unknown[] = Array.isArray(property.anyOf) ? property.anyOf : [property];
  const types = choices.flatMap((choice) => Object(choice).type).filter((type) => type !== "null");
  return types.length === 1 ? types[0] : undefined;
}

function isNumber(text: string): boolean {
  return /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
}

function guessed(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (isNumber(text)) return Number(text);
  return /^"(.*)"$/s.exec(text)?.[1] ?? text;
}

function refused(name: string, rule: string): Refusal {
  // The name is the client's own, and short enough to be read.
  return new Refusal(400, {
    code: "ERR_INVALID_ARGUMENT",
    detail: `The query's ${JSON.stringify(name.slice(0, 64))} ${rule}`,
  });
}
