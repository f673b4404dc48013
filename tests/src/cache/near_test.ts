import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type StoreMethod, wrapStore } from "../../../src/cache/mod.ts";
import { backendOfTest, cacheOfTest, gate, type TestBackend } from "./setup.ts";

/** A backend whose store answers late, as a server would, and counts what it is asked. */
function farBackend(): TestBackend & { calls: StoreMethod[] } {
  const backend = backendOfTest();
  const calls: StoreMethod[] = [];
  const far = <T>(method: StoreMethod, value: T): Promise<Awaited<T>> => {
    calls.push(method);
    return Promise.resolve(value);
  };
  const cache = wrapStore(backend.cache, {
    read: (inner, ...call) => far("read", inner.read(...call)),
    lease: (inner, ...call) => far("lease", inner.lease(...call)),
    settle: (inner, ...call) => far("settle", inner.settle(...call)),
    write: (inner, ...call) => far("write", inner.write(...call)),
    remove: (inner, ...call) => far("remove", inner.remove(...call)),
    renew: (inner, ...call) => far("renew", inner.renew(...call)),
  });
  return { ...backend, cache, calls };
}

Deno.test("A near tier answers what was read or created lately without a request", async () => {
  const backend = farBackend();
  const cache = cacheOfTest(backend, { near: {} });
  strictEqual(await cache.getOrCreate("a", () => "made"), "made");
  deepStrictEqual(backend.calls.splice(0), ["read", "lease", "settle"]);
  strictEqual(await cache.getOrCreate("a", () => "never"), "made");
  strictEqual(await cache.get("a"), "made");
  deepStrictEqual(backend.calls, []);
});

Deno.test("A near tier gives the same object every time", async () => {
  const cache = cacheOfTest(farBackend(), { near: {} });
  await cache.set("a", { deep: true });
  strictEqual(await cache.get("a"), await cache.get("a"));
});

Deno.test("A near tier is filled by reading what another process stored", async () => {
  const backend = farBackend();
  await cacheOfTest(backend).set("a", 1);
  const cache = cacheOfTest(backend, { near: {} });
  backend.calls.length = 0;
  await cache.get("a");
  await cache.get("a");
  deepStrictEqual(backend.calls, ["read"]);
});

Deno.test("A near tier keeps nothing longer than its maximum age", async () => {
  const backend = farBackend();
  const cache = cacheOfTest(backend, { near: { maxAge: "1s" } });
  await cache.set("a", 1);
  strictEqual(await cache.get("a"), 1);
  await cacheOfTest(backend).set("a", 2);
  strictEqual(await cache.get("a"), 1);
  await backend.clock.advance(1_000);
  strictEqual(await cache.get("a"), 2);
});

Deno.test("A near tier sees invalidation elsewhere after its maximum age", async () => {
  const backend = farBackend();
  const cache = cacheOfTest(backend, { near: { maxAge: "1s" } });
  await cache.set("a", 1, { tags: "x" });
  strictEqual(await cache.get("a"), 1);
  await cacheOfTest(backend).invalidateTags("x");
  await backend.clock.advance(1_000);
  strictEqual(await cache.get("a"), undefined);
});

Deno.test("A near tier sees changes made here at once", async () => {
  const cache = cacheOfTest(farBackend(), { near: {} });
  const both = async () => [await cache.get("a"), await cache.get("b")];
  await cache.setMany(new Map([["a", 1], ["b", 2]]), { tags: "x" });
  deepStrictEqual(await both(), [1, 2]);
  await cache.set("a", 3, { tags: "x" });
  deepStrictEqual(await both(), [3, 2]);
  await cache.delete("b");
  deepStrictEqual(await both(), [3, undefined]);
  await cache.invalidateTags("x");
  deepStrictEqual(await both(), [undefined, undefined]);
  await cache.set("a", 4);
  deepStrictEqual(await both(), [4, undefined]);
  await cache.invalidate();
  deepStrictEqual(await both(), [undefined, undefined]);
});

Deno.test("A near tier keeps nothing that was read before a change and arrives after it", async () => {
  const backend = farBackend();
  const slow = gate();
  let isSlow = false;
  const cache = wrapStore(backend.cache, {
    read: async (inner, ...call) => {
      const read = await inner.read(...call);
      if (isSlow) await slow.promise;
      return read;
    },
  });
  const near = cacheOfTest({ ...backend, cache }, { near: {} });
  await near.set("a", "old");
  isSlow = true;
  const reading = near.get("a");
  await near.delete("a");
  slow.open();
  strictEqual(await reading, "old");
  isSlow = false;
  strictEqual(await near.get("a"), undefined);
});

Deno.test("A near tier judges a clock that was set back by reading again", async () => {
  const backend = farBackend();
  const cache = cacheOfTest(backend, { near: {}, ttl: Infinity });
  await cache.set("a", 1);
  await cache.get("a");
  backend.calls.length = 0;
  backend.clock.setNow(backend.clock.now() - 3_600_000);
  await cache.get("a");
  deepStrictEqual(backend.calls, ["read"]);
});

Deno.test("A near tier never has more entries than it may", async () => {
  const backend = farBackend();
  const cache = cacheOfTest(backend, { near: { entriesMax: 10 } });
  const keys = Array.from({ length: 100 }, (_, i) => `k${i}`);
  await cache.setMany(new Map(keys.map((key, i) => [key, i])));
  for (const key of keys) await cache.get(key);
  backend.calls.length = 0;
  for (const key of keys) await cache.get(key);
  strictEqual(backend.calls.length >= 90, true);
});

Deno.test("A near tier keeps what fits its bytes, and nothing that is larger than half of them", async () => {
  const backend = farBackend();
  const cache = cacheOfTest(backend, { near: { bytesMax: 10_000 } });
  const keys = Array.from({ length: 100 }, (_, i) => `k${i}`);
  await cache.setMany(new Map(keys.map((key) => [key, "x".repeat(500)])));
  await cache.set("large", "x".repeat(5_000));
  const farReads = async (...wanted: string[]): Promise<number> => {
    backend.calls.length = 0;
    for (const key of wanted) await cache.get(key);
    return backend.calls.length;
  };
  await farReads(...keys);
  strictEqual(await farReads("k99"), 0);
  strictEqual(await farReads(...keys) >= 90, true);
  await farReads("large");
  strictEqual(await farReads("large"), 1);
});

Deno.test("A near tier lets a stale value be refreshed once, by whichever process is first", async () => {
  const backend = farBackend();
  const caches = [1, 2].map(() => cacheOfTest(backend, { near: {} }));
  await caches[0]?.set("a", "old");
  for (const cache of caches) strictEqual(await cache.get("a"), "old");
  await backend.clock.advance(10_000);
  let runs = 0;
  for (const cache of caches) {
    strictEqual(await cache.getOrCreate("a", () => (runs++, "new")), "new");
  }
  strictEqual(runs, 1);
});
