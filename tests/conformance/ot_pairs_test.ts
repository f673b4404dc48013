/** @module */

import type { Json } from "../../src/json.ts";
import { json, type JsonComponent, type JsonOp } from "../../src/ot/mod.ts";
import { frozen } from "../src/ot/frozen.ts";
import { checkJsonPair, checkJsonSequence } from "./ot_laws.ts";

/** All components of all verbs, and edits inside of items, on a list of so many objects. */
function onList(length: number, inserted: string): JsonComponent[] {
  const list = listOf(length);
  return [
    ...range(length + 1).map((at) => ({ p: [at], li: inserted })),
    ...range(length).flatMap((at): JsonComponent[] => [
      { p: [at], ld: list[at] ?? null },
      { p: [at], ld: list[at] ?? null, li: inserted },
      { p: [at, "n"], na: 1 },
      { p: [at, "k"], oi: inserted },
      ...range(length).map((to) => ({ p: [at], lm: to })),
    ]),
  ];
}

function listOf(length: number): readonly Json[] {
  return frozen(range(length).map((n) => ({ n })));
}

const OBJECT: Json = frozen({ a: { b: 1, c: "text" }, d: [1] });

/** Components of all verbs on properties that are there and that are not, at all levels. */
function onObject(inserted: string): JsonComponent[] {
  return [
    { p: [], od: OBJECT, oi: { [inserted]: 1 } },
    { p: ["a"], od: { b: 1, c: "text" } },
    { p: ["a"], od: { b: 1, c: "text" }, oi: inserted },
    { p: ["a"], od: { b: 1, c: "text" }, oi: { b: 5 } },
    { p: ["a", "b"], na: 2 },
    { p: ["a", "b"], od: 1 },
    { p: ["a", "b"], od: 1, oi: inserted },
    { p: ["a", "c"], od: "text", oi: inserted },
    { p: ["a", "c", 2], si: inserted },
    { p: ["a", "c", 1], sd: "ex" },
    { p: ["a", "new"], oi: inserted },
    { p: ["new"], oi: inserted },
    { p: ["new"], oi: { n: inserted } },
    { p: ["d", 0], li: inserted },
    { p: ["d", 0], ld: 1 },
    { p: ["d"], od: [1] },
  ];
}

const TEXT = "abcd";

/** All insertions and deletions in a string, as `si` and `sd` or as text0. */
function onText(inserted: string, isText0: boolean): JsonComponent[] {
  const edits = range(TEXT.length + 1).flatMap((p) => [
    { p, i: inserted },
    ...range(TEXT.length - p).map((length) => ({ p, d: TEXT.slice(p, p + length + 1) })),
  ]);
  return edits.map((edit) => {
    if (isText0) return { p: [], t: "text0", o: [edit] };
    return "i" in edit ? { p: [edit.p], si: edit.i } : { p: [edit.p], sd: edit.d };
  });
}

function range(length: number): number[] {
  return Array.from({ length }, (_, at) => at);
}

/** All pairs of a component of one list and one of another, each an operation. */
function pairs(
  left: JsonComponent[],
  right: JsonComponent[],
): readonly (readonly [JsonOp, JsonOp])[] {
  return left.flatMap((one) => right.map((other) => [frozen([one]), frozen([other])] as const));
}

for (const length of [1, 2, 3, 4]) {
  Deno.test(`every two edits of a list of ${length} converge as json0 does`, () => {
    for (const [left, right] of pairs(onList(length, "x"), onList(length, "y"))) {
      checkJsonPair(listOf(length), left, right);
    }
  });
}

Deno.test("every two edits of an object converge as json0 does", () => {
  for (const [left, right] of pairs(onObject("x"), onObject("y"))) {
    checkJsonPair(OBJECT, left, right);
  }
});

Deno.test("every two edits of a string converge as json0 does", () => {
  for (const isText0 of [true, false]) {
    for (const [left, right] of pairs(onText("x", isText0), onText("yz", isText0))) {
      checkJsonPair(TEXT, left, right);
    }
  }
});

Deno.test("every two edits that follow each other compose as json0 does", () => {
  const documents = [
    [listOf(3), (): JsonComponent[] => onList(3, "x")],
    [OBJECT, (): JsonComponent[] => [...onObject("x"), { p: ["a", "b"], od: 3 }]],
    [TEXT, (): JsonComponent[] => [...onText("x", false), ...onText("x", true)]],
  ] as const;
  for (const [document, edits] of documents) {
    for (const [op, next] of pairs(edits(), edits())) {
      if (fits(json.apply(document, op), next)) checkJsonSequence(document, op, next);
    }
  }
});

function fits(document: Json, op: JsonOp): boolean {
  try {
    json.apply(document, op);
    return true;
  } catch {
    // ERR_OP_MISMATCH: the second edit was made for the first document.
    return false;
  }
}
