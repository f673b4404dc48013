import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { ModelEvent } from "../../../src/sync/model_event.ts";
import { Outbox, type OutboxBounds } from "../../../src/sync/outbox.ts";

const BOUNDS: OutboxBounds = {
  coalesceBytes: 100,
  resetBytes: 1_000,
  closeBytes: 2_000,
  resetMs: 10_000,
  closeMs: 60_000,
};

function event(
  model: string,
  record: string,
  seq: number,
  text = `${model}${record}${seq}`,
): ModelEvent {
  const cursor = `e.${seq}.t`;
  const scopes = { before: undefined, after: undefined };
  return { model, record, seq, cursor, version: `${seq}-t`, text, goneText: text, ...scopes };
}

function all(outbox: Outbox): string[] {
  const taken: string[] = [];
  for (let next = outbox.take(0, 0); next !== undefined; next = outbox.take(0, 0)) {
    taken.push(next.text);
  }
  return taken;
}

Deno.test("Outbox.take() gives what was added in its order, a changed record at its last place", () => {
  const outbox = new Outbox(BOUNDS);
  const put = (one: ModelEvent) => outbox.add(one.text, one, 0);
  put(event("A", "1", 1));
  put(event("A", "2", 2));
  outbox.add("answer", undefined, 0);
  outbox.add("answer", undefined, 0);
  put(event("B", "1", 1));
  put(event("A", "1", 3));
  deepStrictEqual(all(outbox), ["A22", "answer", "answer", "B11", "A13"]);
  deepStrictEqual([outbox.isEmpty, outbox.size], [true, 0]);
});

Deno.test("Outbox.take() gives nothing to a transport that is full", () => {
  const outbox = new Outbox(BOUNDS);
  outbox.add("x", undefined, 0);
  strictEqual(outbox.take(100, 0), undefined);
  strictEqual(outbox.take(99, 0)?.text, "x");
});

Deno.test("Outbox puts one reset per model in the place of changes past its bound, and keeps answers", () => {
  const outbox = new Outbox(BOUNDS);
  outbox.add("answer", undefined, 0);
  const long = "x".repeat(120);
  for (let seq = 1; seq <= 8; seq++) {
    const one = event(seq % 2 === 0 ? "A" : "B", String(seq), seq, long);
    outbox.add(one.text, one, 0);
  }
  ok(outbox.size <= BOUNDS.resetBytes);
  const one = event("A", "9", 9, long);
  outbox.add(one.text, one, 0);
  const [answer, ...resets] = all(outbox);
  strictEqual(answer, "answer");
  deepStrictEqual(resets.map((text) => JSON.parse(text).data), [
    { model: "B", cursor: "e.7.t", seq: 7 },
    { model: "A", cursor: "e.9.t", seq: 9 },
  ]);
});

Deno.test("Outbox resets what waits for too long, and gives up what does not move", () => {
  const outbox = new Outbox(BOUNDS);
  const put = (seq: number, nowMs: number) => {
    const one = event("A", String(seq), seq);
    outbox.add(one.text, one, nowMs);
  };
  put(1, 0);
  put(2, 10_000);
  strictEqual(outbox.isHopeless(0, 10_000), false);
  put(3, 10_001);
  deepStrictEqual(all(outbox).map((text) => JSON.parse(text).event), ["$sync:reset"]);
  put(4, 20_000);
  strictEqual(outbox.isHopeless(0, 80_000), false);
  strictEqual(outbox.isHopeless(0, 80_001), true);
  strictEqual(outbox.isHopeless(1_999, 20_000), true);
});

Deno.test("Outbox holds answers alone past every bound but the last", () => {
  const outbox = new Outbox(BOUNDS);
  for (let i = 0; i < 15; i++) outbox.add("x".repeat(100), undefined, 0);
  strictEqual(outbox.isHopeless(0, 0), false);
  for (let i = 0; i < 6; i++) outbox.add("x".repeat(100), undefined, 0);
  strictEqual(outbox.isHopeless(0, 0), true);
  strictEqual(all(outbox).length, 21);
});
