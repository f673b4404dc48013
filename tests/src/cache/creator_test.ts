import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { wrapStore } from "../../../src/cache/mod.ts";
import { settle } from "../../contracts/manual_clock.ts";
import { backendOfTest, cacheOfTest, counting, gate } from "./setup.ts";

Deno.test("A creator may choose the time to live", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  await cache.getOrCreate("short", (c) => (c.setTtl("1s"), 1));
  await cache.getOrCreate("none", (c) => (c.setTtl(0), 1));
  await cache.getOrCreate("by value", () => null, { ttl: (value) => value === null ? "2s" : "1h" });
  await backend.clock.advance(1_500);
  deepStrictEqual(await cache.getMany(["short", "none", "by value"]), [undefined, undefined, null]);
});

Deno.test("A creator may forbid that its value is served past its time to live", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "1h", staleIfError: "1h" });
  for (const [key, window] of [["never", 0], ["briefly", "5s"], ["as ever", "9h"]] as const) {
    await cache.getOrCreate(key, (c) => (c.setStale(window), "old"));
  }
  await backend.clock.advance(12_000);
  const values = await Promise.all(
    ["never", "briefly", "as ever"].map((key) => cache.getOrCreate(key, () => "new")),
  );
  deepStrictEqual(values, ["new", "old", "old"]);
  await cache.idle();
  await cache.getOrCreate("failing", (c) => (c.setStale(0), "old"));
  await backend.clock.advance(12_000);
  await rejects(cache.getOrCreate("failing", (c) => c.fail(new Error("no"))), /no/);
  const bad = (c: { setStale(window: string): void }) => c.setStale("soon");
  await rejects(cache.getOrCreate("bad", bad as never), { code: "ERR_INVALID_OPTION" });
});

Deno.test("A creator that sets a bad time to live fails with it", async () => {
  const cache = cacheOfTest(backendOfTest());
  const create = (c: { setTtl(ttl: number): void }) => c.setTtl(-1);
  await rejects(cache.getOrCreate("a", create), { code: "ERR_INVALID_OPTION" });
  const ttl = () => "soon" as never;
  await rejects(cache.getOrCreate("a", () => 1, { ttl }), { code: "ERR_INVALID_OPTION" });
});

Deno.test("A creator may give up with any error", async () => {
  const cache = cacheOfTest(backendOfTest());
  const failure = new Error("no");
  await rejects(cache.getOrCreate("a", (c) => c.fail(failure)), failure);
});

Deno.test("A creator that asks for its own key fails at once through its context", async () => {
  const cache = cacheOfTest(backendOfTest());
  const direct = cache.getOrCreate("a", (c) => c.getOrCreate("a", () => 1));
  await rejects(direct, { code: "ERR_RECURSIVE_CREATE" });
  const around = cache.getOrCreate<number>(
    "a",
    (c) => c.getOrCreate("b", (d) => d.getOrCreate<number>("a", () => 1)),
  );
  await rejects(around, { code: "ERR_RECURSIVE_CREATE" });
  const many = cache.getOrCreateMany(
    ["a", "b"],
    async (_keys, c) => [await c.getOrCreate("b", () => 1), 2],
  );
  await rejects(many, { code: "ERR_RECURSIVE_CREATE" });
  strictEqual(await cache.getOrCreate("a", () => "free"), "free");
});

Deno.test("A creator that asks for its own key behind the cache's back fails at the time limit", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  const call = cache.getOrCreate<number>("a", () => cache.getOrCreate("a", () => 1), {
    timeout: "1s",
  });
  const failed = rejects(call, { code: "ERR_TIMEOUT" });
  await backend.clock.advance(1_000);
  await failed;
});

Deno.test("A creator may ask for other keys", async () => {
  const cache = cacheOfTest(backendOfTest());
  const sum = cache.getOrCreate("sum", async (c) => {
    const parts = await Promise.all(["a", "b"].map((key) => c.getOrCreate(key, () => key.length)));
    return parts.reduce((all, part) => all + part, 0);
  });
  strictEqual(await sum, 2);
});

Deno.test("A creator that throws before its first wait fails like any other", async () => {
  const cache = cacheOfTest(backendOfTest());
  const failure = new Error("sync");
  const create = () => {
    throw failure;
  };
  await rejects(cache.getOrCreate("a", create), failure);
  await rejects(cache.getOrCreateMany(["a"], create), failure);
});

Deno.test("A creator that goes on after the time limit still has its value stored", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  const slow = () =>
    new Promise<string>((resolve) => backend.clock.after(2_000, () => resolve("late")));
  const failed = rejects(cache.getOrCreate("a", slow, { timeout: "1s" }), { code: "ERR_TIMEOUT" });
  await backend.clock.advance(2_000);
  await failed;
  strictEqual(await cache.get("a"), "late");
});

Deno.test("Cache.isCreating() tells while it is true, and takes no lease", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  strictEqual(await cache.isCreating("a"), false);
  strictEqual(await cache.isCreating("a"), false);
  const call = cache.getOrCreate(
    "a",
    () => new Promise<number>((resolve) => backend.clock.after(100, () => resolve(1))),
  );
  await settle();
  strictEqual(await cacheOfTest(backend).isCreating("a"), true);
  await backend.clock.advance(100);
  await call;
  strictEqual(await cache.isCreating("a"), false);
});

Deno.test("Cache.getOrCreate() with maxAge 0 creates anew, once for all who ask meanwhile", async () => {
  const cache = cacheOfTest(backendOfTest());
  const create = counting();
  await cache.getOrCreate("a", create);
  const calls = Array.from({ length: 20 }, () => cache.getOrCreate("a", create, { maxAge: 0 }));
  deepStrictEqual(new Set(await Promise.all(calls)), new Set([2]));
  strictEqual(await cache.get("a"), 2);
});

Deno.test("Cache.getOrCreate() joins nobody who is content with an older value", async () => {
  const backend = backendOfTest();
  const slow = gate();
  const cache = cacheOfTest({
    ...backend,
    cache: wrapStore(backend.cache, {
      read: async (inner, ...call) => {
        const read = await inner.read(...call);
        await slow.promise;
        return read;
      },
    }),
  });
  await cache.set("a", "old");
  const content = cache.getOrCreate("a", () => "never");
  const anew = cache.getOrCreate("a", () => "new", { maxAge: 0 });
  slow.open();
  deepStrictEqual(await Promise.all([content, anew]), ["old", "new"]);
});

Deno.test("A creator that asks for its own key leaves no failure behind when the store is down", async () => {
  const backend = backendOfTest("request");
  const down = () => Promise.reject(new Error("down"));
  const cache = cacheOfTest({
    ...backend,
    cache: wrapStore(backend.cache, { read: down, lease: down }),
  });
  const call = cache.getOrCreate<number>("a", (c) => c.getOrCreate("a", () => 1));
  await rejects(call, { code: "ERR_RECURSIVE_CREATE" });
});
