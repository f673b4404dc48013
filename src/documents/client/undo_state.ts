/**
 * What can be undone and redone: operations that take one's own back, led past everything that happened since.
 *
 * @module
 */

import type { OtType } from "../../ot/mod.ts";
import { transformPair } from "../../ot/mod.ts";

/** An operation that takes something back. */
export interface UndoItem {
  readonly op: unknown;
  /** When the last of what it takes back was done, in milliseconds. */
  readonly atMs: number;
  /** Whether what comes next is taken back apart from it. */
  readonly isClosed: boolean;
}

/** What can be undone and redone, the latest last. */
export interface UndoState {
  readonly undo: readonly UndoItem[];
  readonly redo: readonly UndoItem[];
}

/** Why an operation of one's own was made. */
export type UndoCause = "edit" | "undo" | "redo";

/** What was done. */
export interface Done {
  /** What takes it back. */
  readonly inverse: unknown;
  readonly cause: UndoCause;
  readonly nowMs: number;
  /** Within how many milliseconds edits are taken back together. */
  readonly intervalMs: number;
  /** How many steps are kept. */
  readonly stepsMax: number;
}

/** Nothing to take back. */
export const NOTHING_DONE: UndoState = { undo: [], redo: [] };

/** After something of one's own was done. */
export function afterDone(type: OtType, state: UndoState, done: Done): UndoState {
  const { cause, inverse: op, nowMs: atMs, stepsMax } = done;
  const item = { op, atMs, isClosed: cause !== "edit" };
  if (cause === "undo") return { ...state, redo: [...state.redo, item] };
  if (cause === "redo") return { ...state, undo: [...state.undo, item] };
  return { undo: withEdit(type, state.undo, item, done).slice(-stepsMax), redo: [] };
}

/** After something happened that is not taken back here. */
export function afterOther(type: OtType, state: UndoState, op: unknown): UndoState {
  return { undo: led(type, state.undo, op), redo: led(type, state.redo, op) };
}

/** What comes next is taken back apart from what was. */
export function closed(state: UndoState): UndoState {
  const last = state.undo[state.undo.length - 1];
  if (last === undefined) return state;
  return { ...state, undo: [...state.undo.slice(0, -1), { ...last, isClosed: true }] };
}

/** Whether an operation of any known type does nothing. */
export function isNothing(op: unknown): boolean {
  const parts: unknown = Array.isArray(op) ? op : Object(op).ops;
  return op === null || op === undefined || (Array.isArray(parts) && parts.length === 0);
}

function withEdit(
  type: OtType,
  items: readonly UndoItem[],
  item: UndoItem,
  { intervalMs }: Done,
): readonly UndoItem[] {
  const last = items[items.length - 1];
  const isOne = last !== undefined && !last.isClosed && item.atMs - last.atMs <= intervalMs &&
    type.compose !== undefined;
  if (!isOne) return [...items, item];
  // What was done last is taken back first.
  const op = type.compose?.(item.op, last.op);
  return [...items.slice(0, -1), { ...item, op }];
}

/** A stack led past an operation: the top one fits what is there now, the next one what the top one leaves. */
function led(type: OtType, items: readonly UndoItem[], other: unknown): readonly UndoItem[] {
  let passed = other;
  const result: UndoItem[] = [];
  for (const item of [...items].reverse()) {
    const [mine, theirs] = transformPair(type, item.op, passed);
    passed = theirs;
    if (!isNothing(mine)) result.push({ ...item, op: mine });
  }
  return result.reverse();
}
