/** @module */

import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import type { ErrorCode } from "../../../src/errors.ts";
import type { Json } from "../../../src/json.ts";
import { createJsonType, json, type JsonOp, text, type TextOp } from "../../../src/ot/mod.ts";
import { frozen } from "./frozen.ts";

const DOCUMENT: Json = frozen({ n: 1, s: "text", list: [1, [2], { k: "v" }], o: { k: 1 } });

function cyclic(): unknown {
  const value: Record<string, unknown> = {};
  value["self"] = { again: value };
  return value;
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

/** A value of 2^40 nodes that takes 40 lists to write down. */
function exploding(): unknown {
  let value: unknown = 1;
  for (let level = 0; level < 40; level++) value = [value, value];
  return value;
}

function inherited(): unknown {
  return Object.create({ na: 1 }, { p: { value: ["n"], enumerable: true } });
}

const ownProto: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
// deno-lint-ignore no-sparse-arrays -- a hole is what is tried here.
const sparse: unknown = [1, , 3];

/** What is tried, what it is, and what it gets. */
const JSON_OPS: readonly (readonly [string, unknown, ErrorCode])[] = [
  ["no list", { p: ["n"], na: 1 }, "ERR_OP_MALFORMED"],
  ["nothing", undefined, "ERR_OP_MALFORMED"],
  ["null", null, "ERR_OP_MALFORMED"],
  ["a text", "op", "ERR_OP_MALFORMED"],
  ["what only looks like a list", { 0: { p: ["n"], na: 1 }, length: 1 }, "ERR_OP_MALFORMED"],
  ["a hole", new Array(1), "ERR_OP_MALFORMED"],
  ["null as component", [null], "ERR_OP_MALFORMED"],
  ["a list as component", [[]], "ERR_OP_MALFORMED"],
  ["an inherited verb", [inherited()], "ERR_OP_MALFORMED"],
  ["no path", [{ na: 1 }], "ERR_OP_MALFORMED"],
  ["a text as path", [{ p: "n", na: 1 }], "ERR_OP_MALFORMED"],
  ["a path that only looks like a list", [{ p: { 0: "n", length: 1 }, na: 1 }], "ERR_OP_MALFORMED"],
  ["a hole in a path", [{ p: new Array(1), na: 1 }], "ERR_OP_MALFORMED"],
  ["an object in a path", [{ p: [{ toString: () => "n" }], na: 1 }], "ERR_OP_MALFORMED"],
  ["a negative index", [{ p: ["list", -1], ld: 1 }], "ERR_OP_MALFORMED"],
  ["a broken index", [{ p: ["list", 0.5], ld: 1 }], "ERR_OP_MALFORMED"],
  ["an index that is no number", [{ p: ["list", NaN], ld: 1 }], "ERR_OP_MALFORMED"],
  ["an endless index", [{ p: ["list", Infinity], li: 1 }], "ERR_OP_MALFORMED"],
  ["no verb", [{ p: ["n"] }], "ERR_OP_MALFORMED"],
  ["two verbs", [{ p: ["n"], na: 1, oi: 2 }], "ERR_OP_MALFORMED"],
  ["an unknown field", [{ p: ["n"], na: 1, x: 1 }], "ERR_OP_MALFORMED"],
  ["a field by the name of a prototype", [{ p: ["n"], na: 1, constructor: 1 }], "ERR_OP_MALFORMED"],
  ["na that is NaN", [{ p: ["n"], na: NaN }], "ERR_OP_MALFORMED"],
  ["na that is endless", [{ p: ["n"], na: Infinity }], "ERR_OP_MALFORMED"],
  ["na that is a text", [{ p: ["n"], na: "1" }], "ERR_OP_MALFORMED"],
  ["na that is null", [{ p: ["n"], na: null }], "ERR_OP_MALFORMED"],
  ["lm that is a text", [{ p: ["list", 0], lm: "1" }], "ERR_OP_MALFORMED"],
  ["lm that is negative", [{ p: ["list", 0], lm: -1 }], "ERR_OP_MALFORMED"],
  ["an item under a name", [{ p: ["list", "0"], li: 1 }], "ERR_OP_MALFORMED"],
  ["an item of the root", [{ p: [], li: 1 }], "ERR_OP_MALFORMED"],
  ["a property under an index", [{ p: ["o", 0], oi: 1 }], "ERR_OP_MALFORMED"],
  ["si that is a number", [{ p: ["s", 0], si: 1 }], "ERR_OP_MALFORMED"],
  ["si and sd at once", [{ p: ["s", 0], si: "a", sd: "t" }], "ERR_OP_MALFORMED"],
  ["si without an offset", [{ p: ["s"], si: "a" }], "ERR_OP_MALFORMED"],
  ["a value that is a function", [{ p: ["x"], oi: () => 1 }], "ERR_OP_MALFORMED"],
  ["a value that is a date", [{ p: ["x"], oi: new Date(0) }], "ERR_OP_MALFORMED"],
  ["a value that is a big number", [{ p: ["x"], oi: 1n }], "ERR_OP_MALFORMED"],
  ["a value with NaN", [{ p: ["x"], oi: [NaN] }], "ERR_OP_MALFORMED"],
  ["a value with undefined", [{ p: ["x"], oi: { a: undefined } }], "ERR_OP_MALFORMED"],
  ["a value with a hole", [{ p: ["x"], oi: sparse }], "ERR_OP_MALFORMED"],
  ["a value of a class", [{ p: ["x"], oi: new Map() }], "ERR_OP_MALFORMED"],
  [
    "a text's component with both",
    [{ p: ["s"], t: "text0", o: [{ p: 0, i: "a", d: "t" }] }],
    "ERR_OP_MALFORMED",
  ],
  [
    "a text's component with neither",
    [{ p: ["s"], t: "text0", o: [{ p: 0 }] }],
    "ERR_OP_MALFORMED",
  ],
  [
    "a text's component with null",
    [{ p: ["s"], t: "text0", o: [{ p: 0, i: null, d: "t" }] }],
    "ERR_OP_MALFORMED",
  ],
  ["a text's operation that is no list", [{ p: ["s"], t: "text0", o: {} }], "ERR_OP_MALFORMED"],
  ["t without o", [{ p: ["s"], t: "text0" }], "ERR_OP_MALFORMED"],
  ["t that is no text", [{ p: ["s"], t: 1, o: [] }], "ERR_OP_MALFORMED"],
  ["an unknown subtype", [{ p: ["s"], t: "rich-text", o: [] }], "ERR_UNKNOWN_TYPE"],
  ["a subtype by an inherited name", [{ p: ["s"], t: "toString", o: [] }], "ERR_UNKNOWN_TYPE"],
  ["a path through __proto__", [{ p: ["__proto__", "x"], oi: 1 }], "ERR_OP_PATH_FORBIDDEN"],
  ["a path to __proto__", [{ p: ["__proto__"], oi: {} }], "ERR_OP_PATH_FORBIDDEN"],
  ["a path through constructor", [{ p: ["constructor", "x"], oi: 1 }], "ERR_OP_PATH_FORBIDDEN"],
  ["a path through prototype", [{ p: ["o", "prototype"], oi: 1 }], "ERR_OP_PATH_FORBIDDEN"],
  ["a value with its own __proto__", [{ p: ["x"], oi: ownProto }], "ERR_OP_PATH_FORBIDDEN"],
  ["a record with its own __proto__", [{ p: ["n"], od: [ownProto] }], "ERR_OP_PATH_FORBIDDEN"],
  ["a path through what is inherited", [{ p: ["toString", "x"], oi: 1 }], "ERR_OP_MISMATCH"],
  ["a path through a text's own", [{ p: ["s", "length"], oi: 1 }], "ERR_OP_MISMATCH"],
  ["a path through a list's own", [{ p: ["list", "length", "x"], oi: 1 }], "ERR_OP_MISMATCH"],
  ["a path into nothing", [{ p: ["gone", "x"], oi: 1 }], "ERR_OP_MISMATCH"],
  ["na on a text", [{ p: ["s"], na: 1 }], "ERR_OP_MISMATCH"],
  ["na on nothing", [{ p: ["gone"], na: 1 }], "ERR_OP_MISMATCH"],
  ["an item into an object", [{ p: ["o", 0], li: 1 }], "ERR_OP_MISMATCH"],
  ["a property into a list", [{ p: ["list", "k"], oi: 1 }], "ERR_OP_MISMATCH"],
  ["a property into a text", [{ p: ["s", "k"], oi: 1 }], "ERR_OP_MISMATCH"],
  ["text into a number", [{ p: ["n", 0], si: "a" }], "ERR_OP_MISMATCH"],
  ["an insertion past the end", [{ p: ["list", 4], li: 1 }], "ERR_OP_MISMATCH"],
  ["an insertion far past the end", [{ p: ["list", 2 ** 32], li: 1 }], "ERR_OP_MISMATCH"],
  ["a deletion past the end", [{ p: ["list", 3], ld: 1 }], "ERR_OP_MISMATCH"],
  ["a replacement past the end", [{ p: ["list", 3], ld: 1, li: 2 }], "ERR_OP_MISMATCH"],
  ["a move from past the end", [{ p: ["list", 3], lm: 0 }], "ERR_OP_MISMATCH"],
  ["a move past the end", [{ p: ["list", 0], lm: 3 }], "ERR_OP_MISMATCH"],
  ["text past the end", [{ p: ["s", 5], si: "a" }], "ERR_OP_MISMATCH"],
  ["deletion of a text that is not there", [{ p: ["s", 0], sd: "x" }], "ERR_OP_MISMATCH"],
  ["a sum out of range", [{ p: ["n"], na: 1.7e308 }, { p: ["n"], na: 1.7e308 }], "ERR_OP_MISMATCH"],
  ["a value in circles", [{ p: ["x"], oi: cyclic() }], "ERR_TOO_LARGE"],
  ["a value too deep", [{ p: ["x"], oi: deep(200) }], "ERR_TOO_LARGE"],
  [
    "a value too deep below its path",
    [{ p: [...Array(100).fill("x")], oi: deep(29) }],
    "ERR_TOO_LARGE",
  ],
  ["a path too long", [{ p: Array(129).fill("x"), oi: 1 }], "ERR_TOO_LARGE"],
];

/** The same for text. */
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

for (const [what, op, code] of JSON_OPS) {
  Deno.test(`json.apply() refuses ${what}`, () => {
    const before = JSON.stringify(DOCUMENT);
    // Whatever comes over the wire calls itself an operation.
    throws(() => json.apply(DOCUMENT, op as JsonOp), { code });
    strictEqual(JSON.stringify(DOCUMENT), before);
    strictEqual(Reflect.get({}, "polluted") ?? Reflect.get({}, "x"), undefined);
  });
}

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
    () => json.invertWithDoc(bad, DOCUMENT),
    () => json.complete(bad, DOCUMENT),
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
