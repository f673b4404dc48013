/** @module */

import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import type { ErrorCode } from "../../../src/errors.ts";
import { createJsonType, json, type JsonOp, text, type TextOp } from "../../../src/ot/mod.ts";
import { cyclic, exploding, ownProto } from "./hostile_values.ts";

/** What is tried, what it is, and what it gets. */
const TEXT_OPS: readonly (readonly [string, unknown, ErrorCode])[] = [
  ["no list", { 0: "a", length: 1 }, "ERR_OP_MALFORMED"],
  ["null", [null], "ERR_OP_MALFORMED"],
  ["a hole", new Array(1), "ERR_OP_MALFORMED"],
  ["an empty insertion", [""], "ERR_OP_MALFORMED"],
  ["an empty skip", [0, "a"], "ERR_OP_MALFORMED"],
  ["a skip backwards", [-1, "a"], "ERR_OP_MALFORMED"],
  ["a broken skip", [0.5, "a"], "ERR_OP_MALFORMED"],
  ["a skip that is NaN", [NaN, "a"], "ERR_OP_MALFORMED"],
  ["an endless skip", [Infinity, "a"], "ERR_OP_MALFORMED"],
  ["two skips", [1, 1, "a"], "ERR_OP_MALFORMED"],
  ["a skip at the end", ["a", 1], "ERR_OP_MALFORMED"],
  ["an empty deletion", [{ d: 0 }], "ERR_OP_MALFORMED"],
  ["a broken deletion", [{ d: 1.5 }], "ERR_OP_MALFORMED"],
  ["a deletion of a text", [{ d: "a" }], "ERR_OP_MALFORMED"],
  ["a deletion with more", [{ d: 1, x: 1 }], "ERR_OP_MALFORMED"],
  ["an inherited deletion", [Object.create({ d: 1 })], "ERR_OP_MALFORMED"],
  ["a truth", [true], "ERR_OP_MALFORMED"],
  ["a skip past the end", [5, "a"], "ERR_OP_MISMATCH"],
  ["a deletion past the end", [{ d: 5 }], "ERR_OP_MISMATCH"],
  ["more skips than there are numbers", [2 ** 53 - 1, "a", 1, "b"], "ERR_OP_MALFORMED"],
];

/** Operations that are too much at the door, and none but `checkOp` minds. */
const TOO_LARGE: readonly (readonly [string, unknown])[] = [
  ["a value that explodes", [{ p: ["x"], oi: exploding() }]],
  ["a value too large", [{ p: ["x"], oi: "x".repeat(1_048_577) }]],
  ["keys too large", [{ p: ["x"], oi: { ["x".repeat(1_048_577)]: 1 } }]],
  ["paths too large", [{ p: ["x".repeat(1_048_577)], oi: 1 }]],
  ["too many components", Array(1_001).fill({ p: ["n"], na: 1 })],
  ["a text's operation too long", [{
    p: ["s"],
    t: "text0",
    o: Array(1_000).fill({ p: 0, i: "a" }),
  }]],
];

for (const [what, op] of TOO_LARGE) {
  Deno.test(`json.checkOp() refuses ${what}`, () => {
    throws(() => json.checkOp(op), { code: "ERR_TOO_LARGE" });
  });
}

Deno.test("text.checkOp() refuses what is too large", () => {
  throws(() => text.checkOp(Array(1_001).fill("a")), { code: "ERR_TOO_LARGE" });
  throws(() => text.checkOp(["a".repeat(1_048_577)]), { code: "ERR_TOO_LARGE" });
});

Deno.test("json.apply() and text.apply() take what grew past the bounds on its way", () => {
  const many: JsonOp = Array(1_001).fill({ p: ["n"], na: 1 });
  deepStrictEqual(json.apply({ n: 0 }, many), { n: 1_001 });
  strictEqual(text.apply("", Array(1_001).fill("a")), "a".repeat(1_001));
});

for (const [what, op, code] of TEXT_OPS) {
  Deno.test(`text.apply() refuses ${what}`, () => {
    // Whatever comes over the wire calls itself an operation.
    throws(() => text.apply("four", op as TextOp), { code });
  });
}

