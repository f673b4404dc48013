/**
 * What a type of operational transformation is: the ottype shape that ShareDB's ecosystem agreed on, written out, so
 * that any object of that shape plugs in (ot-json1, rich-text, ot-text-unicode, one's own) and no package is needed to
 * name it.
 *
 * There is no registry: who wants types looks them up in the list it was given.
 *
 * @module
 */

import { ArgumentError, HoldfastError, shown } from "../errors.ts";

/** Who wins a tie between two operations that were made at once: the left one goes first. */
export type Side = "left" | "right";

/**
 * A type: how operations of a kind change documents of a kind, and each other.
 *
 * The one law that all of them keep: for operations `a` and `b` on the same document, `a` and then
 * `transform(b, a, "right")` makes the same document as `b` and then `transform(a, b, "left")`.
 */
export interface OtType<Snapshot = unknown, Op = unknown> {
  /** A short name, such as `text`. */
  readonly name: string;
  /** A name for the whole world, in the form of a URI. */
  readonly uri: string;
  /** Other names that the type is known by. */
  readonly aliases?: readonly string[];
  /** The first state of a document, from data of the caller's. */
  create(initial?: unknown): Snapshot;
  /** The document after the operation. */
  apply(snapshot: Snapshot, op: Op): Snapshot;
  /** The operation as it has to be after `other`, which was made at the same time. */
  transform(op: Op, other: Op, side: Side): Op;
  /** One operation that does what both do, one after the other. */
  compose?(op: Op, next: Op): Op;
  /** The operation that undoes this one. */
  invert?(op: Op): Op;
  /** The operation that undoes this one, made with the document before it. */
  invertWithDoc?(op: Op, snapshot: Snapshot): Op;
  /** The same operation in its usual form. */
  normalize?(op: Op): Op;
  /** Both operations, each after the other. */
  transformX?(left: Op, right: Op): readonly Op[];
  /** Where somebody is after the operation; null if that place is gone. */
  transformPresence?(presence: unknown, op: Op, isOwnOp?: boolean): unknown;
  /** An operation that leads from one document to another. */
  diff?(before: Snapshot, after: Snapshot): Op;
  /** The document as JSON, if it is none. */
  serialize?(snapshot: Snapshot): unknown;
  /** The document from what `serialize` gave. */
  deserialize?(data: unknown): Snapshot;
}

const REQUIRED = ["create", "apply", "transform"] as const;
const OPTIONAL = [
  "compose",
  "invert",
  "invertWithDoc",
  "normalize",
  "transformX",
  "transformPresence",
  "diff",
  "serialize",
  "deserialize",
] as const;

/** The functions that a type has or may have. */
export const TYPE_FUNCTIONS: readonly (typeof REQUIRED[number] | typeof OPTIONAL[number])[] = [
  ...REQUIRED,
  ...OPTIONAL,
];

/**
 * A value as a type, if it has the shape.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if a name, the URI or a function is missing or no such thing.
 */
export function checkType(type: unknown): OtType {
  if ((typeof type !== "object" && typeof type !== "function") || type === null) {
    throw refusedType("it must be an object", type);
  }
  // Only looked at: whatever is found is checked before it is believed.
  const found = type as Readonly<Record<string, unknown>>;
  for (const field of ["name", "uri"]) {
    if (typeof found[field] === "string" && found[field] !== "") continue;
    throw refusedType(`its ${field} must be a text that is not empty`, found[field]);
  }
  for (const name of TYPE_FUNCTIONS) checkFunction(found, name);
  return type as OtType;
}

/**
 * Several values as types that no name confuses.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if one is no type, or two share a name or a URI.
 */
export function checkTypes(types: readonly unknown[]): readonly OtType[] {
  const checked = types.map(checkType);
  const taken = new Set<string>();
  for (const name of checked.flatMap((type) => [...new Set(namesOf(type))])) {
    if (taken.has(name)) throw refusedType("no other type may have its name or URI", name);
    taken.add(name);
  }
  return checked;
}

/**
 * The type of this name or URI among some.
 *
 * @example
 * ```ts
 * import { findType, json, text } from "@holdfast/holdfast/ot";
 * import { strictEqual } from "node:assert/strict";
 *
 * strictEqual(findType([json, text], "text"), text);
 * strictEqual(findType([json, text], "http://sharejs.org/types/JSONv0"), json);
 * ```
 *
 * @throws {HoldfastError} `ERR_UNKNOWN_TYPE` if there is none.
 */
export function findType(types: readonly OtType[], nameOrUri: string): OtType {
  const found = types.find((type) => namesOf(type).includes(nameOrUri));
  if (found !== undefined) return found;
  throw new HoldfastError(
    "ERR_UNKNOWN_TYPE",
    `Cannot find a type as there must be one of this name: current value is ${shown(nameOrUri)}`,
  );
}

/** Two operations that were made at once, each as it has to be after the other: `[left, right]`. */
export function transformPair<Snapshot, Op>(
  type: OtType<Snapshot, Op>,
  left: Op,
  right: Op,
): readonly [Op, Op] {
  const [newLeft, newRight] = type.transformX?.(left, right) ?? [];
  if (newLeft !== undefined && newRight !== undefined) return [newLeft, newRight];
  return [type.transform(left, right, "left"), type.transform(right, left, "right")];
}

/**
 * A side, if it is one.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if it is neither `left` nor `right`.
 */
export function checkSide(side: Side): void {
  if (side === "left" || side === "right") return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot transform the operation as side must be "left" or "right": current value is ${
      shown(side)
    }`,
  );
}

function namesOf(type: OtType): readonly string[] {
  return [type.name, type.uri, ...type.aliases ?? []];
}

function checkFunction(found: Readonly<Record<string, unknown>>, name: string): void {
  const value = found[name];
  if (typeof value === "function") return;
  const isMissing = value === undefined && !REQUIRED.some((required) => required === name);
  if (!isMissing) throw refusedType(`its ${name} must be a function`, value);
}

function refusedType(rule: string, value: unknown): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot use the type as ${rule}: current value is ${shown(value)}`,
  );
}
