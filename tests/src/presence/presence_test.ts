import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { seededRandom } from "../../../src/random.ts";
import { followRoom, type PresenceEvent } from "../../../src/presence/presence.ts";
import { type ManualClock, manualClock } from "../../contracts/manual_clock.ts";

function opened() {
  const clock = manualClock();
  const backend = memory({ clock, random: seededRandom(1) });
  const stop = new AbortController();
  const events: PresenceEvent[] = [];
  const done = (async () => {
    for await (const event of followRoom(backend, "room", { signal: stop.signal })) {
      events.push(event);
    }
  })();
  return { clock, backend, stop, events, done };
}

async function steps(clock: ManualClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 500) await clock.advance(500);
}

Deno.test("followRoom() tells everybody first, then who comes, changes and goes", async () => {
  const { clock, backend: { presence }, stop, events, done } = opened();
  await clock.advance(0);
  await presence.put("room", "a", "1", { ttlMs: 60_000, tag: "t1" });
  await steps(clock, 2_000);
  await presence.put("room", "a", "2", { ttlMs: 60_000, tag: "t2" });
  await presence.leave("room", ["a"], { tag: "t3" });
  await steps(clock, 1_000);
  stop.abort(new Error("enough"));
  await rejects(done, { message: "enough" });
  const told = events.map((event) =>
    event.kind === "all"
      ? event.members.map(({ meta }) => meta)
      : [...event.joined.map(({ meta }) => `+${meta}`), ...event.left.map((name) => `-${name}`)]
  );
  deepStrictEqual(told, [[], ["1"], ["+2"], ["-a"]]);
  const versions = events.map(({ version }) => version);
  deepStrictEqual(versions, versions.toSorted((a, b) => a - b));
});

Deno.test("followRoom() tells of a crash within the time to live and one look", async () => {
  const { clock, backend: { presence }, stop, events, done } = opened();
  await presence.put("room", "a", "", { ttlMs: 5_000, tag: "t1" });
  await steps(clock, 16_000);
  const last = events.at(-1);
  ok(last?.kind === "change" || last?.kind === "all");
  deepStrictEqual(
    last.kind === "change" ? last.left : last.members.length,
    last.kind === "change" ? ["a"] : 0,
  );
  stop.abort();
  await rejects(done);
  deepStrictEqual(clock.pending, 0);
});

Deno.test("followRoom() says nothing more of a room that stays empty", async () => {
  const { clock, stop, events, done } = opened();
  await steps(clock, 60_000);
  deepStrictEqual(events.length, 1);
  stop.abort();
  await rejects(done);
});
