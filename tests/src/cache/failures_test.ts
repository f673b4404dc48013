import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { CLOSED, failed, mayPass, passed } from "../../../src/cache/breaker.ts";
import { type CacheStore, type StoreMethod, wrapStore } from "../../../src/cache/mod.ts";
import { backendOfTest, cacheOfTest, counting, type TestBackend } from "./setup.ts";

/** A store that does to every call what a test says, and counts the calls. */
function troubled(
  { cache, ...rest }: TestBackend,
  trouble: { now: (<T>(work: () => T) => T | Promise<T>) | undefined },
): TestBackend & { calls: StoreMethod[] } {
  const calls: StoreMethod[] = [];
  const on = <Method extends StoreMethod>(method: Method): CacheStore[Method] => {
    const call = (...args: unknown[]): unknown => {
      calls.push(method);
      const work = () => Reflect.apply(cache[method], cache, args);
      return trouble.now === undefined ? Promise.resolve(work()) : trouble.now(work);
    };
    return call as CacheStore[Method];
  };
  const store: CacheStore = {
    textMax: cache.textMax,
    time: on("time"),
    read: on("read"),
    lease: on("lease"),
    settle: on("settle"),
    write: on("write"),
    remove: on("remove"),
    renew: on("renew"),
    leased: on("leased"),
  };
  return { ...rest, cache: store, calls };
}

const failure = new Error("down");
const TROUBLES: [string, () => Promise<never>][] = [
  ["rejects", () => Promise.reject(failure)],
  ["throws", () => {
    throw failure;
  }],
];

for (const [how, trouble] of TROUBLES) {
  Deno.test(`Cache answers although its store ${how}, and writes say that it does`, async () => {
    const backend = troubled(backendOfTest(), { now: trouble });
    const cache = cacheOfTest(backend, { breaker: 0 });
    const failures: string[] = [];
    cache.on("failure", ({ action }) => failures.push(action));
    strictEqual(await cache.get("a"), undefined);
    strictEqual(await cache.getEntry("a"), undefined);
    strictEqual(await cache.getOrCreate("a", () => "made"), "made");
    deepStrictEqual([...await cache.getOrCreateMany(["a"], () => [1])], [["a", 1]]);
    deepStrictEqual(failures, ["read", "read", "read", "read"]);
    const refused = { code: "ERR_UNAVAILABLE", cause: failure };
    await rejects(cache.delete("a"), refused);
    await rejects(cache.invalidateTags("x"), refused);
    await rejects(cache.invalidate(), refused);
    await rejects(cache.isCreating("a"), refused);
    await rejects(cache.set("a", 1), refused);
    strictEqual(cache.counters.failures, 9);
  });
}

Deno.test("Cache passes the creator's error on when the store is down, too", async () => {
  const backend = troubled(backendOfTest(), { now: () => Promise.reject(failure) });
  const mine = new Error("mine");
  await rejects(cacheOfTest(backend).getOrCreate("a", () => Promise.reject(mine)), mine);
});

Deno.test("Cache still creates once per process when the store is down", async () => {
  const backend = troubled(backendOfTest(), { now: () => Promise.reject(failure) });
  const cache = cacheOfTest(backend);
  const create = counting();
  const calls = Array.from({ length: 100 }, () => cache.getOrCreate("a", create));
  deepStrictEqual(new Set(await Promise.all(calls)), new Set([1]));
});

for (const method of ["lease", "settle"] as const) {
  Deno.test(`Cache answers although ${method}() fails in the middle`, async () => {
    const backend = backendOfTest();
    const cache = wrapStore(backend.cache, { [method]: () => Promise.reject(failure) });
    const flaky = cacheOfTest({ ...backend, cache });
    strictEqual(await flaky.getOrCreate("a", () => "made"), "made");
    strictEqual(flaky.counters.failures, 1);
  });
}

Deno.test("Cache does not wait longer for a store than its time limit", async () => {
  const backend = troubled(backendOfTest(), { now: () => new Promise(() => {}) });
  const cache = cacheOfTest(backend, { storeTimeout: "1s" });
  const read = cache.get("a");
  const made = cache.getOrCreate("a", () => "made");
  const write = rejects(cache.delete("a"), { code: "ERR_TIMEOUT" });
  await backend.clock.advance(1_000);
  strictEqual(await read, undefined);
  strictEqual(await made, "made");
  await write;
  strictEqual(backend.clock.pending, 0);
});

Deno.test("Cache tells every call of its store how long it waits, a little less than it does", async () => {
  const { cache: store, ...rest } = backendOfTest();
  const limits: Record<string, unknown> = {};
  const noted = (name: StoreMethod) => (...call: unknown[]) => {
    limits[name] = call.at(-1);
    return Reflect.apply(store[name], store, call);
  };
  const names = ["time", "read", "lease", "settle", "write", "remove", "renew", "leased"] as const;
  const methods = Object.fromEntries(names.map((name) => [name, noted(name)]));
  const cache = cacheOfTest({
    ...rest,
    cache: { ...methods, textMax: store.textMax } as CacheStore,
  }, {
    storeTimeout: "2s",
  });
  await cache.getOrCreate("a", () => 1);
  await cache.set("b", 2);
  await cache.delete("b");
  await cache.invalidate();
  await cache.isCreating("a");
  const limit = { limitMs: 1_900 };
  deepStrictEqual(limits, Object.fromEntries(names.map((name) => [name, limit])));
});

