/**
 * What must hold for documents and operations, whatever they are: our laws, and that the npm packages come to the same.
 *
 * @module
 */

import type { Json } from "../../src/json.ts";
import {
  type JsonComponent,
  type JsonOp,
  type OtType,
  type Side,
  text,
  type TextOp,
  transformPair,
} from "../../src/ot/mod.ts";
import {
  at,
  type Dice,
  drawDocument,
  drawJsonOp,
  drawText,
  drawTextOp,
  type JsonDraw,
  jsonWithText,
  pathsOf,
} from "../src/ot/generate.ts";
import { frozen } from "../src/ot/frozen.ts";
import { json0, otText } from "./ot_oracles.ts";

const SIDES: readonly Side[] = ["left", "right"];

/** Draws a document and operations, and holds every law of JSON against them. */
export function checkJsonLaws(draw: JsonDraw): void {
  const document = frozen(drawDocument(draw.dice));
  const [left, right] = [drawJsonOp(draw, document), drawJsonOp(draw, document)].map(frozen);
  if (left === undefined || right === undefined) return;
  const after = frozen(jsonWithText.apply(document, left));
  const next = frozen(drawJsonOp(draw, after));
  const shown = { document, left, right, next };
  checkConvergence(jsonWithText, document, left, right, shown);
  // Where both forms meet, json0 lets them pass each other without a look.
  if (draw.strings !== "both") checkAgainstOracle(jsonWithText, json0, shown);
  checkComposition(jsonWithText, document, left, next, shown);
  same(
    "normalize applies alike",
    jsonWithText.apply(document, jsonWithText.normalize(left)),
    after,
    shown,
  );
  checkPresence(document, left, after, shown);
  if (draw.strings !== "text") checkInversion(document, left, after, shown);
}

/** Holds two operations that were made at once against convergence and the oracle, and presence against both. */
export function checkJsonPair(document: Json, left: JsonOp, right: JsonOp): void {
  const shown = { document, left, right, next: [] };
  checkConvergence(jsonWithText, document, left, right, shown);
  checkAgainstOracle(jsonWithText, json0, shown);
  checkPresence(document, left, jsonWithText.apply(document, left), shown);
}

/** Holds two operations, one after the other, against what json0 composes of them. */
export function checkJsonSequence(document: Json, op: JsonOp, next: JsonOp): void {
  const shown = { document, left: op, right: [], next };
  checkComposition(jsonWithText, document, op, next, shown);
  checkAgainstOracle(jsonWithText, json0, shown);
}

/**
 * Draws components that overwrite and delete without saying what, as many clients do. They need not converge, but we
 * have to do with them what json0 does, since the other end of a connection may be json0.
 */
export function checkLazyJson(dice: Dice): void {
  const document = frozen(drawDocument(dice));
  const [left, right, next] = [0, 0, 0].map(() =>
    frozen(drawJsonOp({ dice, strings: "si" }, document).slice(0, 1).map(withoutRecord))
  );
  if (left === undefined || right === undefined || next === undefined) return;
  if (!isTakenByJson0(left, right) || !isTakenByJson0(right, left)) return;
  checkAgainstOracle(jsonWithText, json0, { document, left, right, next });
}

/** Whether json0 can transform an operation; it fails where the other one edits what the record does not hold. */
function isTakenByJson0(op: JsonOp, other: JsonOp): boolean {
  try {
    json0.transform(structuredClone(op), structuredClone(other), "left");
    return true;
  } catch {
    // An Error without any mark, or a TypeError.
    return false;
  }
}

/** Draws a text and operations, and holds every law of text against them. */
export function checkTextLaws(dice: Dice): void {
  const document = drawText(dice, 20);
  const [left, right] = [frozen(drawTextOp(dice, document)), frozen(drawTextOp(dice, document))];
  const after = text.apply(document, left);
  const next = frozen(drawTextOp(dice, after));
  const shown = { document, left, right, next };
  checkConvergence(text, document, left, right, shown);
  checkComposition(text, document, left, next, shown);
  const undo = text.invertWithDoc(left, document);
  same("invertWithDoc undoes", text.apply(after, undo), document, shown);
  same("normalize applies alike", text.apply(document, text.normalize(left)), after, shown);
  checkTextSelections(document, left, shown);
  // What inserts twice in one place does not converge there.
  const [oneLeft, oneRight, oneNext] = [left, right, next].map(text.normalize).map(frozen);
  if (oneLeft === undefined || oneRight === undefined || oneNext === undefined) return;
  checkAgainstOracle(text, otText, { document, left: oneLeft, right: oneRight, next: oneNext });
}

