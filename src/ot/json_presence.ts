/**
 * Where somebody is in a JSON document, and where that is after an operation.
 *
 * A place is a path: to a property, to an item of a list, or to an offset in a string, which is one step more.
 *
 * @module
 */

import type { Json } from "../json.ts";
import { isJsonObject } from "../json.ts";
import { asSubtype, type JsonComponent, type JsonOp, verbOf } from "./json_component.ts";
import { meetingPoint } from "./json_meeting.ts";
import { checkPath, isSamePath, type JsonPath, withStep } from "./json_path.ts";
import { indexAfterMove } from "./json_transform_list.ts";
import { malformed } from "./refusal.ts";
import { offsetAfter, type Text0Op } from "./text0.ts";

/** Where somebody is, and whatever else is to be told of them. */
export interface JsonPresence {
  /** The place, or where a selection begins. */
  readonly p: JsonPath;
  /** Where a selection ends. */
  readonly end?: JsonPath;
  /** Anything else travels along. */
  readonly [field: string]: Json | undefined;
}

/**
 * A presence after an operation; null if its place, or one end of its selection, is gone.
 *
 * @throws {ArgumentError} `ERR_OP_MALFORMED` or `ERR_OP_PATH_FORBIDDEN` if it has no path.
 */
export function transformJsonPresence(
  presence: unknown,
  op: JsonOp,
  isOwnOp: boolean,
  depthMax: number,
): JsonPresence | null {
  // A presence is the caller's own and carries anything; its paths are all that is looked at.
  if (!isJsonObject(presence)) throw malformed("a presence must be an object with a path");
  const { p, end } = presence as Readonly<Record<string, Json>>;
  const start = placeAfter(p, op, isOwnOp, depthMax);
  if (start === undefined) return null;
  if (end === undefined) return { ...presence, p: start };
  const stop = placeAfter(end, op, isOwnOp, depthMax);
  return stop === undefined ? null : { ...presence, p: start, end: stop };
}

function placeAfter(
  place: unknown,
  op: JsonOp,
  isOwnOp: boolean,
  depthMax: number,
): JsonPath | undefined {
  checkPath(place, depthMax);
  // checkPath() has seen that it is one.
  let path: JsonPath | undefined = place as JsonPath;
  for (const component of op) path = path && pathAfter(path, component, isOwnOp);
  return path;
}

/** The path after one component; undefined if what it leads to is gone. */
function pathAfter(
  path: JsonPath,
  component: JsonComponent,
  isOwnOp: boolean,
): JsonPath | undefined {
  const { p, t, o, lm } = asSubtype(component);
  if (t !== undefined) return t === "text0" ? offsetIn(path, p, o as Text0Op, isOwnOp) : path;
  const at = meetingPoint(component, { p: path });
  if (at === undefined) return path;
  const [step, edited] = [path[at], p[at]];
  if (typeof step !== "number" || typeof edited !== "number") {
    return step === edited ? pathInKey(path, component, at) : path;
  }
  switch (verbOf(component)) {
    case "insertItem":
      return edited <= step ? withStep(path, at, step + 1) : path;
    case "deleteItem":
      return edited === step ? undefined : edited < step ? withStep(path, at, step - 1) : path;
    case "moveItem":
      return withStep(path, at, indexAfterMove(step, edited, lm ?? edited));
    case "replaceItem":
      return edited === step ? path.slice(0, at + 1) : path;
    default:
      return path;
  }
}

/** Who was inside of a value that was replaced is on the new one. */
function pathInKey(path: JsonPath, { oi, od }: JsonComponent, at: number): JsonPath | undefined {
  if (oi !== undefined) return path.slice(0, at + 1);
  return od === undefined ? path : undefined;
}

/** A place in the string that was edited. Who wrote goes after what they wrote, everyone else stays before it. */
function offsetIn(
  path: JsonPath,
  edited: JsonPath,
  op: Text0Op,
  isOwnOp: boolean,
): JsonPath {
  const last = path[edited.length];
  const isInside = path.length === edited.length + 1 && typeof last === "number" &&
    isSamePath([...edited, last], path);
  if (!isInside) return path;
  const offset = op.reduce((offset, component) => offsetAfter(offset, component, isOwnOp), last);
  return withStep(path, edited.length, offset);
}
