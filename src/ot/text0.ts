/**
 * The type by which JSON operations edit strings: components that each insert or delete a text at an offset, one after
 * the other. Offsets count UTF-16 units.
 *
 * It is no type for whole documents (that is `text`), but a subtype of `json`, under the name and URI of json0's own.
 *
 * @module
 */

import { isPlain } from "./json_value.ts";
import { isIndex } from "./json_path.ts";
import { type ComponentRules, transformList } from "./pairs.ts";
import { malformed, mismatch } from "./refusal.ts";
import { checkSide, type OtType, type Side } from "./type.ts";

/** A text `i` that is inserted at the offset `p`, or one `d` that is deleted there. */
export interface Text0Component {
  /** The offset, from 0. */
  readonly p: number;
  /** The text that is inserted. */
  readonly i?: string;
  /** The text that is deleted. */
  readonly d?: string;
}

/** An operation on a string inside JSON. */
export type Text0Op = readonly Text0Component[];

/** The subtype of json0 for strings. */
export const text0: OtType<string, Text0Op> = {
  name: "text0",
  uri: "http://sharejs.org/types/textv0",
  create: (initial) => checkedText(initial ?? ""),
  apply: (snapshot, op) => checked(op).reduce(applyText0, checkedText(snapshot)),
  transform: (op, other, side) => {
    checkSide(side);
    return transformList(RULES, checked(op), checked(other), side);
  },
  compose: (op, next) => {
    const result = checked(op).slice();
    for (const component of checked(next)) appendText0(result, component);
    return result;
  },
  invert: (op) =>
    checked(op).map(({ p, i, d = "" }) => i === undefined ? { p, i: d } : { p, d: i }).reverse(),
};

/** Appends a component to an operation, merged with its last one if they touch. */
export function appendText0(into: Text0Component[], component: Text0Component): void {
  const { p, i, d } = component;
  if (i === "" || d === "") return;
  const last = into[into.length - 1];
  const merged = last && mergedText0(last, component);
  if (merged === undefined) into.push(i === undefined ? { d: d ?? "", p } : { i, p });
  else into[into.length - 1] = merged;
}

/**
 * Where an offset is after a component. At the very place of an insertion it stays before it, or `goesAfter` it.
 */
export function offsetAfter(offset: number, component: Text0Component, goesAfter: boolean): number {
  const { p, i, d = "" } = component;
  if (i !== undefined) {
    return p < offset || (p === offset && goesAfter) ? offset + i.length : offset;
  }
  return offset <= p ? offset : Math.max(p, offset - d.length);
}

const RULES: ComponentRules<Text0Component> = {
  transform: transformText0,
  transformed: (component, other, side) => {
    const into: Text0Component[] = [];
    transformText0(into, component, other, side);
    return into;
  },
  append: appendText0,
};

function applyText0(text: string, { p, i, d = "" }: Text0Component): string {
  if (p > text.length) throw mismatch("an offset must be within the text");
  if (i !== undefined) return spliced(text, p, i);
  if (!text.startsWith(d, p)) throw mismatch("the text that it deletes must be there");
  return text.slice(0, p) + text.slice(p + d.length);
}

/** Two insertions that touch, or two deletions that do, as one. */
export function mergedText0(
  last: Text0Component,
  next: Text0Component,
): Text0Component | undefined {
  if (last.i !== undefined && next.i !== undefined) {
    const isInside = last.p <= next.p && next.p <= last.p + last.i.length;
    return isInside ? { i: spliced(last.i, next.p - last.p, next.i), p: last.p } : undefined;
  }
  if (last.d !== undefined && next.d !== undefined) {
    const isAround = next.p <= last.p && last.p <= next.p + next.d.length;
    return isAround ? { d: spliced(next.d, last.p - next.p, last.d), p: next.p } : undefined;
  }
  return undefined;
}

/** Appends what becomes of a component after another one. */
export function transformText0(
  into: Text0Component[],
  component: Text0Component,
  other: Text0Component,
  side: Side,
): void {
  const { p, i, d = "" } = component;
  if (i !== undefined) appendText0(into, { i, p: offsetAfter(p, other, side === "right") });
  else if (other.i !== undefined) deleteAroundInsert(into, p, d, other.p, other.i.length);
  else deleteAfterDelete(into, component, other);
}

/** A deletion leaves out what was inserted in its midst: it becomes two. */
function deleteAroundInsert(
  into: Text0Component[],
  p: number,
  d: string,
  at: number,
  length: number,
): void {
  const before = d.slice(0, Math.max(0, at - p));
  const after = d.slice(before.length);
  appendText0(into, { d: before, p });
  appendText0(into, { d: after, p: p + length });
}

/** A deletion leaves out what the other one deleted already. */
function deleteAfterDelete(
  into: Text0Component[],
  { p, d = "" }: Text0Component,
  { p: otherP, d: otherD = "" }: Text0Component,
): void {
  const [end, otherEnd] = [p + d.length, otherP + otherD.length];
  if (p >= otherEnd) return appendText0(into, { d, p: p - otherD.length });
  if (end <= otherP) return appendText0(into, { d, p });
  const [from, to] = [Math.max(p, otherP), Math.min(end, otherEnd)];
  if (d.slice(from - p, to - p) !== otherD.slice(from - otherP, to - otherP)) {
    throw mismatch("two deletions of one place must delete the same text");
  }
  appendText0(into, { d: d.slice(0, from - p) + d.slice(to - p), p: Math.min(p, otherP) });
}

function spliced(text: string, at: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at);
}

function checkedText(value: unknown): string {
  if (typeof value === "string") return value;
  throw mismatch("it must meet a text");
}

function checked(op: Text0Op): Text0Op {
  if (!Array.isArray(op)) throw malformed("a text's operation must be a list of components");
  for (let at = 0; at < op.length; at++) checkComponent(op[at]);
  return op;
}

function checkComponent(component: unknown): void {
  if (isPlain(component) && isIndex(component.p)) {
    const { i, d } = component;
    if (typeof i === "string" && d === undefined) return;
    if (typeof d === "string" && i === undefined) return;
  }
  throw malformed("a text's component must have an offset, and a text i or d");
}
