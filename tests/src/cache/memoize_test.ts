import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { backendOfTest, cacheOfTest } from "./setup.ts";

const recording = () => {
  const calls: unknown[][] = [];
  const add = (a: number, b: number) => (calls.push([a, b]), `${a}+${b}#${calls.length}`);
  return { calls, add };
};

Deno.test("Cache.memoize() keeps results by their arguments", async () => {
  const backend = backendOfTest();
  const { calls, add } = recording();
  const sum = cacheOfTest(backend).memoize(add, { name: "sum", ttl: "1s" });
  strictEqual(await sum(1, 2), "1+2#1");
  strictEqual(await sum(1, 2), "1+2#1");
  strictEqual(await sum(2, 1), "2+1#2");
  await backend.clock.advance(1_000);
  strictEqual(await sum(1, 2), "1+2#3");
  deepStrictEqual(calls, [[1, 2], [2, 1], [1, 2]]);
});

Deno.test("Cache.memoize() gives a function with the name and length asked for, and the original", () => {
  const { add } = recording();
  const sum = cacheOfTest(backendOfTest()).memoize(add, { name: "sum" });
  deepStrictEqual([sum.name, sum.length, sum.original], ["sum", 2, add]);
  strictEqual(sum.original(1, 2), "1+2#1");
});

Deno.test("Cache.memoize() has methods to get, set, invalidate and refresh", async () => {
  const cache = cacheOfTest(backendOfTest());
  const { calls, add } = recording();
  const sum = cache.memoize(add, { name: "sum" });
  strictEqual(await sum.get(1, 2), undefined);
  await sum.set([1, 2], "");
  strictEqual(await sum(1, 2), "");
  strictEqual(await cache.get(sum.key(1, 2)), "");
  strictEqual(await sum.refresh(1, 2), "1+2#1");
  strictEqual(await sum.get(1, 2), "1+2#1");
  await sum.invalidate(1, 2);
  strictEqual(await sum(1, 2), "1+2#2");
  strictEqual(calls.length, 2);
});

Deno.test("Cache.memoize() tells results apart by what key says", async () => {
  const { add } = recording();
  const sum = cacheOfTest(backendOfTest()).memoize(add, { name: "sum", key: (a) => a });
  strictEqual(await sum(1, 3), "1+3#1");
  strictEqual(await sum(1, 4), "1+3#1");
  strictEqual(await sum(2, 4), "2+4#2");
});

Deno.test("Cache.memoize() keeps functions of different names and namespaces apart", async () => {
  const cache = cacheOfTest(backendOfTest());
  const one = cache.memoize(() => 1, { name: "one" });
  const two = cache.memoize(() => 2, { name: "two" });
  const three = cache.namespace("n").memoize(() => 3, { name: "one" });
  deepStrictEqual([await one(), await two(), await three()], [1, 2, 3]);
  deepStrictEqual([await one(), await two(), await three()], [1, 2, 3]);
});

Deno.test("Cache.memoize() recomputes each time with a ttl that follows from the value and is 0", async () => {
  const { calls, add } = recording();
  const sum = cacheOfTest(backendOfTest()).memoize(add, { name: "sum", ttl: () => 0 });
  await sum(1, 2);
  await sum(1, 2);
  strictEqual(calls.length, 2);
});

Deno.test("Cache.memoize() refuses arguments that make no key, and bad options", async () => {
  const cache = cacheOfTest(backendOfTest());
  const call = cache.memoize((f: unknown) => f, { name: "f" });
  await rejects(call(() => {}), { code: "ERR_INVALID_KEY" });
  await rejects(call.get(Symbol("s")), { code: "ERR_INVALID_KEY" });
  throws(() => cache.memoize(() => 1, { name: "" }), { code: "ERR_INVALID_ARGUMENT" });
  throws(() => cache.memoize(() => 1, { nane: "a" } as never), { code: "ERR_INVALID_OPTION" });
  throws(() => cache.memoize(1 as never, { name: "a" }), { code: "ERR_INVALID_ARGUMENT" });
});

Deno.test("Cache.memoize() of two functions that call each other does not stop", async () => {
  const cache = cacheOfTest(backendOfTest());
  const even = cache.memoize(async (n: number): Promise<boolean> => n === 0 || await odd(n - 1), {
    name: "even",
  });
  const odd = cache.memoize(async (n: number): Promise<boolean> => n !== 0 && await even(n - 1), {
    name: "odd",
  });
  deepStrictEqual([await even(10), await odd(10)], [true, false]);
});

Deno.test("Cache.memoizeMany() calls the function once for what is missing", async () => {
  const cache = cacheOfTest(backendOfTest());
  const calls: unknown[] = [];
  const names = cache.memoizeMany((ids: readonly number[]) => {
    calls.push(ids);
    return ids.map((id) => `n${id}`);
  }, { name: "names" });
  deepStrictEqual([...await names([2, 1, 2])], [[2, "n2"], [1, "n1"]]);
  deepStrictEqual([...await names([1, 3])], [[1, "n1"], [3, "n3"]]);
  deepStrictEqual(calls, [[2, 1], [3]]);
  deepStrictEqual([...await names.get([1, 9])], [[1, "n1"]]);
  await names.set(new Map([[9, "set"]]));
  strictEqual(await cache.get(names.key(9)), "set");
  await names.invalidate([1, 9]);
  deepStrictEqual([...await names.get([1, 2, 9])], [[2, "n2"]]);
  deepStrictEqual([...await names.refresh([2])], [[2, "n2"]]);
  deepStrictEqual(calls, [[2, 1], [3], [2]]);
});

Deno.test("Cache.memoizeMany() takes maps, and neither keeps nor gives what they leave out", async () => {
  const cache = cacheOfTest(backendOfTest());
  let calls = 0;
  const some = cache.memoizeMany((ids: readonly number[]) => {
    calls++;
    return new Map(ids.filter((id) => id > 1).map((id) => [id, id * 10]));
  }, { name: "some" });
  deepStrictEqual([...await some([1, 2])], [[2, 20]]);
  deepStrictEqual([...await some([1, 2])], [[2, 20]]);
  strictEqual(calls, 2);
});
