/** @module */

import { deepStrictEqual, notStrictEqual, strictEqual, throws } from "node:assert/strict";
import type { Json } from "../../../src/json.ts";
import { createJsonType, json, type JsonOp, type JsonPath, text } from "../../../src/ot/mod.ts";
import { frozen } from "./frozen.ts";

const DOCUMENT = frozen({
  n: 1,
  title: "Hello",
  list: [{ id: "a" }, { id: "b" }, { id: "c" }],
  author: { name: "Ada", born: 1815 },
  empty: null,
});

/** A component, and what it makes of the document. */
const APPLIED: readonly (readonly [string, JsonOp, Record<string, Json>])[] = [
  ["na", [{ p: ["n"], na: -3 }], { n: -2 }],
  ["li", [{ p: ["list", 3], li: 1 }], { list: [...DOCUMENT.list, 1] }],
  ["li of null", [{ p: ["list", 0], li: null }], { list: [null, ...DOCUMENT.list] }],
  ["ld", [{ p: ["list", 0], ld: { id: "a" } }], { list: DOCUMENT.list.slice(1) }],
  ["li and ld", [{ p: ["list", 0], ld: 0, li: 9 }], { list: [9, ...DOCUMENT.list.slice(1)] }],
  ["lm up", [{ p: ["list", 0], lm: 2 }], { list: [{ id: "b" }, { id: "c" }, { id: "a" }] }],
  ["lm down", [{ p: ["list", 2], lm: 0 }], { list: [{ id: "c" }, { id: "a" }, { id: "b" }] }],
  ["oi", [{ p: ["more"], oi: [1] }], { more: [1] }],
  ["oi over null", [{ p: ["empty"], oi: 1 }], { empty: 1 }],
  ["oi and od", [{ p: ["author", "name"], od: "Ada", oi: "B" }], {
    author: { name: "B", born: 1815 },
  }],
  ["od", [{ p: ["author", "born"], od: 1815 }], { author: { name: "Ada" } }],
  ["od of nothing", [{ p: ["author", "died"], od: 1 }], {}],
  ["si", [{ p: ["title", 5], si: "!" }], { title: "Hello!" }],
  ["sd", [{ p: ["title", 0], sd: "He" }], { title: "llo" }],
  ["text0", [{ p: ["title"], t: "text0", o: [{ p: 0, d: "He" }, { p: 3, i: "!" }] }], {
    title: "llo!",
  }],
  ["several on one list", [
    { p: ["list", 0], lm: 2 },
    { p: ["list", 0, "id"], od: "b", oi: "B" },
    { p: ["list", 1], ld: { id: "c" } },
  ], { list: [{ id: "B" }, { id: "a" }] }],
  // What callers without exact types write.
  ["undefined fields", [{ p: ["n"], na: 1, oi: undefined } as object] as JsonOp, { n: 2 }],
];

for (const [what, op, changed] of APPLIED) {
  Deno.test(`json.apply() applies ${what}, and changes neither document nor operation`, () => {
    deepStrictEqual(json.apply(DOCUMENT, frozen(op)), { ...DOCUMENT, ...changed });
  });
}

Deno.test("json.apply() replaces and deletes the whole document at an empty path", () => {
  deepStrictEqual(json.apply(1, [{ p: [], od: 1, oi: { a: 1 } }]), { a: 1 });
  strictEqual(json.apply({ a: 1 }, [{ p: [], od: { a: 1 } }]), null);
  strictEqual(json.apply(1, [{ p: [], na: 2 }]), 3);
  strictEqual(json.apply("b", [{ p: [0], si: "a" }]), "ab");
});

Deno.test("json.apply() shares with the old document all that it did not touch", () => {
  const after = json.apply(DOCUMENT, [{ p: ["list", 1, "id"], od: "b", oi: "x" }]);
  const { list, author } = after as typeof DOCUMENT;
  notStrictEqual(list, DOCUMENT.list);
  notStrictEqual(list[1], DOCUMENT.list[1]);
  strictEqual(list[0], DOCUMENT.list[0]);
  strictEqual(list[2], DOCUMENT.list[2]);
  strictEqual(author, DOCUMENT.author);
});

Deno.test("json.apply() gives the same document where nothing changes", () => {
  const ops: JsonOp[] = [
    [],
    [{ p: ["n"], na: 0 }],
    [{ p: ["list", 1], lm: 1 }],
    [{ p: ["author", "died"], od: 1 }],
    [{ p: ["title", 0], si: "" }],
  ];
  for (const op of ops) strictEqual(json.apply(DOCUMENT, op), DOCUMENT);
});

