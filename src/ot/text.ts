/**
 * The type for plain text: a string, and operations that walk over it once from its start.
 *
 * An operation is a list of a number (skip so many units), a string (insert it) and `{ d }` (delete so many units);
 * what comes after its end stays. Offsets count UTF-16 units, as strings in JavaScript do.
 *
 * It has the URI and the results of npm's ot-text 1.0.2, and differs in this: numbers must be whole, a deletion must not
 * reach beyond the text, operations converge also where one inserts twice in one place, and every error has a code.
 *
 * @module
 */

import type { OpLimits } from "./limits.ts";
import { limitsFrom } from "./limits.ts";
import { mismatch } from "./refusal.ts";
import { checkTextComponents, checkTextOp, checkTextSize, type TextOp } from "./text_component.ts";
import { Pieces, TextBuilder } from "./text_pieces.ts";
import {
  checkedOffset,
  checkedSelection,
  isSameSelection,
  positionAfter,
  selectionAfter,
  type TextSelection,
} from "./text_selection.ts";
import { checkSide, type OtType, type Side } from "./type.ts";

/**
 * The type for plain text. Every function throws `ERR_OP_MALFORMED` for what is no operation, and `ERR_OP_MISMATCH` for
 * one that does not fit; `checkOp` throws `ERR_TOO_LARGE` as well.
 */
export interface TextType extends OtType<string, TextOp> {
  /** A value as an operation, held against the grammar and the bounds. */
  checkOp(op: unknown): TextOp;
  /** The text itself; an empty one for none. */
  create(initial?: unknown): string;
  /** The text after the operation. */
  apply(snapshot: string, op: TextOp): string;
  /** The operation as it has to be after the other one. */
  transform(op: TextOp, other: TextOp, side: Side): TextOp;
  /** One operation that does what both do. */
  compose(op: TextOp, next: TextOp): TextOp;
  /** The operation that undoes this one on this text. */
  invertWithDoc(op: TextOp, snapshot: string): TextOp;
  /** The operation with neighbours merged, and without what does nothing. */
  normalize(op: TextOp): TextOp;
  /** Where an offset is after the operation: before what is inserted at that very place. */
  transformPosition(position: number, op: TextOp): number;
  /** A selection after the operation; after one's own, the place where that ended. */
  transformSelection(selection: TextSelection, op: TextOp, isOwnOp?: boolean): TextSelection;
  /** Whether two selections are the same; one without extent is an offset. */
  selectionEq(selection: TextSelection, other: TextSelection): boolean;
  /** As `transformSelection`. */
  transformPresence(presence: unknown, op: TextOp, isOwnOp?: boolean): TextSelection;
}

/**
 * Makes a text type with bounds of its own.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` for an unknown option.
 * @throws {LimitError} `ERR_INVALID_OPTION` for a bound that is none.
 */
export function createTextType(options: Partial<Omit<OpLimits, "depthMax">> = {}): TextType {
  const limits = limitsFrom("make the type", options, ["componentsMax", "sizeMax"]);
  return {
    name: "text",
    uri: "http://sharejs.org/types/textv1",
    checkOp: (op) => {
      checkTextOp(op);
      checkTextSize(limits, op);
      return op;
    },
    create: (initial) => checkedText(initial ?? ""),
    apply: (snapshot, op) => applyText(checkedText(snapshot), checked(op)),
    transform: (op, other, side) => {
      checkSide(side);
      return transformText(checked(op), checked(other), side);
    },
    compose: (op, next) => composeText(checked(op), checked(next)),
    invertWithDoc: (op, snapshot) => invertText(checked(op), checkedText(snapshot)),
    normalize: (op) => {
      checkTextComponents(op);
      return normalizeText(op);
    },
    transformPosition: (position, op) => positionAfter(checkedOffset(position), checked(op)),
    transformSelection: moved,
    selectionEq: (selection, other) =>
      isSameSelection(checkedSelection(selection), checkedSelection(other)),
    transformPresence: moved,
  };
}

/**
 * The type for plain text.
 *
 * @example
 * ```ts
 * import { text } from "@holdfast/holdfast/ot";
 * import { strictEqual } from "node:assert/strict";
 *
 * const ada = [6, "brave "]; // two people type at once
 * const bob = [11, "!"];
 * const once = text.apply("Hello world", ada);
 * strictEqual(text.apply(once, text.transform(bob, ada, "right")), "Hello brave world!");
 * ```
 */
export const text: TextType = /* @__PURE__ */ createTextType();

function applyText(snapshot: string, op: TextOp): string {
  let result = "";
  let at = 0;
  for (const component of op) {
    if (typeof component === "string") {
      result += component;
      continue;
    }
    const isSkip = typeof component === "number";
    const end = at + (isSkip ? component : component.d);
    if (end > snapshot.length) throw mismatch("it must end within the text");
    if (isSkip) result += snapshot.slice(at, end);
    at = end;
  }
  return result + snapshot.slice(at);
}

function transformText(op: TextOp, other: TextOp, side: Side): TextOp {
  const result = new TextBuilder();
  const pieces = new Pieces(op);
  for (const component of other) {
    if (typeof component === "string") {
      while (side === "left" && pieces.isInsertNext) result.add(pieces.rest());
      result.add(component.length);
      continue;
    }
    const isSkip = typeof component === "number";
    for (let left = isSkip ? component : component.d; left > 0;) {
      const piece = pieces.next(left, "insert");
      if (typeof piece === "string") result.add(piece);
      else {
        // What the other one deleted is neither skipped nor deleted again.
        if (isSkip) result.add(piece);
        left -= typeof piece === "number" ? piece : piece.d;
      }
    }
  }
  return result.finish(pieces);
}

function composeText(op: TextOp, next: TextOp): TextOp {
  const result = new TextBuilder();
  const pieces = new Pieces(op);
  for (const component of next) {
    if (typeof component === "string") {
      result.add(component);
      continue;
    }
    const isSkip = typeof component === "number";
    for (let left = isSkip ? component : component.d; left > 0;) {
      const piece = pieces.next(left, "delete");
      if (typeof piece === "object") result.add(piece);
      else {
        if (isSkip) result.add(piece);
        else if (typeof piece === "number") result.add({ d: piece });
        left -= typeof piece === "number" ? piece : piece.length;
      }
    }
  }
  return result.finish(pieces);
}

function invertText(op: TextOp, snapshot: string): TextOp {
  const result = new TextBuilder();
  let at = 0;
  for (const component of op) {
    if (typeof component === "string") {
      result.add({ d: component.length });
      continue;
    }
    const isSkip = typeof component === "number";
    const end = at + (isSkip ? component : component.d);
    if (end > snapshot.length) throw mismatch("it must end within the text");
    result.add(isSkip ? component : snapshot.slice(at, end));
    at = end;
  }
  return result.finish();
}

function normalizeText(op: TextOp): TextOp {
  const result = new TextBuilder();
  for (const component of op) result.add(component);
  return result.finish();
}

function moved(selection: unknown, op: TextOp, isOwnOp = false): TextSelection {
  return selectionAfter(checkedSelection(selection), checked(op), isOwnOp);
}

function checked(op: unknown): TextOp {
  checkTextOp(op);
  return op;
}

function checkedText(value: unknown): string {
  if (typeof value === "string") return value;
  throw mismatch("it must meet a text");
}
