import { strictEqual } from "node:assert/strict";
import type { Cache } from "../../../src/cache/mod.ts";
import { settle } from "../../contracts/manual_clock.ts";
import { backendOfTest, cacheOfTest, gate } from "./setup.ts";

const CHANGES: [string, (cache: Cache) => Promise<void>, unknown][] = [
  ["set()", (cache) => cache.set("a", "changed"), "changed"],
  ["delete()", (cache) => cache.delete("a"), undefined],
];

for (const [what, change, left] of CHANGES) {
  Deno.test(`Cache.getOrCreate() stores nothing over a ${what} that came meanwhile`, async () => {
    const backend = backendOfTest();
    for (const other of [undefined, cacheOfTest(backend)]) {
      const cache = cacheOfTest(backend);
      await cache.delete("a");
      const slow = gate<string>();
      const call = cache.getOrCreate("a", () => slow.promise);
      await settle();
      await change(other ?? cache);
      slow.open("old");
      strictEqual(await call, "old");
      strictEqual(await cache.get("a"), left);
    }
  });

  Deno.test(`Cache.getOrCreate() after a ${what} joins no creation from before it`, async () => {
    const cache = cacheOfTest(backendOfTest());
    const slow = gate<string>();
    const before = cache.getOrCreate("a", () => slow.promise);
    await settle();
    await change(cache);
    strictEqual(await cache.getOrCreate("a", () => "new"), left ?? "new");
    slow.open("old");
    strictEqual(await before, "old");
    strictEqual(await cache.get("a"), left ?? "new");
  });
}

Deno.test("Cache.getOrCreate() takes over when the creator elsewhere died", async () => {
  const backend = backendOfTest();
  const dead = cacheOfTest(backend, { lease: "5s" });
  void dead.getOrCreate("a", () => new Promise(() => {}), { timeout: Infinity });
  await settle();
  const call = cacheOfTest(backend).getOrCreate("a", () => "alive");
  await backend.clock.advance(5_300);
  strictEqual(await call, "alive");
});
