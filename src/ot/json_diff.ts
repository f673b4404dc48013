/**
 * From one JSON document to another, by an operation that touches little: lists and texts keep what they begin and end
 * with, objects keep the properties that are the same. Not the shortest operation, but found in one walk.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { JsonComponent, JsonOp } from "./json_component.ts";
import type { JsonPath } from "./json_path.ts";

/** An operation that makes the second document of the first. */
export function diffJson(before: Json, after: Json): JsonOp {
  const op: JsonComponent[] = [];
  differ(op, [], before, after);
  return op;
}

function differ(op: JsonComponent[], p: JsonPath, before: Json, after: Json): void {
  if (isSameJson(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after)) differLists(op, p, before, after);
  else if (isJsonObject(before) && isJsonObject(after)) differObjects(op, p, before, after);
  else if (typeof before === "string" && typeof after === "string") {
    differTexts(op, p, before, after);
  } else if (typeof p[p.length - 1] === "number") op.push({ p, ld: before, li: after });
  else op.push({ p, od: before, oi: after });
}

function differObjects(
  op: JsonComponent[],
  path: JsonPath,
  before: JsonObject,
  after: JsonObject,
): void {
  for (const key of Object.keys(before)) {
    const [was, is] = [before[key], Object.hasOwn(after, key) ? after[key] : undefined];
    const p = [...path, key];
    if (was === undefined) continue;
    if (is === undefined) op.push({ p, od: was });
    else differ(op, p, was, is);
  }
  for (const [key, is] of Object.entries(after)) {
    if (!Object.hasOwn(before, key)) op.push({ p: [...path, key], oi: is });
  }
}

function differLists(
  op: JsonComponent[],
  path: JsonPath,
  before: readonly Json[],
  after: readonly Json[],
): void {
  const { start, ends } = common(before, after, isSameJson);
  const [left, right] = [
    before.slice(start, before.length - ends),
    after.slice(start, after.length - ends),
  ];
  const both = Math.min(left.length, right.length);
  for (let at = 0; at < both; at++) {
    const [was, is] = [left[at], right[at]];
    if (was !== undefined && is !== undefined) differ(op, [...path, start + at], was, is);
  }
  const p = [...path, start + both];
  for (const ld of left.slice(both)) op.push({ p, ld });
  for (const li of right.slice(both).reverse()) op.push({ p, li });
}

function differTexts(op: JsonComponent[], path: JsonPath, before: string, after: string): void {
  const { start, ends } = common(before, after, (was, is) => was === is);
  const p = [...path, start];
  const [sd, si] = [
    before.slice(start, before.length - ends),
    after.slice(start, after.length - ends),
  ];
  if (sd !== "") op.push({ p, sd });
  if (si !== "") op.push({ p, si });
}

/** How much two sequences have in common at their start, and how much of the rest at their end. */
function common<Item>(
  before: ArrayLike<Item>,
  after: ArrayLike<Item>,
  isSame: (was: Item, is: Item) => boolean,
): { readonly start: number; readonly ends: number } {
  const most = Math.min(before.length, after.length);
  const isSameAt = (at: number, other: number): boolean => {
    const [was, is] = [before[at], after[other]];
    return was !== undefined && is !== undefined && isSame(was, is);
  };
  let start = 0;
  while (start < most && isSameAt(start, start)) start++;
  let ends = 0;
  while (
    ends < most - start && isSameAt(before.length - 1 - ends, after.length - 1 - ends)
  ) ends++;
  return { start, ends };
}

function isSameJson(before: Json, after: Json): boolean {
  if (before === after) return true;
  if (Array.isArray(before) && Array.isArray(after)) {
    return before.length === after.length &&
      before.every((was, at) => isSameJson(was, after[at] ?? null));
  }
  if (!isJsonObject(before) || !isJsonObject(after)) return false;
  const keys = Object.keys(before);
  return keys.length === Object.keys(after).length && keys.every((key) => {
    const [was, is] = [before[key], after[key]];
    return Object.hasOwn(after, key) && was !== undefined && is !== undefined &&
      isSameJson(was, is);
  });
}
