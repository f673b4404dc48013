/**
 * The promises of the cache on a real Redis: several caches and several processes at once, and answers that are lost,
 * late, doubled and spoiled.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { redisCacheStore } from "../../../adapters/redis/cache.ts";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { type Cache, type CacheOptions, createCache } from "../../../src/cache/mod.ts";
import { type Clock, systemClock } from "../../../src/clock.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { sleep } from "../../../src/waiting.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault_proxy.ts";
import { everyFault } from "../../support/fault_requester.ts";
import { raceWorkers } from "../../support/redis/cache_workers.ts";
import { startRedisCluster } from "../../support/redis/cluster.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { type RedisServer, startRedis } from "../../support/redis/server.ts";

const clock = systemClock();

interface Stage extends AsyncDisposable {
  readonly redis: RedisServer;
  readonly proxy: FaultProxy;
  readonly url: string;
  readonly token: string;
  /** A cache of a process of its own, as far as Redis can see. */
  cache(options?: Partial<CacheOptions>, clock?: Clock): Cache;
}

/** A Redis behind a strict gateway behind a proxy for faults, which has none yet. */
async function stage(seed = 1): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const gateway = stack.use(await startGateway(redis, { isStrict: true }));
  const proxy = stack.use(startFaultProxy(gateway, { seed }));
  const { token } = gateway;
  const owned = stack.move();
  return {
    redis,
    proxy,
    url: gateway.url,
    token,
    cache: (options = {}, own = clock) => {
      const connection = connectRedis({ url: proxy.url, token, clock: own, attemptTimeout: 2_000 });
      const backend = { ...connection, cache: redisCacheStore(connection) };
      return createCache(backend, { name: "race", ttl: "10m", breaker: 0, ...options });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

redisTest("Cache in several processes creates once", async () => {
  await using at = await stage();
  const { url, token } = at;
  const reports = await raceWorkers({
    url,
    token,
    processes: 4,
    callers: 50,
    createMs: 200,
    key: "k",
  });
  const creations = reports.reduce((sum, report) => sum + report.creations, 0);
  const requests = reports.reduce((sum, report) => sum + report.requests, 0);
  strictEqual(creations, 1);
  strictEqual(new Set(reports.flatMap(({ values }) => values)).size, 1);
  ok(requests <= 40, `${requests} requests`);
});

redisTest("Cache on Redis creates once for many callers in several caches", async () => {
  await using at = await stage();
  const caches = [1, 2, 3, 4].map(() => at.cache());
  let runs = 0;
  const create = async () => {
    await sleep(clock, 60);
    return ++runs;
  };
  const calls = caches.flatMap((cache) =>
    Array.from({ length: 25 }, () => cache.getOrCreate("k", create))
  );
  deepStrictEqual(new Set(await Promise.all(calls)), new Set([1]));
});

redisTest("Cache on Redis creates overlapping batches once", async () => {
  await using at = await stage();
  const made: string[] = [];
  const create = async (missing: readonly string[]) => {
    made.push(...missing);
    await sleep(clock, 30);
    return missing;
  };
  const sets = [["a", "b", "c"], ["b", "c", "d"], ["d", "a"]];
  const all = await Promise.all(sets.map((keys) => at.cache().getOrCreateMany(keys, create)));
  deepStrictEqual(all.map((values) => [...values.keys()]), sets);
  deepStrictEqual(made.sort(), ["a", "b", "c", "d"]);
});

const CHANGES: [string, (cache: Cache) => Promise<void>, unknown][] = [
  ["set()", (cache) => cache.set("k", "set"), "set"],
  ["delete()", (cache) => cache.delete("k"), undefined],
  ["invalidateTags()", (cache) => cache.invalidateTags("x"), undefined],
  ["invalidate()", (cache) => cache.invalidate(), undefined],
  ["invalidate() soft", (cache) => cache.invalidate({ hard: false }), undefined],
];

for (const [what, change, left] of CHANGES) {
  for (const isLate of [false, true]) {
    redisTest(
      `Cache on Redis: ${what} elsewhere wins over a creation${isLate ? " with late tags" : ""}`,
      async () => {
        await using at = await stage();
        const [cache, other] = [at.cache(), at.cache()];
        const value = await cache.getOrCreate("k", async (c) => {
          if (isLate) c.setTags("x");
          await change(other);
          return "old";
        }, isLate ? {} : { tags: "x" });
        strictEqual(value, "old");
        strictEqual(await cache.get("k"), left);
        strictEqual(await other.getOrCreate("k", () => "new"), left ?? "new");
      },
    );
  }
}

redisTest(
  "Cache on Redis: who lost the lease gets its value, and the later one is stored",
  async () => {
    await using at = await stage();
    const [slow, quick] = [at.cache({ lease: 400 }), at.cache({ lease: 400 })];
    const value = await slow.getOrCreate("k", async () => {
      await sleep(clock, 450);
      strictEqual(await quick.getOrCreate("k", () => "second"), "second");
      return "first";
    });
    strictEqual(value, "first");
    strictEqual(await slow.get("k"), "second");
    strictEqual(slow.counters.refusals, 1);
  },
);

for (const hours of [-1, 1]) {
  redisTest(`Cache on Redis does not mind a clock that is ${hours} hours off`, async () => {
    await using at = await stage();
    const skewed: Clock = { ...clock, now: () => clock.now() + hours * 3_600_000 };
    const [right, wrong] = [at.cache(), at.cache({}, skewed)];
    await wrong.set("a", "wrong");
    await right.set("b", "right");
    deepStrictEqual(await right.getMany(["a", "b"]), ["wrong", "right"]);
    deepStrictEqual(await wrong.getMany(["a", "b"]), ["wrong", "right"]);
    const age = (await wrong.getEntry("b"))?.ageMs ?? Infinity;
    ok(age < 600_000, `${age} ms`);
    await wrong.invalidate();
    deepStrictEqual(await right.getMany(["a", "b"]), [undefined, undefined]);
  });
}

redisTest("Cache on Redis takes an epoch that was evicted for a miss", async () => {
  await using at = await stage();
  const cache = at.cache();
  await cache.set("k", "old", { tags: "x" });
  const epochs = String(await at.redis.command("KEYS", "*:e:*")).split(",");
  for (const epoch of epochs) {
    await cache.set("k", "old", { tags: "x" });
    strictEqual(await cache.get("k"), "old");
    await at.redis.command("DEL", epoch);
    strictEqual(await cache.get("k"), undefined, epoch);
  }
});

redisTest("Cache on Redis leaves foreign bytes alone until they are overwritten", async () => {
  await using at = await stage();
  const cache = at.cache();
  const names = ["holdfast:{cache:race}:v:k", "holdfast:{cache:race}:h:h"];
  await at.redis.command("SET", names[0] ?? "", "not ours");
  await at.redis.command("SET", names[1] ?? "", "not a hash");
  const reasons: string[] = [];
  cache.on("miss", ({ reason }) => reasons.push(reason));
  deepStrictEqual(await cache.getMany(["k", ["h", "f"]]), [undefined, undefined]);
  deepStrictEqual(reasons, ["foreign", "foreign"]);
  strictEqual(await at.redis.command("GET", names[0] ?? ""), "not ours");
  strictEqual(await cache.getOrCreate("k", () => "ours"), "ours");
  strictEqual(await cache.get("k"), "ours");
  strictEqual(await cache.getOrCreate(["h", "f"], () => "not stored"), "not stored");
});

redisTest("Cache on Redis refuses a write that arrives after its deadline", async () => {
  await using at = await stage();
  const late: Clock = { ...clock, now: clock.now };
  const store = redisCacheStore(connectRedis({ url: at.url, token: at.token, clock: late }));
  const space = { name: "race", raw: false, hashMode: "create" } as const;
  const { offsetMs } = await store.time();
  const deadlineMs = clock.now() + offsetMs - 60_000;
  const writes = [{ key: "k", text: "1", ttlMs: 1_000, lifeMs: 1_000 }];
  strictEqual(await store.write(space, writes, { epochs: ["n"], tags: [], deadlineMs }), false);
  strictEqual(await at.cache().get("k"), undefined);
});

redisTest(
  "Cache on Redis answers right through lost, late, doubled and spoiled answers",
  async () => {
    const seed = Number(Deno.env.get("SEED") ?? 11);
    await using at = await stage(seed);
    const [cache, other] = [at.cache(), at.cache()];
    await cache.set("warm", 1);
    at.proxy.rules = everyFault(0.04, 10);
    for (let round = 0; round < 25; round++) {
      const key = `k${round}`;
      const value = await cache.getOrCreate(key, () => `made ${round}`);
      strictEqual(value, `made ${round}`, `seed ${seed}`);
      const seen = await other.getOrCreate(key, () => `again ${round}`);
      ok([`made ${round}`, `again ${round}`].includes(seen), `seed ${seed}`);
      await known(() => other.delete(key));
      const left = await cache.get(key);
      ok([undefined, `made ${round}`, `again ${round}`].includes(left as string), `seed ${seed}`);
    }
  },
);

redisTest("Cache on Redis: a fill that is doubled or late never undoes a change", async () => {
  const seed = Number(Deno.env.get("SEED") ?? 5);
  await using at = await stage(seed);
  const [cache, other] = [at.cache(), at.cache()];
  await cache.set("warm", 1);
  for (const fault of ["double", "drop-after", "delay"] as const) {
    // Only what is sent by the one whose creation is overtaken is disturbed: fills and leases are scripts.
    at.proxy.rules = [{ fault, chance: 0.7, match: /made by the slow one/, ms: 40 }];
    for (let round = 0; round < 5; round++) {
      const key = `${fault}${round}`;
      await cache.getOrCreate(key, () => "made by the slow one");
      at.proxy.rules = [];
      await other.set(key, "set");
      await sleep(clock, 60);
      strictEqual(await other.get(key), "set", `seed ${seed}, ${fault}`);
      at.proxy.rules = [{ fault, chance: 0.7, match: /made by the slow one/, ms: 40 }];
    }
  }
});

redisTest("Cache on Redis tells the caller of a set whose answer was lost", async () => {
  await using at = await stage();
  const cache = at.cache({ storeTimeout: "1s" });
  await cache.set("warm", 1);
  at.proxy.rules = [{ fault: "drop-after", chance: 1, match: /payload-of-set/ }];
  await rejects(cache.set("k", "payload-of-set"), { code: "ERR_OUTCOME_UNKNOWN" });
  at.proxy.rules = [];
  strictEqual(await cache.get("k"), "payload-of-set");
});

redisTest("Cache on Redis runs unchanged on a cluster", async () => {
  await using cluster = await startRedisCluster();
  await using gateway = await startGateway({ url: cluster.url }, { isCluster: true });
  const connection = connectRedis({ url: gateway.url, token: gateway.token });
  const backend = { ...connection, cache: redisCacheStore(connection) };
  const cache = createCache(backend, { name: "cluster", ttl: "10m", breaker: 0 });
  const tenant = cache.namespace("tenant");
  strictEqual(
    await tenant.getOrCreate("k", (c) => (c.setTags("x"), "made"), { tags: "y" }),
    "made",
  );
  deepStrictEqual(
    [...await cache.getOrCreateMany(["a", "b", "c"], (missing) => missing)].length,
    3,
  );
  await cache.set(["h", "f"], "field");
  deepStrictEqual(await cache.getMany(["a", ["h", "f"]]), ["a", "field"]);
  await tenant.invalidateTags("x");
  strictEqual(await tenant.get("k"), undefined);
  await cache.deleteMany(["a", ["h", "f"]]);
  strictEqual(cache.counters.failures, 0);
});

/** A change whose outcome may be unknown, and nothing else may go wrong with it. */
async function known(change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (
      !HoldfastError.is(error, "ERR_OUTCOME_UNKNOWN") && !HoldfastError.is(error, "ERR_TIMEOUT")
    ) throw error;
  }
}
