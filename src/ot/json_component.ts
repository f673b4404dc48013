/**
 * The grammar of JSON operations, which is json0's: a list of components, each with a path `p` and one verb.
 *
 * | fields | verb |
 * |---|---|
 * | `na` | adds to a number |
 * | `li`, `ld`, both | inserts, deletes, replaces an item of a list; the path's last step is its index |
 * | `lm` | moves an item to another index |
 * | `oi`, `od`, both | inserts, deletes, replaces a property; an empty path means the document |
 * | `si`, `sd` | inserts, deletes a text inside a string; the path's last step is the offset |
 * | `t`, `o` | hands an operation `o` to the subtype `t` |
 *
 * What is deleted stands in the component, so that it can be undone. A field that is undefined is not there.
 *
 * Source: the json0 specification (github.com/ottypes/json0), with the stricter checks of its version of 2021.
 *
 * @module
 */

import { HoldfastError, shown } from "../errors.ts";
import type { Json } from "../json.ts";
import type { OpLimits } from "./limits.ts";
import { checkPath, isIndex, type JsonPath } from "./json_path.ts";
import { isPlain, sizeOfValue } from "./json_value.ts";
import { malformed, tooLarge } from "./refusal.ts";
import type { Text0Component } from "./text0.ts";
import type { OtType } from "./type.ts";

/** One step of an operation: a path, and the fields of one verb. */
export interface JsonComponent {
  /** Where. */
  readonly p: JsonPath;
  /** Adds this to the number. */
  readonly na?: number;
  /** Inserts this item. */
  readonly li?: Json;
  /** Deletes this item. */
  readonly ld?: Json;
  /** Moves the item to this index. */
  readonly lm?: number;
  /** Gives the property this value. */
  readonly oi?: Json;
  /** Takes this value from the property. */
  readonly od?: Json;
  /** Inserts this text. */
  readonly si?: string;
  /** Deletes this text. */
  readonly sd?: string;
  /** The subtype's name. */
  readonly t?: string;
  /** The subtype's operation. */
  readonly o?: unknown;
}

/** An operation on JSON: components that happen one after the other. */
export type JsonOp = readonly JsonComponent[];

/** What a component does. */
export type Verb =
  | "addNumber"
  | "insertItem"
  | "deleteItem"
  | "replaceItem"
  | "moveItem"
  | "setKey"
  | "deleteKey"
  | "replaceKey"
  | "insertText"
  | "deleteText"
  | "subtype";

/** What a JSON type was made with. */
export interface JsonGrammar {
  /** The bounds of an operation. */
  readonly limits: OpLimits;
  /** The subtypes by name, text0 among them. */
  readonly subtypes: ReadonlyMap<string, OtType>;
}

/** The verb of a component that was checked. */
export function verbOf(component: JsonComponent): Verb {
  if (component.na !== undefined) return "addNumber";
  if (component.li !== undefined) return component.ld === undefined ? "insertItem" : "replaceItem";
  if (component.ld !== undefined) return "deleteItem";
  if (component.lm !== undefined) return "moveItem";
  if (component.oi !== undefined) return component.od === undefined ? "setKey" : "replaceKey";
  if (component.od !== undefined) return "deleteKey";
  if (component.si !== undefined) return "insertText";
  return component.sd !== undefined ? "deleteText" : "subtype";
}

/**
 * Holds an operation against the grammar, but for the values it carries.
 *
 * @throws {ArgumentError} `ERR_OP_MALFORMED` or `ERR_OP_PATH_FORBIDDEN`.
 * @throws {LimitError} `ERR_TOO_LARGE` if a path is too long.
 * @throws {HoldfastError} `ERR_UNKNOWN_TYPE` if a subtype is not known.
 */
export function checkJsonOp(grammar: JsonGrammar, op: unknown): asserts op is JsonOp {
  if (!Array.isArray(op)) throw malformed("it must be a list of components");
  for (let at = 0; at < op.length; at++) checkComponent(grammar, op[at]);
}

/**
 * Holds what an operation carries against JSON and some bounds. The components of text0 count as components, too.
 *
 * @throws {ArgumentError} `ERR_OP_MALFORMED` or `ERR_OP_PATH_FORBIDDEN`.
 * @throws {LimitError} `ERR_TOO_LARGE`.
 */