Deno.test("json.apply() inserts a value without a copy, and leaves it as it is ever after", () => {
  const value = frozen({ tags: ["x"] });
  const op: JsonOp = [{ p: ["more"], oi: value }, { p: ["more", "tags", 0], li: "y" }];
  const after = json.apply(DOCUMENT, op);
  deepStrictEqual(after, { ...DOCUMENT, more: { tags: ["y", "x"] } });
  const inserted = json.apply(DOCUMENT, [{ p: ["more"], oi: value }]);
  strictEqual(Reflect.get(Object(inserted), "more"), value);
});

Deno.test("json.apply() keeps apart two places that hold one value", () => {
  const value = { k: [1] };
  const after = json.apply({}, [
    { p: ["x"], oi: value },
    { p: ["y"], oi: value },
    { p: ["x", "k", 0], li: 0 },
    { p: ["y", "k", 1], li: 2 },
    { p: ["x", "k", 2], li: 3 },
  ]);
  deepStrictEqual(after, { x: { k: [0, 1, 3] }, y: { k: [1, 2] } });
  deepStrictEqual(value, { k: [1] });
});

Deno.test("json.create() gives the value itself, and null for none", () => {
  const value = { a: [1] };
  strictEqual(json.create(value), value);
  strictEqual(json.create(), null);
});

Deno.test("json.transform() makes edits by si and by text0 converge", () => {
  const left: JsonOp = [{ p: ["title", 5], si: " you" }];
  const right: JsonOp = [{ p: ["title"], t: "text0", o: [{ p: 0, i: "> " }] }];
  const [newLeft, newRight] = json.transformX(left, right);
  deepStrictEqual(newLeft, [{ p: ["title", 7], si: " you" }]);
  strictEqual(
    JSON.stringify(json.apply(json.apply(DOCUMENT, left), newRight)),
    JSON.stringify(json.apply(json.apply(DOCUMENT, right), newLeft)),
  );
});

Deno.test("json.transform() brings the record of a deletion up to date", () => {
  const remove: JsonOp = [{ p: ["author"], od: DOCUMENT.author }];
  const edit: JsonOp = [{ p: ["author", "born"], na: 1 }];
  deepStrictEqual(json.transform(remove, edit, "left"), [
    { p: ["author"], od: { name: "Ada", born: 1816 } },
  ]);
});

Deno.test("json.normalize() takes one component, also without a path, for an operation", () => {
  deepStrictEqual(json.normalize({ p: ["n"], na: 1 }), [{ p: ["n"], na: 1 }]);
  // json0 lets the path of the root be left out.
  deepStrictEqual(json.normalize([{ na: 1 }, { na: 2 }] as unknown as JsonOp), [{ p: [], na: 3 }]);
});

Deno.test("json.invert() undoes all that an operation records", () => {
  const op: JsonOp = [
    { p: ["n"], na: 2 },
    { p: ["list", 0], lm: 2 },
    { p: ["list", 0], ld: { id: "b" }, li: 1 },
    { p: ["author"], od: DOCUMENT.author },
    { p: ["title", 0], sd: "He" },
    { p: ["title"], t: "text0", o: [{ p: 0, i: "a" }, { p: 1, d: "l" }] },
  ];
  deepStrictEqual(json.apply(json.apply(DOCUMENT, op), json.invert(op)), DOCUMENT);
});

Deno.test("json.invertWithDoc() undoes what records nothing, or something false", () => {
  const op: JsonOp = [
    { p: ["n"], oi: 5 },
    { p: ["list", 1], ld: "wrong" },
    { p: ["author"], od: 0 },
    { p: ["gone"], od: 0 },
    { p: ["fresh"], oi: 1 },
  ];
  const undo = json.invertWithDoc(op, DOCUMENT);
  deepStrictEqual(json.apply(json.apply(DOCUMENT, op), undo), DOCUMENT);
});

Deno.test("json.invertWithDoc() undoes a subtype's operation that only the document can undo", () => {
  const type = createJsonType({ subtypes: [text] });
  const op: JsonOp = [{ p: ["title"], t: "text", o: [{ d: 2 }, "x"] }];
  throws(() => type.invert(op), { code: "ERR_OP_MALFORMED" });
  const undo = type.invertWithDoc(op, DOCUMENT);
  deepStrictEqual(type.apply(type.apply(DOCUMENT, op), undo), DOCUMENT);
});

Deno.test("json.complete() records what is overwritten and deleted, and drops what deletes nothing", () => {
  const op: JsonOp = [{ p: ["n"], oi: 5 }, { p: ["gone"], od: 0 }, { p: ["list", 0], ld: 0 }];
  deepStrictEqual(json.complete(op, DOCUMENT), [
    { p: ["n"], od: 1, oi: 5 },
    { p: ["list", 0], ld: { id: "a" } },
  ]);
});

