/**
 * Random documents and operations that fit them, for JSON and for text.
 *
 * All dice go through one function, so that a seed replays a run and fast-check can shrink one.
 *
 * @module
 */

import { isJsonObject, type Json } from "../../../src/json.ts";
import {
  createJsonType,
  type JsonComponent,
  type JsonOp,
  type JsonPath,
  type JsonType,
  text,
  type Text0Component,
  type TextComponent,
  type TextOp,
} from "../../../src/ot/mod.ts";
import { randomInteger, seededRandom } from "../../../src/random.ts";

/** A JSON type that knows `text` as a subtype. */
export const jsonWithText: JsonType = createJsonType({ subtypes: [text] });

/** A whole number in [from, to). */
export type Dice = (from: number, to: number) => number;

/** How JSON operations are drawn. */
export interface JsonDraw {
  /** Where numbers come from. */
  readonly dice: Dice;
  /** How strings are edited: by `si` and `sd`, by the subtype `text0`, by both, or by the subtype `text`. */
  readonly strings: "si" | "text0" | "both" | "text";
}

/** Dice from a seed. */
export function diceOf(seed: number): Dice {
  const random = seededRandom(seed);
  return (from, to) => randomInteger(random, from, to);
}

/** One of some values. */
export function pick<Value>(dice: Dice, values: readonly [Value, ...Value[]]): Value {
  return values[dice(0, values.length)] ?? values[0];
}

/** A JSON value that nests no deeper than so. */
export function drawJson(dice: Dice, depth = 3): Json {
  const kind = dice(0, depth > 0 ? 8 : 4);
  if (kind === 0) return pick(dice, [null, true, false, 0]);
  if (kind === 1) return dice(-5, 100);
  if (kind <= 3) return drawText(dice, 8);
  const values = Array.from({ length: dice(0, 4) }, () => drawJson(dice, depth - 1));
  if (kind <= 5) return values;
  return Object.fromEntries(values.map((value) => [drawKey(dice), value]));
}

/** A JSON document: always a container at its root, so that there is something to edit. */
export function drawDocument(dice: Dice): Json {
  const values = Array.from({ length: dice(2, 6) }, () => drawJson(dice));
  return dice(0, 4) === 0
    ? values
    : Object.fromEntries(values.map((value) => [drawKey(dice), value]));
}

/** An operation of one to four components that fits the document. */
export function drawJsonOp(draw: JsonDraw, document: Json): JsonOp {
  const op: JsonComponent[] = [];
  let current = document;
  for (let left = draw.dice(1, 5); left > 0; left--) {
    const component = drawComponent(draw, current);
    op.push(component);
    current = jsonWithText.apply(current, [component]);
  }
  return op;
}

/** A text of few different characters, some of two units. */
export function drawText(dice: Dice, lengthMax: number): string {
  let text = "";
  for (let left = dice(0, lengthMax + 1); left > 0; left--) {
    text += pick(dice, ["a", "b", "c", " ", "é", "𝒳"]);
  }
  return text;
}

/** An operation that fits the text. */
export function drawTextOp(dice: Dice, text: string): TextOp {
  const op: TextComponent[] = [];
  let left = text.length;
  for (let steps = dice(1, 6); steps > 0; steps--) {
    const kind = dice(0, 3);
    if (kind === 0) op.push(drawText(dice, 4) || "x");
    else if (left > 0) {
      const length = dice(1, Math.min(left, 5) + 1);
      left -= length;
      op.push(kind === 1 ? length : { d: length });
    }
  }
  return withoutVainSkips(op);
}

function drawKey(dice: Dice): string {
  return pick(dice, ["a", "b", "c", "d", "toString", "0", ""]);
}

/** All paths of a document, the root's among them. */
export function pathsOf(value: Json, path: JsonPath = []): JsonPath[] {
  if (Array.isArray(value)) {
    const list: readonly Json[] = value;
    return [path, ...list.flatMap((item, index) => pathsOf(item, [...path, index]))];
  }
  if (!isJsonObject(value)) return [path];
  return [path, ...Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]))];
}

/** What is at a path. */
export function at(value: Json, path: JsonPath): Json | undefined {
  return path.reduce<Json | undefined>(
    (node, key) =>
      typeof node === "object" && node !== null && Object.hasOwn(node, key)
        ? Reflect.get(node, key)
        : undefined,
    value,
  );
}

function drawComponent(draw: JsonDraw, document: Json): JsonComponent {
  const { dice } = draw;
  if (dice(0, 60) === 0) return { p: [], od: document, oi: drawDocument(dice) };
  const paths = pathsOf(document);
  const p = paths[dice(0, paths.length)] ?? [];
  const value = at(document, p) ?? null;
  if (typeof value === "number") return { p, na: dice(-3, 4) };
  if (typeof value === "string") return drawStringEdit(draw, p, value);
  if (Array.isArray(value)) return drawListEdit(dice, p, value);
  if (isJsonObject(value)) return drawObjectEdit(dice, p, value);
  return { p: [], od: document, oi: drawDocument(dice) };
}

function drawStringEdit({ dice, strings }: JsonDraw, p: JsonPath, value: string): JsonComponent {
  if (strings === "text") return { p, t: "text", o: text.normalize(drawTextOp(dice, value)) };
  const edit = drawText0(dice, value);
  if (strings === "text0" || (strings === "both" && dice(0, 2) === 0)) {
    return { p, t: "text0", o: [edit] };
  }
  const place = [...p, edit.p];
  return edit.i === undefined ? { p: place, sd: edit.d ?? "" } : { p: place, si: edit.i };
}

function drawText0(dice: Dice, value: string): Text0Component {
  const p = dice(0, value.length + 1);
  const d = value.slice(p, p + dice(1, 4));
  return d === "" || dice(0, 2) === 0 ? { p, i: drawText(dice, 3) || "i" } : { p, d };
}

function drawListEdit(dice: Dice, path: JsonPath, list: readonly Json[]): JsonComponent {
  const index = dice(0, list.length + 1);
  const p = [...path, index];
  const item = list[index];
  if (item === undefined) return { p, li: drawJson(dice, 1) };
  return pick<() => JsonComponent>(dice, [
    () => ({ p, li: drawJson(dice, 1) }),
    () => ({ p, ld: item }),
    () => ({ p, ld: item, li: drawJson(dice, 1) }),
    () => ({ p, lm: dice(0, list.length) }),
    () => ({ p, lm: dice(0, list.length) }),
  ])();
}

function drawObjectEdit(
  dice: Dice,
  path: JsonPath,
  object: Readonly<Record<string, Json>>,
): JsonComponent {
  const key = drawKey(dice);
  const p = [...path, key];
  const od = Object.hasOwn(object, key) ? object[key] : undefined;
  if (od === undefined) return { p, oi: drawJson(dice, 1) };
  return dice(0, 2) === 0 ? { p, od } : { p, od, oi: drawJson(dice, 1) };
}

/** The operation as its grammar wants it, and no more: inserts and deletions stay as they were drawn. */
function withoutVainSkips(op: readonly TextComponent[]): TextOp {
  const merged: TextComponent[] = [];
  for (const component of op) {
    const last = merged[merged.length - 1];
    if (typeof last === "number" && typeof component === "number") {
      merged[merged.length - 1] = last + component;
    } else merged.push(component);
  }
  while (typeof merged[merged.length - 1] === "number") merged.pop();
  return merged;
}
