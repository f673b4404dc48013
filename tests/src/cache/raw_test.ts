import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { CacheSpace } from "../../../src/cache/mod.ts";
import { settle } from "../../contracts/manual_clock.ts";
import { backendOfTest, cacheOfTest, counting, gate } from "./setup.ts";

const SPACE: CacheSpace = { name: "test", raw: true, hashMode: "create" };

Deno.test("Raw mode stores the payload alone", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { raw: true });
  await cache.set("a", { deep: [1] });
  const { records: [found] } = await backend.cache.read(SPACE, ["a"], []);
  strictEqual(found !== "foreign" && found?.text, '{"deep":[1]}');
  deepStrictEqual(await cache.get("a"), { deep: [1] });
});

Deno.test("Raw mode has no age but the store's expiry", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { raw: true });
  await cache.set("a", 1);
  await backend.clock.advance(9_999);
  strictEqual(await cache.get("a"), 1);
  await backend.clock.advance(1);
  strictEqual(await cache.get("a"), undefined);
});

Deno.test("Raw mode creates once, and a change during a creation wins", async () => {
  const backend = backendOfTest();
  const caches = [1, 2].map(() => cacheOfTest(backend, { raw: true }));
  const create = counting();
  const slow = gate();
  const make = async () => {
    await slow.promise;
    return create();
  };
  const calls = caches.map((cache) => cache.getOrCreate("a", make));
  await settle();
  slow.open();
  await backend.clock.advance(1_000);
  deepStrictEqual(await Promise.all(calls), [1, 1]);
  const later = gate<string>();
  const call = caches[0]?.getOrCreate("b", () => later.promise);
  await settle();
  await caches[1]?.delete("b");
  later.open("old");
  strictEqual(await call, "old");
  strictEqual(await caches[0]?.get("b"), undefined);
});

Deno.test("Raw mode can be refreshed, and refuses the options of one call that it cannot honour", async () => {
  const cache = cacheOfTest(backendOfTest(), { raw: true });
  const create = counting();
  await cache.getOrCreate("a", create);
  strictEqual(await cache.getOrCreate("a", create, { maxAge: 0 }), 2);
  for (
    const options of [{ tags: "x" }, { stale: "1s" }, { staleIfError: "1s" }, { early: 1 }] as const
  ) {
    await rejects(cache.getOrCreate("b", create, options), { code: "ERR_INVALID_OPTION" });
  }
  await rejects(cache.getOrCreate("b", (c) => c.setTags("x")), { code: "ERR_INVALID_OPTION" });
});

Deno.test("Tuple keys are fields of hashes, whose expiry follows the mode", async () => {
  const expected = {
    create: [false, false],
    always: [true, true],
    never: [false, true],
    field: [false, true],
  };
  for (const hashMode of ["create", "always", "never", "field"] as const) {
    const backend = backendOfTest();
    const cache = cacheOfTest(backend, { hashMode });
    await cache.set(["h", "a"], 1, { ttl: "5s" });
    await cache.set(["h", "b"], 2, { ttl: "20s" });
    await backend.clock.advance(6_000);
    strictEqual(await cache.get(["h", "a"]), undefined);
    const alive = await cache.get(["h", "b"]) === 2;
    strictEqual(alive, expected[hashMode][1], hashMode);
  }
});
