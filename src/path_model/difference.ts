/**
 * Mutations that make one value another by few changes.
 *
 * @module
 */

import type { Json } from "../json.ts";
import { json, type JsonComponent } from "../ot/mod.ts";
import { type Edit, set, steps, type Value, valueAt } from "./edit.ts";
import type { Segments } from "./path.ts";

/** Changes inside of a value, down to the texts. */
export function differences(data: Value, path: Segments, value: Json): Edit<Value> {
  const previous = valueAt(data, path);
  if (previous === undefined) return set(data, path, value);
  return { op: below(data, path, json.diff(previous, value)), result: previous };
}

/** Items that leave a list and come into it; those that it begins and ends with stay, if they are the same. */
export function differencesOfList(
  data: Value,
  path: Segments,
  list: readonly Json[],
): Edit<Value> {
  const previous = valueAt(data, path);
  if (!Array.isArray(previous)) return set(data, path, list);
  let start = 0;
  const shorter = Math.min(previous.length, list.length);
  while (start < shorter && isSame(previous[start], list[start])) start++;
  let end = 0;
  while (end < shorter - start && isSame(previous.at(-1 - end), list.at(-1 - end))) end++;
  const gone: readonly Json[] = previous.slice(start, previous.length - end);
  const come = list.slice(start, list.length - end);
  const op = [
    ...gone.map((ld): JsonComponent => ({ p: [start], ld })),
    ...come.map((li, i): JsonComponent => ({ p: [start + i], li })),
  ];
  return { op: below(data, path, op), result: previous };
}

/** Whether two values hold the same. */
export function isSame(a: Value, b: Value): boolean {
  return a === b || (a !== undefined && b !== undefined && json.diff(a, b).length === 0);
}

function below(
  data: Value,
  path: Segments,
  op: readonly JsonComponent[],
): readonly JsonComponent[] {
  const start = steps(data, path);
  return op.map((component) => ({ ...component, p: [...start, ...component.p] }));
}
