import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import type { CacheKey } from "../../../src/cache/mod.ts";
import { backendOfTest, cacheOfTest } from "./setup.ts";

Deno.test("Cache.get() gives what was set, and undefined for what was not", async () => {
  const cache = cacheOfTest(backendOfTest());
  await cache.set("a", { deep: [1] });
  deepStrictEqual(await cache.get("a"), { deep: [1] });
  strictEqual(await cache.get("b"), undefined);
});

Deno.test("Cache.get() gives the same object every time, and not the one that was set", async () => {
  const cache = cacheOfTest(backendOfTest());
  const value = { list: [1] };
  await cache.set("a", value);
  value.list.push(2);
  deepStrictEqual(await cache.get("a"), { list: [1] });
  strictEqual(await cache.get("a"), await cache.get("a"));
});

Deno.test('Cache.get() gives everybody a new object with copy "clone"', async () => {
  const cache = cacheOfTest(backendOfTest(), { copy: "clone" });
  await cache.set("a", { list: [1] });
  (await cache.get<{ list: number[] }>("a"))?.list.push(2);
  deepStrictEqual(await cache.get("a"), { list: [1] });
});

Deno.test('Cache.get() gives a deeply frozen object with copy "freeze"', async () => {
  const cache = cacheOfTest(backendOfTest(), { copy: "freeze" });
  await cache.set("a", { list: [{ n: 1 }] });
  const value = await cache.get<{ list: { n: number }[] }>("a");
  strictEqual(Object.isFrozen(value?.list[0]), true);
});

Deno.test("Cache.get() is a miss when the time to live is over", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  await cache.set("a", 1);
  await backend.clock.advance(9_999);
  strictEqual(await cache.get("a"), 1);
  await backend.clock.advance(1);
  strictEqual(await cache.get("a"), undefined);
});

Deno.test("Cache.get() takes no value older than maxAge", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  await cache.set("a", 1);
  await backend.clock.advance(1_000);
  strictEqual(await cache.get("a", { maxAge: "1s" }), undefined);
  strictEqual(await cache.get("a", { maxAge: "1001ms" }), 1);
});

Deno.test("Cache.get() gives a stale value only if asked so", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "1m" });
  await cache.set("a", 1);
  await backend.clock.advance(30_000);
  strictEqual(await cache.get("a"), undefined);
  strictEqual(await cache.get("a", { allowStale: true }), 1);
});

Deno.test("Cache.set() with a ttl of 0 removes, and with Infinity never ends", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  await cache.set("a", 1);
  await cache.set("a", 2, { ttl: 0 });
  strictEqual(await cache.get("a"), undefined);
  await cache.set("b", 1, { ttl: Infinity });
  await backend.clock.advance(1e12);
  strictEqual(await cache.get("b"), 1);
});

Deno.test("Cache.set() takes a ttl that follows from the value", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  const ttl = (value: string | null) => value === null ? "1s" as const : "5s" as const;
  await cache.set<string | null>("none", null, { ttl });
  await cache.set<string | null>("some", "x", { ttl });
  await backend.clock.advance(2_000);
  strictEqual(await cache.getEntry("none"), undefined);
  strictEqual(await cache.get("some"), "x");
});

Deno.test("Cache.getEntry() tells what is known, and a cached undefined from a miss", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "20s" });
  await cache.set("a", undefined);
  await backend.clock.advance(4_000);
  const createdAtMs = backend.clock.now() - 4_000;
  deepStrictEqual(await cache.getEntry("a"), {
    value: undefined,
    createdAtMs,
    ageMs: 4_000,
    isFresh: true,
    staleAtMs: createdAtMs + 10_000,
    expiresAtMs: createdAtMs + 30_000,
    costMs: 0,
  });
  strictEqual(await cache.getEntry("b"), undefined);
});

Deno.test("Cache.getMany() answers in the order asked, repetitions too", async () => {
  const cache = cacheOfTest(backendOfTest());
  await cache.setMany(new Map<CacheKey, number>([["a", 1], [["h", "f"], 2], ["b", 3]]));
  const keys: CacheKey[] = ["b", ["h", "f"], "none", "a", ["h", "g"], "b"];
  deepStrictEqual(await cache.getMany(keys), [3, 2, undefined, 1, undefined, 3]);
  deepStrictEqual(await cache.getMany([]), []);
});

Deno.test("Cache.delete() and deleteMany() remove, and mind no missing key", async () => {
  const cache = cacheOfTest(backendOfTest());
  await cache.setMany(new Map([["a", 1], ["b", 2], ["c", 3]]));
  await cache.delete("a");
  await cache.deleteMany(["b", "none"]);
  await cache.deleteMany([]);
  deepStrictEqual(await cache.getMany(["a", "b", "c"]), [undefined, undefined, 3]);
});

Deno.test("Cache.with() shares the entries and adds what belongs to a request", async () => {
  const cache = cacheOfTest(backendOfTest());
  const controller = new AbortController();
  const view = cache.with({ signal: controller.signal });
  await view.set("a", 1);
  strictEqual(await cache.get("a"), 1);
  controller.abort(new Error("over"));
  await rejects(view.get("a"), { message: "over" });
  throws(() => cache.with({ sgnal: 1 } as never), { code: "ERR_INVALID_OPTION" });
});

Deno.test("Cache.on() and counters tell of hits, misses and creations", async () => {
  const cache = cacheOfTest(backendOfTest());
  const events: unknown[] = [];
  for (const name of ["hit", "miss", "create"] as const) {
    cache.on(name, (event) => events.push([name, event]));
  }
  await cache.getOrCreate("a", () => 1);
  await cache.getOrCreate("a", () => 1);
  deepStrictEqual(events, [
    ["miss", { key: "a", reason: "absent" }],
    ["create", { keys: ["a"], tookMs: 0 }],
    ["hit", { key: "a" }],
  ]);
  const { hits, misses, creations } = cache.counters;
  deepStrictEqual([hits, misses, creations], [1, 1, 1]);
});
