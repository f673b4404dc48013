/**
 * What JSON carries of a record, and a refusal, by path, of what it does not.
 *
 * `JSON.stringify` drops functions, turns `NaN` into null and dates into strings without a word; then what is read is
 * not what was written. Here a property that is `undefined` is left out, as "not there" is what it says, and everything
 * else that would be altered is an issue.
 *
 * @module
 */

import { LimitError } from "../errors.ts";
import { type SchemaIssue, ValueError } from "../schema.ts";

/** The most bytes of UTF-8 that a record has as JSON text. */
export const RECORD_BYTES_MAX = 1_048_576;

/** How deep a record's values may be nested. */
export const RECORD_DEPTH_MAX = 64;

/** The most issues that are told. */
const ISSUES_MAX = 100;

/**
 * A record's fields as JSON text.
 *
 * @throws {ValueError} `ERR_INVALID_VALUE` with the path of everything that JSON would drop or alter.
 * @throws {LimitError} `ERR_TOO_LARGE` over {@linkcode RECORD_BYTES_MAX} bytes.
 */
export function jsonBody(action: string, fields: object): string {
  const walk: Walk = { path: [], above: [], issues: [], visited: 0 };
  visit(fields, walk);
  if (walk.issues.length > 0) throw new ValueError(action, walk.issues);
  const body = JSON.stringify(fields);
  if (isWithin(body, RECORD_BYTES_MAX)) return body;
  throw new LimitError(
    "ERR_TOO_LARGE",
    `Cannot ${action} as its JSON must have at most ${RECORD_BYTES_MAX} bytes: ` +
      `current size is ${utf8Length(body)}`,
  );
}

/** Whether a well-formed text has at most so many bytes as UTF-8. */
export function isWithin(text: string, bytesMax: number): boolean {
  // A unit has at most three bytes: most texts need no counting.
  return text.length * 3 <= bytesMax || utf8Length(text) <= bytesMax;
}

/** How many bytes a well-formed text has as UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A pair of surrogates is two units and four bytes; any other unit past U+07FF has three.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

/** A walk through a value: where it is, through what it came, and what it found. */
interface Walk {
  readonly path: string[];
  readonly above: object[];
  readonly issues: SchemaIssue[];
  visited: number;
}

function visit(value: unknown, walk: Walk): void {
  const flaw = ++walk.visited > RECORD_BYTES_MAX ? "has too many parts" : flawOf(value, walk);
  if (flaw !== undefined) {
    walk.issues.push({ path: [...walk.path], message: `must be JSON: ${flaw}` });
  } else if (typeof value === "object" && value !== null) {
    walk.above.push(value);
    if (Array.isArray(value)) visitItems(value, walk);
    else visitProperties(value, walk);
    walk.above.pop();
  }
}

function visitItems(items: readonly unknown[], walk: Walk): void {
  // By index, as a hole in the array would become null.
  for (let i = 0; i < items.length && walk.issues.length < ISSUES_MAX; i++) {
    walk.path.push(String(i));
    visit(items[i], walk);
    walk.path.pop();
  }
}

function visitProperties(value: object, walk: Walk): void {
  for (const key of Object.keys(value)) {
    const part: unknown = Reflect.get(value, key);
    if (part === undefined || walk.issues.length >= ISSUES_MAX) continue;
    walk.path.push(key);
    if (key === "__proto__" || !isWellFormed(key)) {
      walk.issues.push({ path: [...walk.path], message: "must not be a property of a record" });
    } else visit(part, walk);
    walk.path.pop();
  }
}

function flawOf(value: unknown, walk: Walk): string | undefined {
  switch (typeof value) {
    case "string":
      return isWellFormed(value) ? undefined : "its Unicode is malformed";
    case "number":
      return Number.isFinite(value) ? undefined : `is ${value}`;
    case "boolean":
      return undefined;
    case "object":
      return value === null ? undefined : flawOfObject(value, walk.above);
    default:
      return `is a ${typeof value}`;
  }
}

function flawOfObject(value: object, above: readonly object[]): string | undefined {
  if (above.includes(value)) return "is a cycle";
  if (above.length > RECORD_DEPTH_MAX) return `is nested deeper than ${RECORD_DEPTH_MAX}`;
  if (Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return `is a ${value.constructor.name || "class instance"} and needs a codec`;
  }
  if (Object.getOwnPropertySymbols(value).length > 0) return "has a symbol as a property";
  return "toJSON" in value && typeof value.toJSON === "function" ? "has a toJSON()" : undefined;
}

/** Whether a text has no lone surrogate. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}
