/**
 * Where people are in a text, before and after an operation.
 *
 * @module
 */

import { isIndex } from "./json_path.ts";
import { malformed } from "./refusal.ts";
import { lengthOf, type TextOp } from "./text_component.ts";

/** An offset, or the two ends of a selection: where it was begun, and where it goes to. */
export type TextSelection = number | readonly [anchor: number, focus: number];

/** Where an offset is after an operation: before what is inserted at that very place. */
export function positionAfter(position: number, op: TextOp): number {
  let [result, at] = [position, 0];
  for (const component of op) {
    if (result <= at) return result;
    const length = lengthOf(component);
    if (typeof component === "number") at += length;
    else if (typeof component === "string") {
      at += length;
      result += length;
    } else result -= Math.min(length, result - at);
  }
  return result;
}

/** A selection after an operation; after one's own, the offset where that ended. */
export function selectionAfter(
  selection: TextSelection,
  op: TextOp,
  isOwnOp: boolean,
): TextSelection {
  if (isOwnOp) {
    return op.reduce<number>(
      (at, component) => typeof component === "object" ? at : at + lengthOf(component),
      0,
    );
  }
  if (typeof selection === "number") return positionAfter(selection, op);
  return [positionAfter(selection[0], op), positionAfter(selection[1], op)];
}

/** Whether two selections are the same; one without extent is an offset. */
export function isSameSelection(selection: TextSelection, other: TextSelection): boolean {
  const [anchor, focus] = endsOf(selection);
  const [otherAnchor, otherFocus] = endsOf(other);
  return anchor === otherAnchor && focus === otherFocus;
}

/**
 * A value as a selection.
 *
 * @throws {ArgumentError} `ERR_OP_MALFORMED` if it is none.
 */
export function checkedSelection(value: unknown): TextSelection {
  if (!Array.isArray(value)) return checkedOffset(value);
  const [anchor, focus]: unknown[] = value;
  return [checkedOffset(anchor), checkedOffset(focus)];
}

/**
 * A value as an offset.
 *
 * @throws {ArgumentError} `ERR_OP_MALFORMED` if it is none.
 */
export function checkedOffset(value: unknown): number {
  if (isIndex(value)) return value;
  throw malformed("a place in a text must be an offset from 0");
}

function endsOf(selection: TextSelection): readonly [number, number] {
  return typeof selection === "number" ? [selection, selection] : selection;
}