Deno.test("every function of json refuses what is no operation, not only apply()", () => {
  const bad = [{ p: ["__proto__", "x"], oi: 1 }];
  const op: JsonOp = [{ p: ["n"], na: 1 }];
  const calls = [
    () => json.checkOp(bad),
    () => json.transform(bad, op, "left"),
    () => json.transform(op, bad, "left"),
    () => json.transformX(bad, op),
    () => json.transformX(op, bad),
    () => json.compose(bad, op),
    () => json.compose(op, bad),
    () => json.invert(bad),
    () => json.invertWithDoc(bad, { n: 1 }),
    () => json.complete(bad, { n: 1 }),
    () => json.normalize(bad),
    () => json.transformPresence({ p: [] }, bad),
    () => json.transformPresence({ p: ["__proto__"] }, op),
  ];
  for (const call of calls) throws(call, { code: "ERR_OP_PATH_FORBIDDEN" }, String(call));
});

Deno.test("every function of text refuses what is no operation, not only apply()", () => {
  const calls = [
    () => text.checkOp([0]),
    () => text.transform([0], ["a"], "left"),
    () => text.transform(["a"], [0], "left"),
    () => text.compose([0], ["a"]),
    () => text.compose(["a"], [0]),
    () => text.invertWithDoc([0], "a"),
    () => text.transformPosition(0, [0]),
    () => text.transformPosition(-1, ["a"]),
    () => text.transformSelection([0, NaN], ["a"]),
    () => text.transformPresence("here", ["a"]),
    () => text.normalize([-1]),
  ];
  for (const call of calls) throws(call, { code: "ERR_OP_MALFORMED" }, String(call));
});

Deno.test("json.transform() and text.transform() refuse a side that is none", () => {
  for (const side of ["middle", undefined, "", "LEFT"]) {
    // What a caller without types may say.
    throws(() => json.transform([], [], side as "left"), { code: "ERR_INVALID_ARGUMENT" });
    throws(() => text.transform([], [], side as "left"), { code: "ERR_INVALID_ARGUMENT" });
  }
});

Deno.test("json.create() and text.create() refuse what is no document of theirs", () => {
  for (const bad of [NaN, () => 1, new Date(0), { a: undefined }]) {
    throws(() => json.create(bad), { code: "ERR_OP_MALFORMED" });
  }
  throws(() => json.create(ownProto), { code: "ERR_OP_PATH_FORBIDDEN" });
  throws(() => json.create(cyclic()), { code: "ERR_TOO_LARGE" });
  throws(() => json.create(exploding()), { code: "ERR_TOO_LARGE" });
  for (const bad of [1, {}, ["a"]]) throws(() => text.create(bad), { code: "ERR_OP_MISMATCH" });
});

Deno.test("json.apply() takes names that objects inherit for what they are: names", () => {
  const document = json.apply({}, [{ p: ["toString"], oi: 1 }, { p: ["toString"], na: 1 }]);
  deepStrictEqual(document, { toString: 2 });
});

Deno.test("json.transform() is not made to fail by a deletion whose record is wrong", () => {
  const lie: JsonOp = [{ p: ["o"], od: "wrong" }];
  const edit: JsonOp = [{ p: ["o", "k"], na: 1 }];
  deepStrictEqual(json.transform(lie, edit, "left"), lie);
  deepStrictEqual(json.transform(edit, lie, "right"), []);
});

Deno.test("json.transformX() stands 1,000 splits, each inside of the last", () => {
  const length = 1_000;
  const document = { s: "a".repeat(length + 1) };
  const left: JsonOp = Array.from({ length }, (_, at) => ({ p: ["s", 2 * at + 1], si: "b" }));
  const right: JsonOp = [{ p: ["s", 0], sd: document.s }];
  const [newLeft, newRight] = json.transformX(left, right);
  deepStrictEqual(json.apply(json.apply(document, left), newRight), { s: "b".repeat(length) });
  deepStrictEqual(json.apply(json.apply(document, right), newLeft), { s: "b".repeat(length) });
});

Deno.test("createJsonType() holds operations against its own bounds", () => {
  const small = createJsonType({ depthMax: 2, componentsMax: 2, sizeMax: 40 });
  small.checkOp([{ p: ["a", "b"], oi: 1 }, { p: ["a"], na: 1 }]);
  for (
    const op of [
      [{ p: ["a", "b", "c"], oi: 1 }],
      [{ p: ["a"], oi: [[1]] }],
      [{ p: ["a"], na: 1 }, { p: ["a"], na: 1 }, { p: ["a"], na: 1 }],
      [{ p: ["a"], oi: "x".repeat(40) }],
    ]
  ) throws(() => small.checkOp(op), { code: "ERR_TOO_LARGE" });
});

Deno.test("createJsonType() refuses options that are none", () => {
  for (const options of [{ depth: 1 }, { depthMax: 0 }, { depthMax: 1_001 }, { sizeMax: 0.5 }]) {
    throws(() => createJsonType(options), { code: "ERR_INVALID_OPTION" });
  }
});
