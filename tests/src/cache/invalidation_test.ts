import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { Cache } from "../../../src/cache/mod.ts";
import { settle } from "../../contracts/manual_clock.ts";
import { backendOfTest, cacheOfTest, gate } from "./setup.ts";

Deno.test("Cache.invalidateTags() kills entries with any of the tags, and no others", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  await cache.set("a", 1, { tags: ["x", "y"] });
  await cache.set("b", 2, { tags: "z" });
  await cache.set("c", 3);
  await cacheOfTest(backend).invalidateTags("y");
  deepStrictEqual(await cache.getMany(["a", "b", "c"]), [undefined, 2, 3]);
  await cache.invalidateTags(["x", "z"]);
  deepStrictEqual(await cache.getMany(["a", "b", "c"]), [undefined, undefined, 3]);
});

Deno.test("Cache.set() in the same millisecond as an invalidation lives", async () => {
  const cache = cacheOfTest(backendOfTest());
  await cache.set("a", 1, { tags: "x" });
  await cache.invalidateTags("x");
  await cache.set("a", 2, { tags: "x" });
  strictEqual(await cache.get("a"), 2);
});

Deno.test("Cache.invalidate() kills the namespace and those inside it, and not those around it", async () => {
  const cache = cacheOfTest(backendOfTest());
  const outer = cache.namespace("outer");
  const inner = outer.namespace("inner");
  const other = cache.namespace("other");
  const all = [cache, outer, inner, other];
  for (const view of all) await view.set("k", "v");
  const alive = async () => (await Promise.all(all.map((view) => view.get("k")))).map(Boolean);
  deepStrictEqual(await alive(), [true, true, true, true]);
  await outer.clear();
  deepStrictEqual(await alive(), [true, false, false, true]);
  await cache.invalidate({ hard: true });
  deepStrictEqual(await alive(), [false, false, false, false]);
});

Deno.test("Cache.namespace() keeps keys and tags apart", async () => {
  const cache = cacheOfTest(backendOfTest());
  const [a, b] = [cache.namespace("a"), cache.namespace("b")];
  await a.set("k", "A", { tags: "t" });
  await b.set("k", "B", { tags: "t" });
  await a.invalidateTags("t");
  deepStrictEqual([await a.get("k"), await b.get("k")], [undefined, "B"]);
});

Deno.test("Cache.invalidate() soft makes values stale: a miss for get(), servable in the window", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "1m" });
  await cache.set("a", "old");
  await cache.invalidate({ hard: false });
  strictEqual(await cache.get("a"), undefined);
  strictEqual(await cache.get("a", { allowStale: true }), "old");
  strictEqual(await cache.getOrCreate("a", () => "new"), "old");
  await cache.idle();
  strictEqual(await cache.get("a"), "new");
});

Deno.test("Cache.invalidate() soft after hard leaves dead what was dead", async () => {
  const cache = cacheOfTest(backendOfTest(), { stale: "1m" });
  await cache.set("a", "old");
  await cache.invalidate();
  await cache.invalidate({ hard: false });
  strictEqual(await cache.get("a", { allowStale: true }), undefined);
});

Deno.test("Cache.invalidate() again and again has each value created once", async () => {
  const cache = cacheOfTest(backendOfTest());
  let made = 0;
  const create = () => ++made;
  for (const expected of [1, 2, 3]) {
    strictEqual(await cache.getOrCreate("a", create), expected);
    strictEqual(await cache.getOrCreate("a", create), expected);
    await cache.invalidate();
  }
});

const CHANGES: [string, (cache: Cache) => Promise<void>][] = [
  ["invalidateTags()", (cache) => cache.invalidateTags("x")],
  ["invalidateTags() soft", (cache) => cache.invalidateTags("x", { hard: false })],
  ["invalidate()", (cache) => cache.invalidate()],
  ["invalidate() soft", (cache) => cache.invalidate({ hard: false })],
  ["clear()", (cache) => cache.clear()],
];

for (const [what, change] of CHANGES) {
  for (const isLate of [false, true]) {
    const how = isLate ? "tags that the creator sets" : "tags of the call";
    Deno.test(`Cache.${what} during a creation with ${how} wins over it`, async () => {
      const backend = backendOfTest();
      const cache = cacheOfTest(backend);
      const slow = gate<string>();
      const call = cache.getOrCreate("a", (c) => {
        if (isLate) c.setTags("x");
        return slow.promise;
      }, isLate ? {} : { tags: "x" });
      await settle();
      await change(cacheOfTest(backend));
      slow.open("old");
      strictEqual(await call, "old");
      strictEqual(await cache.get("a"), undefined);
      strictEqual(await cache.getOrCreate("a", () => "new"), "new");
    });
  }

  Deno.test(`Cache.getOrCreate() after ${what} joins no creation from before it`, async () => {
    const backend = backendOfTest();
    const cache = cacheOfTest(backend);
    const slow = gate<string>();
    const before = cache.getOrCreate("a", () => slow.promise, { tags: "x" });
    await settle();
    await change(cache);
    const after = cache.getOrCreate("a", () => "new", { tags: "x" });
    await settle();
    slow.open("old");
    strictEqual(await before, "old");
    await backend.clock.advance(500);
    strictEqual(await after, "new");
    strictEqual(await cache.get("a"), "new");
  });
}

Deno.test("Cache.setTags() of a creator is honoured by readers who do not know the tags", async () => {
  const cache = cacheOfTest(backendOfTest());
  const create = (c: { setTags(tags: string[]): void }) => (c.setTags(["x", "y"]), "value");
  strictEqual(await cache.getOrCreate("a", create, { tags: "z" }), "value");
  strictEqual(await cache.get("a"), "value");
  strictEqual(await cache.getOrCreate("a", () => "never"), "value");
  await cache.invalidateTags("y");
  strictEqual(await cache.get("a"), undefined);
});

Deno.test("Cache takes an epoch that the store lost for a miss", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  await cache.set("a", 1, { tags: "x" });
  // The memory store forgets the oldest of very many epochs: here all but the latest.
  const space = { name: "test", raw: false, hashMode: "create" } as const;
  const order = { token: "t", leaseMs: 1_000, costMs: 0, lifeMs: 1_000 };
  for (let i = 0; i < 3; i++) {
    const epochs = Array.from({ length: 100_000 }, (_, j) => `filler ${i} ${j}`);
    await backend.cache.lease(space, [], { ...order, epochs });
  }
  strictEqual(await cache.get("a"), undefined);
  await cache.set("a", 2, { tags: "x" });
  strictEqual(await cache.get("a"), 2);
});

Deno.test("Cache.invalidate() is refused for bare payloads, which remember no epochs", async () => {
  const cache = cacheOfTest(backendOfTest(), { raw: true });
  for (
    const change of [() => cache.invalidate(), () => cache.clear(), () => cache.invalidateTags("x")]
  ) {
    await rejects(change, { code: "ERR_INVALID_OPTION" });
  }
  await rejects(cache.set("a", 1, { tags: "x" }), { code: "ERR_INVALID_OPTION" });
});

Deno.test("Cache.invalidateTags() refuses what is no tag", async () => {
  const cache = cacheOfTest(backendOfTest());
  for (const bad of ["", [""], [1], "\ud800"]) {
    await rejects(cache.invalidateTags(bad as string), TypeError);
  }
  await cache.invalidateTags([]);
});
