/** @module */

import { deepStrictEqual } from "node:assert/strict";
import type { Json } from "../../../src/json.ts";
import { json } from "../../../src/ot/mod.ts";
import { diceOf, drawDocument } from "./generate.ts";

const CASES: readonly (readonly [before: Json, after: Json, op: unknown])[] = [
  [{ a: 1 }, { a: 1 }, []],
  [1, "x", [{ p: [], od: 1, oi: "x" }]],
  [{ a: 1, b: 2 }, { b: 3, c: 4 }, [
    { p: ["a"], od: 1 },
    { p: ["b"], od: 2, oi: 3 },
    { p: ["c"], oi: 4 },
  ]],
  [["x", "y", "z"], ["x", "z"], [{ p: [1], ld: "y" }]],
  [["x", "z"], ["x", "a", "b", "z"], [{ p: [1], li: "b" }, { p: [1], li: "a" }]],
  [{ s: "Hello world" }, { s: "Hello brave world" }, [{ p: ["s", 6], si: "brave " }]],
  [[{ n: 1 }, 2], [{ n: 5 }, 2], [{ p: [0, "n"], od: 1, oi: 5 }]],
  [{ __proto__: null, x: null }, {}, [{ p: ["x"], od: null }]],
];

for (const [before, after, op] of CASES) {
  Deno.test(`json.diff() of ${JSON.stringify(before)} and ${JSON.stringify(after)}`, () => {
    deepStrictEqual(json.diff(before, after), op);
  });
}

Deno.test("json.diff() leads from any document to any other", () => {
  const seed = Number(Deno.env.get("SEED") ?? Date.now() % 2 ** 31);
  for (let i = 0; i < 300; i++) {
    const dice = diceOf((seed + i) >>> 0);
    const [before, after] = [drawDocument(dice), drawDocument(dice)];
    deepStrictEqual(json.apply(before, json.diff(before, after)), after, `SEED=${seed + i}`);
  }
});
