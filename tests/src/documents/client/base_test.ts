/** @module */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { json } from "../../../../src/ot/mod.ts";
import { baseOf, BEHIND_MAX } from "../../../../src/documents/client/base.ts";
import {
  type DocEvent,
  type DocState,
  emptyDoc,
} from "../../../../src/documents/client/doc_state.ts";
import { stepDoc } from "../../../../src/documents/client/doc_step.ts";

const SHARED = { types: [json], isStored: false };
const MINE = { source: "me.mac", sequence: 1 };

/** A document with a vote of its own that is on its way, and so many votes of others that were committed since. */
function crowded(votes: number, context = SHARED): DocState {
  const vote = { kind: "op", op: [{ p: ["n"], na: 1 }] } as const;
  const snapshot = { version: 0, epoch: "e", live: { type: json, data: { n: 0 } } };
  const events: DocEvent[] = [
    { kind: "snapshot", snapshot },
    { kind: "submit", change: vote, ticket: 1, isComposable: true },
    { kind: "flush", identity: MINE },
  ];
  for (let version = 0; version < votes; version++) {
    const identity = { source: "them", sequence: version };
    events.push({ kind: "op", at: { version, epoch: "e" }, identity, change: vote });
  }
  return events.reduce((state, event) => stepDoc(context, state, event).state, emptyDoc(true));
}

Deno.test("baseOf() has what was committed while something of one's own waits", () => {
  for (const votes of [0, 1, 3, BEHIND_MAX, BEHIND_MAX + 1, 3 * BEHIND_MAX]) {
    const state = crowded(votes);
    deepStrictEqual(baseOf(state)?.data, { n: votes });
    deepStrictEqual(state.live?.data, { n: votes + 1 });
  }
});

Deno.test("stepDoc() keeps no more edits beside a base than the bound", () => {
  strictEqual(crowded(BEHIND_MAX).behind?.count, BEHIND_MAX);
  strictEqual(crowded(BEHIND_MAX + 1).behind, undefined);
  strictEqual(crowded(BEHIND_MAX + 2).behind?.count, 1);
});

Deno.test("stepDoc() keeps nothing beside a base that is stored", () => {
  const state = crowded(3, { ...SHARED, isStored: true });
  strictEqual(state.behind, undefined);
  deepStrictEqual(state.base?.data, { n: 3 });
});

Deno.test("stepDoc() takes what the user sees for the base when all of one's own is committed", () => {
  const at = { version: 3, epoch: "e", tag: "t" };
  const { state } = stepDoc(SHARED, crowded(3), { kind: "ack", at, identity: MINE, fixups: [] });
  deepStrictEqual([state.base?.data, state.behind, state.version], [{ n: 4 }, undefined, 4]);
});

Deno.test("stepDoc() takes a refused change away from all that is committed", () => {
  const error = Object.assign(new Error("no"), { code: "ERR_FORBIDDEN" as const });
  const { state } = stepDoc(SHARED, crowded(3), { kind: "refused", error, sequence: 1 });
  deepStrictEqual([state.live?.data, baseOf(state)?.data], [{ n: 3 }, { n: 3 }]);
});
