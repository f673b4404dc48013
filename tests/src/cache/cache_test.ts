import { deepStrictEqual, notStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { type Cache, type CacheKey, createCache } from "../../../src/cache/mod.ts";
import { settle } from "../../contracts/manual_clock.ts";
import { backendOfTest, cacheOfTest, counting, gate } from "./setup.ts";

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

Deno.test("Cache.get() gives what was set, and undefined for what was not", async () => {
  const cache = cacheOfTest(backendOfTest());
  await cache.set("a", { deep: [1] });
  deepStrictEqual(await cache.get("a"), { deep: [1] });
  strictEqual(await cache.get("b"), undefined);
});

Deno.test("Cache.get() gives the same object every time, and not the one that was set", async () => {
  const cache = cacheOfTest(backendOfTest());
  const value = { list: [1] };
  await cache.set("a", value);
  value.list.push(2);
  deepStrictEqual(await cache.get("a"), { list: [1] });
  strictEqual(await cache.get("a"), await cache.get("a"));
});

Deno.test('Cache.get() gives everybody a new object with copy "clone"', async () => {
  const cache = cacheOfTest(backendOfTest(), { copy: "clone" });
  await cache.set("a", { list: [1] });
  (await cache.get<{ list: number[] }>("a"))?.list.push(2);
  deepStrictEqual(await cache.get("a"), { list: [1] });
});

Deno.test('Cache.get() gives a deeply frozen object with copy "freeze"', async () => {
  const cache = cacheOfTest(backendOfTest(), { copy: "freeze" });
  await cache.set("a", { list: [{ n: 1 }] });
  const value = await cache.get<{ list: { n: number }[] }>("a");
  strictEqual(Object.isFrozen(value?.list[0]), true);
});

Deno.test("Cache.get() is a miss when the time to live is over", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  await cache.set("a", 1);
  await backend.clock.advance(9_999);
  strictEqual(await cache.get("a"), 1);
  await backend.clock.advance(1);
  strictEqual(await cache.get("a"), undefined);
});

Deno.test("Cache.get() takes no value older than maxAge", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  await cache.set("a", 1);
  await backend.clock.advance(1_000);
  strictEqual(await cache.get("a", { maxAge: "1s" }), undefined);
  strictEqual(await cache.get("a", { maxAge: "1001ms" }), 1);
});

Deno.test("Cache.get() gives a stale value only if asked so", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "1m" });
  await cache.set("a", 1);
  await backend.clock.advance(30_000);
  strictEqual(await cache.get("a"), undefined);
  strictEqual(await cache.get("a", { allowStale: true }), 1);
});

Deno.test("Cache.set() with a ttl of 0 removes, and with Infinity never ends", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  await cache.set("a", 1);
  await cache.set("a", 2, { ttl: 0 });
  strictEqual(await cache.get("a"), undefined);
  await cache.set("b", 1, { ttl: Infinity });
  await backend.clock.advance(1e12);
  strictEqual(await cache.get("b"), 1);
});

Deno.test("Cache.set() takes a ttl that follows from the value", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  const ttl = (value: string | null) => value === null ? "1s" as const : "5s" as const;
  await cache.set<string | null>("none", null, { ttl });
  await cache.set<string | null>("some", "x", { ttl });
  await backend.clock.advance(2_000);
  strictEqual(await cache.getEntry("none"), undefined);
  strictEqual(await cache.get("some"), "x");
});

Deno.test("Cache.getEntry() tells what is known, and a cached undefined from a miss", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend, { stale: "20s" });
  await cache.set("a", undefined);
  await backend.clock.advance(4_000);
  const createdAtMs = backend.clock.now() - 4_000;
  deepStrictEqual(await cache.getEntry("a"), {
    value: undefined,
    createdAtMs,
    ageMs: 4_000,
    isFresh: true,
    staleAtMs: createdAtMs + 10_000,
    expiresAtMs: createdAtMs + 30_000,
    costMs: 0,
  });
  strictEqual(await cache.getEntry("b"), undefined);
});

Deno.test("Cache.getMany() answers in the order asked, repetitions too", async () => {
  const cache = cacheOfTest(backendOfTest());
  await cache.setMany(new Map<CacheKey, number>([["a", 1], [["h", "f"], 2], ["b", 3]]));
  const keys: CacheKey[] = ["b", ["h", "f"], "none", "a", ["h", "g"], "b"];
  deepStrictEqual(await cache.getMany(keys), [3, 2, undefined, 1, undefined, 3]);
  deepStrictEqual(await cache.getMany([]), []);
});

