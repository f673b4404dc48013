import { deepStrictEqual, notStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { settle } from "../../contracts/manual_clock.ts";
import { backendOfTest, cacheOfTest, counting, gate } from "./setup.ts";

Deno.test("Cache.getOrCreate() answers a hit with a promise that is resolved already", async () => {
  const cache = cacheOfTest(backendOfTest());
  await cache.set("a", "A");
  const order: string[] = [];
  const hit = cache.getOrCreate("a", () => "never").then((value) => order.push(value));
  const resolved = Promise.resolve("resolved").then((value) => order.push(value));
  await Promise.all([hit, resolved]);
  deepStrictEqual(order, ["A", "resolved"]);
});

Deno.test("Cache.getOrCreate() creates once for 1,000 callers of one cold key", async () => {
  const cache = cacheOfTest(backendOfTest());
  const create = counting();
  const calls = Array.from({ length: 1_000 }, () => cache.getOrCreate("a", create));
  deepStrictEqual(new Set(await Promise.all(calls)), new Set([1]));
  strictEqual(create.runs, 1);
});

Deno.test("Cache.getOrCreate() creates once for 1,000 callers when it fails, and again after", async () => {
  const cache = cacheOfTest(backendOfTest());
  const failure = new Error("no");
  let runs = 0;
  const create = () => {
    runs++;
    return Promise.reject(failure);
  };
  const calls = Array.from({ length: 1_000 }, () => cache.getOrCreate("a", create));
  for (const result of await Promise.allSettled(calls)) {
    strictEqual(result.status === "rejected" && result.reason, failure);
  }
  strictEqual(runs, 1);
  await rejects(cache.getOrCreate("a", create), failure);
  strictEqual(runs, 2);
  strictEqual(await cache.getOrCreate("a", () => "works"), "works");
});

Deno.test("Cache.getOrCreate() creates once for 1,000 callers when it is not to be stored", async () => {
  const cache = cacheOfTest(backendOfTest());
  const create = counting();
  const calls = Array.from(
    { length: 1_000 },
    () => cache.getOrCreate("a", (c) => c.skip(create())),
  );
  deepStrictEqual(new Set(await Promise.all(calls)), new Set([1]));
  strictEqual(await cache.get("a"), undefined);
  strictEqual(await cache.getOrCreate("a", (c) => c.skip(create())), 2);
});

Deno.test("Cache.getOrCreate() creates once for several caches on one store", async () => {
  const backend = backendOfTest();
  const caches = Array.from({ length: 8 }, () => cacheOfTest(backend));
  const create = counting();
  const slow = async () => {
    await new Promise<void>((resolve) => backend.clock.after(200, resolve));
    return create();
  };
  const calls = caches.flatMap((cache) =>
    Array.from({ length: 125 }, () => cache.getOrCreate("a", slow))
  );
  await backend.clock.advance(1_000);
  deepStrictEqual(new Set(await Promise.all(calls)), new Set([1]));
  strictEqual(create.runs, 1);
});

Deno.test("Cache.getOrCreate() stores undefined and null", async () => {
  const cache = cacheOfTest(backendOfTest());
  const create = counting();
  for (const value of [undefined, null]) {
    const make = () => (create(), value);
    strictEqual(await cache.getOrCreate(String(value), make), value);
    strictEqual(await cache.getOrCreate(String(value), make), value);
  }
  strictEqual(create.runs, 2);
});

Deno.test("Cache.getOrCreate() stores a value that took longer than its time to live", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  const slow = async () => {
    await new Promise<void>((resolve) => backend.clock.after(15_000, resolve));
    return "slow";
  };
  const call = cache.getOrCreate("a", slow, { lease: "20s" });
  await backend.clock.advance(15_000);
  strictEqual(await call, "slow");
  await backend.clock.advance(9_000);
  strictEqual(await cache.get("a"), "slow");
});

Deno.test("Cache.getOrCreate() gives its value to a caller who lost the lease", async () => {
  const backend = backendOfTest();
  const slow = cacheOfTest(backend, { lease: "1s" });
  const quick = cacheOfTest(backend, { lease: "1s" });
  const first = gate<string>();
  const lost = slow.getOrCreate("a", () => first.promise);
  await backend.clock.advance(1_001);
  strictEqual(await quick.getOrCreate("a", () => "second"), "second");
  first.open("first");
  strictEqual(await lost, "first");
  strictEqual(await slow.get("a"), "second");
  strictEqual(slow.counters.refusals, 1);
});

Deno.test("Cache leaves no timer behind", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  await cache.getOrCreate("a", () => 1);
  await cache.getOrCreateMany(["a", "b"], () => [2]);
  await rejects(cache.getOrCreate("c", () => Promise.reject(new Error("no"))));
  await settle();
  strictEqual(backend.clock.pending, 0);
});

Deno.test("Cache.getOrCreate() infers its type from the creator", async () => {
  const cache = cacheOfTest(backendOfTest());
  const user = await cache.getOrCreate("a", () => ({ name: "Ada" }), { ttl: (u) => u.name.length });
  const name: string = user.name;
  notStrictEqual(name, undefined);
});