export function checkJsonValues(limits: OpLimits, op: JsonOp): void {
  let components = op.length;
  let size = 0;
  // Every operation is looked at here several times on its way: nothing is made (bench/documents_bench.ts).
  for (let at = 0; at < op.length; at++) {
    const component = op[at];
    if (component === undefined) continue;
    const { p, na, o } = component;
    if (Array.isArray(o)) components += o.length;
    for (let step = 0; step < p.length; step++) size = sizeOfValue(p[step], limits, 0, size);
    // Where a number is added, there is nothing else.
    for (let field = na === undefined ? 0 : VALUES.length; field < VALUES.length; field++) {
      const value = component[VALUES[field] ?? "o"];
      if (value !== undefined) size = sizeOfValue(value, limits, p.length, size);
    }
  }
  const { componentsMax } = limits;
  if (components > componentsMax) throw tooLarge("the number of its components", componentsMax);
}

/** The fields that hold values. */
const VALUES = ["li", "ld", "oi", "od", "si", "sd", "o"] as const;

/** A component that edits text, as an operation of the subtype text0; any other as it is. */
export function asSubtype(component: JsonComponent): JsonComponent {
  if (!isText(component)) return component;
  return { p: component.p.slice(0, -1), t: "text0", o: [text0Of(component)] };
}

/** Whether a component edits text by `si` or `sd`. */
export function isText(component: JsonComponent): boolean {
  return component.si !== undefined || component.sd !== undefined;
}

/** What a component with `si` or `sd` is to text0. */
export function text0Of({ p, si, sd }: JsonComponent): Text0Component {
  const offset = Number(p[p.length - 1]);
  return si === undefined ? { p: offset, d: sd ?? "" } : { p: offset, i: si };
}

/** The component with `si` or `sd` for one of text0 on the string at this path. */
export function textComponent(path: JsonPath, { p, i, d }: Text0Component): JsonComponent {
  const place = [...path, p];
  return i === undefined ? { p: place, sd: d ?? "" } : { p: place, si: i };
}

/** Each field as a bit, so that the fields of a component are one number. */
function bitOf(field: string): number {
  const at = FIELDS.indexOf(field);
  return at < 0 ? 0 : 1 << at;
}

const FIELDS: readonly string[] = ["p", "na", "li", "ld", "lm", "oi", "od", "si", "sd", "t", "o"];

/** How the last step of the path has to be. */
type Last = "index" | "key" | "any";

/** All sets of fields that make a verb, with what the path's last step is there. */
const VERBS: ReadonlyMap<number, Last> = /* @__PURE__ */ new Map([
  [0b00000000011, "any"],
  [0b00000000101, "index"],
  [0b00000001001, "index"],
  [0b00000001101, "index"],
  [0b00000010001, "index"],
  [0b00000100001, "key"],
  [0b00001000001, "key"],
  [0b00001100001, "key"],
  [0b00010000001, "index"],
  [0b00100000001, "index"],
  [0b11000000001, "any"],
]);

const { hasOwnProperty } = Object.prototype;

function checkComponent(grammar: JsonGrammar, component: unknown): void {
  if (!isPlain(component)) throw malformed("a component must be an object");
  let fields = 0;
  // In place of Object.keys(), which makes a list; and in such a loop Object.hasOwn() costs much more than what it is for.
  for (const field in component) {
    if (component[field] === undefined || !hasOwnProperty.call(component, field)) continue;
    const bit = bitOf(field);
    if (bit === 0) throw malformed("a component must have no other fields than json0's");
    fields |= bit;
  }
  const last = VERBS.get(fields);
  if (last === undefined) throw malformed("a component must have a path and one verb");
  // All fields are known, and are looked at below.
  checkFields(grammar, component as Partial<Record<keyof JsonComponent, unknown>>, last);
}

function checkFields(
  grammar: JsonGrammar,
  { p, na, lm, si, sd, t }: Partial<Record<keyof JsonComponent, unknown>>,
  last: Last,
): void {
  checkPath(p, grammar.limits.depthMax);
  // checkPath() has seen that it is one.
  checkLast(p as JsonPath, last);
  if (na !== undefined && !Number.isFinite(na)) throw malformed("na must be a number");
  if (lm !== undefined && !isIndex(lm)) throw malformed("lm must be an index from 0");
  if (si !== undefined && typeof si !== "string") throw malformed("si must be a text");
  if (sd !== undefined && typeof sd !== "string") throw malformed("sd must be a text");
  if (t !== undefined) checkSubtype(grammar, t);
}

function checkLast(path: JsonPath, last: Last): void {
  const step = path[path.length - 1];
  if (last === "index" && typeof step !== "number") {
    throw malformed("the path of an item must end in an index");
  }
  if (last === "key" && typeof step === "number") {
    throw malformed("the path of a property must end in a text");
  }
}

function checkSubtype({ subtypes }: JsonGrammar, name: unknown): void {
  if (typeof name !== "string") throw malformed("t must be a text");
  if (subtypes.has(name)) return;
  throw new HoldfastError(
    "ERR_UNKNOWN_TYPE",
    `Cannot use the operation as its subtype must be known: current value is ${shown(name)}`,
  );
}
