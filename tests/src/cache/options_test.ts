import { rejects, strictEqual, throws } from "node:assert/strict";
import { type CacheKey, createCache } from "../../../src/cache/mod.ts";
import { backendOfTest, cacheOfTest } from "./setup.ts";

Deno.test("createCache() does no I/O, sets no timer and rolls no dice", () => {
  const never = () => {
    throw new Error("nothing is to be called");
  };
  const store = new Proxy(backendOfTest().cache, { get: never });
  const clock = { now: never, monotonic: never, after: never };
  const random = { bytes: never, float: never };
  createCache({ cache: store, clock, random, isolation: "process" }, { name: "idle" });
});

const BAD_OPTIONS: [string, Record<string, unknown>][] = [
  ["an unknown option", { tll: "1s" }],
  ["a duration without a unit", { ttl: "60" }],
  ["a duration below zero", { ttl: -1 }],
  ["a duration that is no number", { stale: NaN }],
  ["a name with other characters", { name: "a{b}" }],
  ["an empty name", { name: "" }],
  ["a stale window without a ttl", { ttl: Infinity, stale: "1s" }],
  ["a lease without an end", { lease: Infinity }],
  ["a lease of no time", { lease: 0 }],
  ["a jitter past 1", { jitter: 1.5 }],
  ["tags that are no texts", { tags: [1] }],
  ["an empty tag", { tags: "" }],
  ["raw mode with tags", { raw: true, tags: "a" }],
  ["raw mode with a stale window", { raw: true, stale: "1s" }],
  ["raw mode with early refresh", { raw: true, early: 1 }],
  ["raw mode with stale on error", { raw: true, staleIfError: "1s" }],
  ["an unknown hash mode", { hashMode: "sometimes" }],
  ["an unknown copy mode", { copy: "deep" }],
  ["a serializer without loads", { dumps: JSON.stringify }],
  ["two serializers", { serializer: JSON, dumps: JSON.stringify, loads: JSON.parse }],
];

for (const [what, options] of BAD_OPTIONS) {
  Deno.test(`createCache() refuses ${what}`, () => {
    throws(() => cacheOfTest(backendOfTest(), options), { code: "ERR_INVALID_OPTION" });
  });
}

const BAD_KEYS: [string, unknown][] = [
  ["an empty one", ""],
  ["a number", 1],
  ["undefined", undefined],
  ["null", null],
  ["half a surrogate pair", "a\ud800"],
  ["one past the limit", "x".repeat(4_097)],
  ["one past the limit in bytes", "€".repeat(1_366)],
  ["a tuple of one", ["a"]],
  ["a tuple of three", ["a", "b", "c"]],
  ["a tuple with a number", ["a", 1]],
  ["a tuple with an empty part", ["a", ""]],
  ["an object", { key: "a" }],
];

for (const [what, key] of BAD_KEYS) {
  Deno.test(`Cache refuses as a key ${what}, and says nothing of it`, async () => {
    const cache = cacheOfTest(backendOfTest());
    const bad = key as CacheKey;
    const calls: (() => Promise<unknown>)[] = [
      () => cache.get(bad),
      () => cache.getMany([bad]),
      () => cache.set(bad, 1),
      () => cache.delete(bad),
      () => cache.getOrCreate(bad, () => 1),
      () => cache.getOrCreateMany([bad], () => [1]),
    ];
    for (const call of calls) {
      await rejects(call, (error: Error & { code: string }) => {
        strictEqual(error.code, "ERR_INVALID_KEY");
        strictEqual(error.message.includes("xxxx"), false);
        return true;
      });
    }
  });
}

Deno.test("Cache takes a key of exactly the limit", async () => {
  const cache = cacheOfTest(backendOfTest());
  await cache.set("€".repeat(1_365), 1);
  strictEqual(await cache.get("€".repeat(1_365)), 1);
});

Deno.test("Cache.getOrCreate() rejects what cannot be stored, and frees the key", async () => {
  const cache = cacheOfTest(backendOfTest());
  await rejects(cache.getOrCreate("a", () => () => 1), { code: "ERR_NOT_SERIALIZABLE" });
  strictEqual(await cache.getOrCreate("a", () => "fine"), "fine");
});

Deno.test("Cache refuses a value over the store's limit before it is sent", async () => {
  const cache = cacheOfTest(backendOfTest());
  const large = "x".repeat(40_000_000);
  await rejects(cache.set("a", large), { code: "ERR_TOO_LARGE" });
  await rejects(cache.getOrCreate("a", () => large), { code: "ERR_TOO_LARGE" });
});
