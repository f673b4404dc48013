import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { settle } from "../../contracts/manual_clock.ts";
import { backendOfTest, cacheOfTest, counting, gate } from "./setup.ts";

Deno.test("Cache serves the stale value at once while one caller creates the next", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "1m" });
  await cache.set("a", "old");
  await backend.clock.advance(20_000);
  const slow = gate<string>();
  let runs = 0;
  const create = () => (runs++, slow.promise);
  const calls = Array.from({ length: 10 }, () => cache.getOrCreate("a", create));
  deepStrictEqual(new Set(await Promise.all(calls)), new Set(["old"]));
  strictEqual(await cache.getOrCreate("a", create), "old");
  slow.open("new");
  await cache.idle();
  strictEqual(await cache.get("a"), "new");
  strictEqual(runs, 1);
});

Deno.test("Cache serves nothing past the stale window", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "1m" });
  await cache.set("a", "old");
  await backend.clock.advance(70_000);
  strictEqual(await cache.getOrCreate("a", () => "new"), "new");
});

Deno.test("Cache serves nothing stale unless asked to", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  await cache.set("a", "old", { stale: "1m" });
  await backend.clock.advance(20_000);
  strictEqual(await cache.getOrCreate("a", () => "new"), "new");
});

Deno.test("Cache hands work in the background to waitUntil, and tells the creator", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "1m" });
  await cache.set("a", "old");
  await backend.clock.advance(20_000);
  const works: Promise<unknown>[] = [];
  const view = cache.with({ waitUntil: (work) => works.push(work) });
  let context: unknown;
  const value = await view.getOrCreate("a", (c) => {
    context = { key: c.key, background: c.background, stale: c.stale };
    return "new";
  });
  strictEqual(value, "old");
  strictEqual(works.length, 1);
  await works[0];
  deepStrictEqual(context, { key: "a", background: true, stale: { value: "old", ageMs: 20_000 } });
  strictEqual(await cache.get("a"), "new");
});

Deno.test("Cache keeps the stale value, and quiet, when a creation in the background fails", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "1m" });
  await cache.set("a", "old");
  await backend.clock.advance(20_000);
  const errors: unknown[] = [];
  cache.on("create", ({ error }) => errors.push(error));
  const failure = new Error("no");
  strictEqual(await cache.getOrCreate("a", () => Promise.reject(failure)), "old");
  await cache.idle();
  deepStrictEqual(errors, [failure]);
  strictEqual(await cache.getOrCreate("a", () => "new"), "old");
  await cache.idle();
  strictEqual(await cache.get("a"), "new");
});

Deno.test("Cache lets one of several caches refresh, and the others serve what is stale", async () => {
  const backend = backendOfTest();
  const caches = [1, 2, 3].map(() => cacheOfTest(backend, { stale: "1m" }));
  await caches[0]?.set("a", "old");
  await backend.clock.advance(20_000);
  const create = counting();
  const slow = gate();
  const calls = caches.map((cache) =>
    cache.getOrCreate<unknown>("a", async () => {
      await slow.promise;
      return create();
    })
  );
  deepStrictEqual(await Promise.all(calls), ["old", "old", "old"]);
  slow.open();
  await Promise.all(caches.map((cache) => cache.idle()));
  strictEqual(create.runs, 1);
});

Deno.test("Cache waits as long as staleAfter says before it serves what is stale", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "1m", staleAfter: "200ms" });
  await cache.set("a", "old");
  await backend.clock.advance(20_000);
  strictEqual(await cache.getOrCreate("a", () => "quick"), "quick");
  await backend.clock.advance(20_000);
  const slow = gate<string>();
  const answers: unknown[] = [];
  void cache.getOrCreate("a", () => slow.promise).then((value) => answers.push(value));
  await backend.clock.advance(199);
  deepStrictEqual(answers, []);
  await backend.clock.advance(1);
  deepStrictEqual(answers, ["quick"]);
  slow.open("slow");
  await cache.idle();
  strictEqual(await cache.get("a"), "slow");
  strictEqual(backend.clock.pending, 0);
});

