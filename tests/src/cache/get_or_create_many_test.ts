import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { backendOfTest, cacheOfTest, gate } from "./setup.ts";

Deno.test("Cache.getOrCreateMany() creates what is missing in one call, in the order asked", async () => {
  const cache = cacheOfTest(backendOfTest());
  await cache.set("b", "B");
  const asked: unknown[] = [];
  const made = await cache.getOrCreateMany(["c", "b", "a", "c"], (missing) => {
    asked.push(missing);
    return missing.map((key) => key.toUpperCase());
  });
  deepStrictEqual([...made], [["c", "C"], ["b", "B"], ["a", "A"]]);
  deepStrictEqual(asked, [["c", "a"]]);
  deepStrictEqual(await cache.getMany(["a", "b", "c"]), ["A", "B", "C"]);
});

Deno.test("Cache.getOrCreateMany() of no keys calls nothing", async () => {
  const cache = cacheOfTest(backendOfTest());
  deepStrictEqual(await cache.getOrCreateMany([], () => [1]), new Map());
});

Deno.test("Cache.getOrCreateMany() takes maps and objects, and leaves out what they leave out", async () => {
  const cache = cacheOfTest(backendOfTest());
  const fromMap = await cache.getOrCreateMany(["a", "b"], () => new Map([["b", 2]]));
  deepStrictEqual(fromMap, new Map([["b", 2]]));
  const fromObject = await cache.getOrCreateMany(["a", "toString"], () => ({ a: 1 }));
  deepStrictEqual(fromObject, new Map([["a", 1]]));
  deepStrictEqual(await cache.getMany(["a", "b", "toString"]), [1, 2, undefined]);
});

Deno.test("Cache.getOrCreateMany() refuses a list of another length", async () => {
  const cache = cacheOfTest(backendOfTest());
  await rejects(cache.getOrCreateMany(["a", "b"], () => [1]), { code: "ERR_INVALID_VALUE" });
  strictEqual(await cache.getOrCreate("a", () => "free"), "free");
});

Deno.test("Cache.getOrCreateMany() on two caches creates every key once", async () => {
  const backend = backendOfTest();
  const created: string[] = [];
  const create = async (missing: readonly string[]) => {
    await new Promise<void>((resolve) => backend.clock.after(100, resolve));
    created.push(...missing);
    return missing.map((key) => key.toUpperCase());
  };
  const one = cacheOfTest(backend).getOrCreateMany(["a", "b", "c"], create);
  const two = cacheOfTest(backend).getOrCreateMany(["b", "c", "d"], create);
  await backend.clock.advance(1_000);
  deepStrictEqual([...await one], [["a", "A"], ["b", "B"], ["c", "C"]]);
  deepStrictEqual([...await two], [["b", "B"], ["c", "C"], ["d", "D"]]);
  deepStrictEqual(created.sort(), ["a", "b", "c", "d"]);
});

Deno.test("Cache.getOrCreateMany() and getOrCreate() share what is being created", async () => {
  const cache = cacheOfTest(backendOfTest());
  const slow = gate<string[]>();
  const many = cache.getOrCreateMany(["a", "b"], () => slow.promise);
  const one = cache.getOrCreate("b", () => "never");
  slow.open(["A", "B"]);
  deepStrictEqual([...await many], [["a", "A"], ["b", "B"]]);
  strictEqual(await one, "B");
});

Deno.test("Cache.getOrCreateMany() gives all leases back when the creator fails", async () => {
  const cache = cacheOfTest(backendOfTest());
  const failure = new Error("no");
  const fail = () => Promise.reject(failure);
  await rejects(cache.getOrCreateMany(["a", "b"], fail), failure);
  deepStrictEqual([...await cache.getOrCreateMany(["a", "b"], () => [1, 2])], [["a", 1], ["b", 2]]);
});
