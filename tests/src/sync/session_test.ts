import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Bucket } from "../../../src/sync/bucket.ts";
import { Gate } from "../../../src/sync/gate.ts";
import { IN_FLIGHT_MAX } from "../../../src/sync/messages.ts";
import { modelEvent } from "../../../src/sync/model_event.ts";
import { Session, type SessionEffect } from "../../../src/sync/session.ts";
import { STRIKE_WEIGHTS, Strikes, STRIKES_MAX } from "../../../src/sync/strikes.ts";

function opened(sent: string[] = []) {
  const gate = new Gate({ send: (text) => void sent.push(text) });
  const session = new Session({
    models: new Map([["Todo", 1], ["User", 1]]),
    gate,
    buckets: [],
    speaksSync: true,
    isOneWay: false,
    expiresAtMs: undefined,
    nowMs: 0,
  });
  return { session, gate };
}

function change(seq: number, id = seq) {
  const record = { id, text: `t${seq}`, $version: `${seq}-t` };
  const scopes = { before: undefined, after: {} };
  const event = modelEvent("Todo", {
    kind: "update",
    id,
    index: seq,
    cursor: `e.${seq}.t`,
    record,
    ...scopes,
  });
  ok(event);
  return event;
}

const HEARD = { isHeard: true, nowMs: 0 };
const say = (message: object) => JSON.stringify(message);
const kinds = (effects: readonly SessionEffect[]) =>
  effects.map((effect) =>
    effect.kind === "run"
      ? `run ${effect.message.id}`
      : effect.kind === "send"
      ? JSON.parse(effect.text)
      : effect
  );

Deno.test("Session carries out the requests of a model in turn, those of two models at once", () => {
  const { session } = opened();
  const begun = [
    session.receive(say({ id: 1, event: "Todo:upsert", data: {} }), 0),
    session.receive(say({ id: 2, event: "Todo:read" }), 0),
    session.receive(say({ id: 3, event: "User:read" }), 0),
  ];
  deepStrictEqual(begun.map(kinds), [["run 1"], [], ["run 3"]]);
  const message = { id: 1, event: "Todo:upsert" };
  const next = session.answered("Todo", message, { body: { data: {} } }, HEARD);
  deepStrictEqual(kinds(next), [{ ...message, data: {} }, "run 2"]);
});

Deno.test("Session holds changes back while it writes: the answer comes first, the echo has its tx", () => {
  const sent: string[] = [];
  const { session, gate } = opened(sent);
  const now = () => 0;
  const first = change(1);
  strictEqual(gate.pass(first.text, first), true);
  session.receive(say({ id: 1, event: "Todo:upsert", data: {}, tx: "q/1" }), 0);
  for (const one of [change(2), change(3), change(4)]) {
    strictEqual(gate.pass(one.text, one), false);
    strictEqual(session.hear(one, one.text, now), undefined);
  }
  const message = { id: 1, event: "Todo:upsert", tx: "q/1" };
  const effects = session.answered("Todo", message, { body: { data: {} }, version: "3-t" }, HEARD);
  const told = kinds(effects) as { id?: number; seq?: number; tx?: string }[];
  deepStrictEqual(told.map(({ id, seq, tx }) => [id, seq, tx]), [
    [1, undefined, undefined],
    [undefined, 2, undefined],
    [undefined, 3, "q/1"],
    [undefined, 4, undefined],
  ]);
  const last = change(5);
  strictEqual(gate.pass(last.text, last), true);
  deepStrictEqual(sent, [first.text, last.text]);
});

Deno.test("Session echoes a write whose change comes after its answer, and opens its gate then", () => {
  const { session, gate } = opened();
  session.receive(say({ id: 1, event: "Todo:upsert", data: {}, tx: "a" }), 0);
  const message = { id: 1, event: "Todo:upsert", tx: "a" };
  session.answered("Todo", message, { body: { data: {} }, version: "2-t" }, HEARD);
  const mine = change(2);
  strictEqual(gate.pass(mine.text, mine), false);
  strictEqual(JSON.parse(session.hear(mine, mine.text, () => 0) ?? "").tx, "a");
  strictEqual(gate.pass(mine.text, mine), true);
  session.greeted(false, undefined);
  session.receive(say({ id: 2, event: "Todo:upsert", data: {}, tx: "b" }), 0);
  session.answered("Todo", { ...message, tx: "b" }, { body: { data: {} }, version: "3-t" }, HEARD);
  strictEqual(session.hear(change(3), "", () => 0), undefined, "no echo was wanted");
});

Deno.test("Session takes no more requests at once than its bound", () => {
  const { session } = opened();
  for (let id = 0; id < IN_FLIGHT_MAX; id++) session.receive(say({ id, event: "Todo:read" }), 0);
  const [refused] = kinds(session.receive(say({ id: "x", event: "User:read" }), 0));
  deepStrictEqual((refused as { code: string }).code, "ERR_RATE_LIMITED");
});

Deno.test("Session answers each mistake with a code, and nothing to who wants no answer", () => {
  const { session } = opened();
  const code = (message: unknown) => {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    const [told] = kinds(session.receive(text, 0));
    return (told as { code?: string } | undefined)?.code;
  };
  strictEqual(code("{"), "ERR_MALFORMED");
  strictEqual(code({ id: 1 }), "ERR_MALFORMED");
  strictEqual(code({ id: 1, event: "Todo" }), "ERR_MALFORMED");
  strictEqual(code({ id: 1, event: "Nope:read" }), "ERR_NOT_FOUND");
  strictEqual(code({ id: 1, event: "constructor:read" }), "ERR_NOT_FOUND");
  strictEqual(code({ id: 1, event: "Todo:toString" }), "ERR_INVALID_ARGUMENT");
  strictEqual(code({ id: 1, event: "Todo:read:more" }), "ERR_INVALID_ARGUMENT");
  strictEqual(code({ id: 1, event: "$sync:__proto__" }), "ERR_INVALID_ARGUMENT");
  strictEqual(code({ id: 1, event: "Todo:upsert", tx: "x y" }), "ERR_MALFORMED");
  strictEqual(code({ event: "Nope:read" }), undefined);
});

Deno.test("Strikes are used up by 20 unreadable messages at once, and forgiven by time", () => {
  const strikes = new Strikes();
  const allowed = STRIKES_MAX / STRIKE_WEIGHTS.unreadable;
  for (let i = 0; i < allowed; i++) strictEqual(strikes.add("unreadable", 0), false);
  strictEqual(strikes.add("excess", 0), true);
  const patient = new Strikes();
  for (let i = 0; i < 10 * allowed; i++) strictEqual(patient.add("unreadable", i * 60_000), false);
});

Deno.test("Bucket.take() gives its burst at once and its rate from then on", () => {
  const bucket = new Bucket({ perSecond: 10, burst: 3 }, 0);
  deepStrictEqual([0, 0, 0, 0].map((nowMs) => bucket.take(nowMs)), [0, 0, 0, 100]);
  deepStrictEqual([100, 150, 200].map((nowMs) => bucket.take(nowMs)), [0, 50, 0]);
});
