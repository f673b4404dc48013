import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { type Asker, askMany, askOne } from "../../../src/cache/ask.ts";
import { cachePolicy, cacheSetup } from "../../../src/cache/policy.ts";
import { type Plan, planOf, rootNamespace } from "../../../src/cache/plan.ts";
import { Region } from "../../../src/cache/region.ts";
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

/**
 * A region in which a flight of `a` was left behind: the host rejects its promise, and it was never settled.
 */
function leftBehind(
  signal?: AbortSignal,
): { asker: Asker; plan: Plan; strand(error: Error): void } {
  const options = { name: "test", ttl: "10s" } as const;
  const policy = cachePolicy(options);
  const region = new Region(backendOfTest(), "test", cacheSetup(options, policy));
  const namespace = rootNamespace(false);
  const nested = () => () => Promise.reject(new Error("no chain in this test"));
  const lost = gate<unknown>();
  Object.assign(region.launch("a", Infinity), { done: lost.promise });
  const plan = planOf(namespace, policy, { signal, waitUntil: undefined });
  return { asker: { region, namespace, nested }, plan, strand: lost.fail };
}

Deno.test("Cache.getOrCreate() starts anew, once for all, where the host rejects a flight that was left behind", async () => {
  const { asker, plan, strand } = leftBehind();
  const create = counting();
  const calls = Array.from({ length: 10 }, () => askOne(asker, plan, "a", create, undefined));
  strand(new Error("of a request that has ended"));
  deepStrictEqual(new Set(await Promise.all(calls)), new Set([1]));
  strictEqual(asker.region.flights.size, 0);
});

Deno.test("Cache.getOrCreateMany() starts anew for the keys whose flights were left behind", async () => {
  const { asker, plan, strand } = leftBehind();
  const asked: string[][] = [];
  const call = askMany(asker, plan, ["a", "b"], (missing) => {
    asked.push([...missing]);
    return missing.map((key) => key.toUpperCase());
  });
  await settle();
  strand(new Error("of a request that has ended"));
  deepStrictEqual([...await call], [["a", "A"], ["b", "B"]]);
  deepStrictEqual(asked, [["b"], ["a"]]);
});

Deno.test("Cache.getOrCreate() does not start anew for a caller who has left", async () => {
  const controller = new AbortController();
  const { asker, plan, strand } = leftBehind(controller.signal);
  const create = counting();
  const call = askOne(asker, plan, "a", create, undefined);
  controller.abort(new Error("gone"));
  strand(new Error("of a request that has ended"));
  await rejects(call, /gone/);
  strictEqual(create.runs, 0);
});
