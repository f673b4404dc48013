/** @module */

import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert/strict";
import type { Op } from "../../../../src/documents/change.ts";
import { OpTexts, WRITTEN_MAX } from "../../../../src/documents/protocol/op_texts.ts";
import type { OpMessage } from "../../../../src/documents/protocol/replies.ts";
import type { Json } from "../../../../src/json.ts";
import { json, type OtType } from "../../../../src/ot/mod.ts";

const FOREIGN: OtType = {
  name: "foreign",
  uri: "http://example.com/foreign",
  create: (data) => data,
  apply: (snapshot) => snapshot,
  transform: (op) => op,
};

function effect(op: Json, version = 1, source?: string) {
  const edit: Op = {
    kind: "op",
    op,
    source: "s",
    sequence: 1,
    tag: `t${version}`,
    version,
    atMs: 1,
  };
  const place = { collection: "things", id: "1", epoch: "e" };
  return { kind: "sendOp", ...place, op: edit, source } as const;
}

function told(texts: OpTexts, sent: ReturnType<typeof effect>): readonly [OpMessage, boolean] {
  let found: readonly [OpMessage, boolean] | undefined;
  texts.tell(sent, (message, isShared) => found = [message, isShared]);
  if (found === undefined) throw new Error("nothing was told");
  return found;
}

Deno.test("OpTexts writes an operation once, and for its author with the id that it knows", () => {
  const texts = new OpTexts([json]);
  const sent = effect([{ p: ["n"], na: 1 }]);
  const [message] = told(texts, sent);
  strictEqual(told(texts, sent)[0], message);
  strictEqual(texts.textOf(sent), JSON.stringify(message));
  const own = { ...sent, source: "s.secret" };
  deepStrictEqual(told(texts, own)[0], { ...message, src: "s.secret" });
  strictEqual(texts.textOf(own), JSON.stringify({ ...message, src: "s.secret" }));
  notStrictEqual(told(texts, { ...sent, collection: "others" })[0], message);
});

Deno.test("OpTexts remembers so many operations, and writes older ones anew", () => {
  const texts = new OpTexts([json]);
  const first = effect([{ p: ["n"], na: 1 }], 0);
  const [message] = told(texts, first);
  for (let version = 1; version < WRITTEN_MAX; version++) told(texts, effect([], version));
  strictEqual(told(texts, first)[0], message);
  told(texts, effect([], WRITTEN_MAX));
  const [again] = told(texts, first);
  notStrictEqual(again, message);
  deepStrictEqual(again, message);
});

Deno.test("OpTexts lets clients share only what none of them could change", () => {
  const own = new OpTexts([json]);
  const shared: readonly Json[] = [
    [],
    [{ p: ["n"], na: 1 }],
    [{ p: ["l", 0], li: "a" }, { p: ["k"], oi: null, od: true }],
    ["text", 3, { d: 2 }],
  ];
  const copied: readonly Json[] = [
    ...["update", { p: ["n"], na: 1 }, [[1]]],
    ...[[{ p: ["l", 0], li: [1] }], [{ p: ["l", 0], li: { a: 1 } }], [{
      p: ["s"],
      t: "x",
      o: [1],
    }]],
    ...[[{ p: ["l", 0], li: -0 }], [{ p: [-0], li: 1 }], [{ p: [["n"]], na: 1 }]],
  ];
  for (const op of shared) strictEqual(told(own, effect(op))[1], true, JSON.stringify(op));
  for (const op of copied) strictEqual(told(own, effect(op))[1], false, JSON.stringify(op));
  // A type from elsewhere may change the operations that it is given.
  for (const op of shared) strictEqual(told(new OpTexts([json, FOREIGN]), effect(op))[1], false);
});