Deno.test("Cache.delete() and deleteMany() remove, and mind no missing key", async () => {
  const cache = cacheOfTest(backendOfTest());
  await cache.setMany(new Map([["a", 1], ["b", 2], ["c", 3]]));
  await cache.delete("a");
  await cache.deleteMany(["b", "none"]);
  await cache.deleteMany([]);
  deepStrictEqual(await cache.getMany(["a", "b", "c"]), [undefined, undefined, 3]);
});

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

Deno.test("Cache.getOrCreate() ends at its time limit, with all its callers", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  let signal: AbortSignal | undefined;
  const create = (c: { signal: AbortSignal }) => {
    signal = c.signal;
    return new Promise<string>(() => {});
  };
  const calls = [1, 2].map(() => cache.getOrCreate("a", create, { timeout: "1s" }));
  const both = Promise.allSettled(calls);
  await backend.clock.advance(1_000);
  for (const result of await both) {
    strictEqual(result.status === "rejected" && result.reason.code, "ERR_TIMEOUT");
  }
  strictEqual(signal?.aborted, true);
});

Deno.test("Cache.getOrCreate() ends one caller's waiting by its signal, and no one else's", async () => {
  const cache = cacheOfTest(backendOfTest());
  const slow = gate<string>();
  const leaving = new AbortController();
  const left = cache.getOrCreate("a", () => slow.promise, { signal: leaving.signal });
  const stays = cache.getOrCreate("a", () => "never");
  leaving.abort(new Error("gone"));
  await rejects(left, { message: "gone" });
  slow.open("slow");
  strictEqual(await stays, "slow");
});

Deno.test("Cache.getOrCreate() aborts the creation when nobody waits any more", async () => {
  const cache = cacheOfTest(backendOfTest());
  let signal: AbortSignal | undefined;
  const create = (c: { signal: AbortSignal }) => {
    signal = c.signal;
    return new Promise<string>(() => {});
  };
  const callers = [new AbortController(), new AbortController()];
  const calls = callers.map((caller) =>
    cache.with({ signal: caller.signal }).getOrCreate("a", create)
  );
  const all = Promise.allSettled(calls);
  await settle();
  callers[0]?.abort();
  strictEqual(signal?.aborted, false);
  callers[1]?.abort();
  await all;
  strictEqual(signal?.aborted, true);
});

Deno.test("Cache.getOrCreate() starts nothing under a signal that is aborted already", async () => {
  const cache = cacheOfTest(backendOfTest());
  const create = counting();
  const signal = AbortSignal.abort(new Error("gone"));
  await rejects(cache.getOrCreate("a", create, { signal }), { message: "gone" });
  strictEqual(create.runs, 0);
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

Deno.test("Cache.with() shares the entries and adds what belongs to a request", async () => {
  const cache = cacheOfTest(backendOfTest());
  const controller = new AbortController();
  const view = cache.with({ signal: controller.signal });
  await view.set("a", 1);
  strictEqual(await cache.get("a"), 1);
  controller.abort(new Error("over"));
  await rejects(view.get("a"), { message: "over" });
  throws(() => cache.with({ sgnal: 1 } as never), { code: "ERR_INVALID_OPTION" });
});

Deno.test("Cache.on() and counters tell of hits, misses and creations", async () => {
  const cache = cacheOfTest(backendOfTest());
  const events: unknown[] = [];
  for (const name of ["hit", "miss", "create"] as const) {
    cache.on(name, (event) => events.push([name, event]));
  }
  await cache.getOrCreate("a", () => 1);
  await cache.getOrCreate("a", () => 1);
  deepStrictEqual(events, [
    ["miss", { key: "a", reason: "absent" }],
    ["create", { keys: ["a"], tookMs: 0 }],
    ["hit", { key: "a" }],
  ]);
  const { hits, misses, creations } = cache.counters;
  deepStrictEqual([hits, misses, creations], [1, 1, 1]);
});

Deno.test("Cache answers although its store fails, and writes say that it does", async () => {
  const backend = backendOfTest();
  const failure = new Error("down");
  const down = new Proxy(backend.cache, {
    get: () => () => Promise.reject(failure),
  });
  const cache = cacheOfTest({ ...backend, cache: down });
  const failures: unknown[] = [];
  cache.on("failure", ({ action }) => failures.push(action));
  strictEqual(await cache.get("a"), undefined);
  strictEqual(await cache.getOrCreate("a", () => "made"), "made");
  deepStrictEqual([...await cache.getOrCreateMany(["a"], () => [1])], [["a", 1]]);
  await rejects(cache.delete("a"), { code: "ERR_UNAVAILABLE", cause: failure });
  deepStrictEqual(failures, ["read", "read", "read", "delete"]);
});

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