Deno.test("Cache survives that its store cannot tell the time of what is kept near", async () => {
  const backend = backendOfTest();
  let isTold = true;
  const cache = wrapStore(backend.cache, {
    time: (inner, ...call) => isTold ? inner.time(...call) : Promise.reject(failure),
    read: (inner, ...call) => {
      const read = inner.read(...call);
      return read instanceof Promise ? read : { records: read.records, epochs: read.epochs };
    },
  });
  const timeless = cacheOfTest({ ...backend, cache }, { breaker: 0 });
  await timeless.set("a", 1);
  isTold = false;
  strictEqual(await timeless.getOrCreate("a", () => 2), 2);
});

Deno.test("Cache leaves a failing store alone, lets one call try it, and comes back", async () => {
  const trouble: { now: (() => Promise<never>) | undefined } = {
    now: () => Promise.reject(failure),
  };
  const backend = troubled(backendOfTest(), trouble);
  const cache = cacheOfTest(backend, { breaker: "2s" });
  const turns: boolean[] = [];
  cache.on("breaker", ({ isOpen }) => turns.push(isOpen));
  for (let i = 0; i < 5; i++) strictEqual(await cache.get("a"), undefined);
  strictEqual(await cache.getOrCreate("a", () => "without"), "without");
  strictEqual(backend.calls.length, 3);
  await backend.clock.advance(2_000);
  await Promise.all([cache.get("a"), cache.get("a"), cache.get("a")]);
  strictEqual(backend.calls.length, 4);
  // What a caller must know of is always tried.
  await rejects(cache.delete("a"), { code: "ERR_UNAVAILABLE", cause: failure });
  await rejects(cache.set("a", 1), { code: "ERR_UNAVAILABLE", cause: failure });
  trouble.now = undefined;
  await backend.clock.advance(2_000);
  strictEqual(await cache.getOrCreate("a", () => "made"), "made");
  strictEqual(await cache.get("a"), "made");
  deepStrictEqual(turns, [true, false]);
});

Deno.test("Breaker opens after three failures in a row, and a success closes it", () => {
  let state = CLOSED;
  for (const openUntilMs of [undefined, undefined, 150]) {
    state = failed(state, 50, 100);
    strictEqual(state.openUntilMs, openUntilMs);
  }
  strictEqual(mayPass(state, 149), false);
  strictEqual(mayPass(state, 150), true);
  state = passed(state, 150, 100);
  strictEqual(mayPass(state, 151), false);
  strictEqual(mayPass(CLOSED, 0), true);
  strictEqual(failed(failed(failed(CLOSED, 0, 0), 0, 0), 0, 0).openUntilMs, undefined);
});

Deno.test("Cache takes foreign bytes for a miss, tells of them, and replaces them", async () => {
  const backend = backendOfTest();
  let isForeign = true;
  const cache = wrapStore(backend.cache, {
    read: async (inner, ...call) => {
      const read = await inner.read(...call);
      return isForeign ? { ...read, records: call[1].map(() => "foreign" as const) } : read;
    },
  });
  const one = cacheOfTest({ ...backend, cache });
  const reasons: string[] = [];
  one.on("miss", ({ reason }) => reasons.push(reason));
  strictEqual(await one.get("a"), undefined);
  strictEqual(await one.getOrCreate("a", () => "made"), "made");
  deepStrictEqual(reasons, ["foreign", "foreign"]);
  isForeign = false;
  strictEqual(await one.get("a"), "made");
});

Deno.test("Cache takes what its serializer cannot read for a miss, and replaces it", async () => {
  const backend = backendOfTest();
  await cacheOfTest(backend, { dumps: () => "{", loads: () => 1 }).set("a", 1);
  const cache = cacheOfTest(backend);
  const reasons: string[] = [];
  cache.on("miss", ({ reason }) => reasons.push(reason));
  strictEqual(await cache.get("a"), undefined);
  strictEqual(await cache.getOrCreate("a", () => "made"), "made");
  strictEqual(await cache.get("a"), "made");
  deepStrictEqual(reasons, ["undecodable", "undecodable"]);
});

Deno.test("A serializer that throws is a typed error for writers", async () => {
  const cause = new Error("codec");
  const dumps = () => {
    throw cause;
  };
  const cache = cacheOfTest(backendOfTest(), { dumps, loads: JSON.parse });
  await rejects(cache.set("a", 1), { code: "ERR_NOT_SERIALIZABLE", cause });
  await rejects(cache.getOrCreate("a", () => 1), { code: "ERR_NOT_SERIALIZABLE", cause });
});

Deno.test("wrapStore() may be stacked, the outermost first, and leaves the rest alone", async () => {
  const backend = backendOfTest();
  const order: string[] = [];
  const noting = (name: string, store: CacheStore): CacheStore =>
    wrapStore(store, {
      read: (inner, ...call) => (order.push(name), inner.read(...call)),
    });
  const store = noting("outer", noting("inner", backend.cache));
  const cache = cacheOfTest({ ...backend, cache: store });
  await cache.set("a", 1);
  strictEqual(await cache.get("a"), 1);
  deepStrictEqual(order, ["outer", "inner"]);
  strictEqual(store.textMax, backend.cache.textMax);
});

Deno.test("wrapStore() can change what is stored, such as to encrypt it", async () => {
  const backend = backendOfTest();
  const turned = (text: string): string => [...text].reverse().join("");
  const cache = wrapStore(backend.cache, {
    write: (inner, space, writes, order) =>
      inner.write(space, writes.map((each) => ({ ...each, text: turned(each.text) })), order),
    read: async (inner, ...call) => {
      const { records, epochs } = await inner.read(...call);
      return {
        epochs,
        records: records.map((found) =>
          found === undefined || found === "foreign"
            ? found
            : { ...found, text: turned(found.text) }
        ),
      };
    },
  });
  const secret = cacheOfTest({ ...backend, cache });
  await secret.set("a", { deep: true });
  deepStrictEqual(await secret.get("a"), { deep: true });
  strictEqual(await cacheOfTest(backend).get("a"), undefined);
});
