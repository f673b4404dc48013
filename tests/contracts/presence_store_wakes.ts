/**
 * What every driver of the port of presence must do: its wakes, and what it refuses.
 *
 * @module
 */

import { decodeChange } from "../../src/presence/change.ts";
import {
  MEMBERS_PER_CALL_MAX,
  META_BYTES_MAX,
  presenceChannel,
  ROOM_LENGTH_MAX,
  TTL_MS_MAX,
} from "../../src/presence/port.ts";
import type { Wake } from "../../src/wakes/port.ts";
import { equal, fails, ok } from "./assert.ts";
import { fresh, LONG, type On } from "./presence_store_bench.ts";

/** What changes tell. */
export function waking(on: On): void {
  on("changes wake the room, each with what it follows and what happened", async (bench) => {
    const { store } = bench;
    const heard: Wake[] = [];
    let gaps = 0;
    const stop = new AbortController();
    bench.wakes.subscribe(presenceChannel("room"), (event) => {
      if (event.kind === "wake") heard.push(event.wake);
      else gaps++;
    }, stop.signal);
    const until = async (holds: () => boolean): Promise<void> => {
      for (let waits = 0; !holds(); waits++) {
        ok(waits < 2_000, "wakes come within 20 s");
        await bench.advance(10);
      }
    };
    await until(() => gaps > 0);
    await store.put("room", "a", "x y", fresh());
    await store.put("room", "a", "x y", fresh());
    await store.put("room", "b", "", fresh(300));
    await store.refresh("room", ["a"], { ttlMs: LONG });
    await store.leave("room", ["a"], fresh());
    await bench.advance(350);
    const { head } = await store.list("room", fresh());
    await until(() => heard.length >= 4);
    stop.abort();
    const start = (heard[0]?.index ?? 0) - 1;
    equal(heard.map(({ index }) => index - start), [1, 2, 3, 4]);
    equal(
      heard.slice(1).map(({ previousTag }) => previousTag),
      heard.slice(0, 3).map(({ tag }) => tag),
    );
    equal(heard.map(({ epoch }) => epoch), heard.map(() => head.epoch));
    equal([head.index, head.tag], [heard[3]?.index, heard[3]?.tag]);
    const changes = heard.map(({ entry = "", index }) => decodeChange(entry, index - start));
    equal(changes, [
      { joined: [{ member: "a", meta: "x y", version: 1 }], left: [] },
      { joined: [{ member: "b", meta: "", version: 2 }], left: [] },
      { joined: [], left: ["a"] },
      { joined: [], left: ["b"] },
    ]);
  });
}

/** What is refused. */
export function refusing(on: On): void {
  on("every method refuses what breaks the rules, before anything happens", async ({ store }) => {
    const bad: readonly (() => Promise<unknown>)[] = [
      () => store.put("", "a", "", fresh()),
      () => store.put("x".repeat(ROOM_LENGTH_MAX + 1), "a", "", fresh()),
      () => store.put("\ud800", "a", "", fresh()),
      () => store.put("room", "", "", fresh()),
      () => store.put("room", "a b", "", fresh()),
      () => store.put("room", "ä", "", fresh()),
      () => store.put("room", "a".repeat(129), "", fresh()),
      () => store.put("room", "a", "two\nlines", fresh()),
      () => store.put("room", "a", "\ud800", fresh()),
      () => store.put("room", "a", "é".repeat(META_BYTES_MAX / 2 + 1), fresh()),
      () => store.put("room", "a", "", { ...fresh(), ttlMs: 0 }),
      () => store.put("room", "a", "", { ...fresh(), ttlMs: 1.5 }),
      () => store.put("room", "a", "", { ...fresh(), ttlMs: TTL_MS_MAX + 1 }),
      () => store.put("room", "a", "", { ...fresh(), tag: "" }),
      () => store.put("room", "a", "", { ...fresh(), tag: "a b" }),
      () => store.leave("room", ["a\n"], fresh()),
      () => store.refresh("room", [" "], { ttlMs: 1 }),
      () => store.refresh("room", Array(MEMBERS_PER_CALL_MAX + 1).fill("a"), { ttlMs: 1 }),
      () => store.list("", fresh()),
    ];
    for (const call of bad) await fails("ERR_INVALID_ARGUMENT", call);
    equal((await store.list("room", fresh())).members, []);
  });

  on("put() takes the largest name, room and meta", async ({ store }) => {
    const room = "🙂".repeat(ROOM_LENGTH_MAX / 2);
    const meta = "é".repeat(META_BYTES_MAX / 2);
    await store.put(room, "a".repeat(128), meta, fresh(TTL_MS_MAX));
    equal((await store.list(room, fresh())).members[0]?.meta, meta);
  });

  on("every method does nothing for a caller who has given up", async ({ store }) => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    const calls = [
      () => store.put("room", "a", "", { ...fresh(), signal }),
      () => store.refresh("room", ["a"], { ttlMs: 1, signal }),
      () => store.leave("room", ["a"], { ...fresh(), signal }),
      () => store.list("room", { ...fresh(), signal }),
    ];
    for (const call of calls) ok(await call().catch((error) => error) === reason, "the reason");
    equal((await store.list("room", fresh())).members, []);
  });
}
