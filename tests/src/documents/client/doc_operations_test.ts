/**
 * Operations that come together end where they end one by one.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { baseOf } from "../../../../src/documents/client/base.ts";
import { newsFrom } from "../../../../src/documents/client/doc_message.ts";
import {
  type DocContext,
  type DocEvent,
  type DocOperation,
  type DocState,
  emptyDoc,
} from "../../../../src/documents/client/doc_state.ts";
import { stepDoc } from "../../../../src/documents/client/doc_step.ts";
import type { Json } from "../../../../src/json.ts";
import { json } from "../../../../src/ot/mod.ts";
import { type Dice, diceFor } from "../../../simulation/dice.ts";
import { EDITS } from "../../../simulation/documents/edits.ts";

const SEED = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const ROUNDS = 400;
const MINE = { source: "me.mac", sequence: 1 };

function stepped(context: DocContext, state: DocState, ...events: DocEvent[]): DocState {
  return events.reduce((before, event) => stepDoc(context, before, event).state, state);
}

/** Operations of somebody, each made on what the one before it left. */
function written(edits: typeof EDITS[number], dice: Dice, from: unknown): DocOperation[] {
  let data = from;
  return Array.from({ length: dice.whole(2, 12) }, (_, version): DocOperation => {
    const whole = edits.edit(data, dice, `their${version}`) as Json[];
    // Without its mark, so that edits of one place stand next to each other and are merged.
    const op = edits.type === json && dice.chance(0.8) ? whole.slice(0, -1) : whole;
    data = edits.type.apply(data, op);
    const identity = { source: "them", sequence: version + 1 };
    return {
      kind: "op",
      at: { version, epoch: "e", tag: `t${version}` },
      identity,
      change: { kind: "op", op },
    };
  });
}

for (const edits of EDITS) {
  Deno.test(`stepDoc() of ${edits.type.name} ends alike for operations at once and one by one (SEED=${SEED})`, () => {
    const context = { types: [json, edits.type], isStored: false };
    for (let round = 0; round < ROUNDS; round++) {
      const dice = diceFor(SEED + round, "operations");
      let start = edits.initial as unknown;
      for (let at = 0; at < 6; at++) {
        start = edits.type.apply(start, edits.edit(start, dice, `s${at}`));
      }
      const live = { type: edits.type, data: start };
      let state = stepped(context, emptyDoc(true), {
        kind: "snapshot",
        snapshot: { version: 0, epoch: "e", live },
      });
      for (let own = 0; own < dice.whole(0, 3); own++) {
        const op = edits.edit(state.live?.data, dice, `own${own}`) as Json[];
        const change = { kind: "op", op } as const;
        state = stepped(context, state, {
          kind: "submit",
          change,
          ticket: own,
          isComposable: false,
        });
      }
      state = stepped(context, state, { kind: "flush", identity: MINE });
      const ops = written(edits, dice, start);
      const one = stepped(context, state, ...ops);
      const all = stepped(context, state, { kind: "ops", ops });
      deepStrictEqual(all.live?.data, one.live?.data, `seed ${SEED + round}`);
      deepStrictEqual(baseOf(all)?.data, baseOf(one)?.data, `seed ${SEED + round}`);
      deepStrictEqual(all.queue, one.queue, `seed ${SEED + round}`);
      deepStrictEqual([all.version, all.epoch, all.tag], [one.version, one.epoch, one.tag]);
    }
  });
}

Deno.test("newsFrom() makes one event of edits that follow each other, unless each is heard", () => {
  const edit = (v: number, seq: number, src = "them") => (
    { a: "op", c: "c", d: "d", v, src, seq, e: "e", g: "t", op: [{ p: ["n"], na: 1 }] } as const
  );
  const { op: _, ...ack } = edit(2, MINE.sequence, MINE.source);
  const refusal = { a: "op", c: "c", d: "d", seq: 9, error: { message: "No" } } as const;
  const messages = [edit(0, 1), edit(1, 2), ack, edit(3, 3), refusal, edit(4, 4), edit(5, 5)];
  const together = newsFrom(messages, [MINE], false);
  const told = together.events.flatMap((event) => event === undefined ? [] : [event]);
  const kinds = told.map((event) => event.kind === "ops" ? event.ops.length : event.kind);
  deepStrictEqual(kinds, [2, "ack", 1, "refused", 2]);
  deepStrictEqual(together.unanswered, []);
  const heard = newsFrom(messages, [MINE], true).events.map((event) => event?.kind);
  deepStrictEqual(heard, ["op", "op", "ack", "op", "refused", "op", "op"]);
});

Deno.test("stepDoc() takes in what it can of operations at once, and asks for what is missing", () => {
  const context = { types: [json], isStored: false };
  const live = { type: json, data: { n: 0 } };
  const state = stepped(context, emptyDoc(true), {
    kind: "snapshot",
    snapshot: { version: 3, epoch: "e", live },
  });
  const vote = (version: number, epoch = "e"): DocOperation => ({
    ...{ kind: "op", at: { version, epoch, tag: `t${version}` } },
    identity: { source: "them", sequence: version },
    change: { kind: "op", op: [{ p: ["n"], na: 1 }] },
  });
  const ops = [vote(2), vote(3), vote(4), vote(4), vote(5), vote(8), vote(9)];
  const { state: after, effects } = stepDoc(context, state, { kind: "ops", ops });
  deepStrictEqual([after.live?.data, after.version, after.heard], [{ n: 3 }, 6, 10]);
  strictEqual(effects.some(({ kind }) => kind === "read"), true);
  const foreign = stepped(context, state, { kind: "ops", ops: [vote(3), vote(4, "other")] });
  strictEqual(foreign.version, undefined);
});