Deno.test("json.complete() refuses a number added to none, and an item past the end", () => {
  const isMismatch = { code: "ERR_OP_MISMATCH" };
  throws(() => json.complete([{ p: ["name"], na: 1 }], { name: "Ada" }), isMismatch);
  throws(() => json.complete([{ p: ["tags", 2], li: "b" }], { tags: ["a"] }), isMismatch);
  throws(() => json.complete([{ p: ["tags", 0], li: "b" }], { tags: {} }), isMismatch);
});

Deno.test("json.complete() makes an overwrite that did not say so converge", () => {
  const edit: JsonOp = [{ p: ["author", "born"], na: 1 }];
  const overwrite = json.complete([{ p: ["author"], oi: "Ada" }], DOCUMENT);
  const [newEdit, newOverwrite] = json.transformX(edit, overwrite);
  deepStrictEqual(
    json.apply(json.apply(DOCUMENT, edit), newOverwrite),
    json.apply(json.apply(DOCUMENT, overwrite), newEdit),
  );
});

/** A place, an operation, and where the place is then; the last flag says that it is one's own. */
const PLACES: readonly (readonly [JsonPath, JsonOp, JsonPath | null, boolean?])[] = [
  [["list", 1, "id"], [{ p: ["list", 0], li: 1 }], ["list", 2, "id"]],
  [["list", 1], [{ p: ["list", 2], li: 1 }], ["list", 1]],
  [["list", 1], [{ p: ["list", 0], ld: 1 }], ["list", 0]],
  [["list", 1, "id"], [{ p: ["list", 1], ld: 1 }], null],
  [["list", 1, "id"], [{ p: ["list", 1], ld: 1, li: 2 }], ["list", 1]],
  [["list", 1, "id"], [{ p: ["list", 1], lm: 0 }], ["list", 0, "id"]],
  [["list", 1], [{ p: ["list", 0], lm: 2 }], ["list", 0]],
  [["author", "name"], [{ p: ["author"], od: 1 }], null],
  [["author", "name"], [{ p: ["author"], od: 1, oi: 2 }], ["author"]],
  [["author", "name"], [{ p: ["author", "born"], od: 1 }], ["author", "name"]],
  [["author", "name"], [{ p: [], od: 1, oi: 2 }], []],
  [["author", "name", "first", 2], [{ p: ["author", "name"], oi: 2 }], ["author", "name"]],
  [["list", 1, "id", "x", 2], [{ p: ["list", 1], ld: 1, li: 2 }], ["list", 1]],
  [["author"], [{ p: [], od: 1 }], null],
  [["n"], [{ p: ["n"], na: 1 }], ["n"]],
  [["title", 3], [{ p: ["title", 0], si: "ab" }], ["title", 5]],
  [["title", 3], [{ p: ["title", 3], si: "ab" }], ["title", 3]],
  [["title", 3], [{ p: ["title", 3], si: "ab" }], ["title", 5], true],
  [["title", 3], [{ p: ["title", 1], sd: "ello" }], ["title", 1]],
  [["title", 3], [{ p: ["title"], t: "text0", o: [{ p: 0, i: "ab" }] }], ["title", 5]],
  [["author", 3], [{ p: ["title", 0], si: "ab" }], ["author", 3]],
  [["title"], [{ p: ["title", 0], si: "ab" }], ["title"]],
  [["list", 1], [{ p: ["list", 0], li: 1 }, { p: ["list", 2], lm: 0 }], ["list", 0]],
];

for (const [p, op, expected, isOwnOp] of PLACES) {
  const name = `json.transformPresence() leads ${JSON.stringify(p)} past ${JSON.stringify(op)}`;
  Deno.test(isOwnOp ? `${name}, one's own` : name, () => {
    const presence = frozen({ p, name: "Ada" });
    const moved = json.transformPresence(presence, op, isOwnOp);
    deepStrictEqual(moved, expected && { p: expected, name: "Ada" });
  });
}

Deno.test("json.transformPresence() moves both ends of a selection, and loses it with either", () => {
  const presence = { p: ["title", 1], end: ["title", 4] };
  deepStrictEqual(json.transformPresence(presence, [{ p: ["title", 2], si: "ab" }]), {
    p: ["title", 1],
    end: ["title", 6],
  });
  const ends = { p: ["n"], end: ["author", "name"] };
  strictEqual(json.transformPresence(ends, [{ p: ["author"], od: 1 }]), null);
});

Deno.test("json.transformPresence() refuses what has no place", () => {
  for (const bad of [null, undefined, "here", [], {}, { p: "n" }, { p: [], end: 1 }]) {
    throws(() => json.transformPresence(bad, []), { code: "ERR_OP_MALFORMED" });
  }
});
