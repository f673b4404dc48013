/** @module */

import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { createTextType, text, type TextOp } from "../../../src/ot/mod.ts";

Deno.test("text.apply() skips, inserts, deletes, and leaves the rest", () => {
  strictEqual(text.apply("Hello world", [6, { d: 5 }, "you"]), "Hello you");
  strictEqual(text.apply("Hello", []), "Hello");
  strictEqual(text.apply("", ["a"]), "a");
});

Deno.test("text.apply() and text.create() refuse a document that is no text", () => {
  strictEqual(text.create(), "");
  strictEqual(text.create("a"), "a");
  // What a caller without types may pass.
  throws(() => text.apply(["a"] as unknown as string, []), { code: "ERR_OP_MISMATCH" });
});

Deno.test("text.transform() lets the left side go first where both insert", () => {
  deepStrictEqual(text.transform([1, "a"], [1, "b"], "left"), [1, "a"]);
  deepStrictEqual(text.transform([1, "a"], [1, "b"], "right"), [2, "a"]);
});

Deno.test("text.transform() converges where an operation inserts twice in one place", () => {
  const [left, right]: readonly [TextOp, TextOp] = [["a", "b"], ["x", { d: 1 }, "y"]];
  const once = text.apply(text.apply("-", left), text.transform(right, left, "right"));
  strictEqual(once, text.apply(text.apply("-", right), text.transform(left, right, "left")));
  strictEqual(once, "abxy");
});

Deno.test("text.compose() takes back what the second operation deletes of the first", () => {
  deepStrictEqual(text.compose([1, "abc"], [2, { d: 1 }]), [1, "ac"]);
  deepStrictEqual(text.compose([1, "abc"], [1, { d: 3 }]), []);
});

Deno.test("text.normalize() merges neighbours and leaves out what does nothing", () => {
  deepStrictEqual(text.normalize([1, 2, "a", "b", 0, { d: 1 }, { d: 0 }, { d: 2 }, "", 3]), [
    3,
    "ab",
    { d: 3 },
  ]);
});

Deno.test("text.invertWithDoc() undoes on the document that it was made for, and on no other", () => {
  deepStrictEqual(text.invertWithDoc([1, { d: 2 }, "x"], "abcd"), [1, "bc", { d: 1 }]);
  throws(() => text.invertWithDoc([1, { d: 4 }], "abcd"), { code: "ERR_OP_MISMATCH" });
});

Deno.test("text.transformSelection() keeps both ends, and puts one's own at the edit's end", () => {
  deepStrictEqual(text.transformSelection([1, 4], [2, "ab"]), [1, 6]);
  deepStrictEqual(text.transformSelection([4, 1], [{ d: 3 }]), [1, 0]);
  strictEqual(text.transformSelection([1, 4], [2, "ab"], true), 4);
  strictEqual(text.transformPresence(3, [1, "ab"]), 5);
});

Deno.test("text.selectionEq() takes a selection without extent for an offset", () => {
  strictEqual(text.selectionEq(3, [3, 3]), true);
  strictEqual(text.selectionEq([1, 3], [1, 3]), true);
  strictEqual(text.selectionEq([1, 3], [3, 1]), false);
  strictEqual(text.selectionEq([1, 3], [1, 4]), false);
  strictEqual(text.selectionEq(1, 3), false);
});

Deno.test("createTextType() holds operations against its own bounds, at the door alone", () => {
  const small = createTextType({ componentsMax: 2, sizeMax: 3 });
  deepStrictEqual(small.checkOp([1, "abc"]), [1, "abc"]);
  throws(() => small.checkOp(["abcd"]), { code: "ERR_TOO_LARGE" });
  throws(() => small.checkOp(["a", 1, "b"]), { code: "ERR_TOO_LARGE" });
  strictEqual(small.apply("-", ["abcd"]), "abcd-");
  // What a caller without types may ask for.
  throws(() => createTextType({ depthMax: 1 } as object), { code: "ERR_INVALID_OPTION" });
});