/** Whichever operation comes first, the document is the same. */
function checkConvergence<Snapshot, Op>(
  type: OtType<Snapshot, Op>,
  document: Snapshot,
  left: Op,
  right: Op,
  shown: unknown,
): void {
  const newLeft = type.transform(left, right, "left");
  const newRight = type.transform(right, left, "right");
  same(
    "convergence",
    type.apply(type.apply(document, left), newRight),
    type.apply(type.apply(document, right), newLeft),
    shown,
  );
  same(
    "transformX agrees with transform",
    transformPair(type, left, right),
    [newLeft, newRight],
    shown,
  );
}

function checkComposition<Snapshot, Op>(
  type: Required<Pick<OtType<Snapshot, Op>, "apply" | "compose">>,
  document: Snapshot,
  op: Op,
  next: Op,
  shown: unknown,
): void {
  const both = type.apply(document, type.compose(op, next));
  same("compose", both, type.apply(type.apply(document, op), next), shown);
}

/** Everything that the oracle can do gives the same, field by field. */
function checkAgainstOracle<Snapshot, Op>(
  type: OtType<Snapshot, Op>,
  oracle: OtType,
  drawn: { readonly document: Snapshot; readonly left: Op; readonly right: Op; readonly next: Op },
): void {
  // The oracles change what they are given.
  const { document, left, right, next } = structuredClone(drawn);
  for (const side of SIDES) {
    const [op, other] = side === "left" ? [left, right] : [right, left];
    const mine = side === "left" ? drawn.left : drawn.right;
    const theirs = side === "left" ? drawn.right : drawn.left;
    same(
      `transform ${side} as ${oracle.name}`,
      type.transform(mine, theirs, side),
      oracle.transform(structuredClone(op), structuredClone(other), side),
      drawn,
    );
  }
  same(
    `compose as ${oracle.name}`,
    type.compose?.(drawn.left, drawn.next),
    oracle.compose?.(structuredClone(left), structuredClone(next)),
    drawn,
  );
  same(
    `normalize as ${oracle.name}`,
    type.normalize?.(drawn.left),
    oracle.normalize?.(structuredClone(left)),
    drawn,
  );
  same(
    `apply as ${oracle.name}`,
    type.apply(drawn.document, drawn.left),
    oracle.apply(document, left),
    drawn,
  );
}

function checkInversion(document: Json, op: JsonOp, after: Json, shown: unknown): void {
  same("invert undoes", jsonWithText.apply(after, jsonWithText.invert(op)), document, shown);
  same("invert as json0", jsonWithText.invert(op), json0.invert?.(structuredClone(op)), shown);
  const bare = frozen(op.map(withoutRecord));
  const undo = jsonWithText.invertWithDoc(bare, document);
  same(
    "invertWithDoc undoes what records nothing",
    jsonWithText.apply(after, undo),
    document,
    shown,
  );
  const complete = jsonWithText.complete(bare, document);
  same("complete finds the record", complete, op, shown);
}

/** The component without its record where another field says what it does, else with a wrong one. */
function withoutRecord(component: JsonComponent): JsonComponent {
  const { od, ld, ...rest } = component;
  if (od !== undefined) return rest.oi === undefined ? { ...rest, od: 0 } : rest;
  return ld === undefined ? component : { ...rest, ld: 0 };
}

/** Whoever is on something that the operation did not touch is still on it. */
function checkPresence(document: Json, op: JsonOp, after: Json, shown: unknown): void {
  const places = new Map(pathsOf(after).map((path) => [at(after, path), path]));
  for (const p of pathsOf(document)) {
    const value = at(document, p);
    if (typeof value !== "object" || value === null || !places.has(value)) continue;
    const moved = jsonWithText.transformPresence({ p, name: "Ada" }, op);
    same("presence follows its place", moved, { p: places.get(value), name: "Ada" }, shown);
  }
}

function checkTextSelections(document: string, op: TextOp, shown: unknown): void {
  // ot-text says so, and OtType does not know it.
  const oracle = otText as OtType & Pick<typeof text, "transformSelection">;
  for (let offset = 0; offset <= document.length; offset++) {
    const selection = [offset, document.length - offset] as const;
    for (const isOwnOp of [true, false]) {
      same(
        "transformSelection as ot-text",
        text.transformSelection(selection, op, isOwnOp),
        oracle.transformSelection(selection, structuredClone(op), isOwnOp),
        shown,
      );
    }
    same(
      "transformPosition as ot-text",
      text.transformPosition(offset, op),
      oracle.transformSelection(offset, structuredClone(op), false),
      shown,
    );
  }
}

/** Throws, with what was drawn, unless both values are alike as JSON is. */
function same(law: string, actual: unknown, expected: unknown, shown: unknown): void {
  if (isAlike(actual, expected)) return;
  throw new Error(
    `${law}\n  actual:   ${JSON.stringify(actual)}\n  expected: ${JSON.stringify(expected)}\n` +
      `  drawn:    ${JSON.stringify(shown)}`,
  );
}

function isAlike(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isAlike(Reflect.get(a, key), Reflect.get(b, key)));
}