Deno.test("Cache always waits for the next value if staleAfter is Infinity", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "1m", staleAfter: Infinity });
  await cache.set("a", "old");
  await backend.clock.advance(20_000);
  strictEqual(await cache.getOrCreate("a", () => "new"), "new");
});

Deno.test("Cache serves what is stale when the creator fails, within the window for that", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { staleIfError: "1m" });
  await cache.set("a", "old");
  const failure = new Error("no");
  const fail = () => Promise.reject(failure);
  await backend.clock.advance(20_000);
  strictEqual(await cache.getOrCreate<unknown>("a", fail), "old");
  strictEqual(cache.counters.stales, 1);
  await backend.clock.advance(50_000);
  await rejects(cache.getOrCreate("a", fail), failure);
});

Deno.test("Cache does not try again for retryAfter, and serves what is stale meanwhile", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { staleIfError: "1m", retryAfter: "5s" });
  await cache.set("a", "old");
  await backend.clock.advance(20_000);
  let runs = 0;
  const fail = () => (runs++, Promise.reject(new Error("no")));
  for (let i = 0; i < 3; i++) strictEqual(await cache.getOrCreate<unknown>("a", fail), "old");
  strictEqual(runs, 1);
  await backend.clock.advance(5_000);
  strictEqual(await cache.getOrCreate<unknown>("a", fail), "old");
  strictEqual(runs, 2);
});

Deno.test("Cache on two processes tries a failing creator once per retryAfter", async () => {
  const backend = backendOfTest();
  const caches = [1, 2].map(() => cacheOfTest(backend, { retryAfter: "5s" }));
  let runs = 0;
  const fail = () => (runs++, Promise.reject(new Error("no")));
  const calls = Promise.allSettled(caches.map((cache) => cache.getOrCreate("a", fail)));
  await backend.clock.advance(4_900);
  strictEqual(runs, 1);
  await backend.clock.advance(200);
  strictEqual(runs, 2);
  deepStrictEqual((await calls).map(({ status }) => status), ["rejected", "rejected"]);
});

Deno.test("Cache refreshes early, behind the callers, the more likely the nearer the end", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { early: 1 });
  const create = counting();
  const slow = async () => {
    await new Promise<void>((resolve) => backend.clock.after(1_000, resolve));
    return create();
  };
  const first = cache.getOrCreate("a", slow);
  await backend.clock.advance(1_000);
  await first;
  await backend.clock.advance(9_500);
  // The end is half a cost away: each call refreshes with a chance of 0.6.
  const early: number[] = [];
  for (let i = 0; i < 50 && create.runs === 1; i++) {
    early.push(await cache.getOrCreate("a", slow));
    await settle();
    if ((await cache.isCreating("a"))) break;
  }
  deepStrictEqual(new Set(early), new Set([1]));
  ok(early.length < 20);
  await backend.clock.advance(1_000);
  strictEqual(await cache.get("a"), 2);
});

Deno.test("Cache spreads the ends of what was set together", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { jitter: 0.5 });
  await cache.setMany(new Map(Array.from({ length: 100 }, (_, i) => [`k${i}`, i])));
  const keys = Array.from({ length: 100 }, (_, i) => `k${i}`);
  const left = async () =>
    (await cache.getMany(keys)).filter((value) => value !== undefined).length;
  await backend.clock.advance(4_999);
  strictEqual(await left(), 100);
  await backend.clock.advance(2_500);
  const half = await left();
  ok(half > 20 && half < 80, String(half));
  await backend.clock.advance(2_501);
  strictEqual(await left(), 0);
});

Deno.test("Cache.idle() waits for what goes on in the background, also for many keys", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "1m" });
  await cache.idle();
  await cache.setMany(new Map([["a", 1], ["b", 2]]));
  await backend.clock.advance(20_000);
  const slow = gate<number[]>();
  const many = await cache.getOrCreateMany(["a", "b"], () => slow.promise);
  deepStrictEqual([...many], [["a", 1], ["b", 2]]);
  let isIdle = false;
  const idle = cache.idle().then(() => isIdle = true);
  await settle();
  strictEqual(isIdle, false);
  slow.open([3, 4]);
  await idle;
  deepStrictEqual(await cache.getMany(["a", "b"]), [3, 4]);
});
