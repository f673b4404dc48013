import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { settle } from "../../contracts/manual_clock.ts";
import { backendOfTest, cacheOfTest, counting, gate } from "./setup.ts";

Deno.test("Cache in a host that ties promises to requests does not hang on one that ended", async () => {
  const backend = backendOfTest("request");
  const cache = cacheOfTest(backend, { lease: "5s" });
  // The first request ends early: its creation never settles, and nobody will tell.
  void cache.getOrCreate("a", () => new Promise<string>(() => {}), { timeout: Infinity });
  await settle();
  const call = cache.getOrCreate("a", () => "next");
  await backend.clock.advance(5_300);
  strictEqual(await call, "next");
});

Deno.test("Cache in such a host still shares a creation that does settle", async () => {
  const backend = backendOfTest("request");
  const cache = cacheOfTest(backend);
  const create = counting();
  const slow = gate();
  const calls = Array.from({ length: 100 }, () =>
    cache.getOrCreate("a", async () => {
      await slow.promise;
      return create();
    }));
  await settle();
  slow.open();
  deepStrictEqual(new Set(await Promise.all(calls)), new Set([1]));
  strictEqual(create.runs, 1);
  await backend.clock.advance(1_000);
  strictEqual(backend.clock.pending, 0);
});
