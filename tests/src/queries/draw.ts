/**
 * Random documents and queries, of few names and values, so that they meet.
 *
 * @module
 */

import type { Json, JsonObject } from "../../../src/json.ts";
import type { Subject } from "../../../src/queries/mod.ts";
import { randomInteger, seededRandom } from "../../../src/random.ts";

/** A whole number in [from, to). */
export type Dice = (from: number, to: number) => number;

/** The seed of a run, from SEED or at random. */
export const SEED: number = Number(Deno.env.get("SEED") ?? 0) ||
  crypto.getRandomValues(new Uint32Array(1))[0] || 1;

/** Dice from a seed. */
export function diceOf(seed: number): Dice {
  const random = seededRandom(seed);
  return (from, to) => randomInteger(random, from, to);
}

const FIELDS = ["a", "b", "c"];
const SCALARS: readonly Json[] = [null, 0, 1, 2, -1.5, "", "x", "y", "ä", true, false];

/** One of some things. */
export function oneOf<T>(dice: Dice, things: readonly T[]): T {
  const thing = things[dice(0, things.length)];
  if (thing === undefined) throw new Error("Cannot draw from nothing");
  return thing;
}

/** A document's content. */
export function drawData(dice: Dice, depth = 0): JsonObject {
  const data: Record<string, Json> = {};
  for (const field of FIELDS) if (dice(0, 4) > 0) data[field] = drawValue(dice, depth);
  return data;
}

function drawValue(dice: Dice, depth: number): Json {
  const kind = dice(0, depth > 1 ? 6 : 10);
  if (kind < 6) return oneOf(dice, SCALARS);
  if (kind < 8) return Array.from({ length: dice(0, 4) }, () => drawValue(dice, depth + 1));
  return drawData(dice, depth + 1);
}

/** A document. */
export function drawSubject(dice: Dice, id: string): Subject {
  return { id, version: dice(1, 5), type: "json", data: drawData(dice) };
}

/** A query without sorting and limits. */
export function drawWhere(dice: Dice, depth = 0): JsonObject {
  const where: Record<string, Json> = {};
  for (let i = dice(0, 3); i >= 0; i--) {
    const kind = dice(0, depth > 1 ? 8 : 10);
    if (kind < 8) where[drawPath(dice)] = drawCondition(dice, depth);
    else {
      const branches = Array.from({ length: dice(1, 3) }, () => drawWhere(dice, depth + 1));
      where[oneOf(dice, ["$and", "$or", "$nor"])] = branches;
    }
  }
  return where;
}

function drawPath(dice: Dice): string {
  return dice(0, 3) > 0 ? oneOf(dice, FIELDS) : `${oneOf(dice, FIELDS)}.${oneOf(dice, FIELDS)}`;
}

function drawCondition(dice: Dice, depth: number): Json {
  const scalar = (): Json => oneOf(dice, SCALARS);
  const list = (): Json => Array.from({ length: dice(1, 4) }, scalar);
  switch (dice(0, 10)) {
    case 0:
    case 1:
      return scalar();
    case 2:
      return { [oneOf(dice, ["$eq", "$ne"])]: scalar() };
    case 3:
      return { [oneOf(dice, ["$gt", "$gte", "$lt", "$lte"])]: oneOf(dice, [0, 1, "x", "y"]) };
    case 4:
      return { [oneOf(dice, ["$in", "$nin"])]: list() };
    case 5:
      return { $exists: dice(0, 2) === 0 };
    case 6:
      return { $size: dice(0, 3) };
    case 7:
      return { $mod: [2, dice(0, 2)] };
    case 8:
      return { $elemMatch: { $gte: dice(0, 3) } };
    default:
      return depth > 2 ? { $gt: 0 } : { $not: { $gt: dice(0, 2) } };
  }
}
