/** @module */

import { strictEqual, throws } from "node:assert/strict";
import type { ErrorCode } from "../../../src/errors.ts";
import type { Json } from "../../../src/json.ts";
import { json, type JsonOp } from "../../../src/ot/mod.ts";
import { frozen } from "./frozen.ts";
import { cyclic, deep, inherited, ownProto, sparse } from "./hostile_values.ts";

const DOCUMENT: Json = frozen({ n: 1, s: "text", list: [1, [2], { k: "v" }], o: { k: 1 } });

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
    "a text's component before the start",
    [{ p: ["s"], t: "text0", o: [{ p: -1, i: "a" }] }],
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

for (const [what, op, code] of JSON_OPS) {
  Deno.test(`json.apply() refuses ${what}`, () => {
    const before = JSON.stringify(DOCUMENT);
    // Whatever comes over the wire calls itself an operation.
    throws(() => json.apply(DOCUMENT, op as JsonOp), { code });
    strictEqual(JSON.stringify(DOCUMENT), before);
    strictEqual(Reflect.get({}, "polluted") ?? Reflect.get({}, "x"), undefined);
  });
}
