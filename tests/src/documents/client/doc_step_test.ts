/** @module */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { HoldfastError } from "../../../../src/errors.ts";
import { json } from "../../../../src/ot/mod.ts";
import type { OpIdentity } from "../../../../src/documents/change.ts";
import {
  type DocEvent,
  type DocState,
  type DocStep,
  emptyDoc,
} from "../../../../src/documents/client/doc_state.ts";
import { stepDoc } from "../../../../src/documents/client/doc_step.ts";

const CONTEXT = { types: [json], isStored: false };
const MINE: OpIdentity = { source: "me.mac", sequence: 1 };
const THEIRS: OpIdentity = { source: "them", sequence: 1 };

function live(data: unknown) {
  return { type: json, data };
}

function after(state: DocState, ...events: readonly DocEvent[]): DocStep {
  return events.reduce<DocStep>(
    (step, event) => stepDoc(CONTEXT, step.state, event),
    { state, effects: [] },
  );
}

function vote(ticket = 1): DocEvent {
  const change = { kind: "op", op: [{ p: ["n"], na: 1 }] } as const;
  return { kind: "submit", change, ticket, isComposable: true };
}

const LOADED = after(emptyDoc(true), {
  kind: "snapshot",
  snapshot: { version: 5, epoch: "e", tag: "t", live: live({ n: 0 }) },
}).state;

function codes({ effects }: DocStep): readonly unknown[] {
  return effects.flatMap((effect) =>
    effect.kind === "settled" ? [(effect.error as HoldfastError | undefined)?.code ?? "done"] : []
  );
}

Deno.test("stepDoc() never changes the state that it is given", () => {
  const frozen = Object.freeze({ ...LOADED });
  const sent = after(frozen, vote(), { kind: "flush", identity: MINE });
  strictEqual(frozen.queue.length, 0);
  strictEqual(sent.state.queue[0]?.phase, "sent");
});

Deno.test("stepDoc() takes a snapshot of another life for a new document, and refuses what waits", () => {
  const step = after(LOADED, vote(), {
    kind: "snapshot",
    // The same epoch: the store lost its end and was filled anew, which the tag told the server.
    snapshot: { version: 7, epoch: "e", live: live({ n: 70 }), isForeign: true },
  });
  deepStrictEqual(codes(step), ["ERR_DOC_EPOCH"]);
  deepStrictEqual([step.state.live?.data, step.state.version], [{ n: 70 }, 7]);
});

Deno.test("stepDoc() keeps a snapshot back until what is on its way is answered", () => {
  const ahead = { version: 9, epoch: "e", tag: "u", live: live({ n: 11 }) };
  const waiting = after(
    LOADED,
    vote(),
    { kind: "flush", identity: MINE },
    { kind: "snapshot", snapshot: ahead },
  );
  deepStrictEqual(waiting.state.live?.data, { n: 1 });
  const at = { version: 6, epoch: "e", tag: "m" };
  const caught = after(waiting.state, { kind: "ack", at, identity: MINE, fixups: [] });
  deepStrictEqual([caught.state.live?.data, caught.state.version], [{ n: 11 }, 9]);
  deepStrictEqual([caught.state.queue.length, codes(caught)], [0, ["done"]]);
});

Deno.test("stepDoc() believes an operation of its own that comes before the answer, and not both", () => {
  const at = { version: 5, epoch: "e", tag: "m" };
  const change = { kind: "op", op: [{ p: ["n"], na: 1 }] } as const;
  const sent = after(LOADED, vote(), { kind: "flush", identity: MINE });
  const seen = after(sent.state, { kind: "op", at, identity: { ...MINE, source: "me" }, change });
  deepStrictEqual(codes(seen), ["done"]);
  const again = after(seen.state, { kind: "ack", at, identity: MINE, fixups: [] });
  deepStrictEqual([again.state.live?.data, again.state.version], [{ n: 1 }, 6]);
});

Deno.test("stepDoc() tells the version, epoch and tag of what it has", () => {
  const at = { version: 5, epoch: "e", tag: "theirs" };
  const change = { kind: "op", op: [{ p: ["n"], na: 7 }] } as const;
  const { state } = after(LOADED, { kind: "op", at, identity: THEIRS, change });
  deepStrictEqual([state.version, state.epoch, state.tag], [6, "e", "theirs"]);
});

Deno.test("stepDoc() begins anew where what is committed does not fit what it has", () => {
  const at = { version: 5, epoch: "e" };
  const change = { kind: "op", op: [{ p: ["nowhere"], na: 7 }] } as const;
  const step = after(LOADED, vote(), { kind: "op", at, identity: THEIRS, change });
  deepStrictEqual(codes(step), ["ERR_OP_MISMATCH"]);
  strictEqual(step.state.version, undefined);
  deepStrictEqual(step.effects.filter(({ kind }) => kind === "read"), [
    { kind: "read", isWhole: true },
  ]);
});

Deno.test("stepDoc() gives up asking for what is not to be had", () => {
  const told = after(LOADED, { kind: "head", at: { version: 8, epoch: "e" } });
  strictEqual(told.effects.length, 1);
  strictEqual(after(told.state, { kind: "caughtUp" }).effects.length, 0);
});
