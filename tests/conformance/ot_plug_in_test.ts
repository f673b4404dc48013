/** @module */

import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import {
  checkType,
  checkTypes,
  createJsonType,
  findType,
  guardedType,
  json,
  type OtType,
  text,
  transformPair,
} from "../../src/ot/mod.ts";
import { json0, json1, otText, richText, textUnicode } from "./ot_oracles.ts";

/** A document and two operations that were made at once, for each package. */
const PACKAGES: readonly {
  readonly type: OtType;
  readonly uri: string;
  readonly initial: unknown;
  readonly left: unknown;
  readonly right: unknown;
}[] = [
  {
    type: json0,
    uri: "http://sharejs.org/types/JSONv0",
    initial: { list: ["a"] },
    left: [{ p: ["list", 0], li: "x" }],
    right: [{ p: ["list", 0], ld: "a" }],
  },
  {
    type: json1,
    uri: "http://sharejs.org/types/JSONv1",
    initial: { list: ["a"] },
    left: ["list", 0, { i: "x" }],
    right: ["list", 0, { r: true }],
  },
  {
    type: otText,
    uri: "http://sharejs.org/types/textv1",
    initial: "Hello",
    left: [5, "!"],
    right: [{ d: 1 }, "J"],
  },
  {
    type: textUnicode,
    uri: "http://sharejs.org/types/text-unicode",
    initial: "Hell𝒳",
    left: [5, "!"],
    right: [{ d: 1 }, "J"],
  },
  {
    type: richText,
    uri: "http://sharejs.org/types/rich-text/v1",
    initial: [{ insert: "Hello" }],
    left: [{ retain: 5 }, { insert: "!" }],
    right: [{ retain: 1, attributes: { bold: true } }],
  },
];

for (const { type, uri, initial, left, right } of PACKAGES) {
  Deno.test(`npm's ${type.name} is a type, is found, and converges behind the guard`, () => {
    strictEqual(checkType(type), type);
    strictEqual(findType([text, type], uri), uri === text.uri ? text : type);
    strictEqual(findType([type], type.name), type);
    const guarded = guardedType(type);
    const apply = (...ops: unknown[]): unknown =>
      ops.reduce((snapshot, op) => guarded.apply(snapshot, op), guarded.create(initial));
    const [newLeft, newRight] = transformPair(guarded, left, right);
    deepStrictEqual(apply(left, newRight), apply(right, newLeft));
  });
}

// rich-text throws nothing: it takes whatever it does not understand for no change.
for (const { type, initial } of PACKAGES.filter(({ type }) => type !== richText)) {
  Deno.test(`guardedType() gives what npm's ${type.name} throws a code`, () => {
    const guarded = guardedType(type);
    const snapshot = guarded.create(initial);
    throws(() => guarded.apply(snapshot, [null]), { code: "ERR_OP_MISMATCH" });
  });
}

Deno.test("checkTypes() takes our types and npm's together, but not two of one name or URI", () => {
  const types = [json, text, json1, richText, textUnicode];
  deepStrictEqual(checkTypes(types), types);
  for (const pair of [[json, json0], [text, otText], [json, { ...text, name: "json0" }]]) {
    throws(() => checkTypes(pair), { code: "ERR_INVALID_ARGUMENT" });
  }
});

Deno.test("createJsonType() takes npm's types for subtypes", () => {
  const type = createJsonType({ subtypes: [textUnicode] });
  const document = { body: "Hell𝒳", n: 1 };
  const left = [{ p: ["body"], t: "text-unicode", o: [5, "!"] }];
  const right = [{ p: ["body"], t: "text-unicode", o: [{ d: 1 }, "J"] }];
  const [newLeft, newRight] = type.transformX(left, right);
  deepStrictEqual(type.apply(type.apply(document, left), newRight), { body: "Jell𝒳!", n: 1 });
  deepStrictEqual(type.apply(type.apply(document, right), newLeft), { body: "Jell𝒳!", n: 1 });
});

Deno.test("createJsonType() gives what its subtypes throw a code", () => {
  const type = createJsonType({ subtypes: [textUnicode] });
  throws(() => type.apply({ body: "a" }, [{ p: ["body"], t: "text-unicode", o: [9, "!"] }]), {
    code: "ERR_OP_MISMATCH",
  });
});
