import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { FanOut, WAKE_BACKLOG_MAX } from "../../../src/wakes/fan_out.ts";
import type { WakeEvent } from "../../../src/wakes/port.ts";
import { settle } from "../../contracts/manual_clock.ts";

const wake = (index: number): WakeEvent => ({
  kind: "wake",
  wake: { epoch: "e", index, tag: `t${index}`, previousTag: "" },
});

Deno.test("FanOut.deliver() holds a bounded backlog, and makes one gap of what is over", async () => {
  const fanOut = new FanOut();
  const { signal } = new AbortController();
  const events: WakeEvent[] = [];
  fanOut.subscribe("a", (event) => void events.push(event), signal);
  for (let i = 1; i <= WAKE_BACKLOG_MAX; i++) fanOut.deliver("a", wake(i));
  await settle();
  strictEqual(events.length, WAKE_BACKLOG_MAX);
  events.length = 0;
  for (let i = 1; i <= WAKE_BACKLOG_MAX + 2; i++) fanOut.deliver("a", wake(i));
  await settle();
  deepStrictEqual(events, [{ kind: "gap" }, wake(WAKE_BACKLOG_MAX + 2)]);
});

Deno.test("FanOut.deliver() keeps the news that the feed is down over its bound", async () => {
  const fanOut = new FanOut();
  const events: WakeEvent[] = [];
  fanOut.subscribe("a", (event) => void events.push(event), new AbortController().signal);
  for (let i = 1; i <= WAKE_BACKLOG_MAX; i++) fanOut.deliver("a", wake(i));
  const down: WakeEvent = { kind: "down", error: new Error("gone") };
  fanOut.broadcast(down);
  await settle();
  deepStrictEqual(events, [down]);
});

Deno.test("FanOut.subscribe() calls onEmpty when the last listener of all channels is gone", () => {
  const fanOut = new FanOut();
  let calls = 0;
  const stops = ["a", "a", "b"].map((channel) => {
    const stop = new AbortController();
    fanOut.subscribe(channel, () => {}, stop.signal, { onEmpty: () => calls++ });
    return stop;
  });
  strictEqual(fanOut.size, 2);
  stops[0]?.abort();
  stops[2]?.abort();
  deepStrictEqual([fanOut.size, calls], [1, 0]);
  stops[1]?.abort();
  deepStrictEqual([fanOut.size, calls], [0, 1]);
});

Deno.test("FanOut.broadcast() tells every listener of every channel", async () => {
  const fanOut = new FanOut();
  const { signal } = new AbortController();
  const told: string[] = [];
  for (const channel of ["a", "a", "b"]) {
    fanOut.subscribe(channel, ({ kind }) => void told.push(`${channel} ${kind}`), signal);
  }
  fanOut.broadcast({ kind: "gap" });
  await settle();
  deepStrictEqual(told, ["a gap", "a gap", "b gap"]);
});
