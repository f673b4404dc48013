/**
 * What the cache costs on Redis: one request per step, and a budget of billed commands per operation.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { redisCacheStore } from "../../../adapters/redis/cache.ts";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import {
  type Cache,
  type CacheKey,
  type CacheOptions,
  createCache,
} from "../../../src/cache/mod.ts";
import { type Spent, spent } from "../../support/redis/budget.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

interface Meter extends AsyncDisposable {
  readonly cache: Cache;
  cost(action: (cache: Cache) => Promise<unknown>): Promise<Spent>;
}

/** A cache whose scripts the server has, and the power to say what it spends. */
async function metered(options: Partial<CacheOptions> = {}): Promise<Meter> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const gateway = stack.use(await startGateway(redis));
  const connection = connectRedis({ url: gateway.url, token: gateway.token });
  const backend = { ...connection, cache: redisCacheStore(connection) };
  const other = createCache(backend, { name: "other", ttl: "10m" });
  await other.getOrCreate("warm", () => 1);
  await other.set("warm", 2);
  await other.invalidateTags("x");
  const cache = createCache(backend, { name: "pages", ttl: "10m", ...options });
  const owned = stack.move();
  return {
    cache,
    cost: (action) => spent(redis, gateway, () => action(cache)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Budget = readonly [
  what: string,
  requests: number,
  billed: number,
  action: (cache: Cache) => Promise<unknown>,
];

const keys = (count: number, prefix = "m"): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

const BUDGETS: readonly Budget[] = [
  ["the very first miss of a cache", 3, 9, (cache) => cache.getOrCreate("first", () => 1)],
  ["an uncontended miss", 3, 8, (cache) => cache.getOrCreate("second", () => 1)],
  ["a hit", 1, 1, (cache) => cache.getOrCreate("first", () => 1)],
  ["get() of what is there", 1, 1, (cache) => cache.get("first")],
  ["get() of what is not", 1, 1, (cache) => cache.get("none")],
  ["get() of many", 1, 1, (cache) => cache.getMany(["first", "second", "none"])],
  ["set()", 1, 5, (cache) => cache.set("set", 1)],
  ["set() with two tags, the first time", 1, 7, (cache) => cache.set("t", 1, { tags: ["a", "b"] })],
  ["set() with two tags, later", 1, 5, (cache) => cache.set("t", 1, { tags: ["a", "b"] })],
  ["get() with its tags declared", 1, 1, (cache) => cache.get("t", { tags: ["a", "b"] })],
  ["get() with tags that nobody declared", 2, 2, (cache) => cache.get("t")],
  ["delete()", 1, 1, (cache) => cache.delete("set")],
  ["delete() of many", 1, 1, (cache) => cache.deleteMany(["set", "none", "second"])],
  ["set() of 500", 1, 504, (cache) => cache.setMany(new Map(keys(500).map((key) => [key, 1])))],
  ["a hit of 500", 1, 1, (cache) => cache.getOrCreateMany(keys(500), () => [])],
  [
    "a miss of 500",
    3,
    1_010,
    (cache) => cache.getOrCreateMany(keys(500, "n"), (missing) => missing),
  ],
  ["invalidateTags() of one", 1, 4, (cache) => cache.invalidateTags("a")],
  ["invalidateTags() of two", 1, 4, (cache) => cache.invalidateTags(["a", "b"])],
  ["invalidate() soft", 1, 3, (cache) => cache.invalidate({ hard: false })],
  ["invalidate()", 1, 3, (cache) => cache.invalidate()],
  ["clear() of a namespace", 1, 4, async (cache) => await cache.namespace("n").clear()],
  ["isCreating()", 1, 1, (cache) => cache.isCreating("a")],
  [
    "set() of a hash's first field, and of the epoch that is gone",
    1,
    8,
    (cache) => cache.set(["h", "a"], 1),
  ],
  ["set() of a hash's next field", 1, 6, (cache) => cache.set(["h", "b"], 1)],
  ["get() of a field", 1, 2, (cache) => cache.get(["h", "a"])],
  ["a miss of a field", 3, 12, (cache) => cache.getOrCreate(["h", "c"], () => 1)],
  ["delete() of a field", 1, 2, (cache) => cache.delete(["h", "a"])],
  [
    "get() of plain keys and two hashes",
    1,
    3,
    (cache) => cache.getMany(["a", ["h", "a"], "b", ["h", "b"], ["i", "a"]]),
  ],
];

redisTest("Cache on Redis keeps its budget of requests and billed commands", async () => {
  await using meter = await metered();
  const over: string[] = [];
  for (const [what, requests, billed, action] of BUDGETS) {
    const cost = await meter.cost(action);
    if (cost.requests !== requests || cost.billed > billed) {
      over.push(
        `${what}: ${JSON.stringify(cost)} against ${requests} requests, ${billed} commands`,
      );
    }
  }
  deepStrictEqual(over, []);
});

redisTest("Cache on Redis hits with one plain read", async () => {
  await using meter = await metered();
  await meter.cache.set("a", 1);
  const { commands } = await meter.cost((cache) => cache.getOrCreate("a", () => 2));
  deepStrictEqual(commands, { mget: 1 });
});

redisTest("Cache on Redis with bare payloads costs less", async () => {
  await using meter = await metered({ raw: true });
  const costs = [
    await meter.cost((cache) => cache.getOrCreate("a", () => 1)),
    await meter.cost((cache) => cache.getOrCreate("a", () => 1)),
    await meter.cost((cache) => cache.set("a", 1)),
  ];
  deepStrictEqual(costs.map(({ requests, billed }) => [requests, billed]), [[3, 8], [1, 1], [
    1,
    4,
  ]]);
});

redisTest("Cache on Redis with a near tier hits without a request", async () => {
  await using meter = await metered({ near: {} });
  await meter.cache.getOrCreate("a", () => 1);
  const { requests } = await meter.cost((cache) => cache.getOrCreate("a", () => 2));
  deepStrictEqual(requests, 0);
});

for (
  const [hashMode, first, next] of [["create", 7, 6], ["always", 6, 6], ["never", 5, 5]] as const
) {
  redisTest(`Cache on Redis writes fields in mode "${hashMode}" by one request`, async () => {
    await using meter = await metered({ hashMode });
    await meter.cache.set("warm", 1);
    const costs = [
      await meter.cost((cache) => cache.set(["h", "a"], 1)),
      await meter.cost((cache) => cache.set(["h", "b"], 1)),
    ];
    deepStrictEqual(costs.map(({ requests, billed }) => [requests, billed]), [[1, first], [
      1,
      next,
    ]]);
  });
}

redisTest("Cache on Redis asks for expiring fields once, where the server has none", async () => {
  await using meter = await metered({ hashMode: "field" });
  await meter.cache.set(["h", "a"], 1);
  const { commands } = await meter.cost((cache) => cache.set(["h", "b"], 1));
  ok(commands["hpexpire"] === undefined);
  deepStrictEqual(await meter.cache.getMany([["h", "a"], ["h", "b"]]), [1, 1]);
});

redisTest("Cache on Redis gives each field its own end, where the server can", async () => {
  // A server before 7.4 has no HPEXPIRE. HMSET takes the same five words, and by that name shows which ones came.
  await using redis = await startRedis({ settings: { "rename-command": "HMSET HPEXPIRE" } });
  await using gateway = await startGateway(redis);
  const connection = connectRedis({ url: gateway.url, token: gateway.token });
  const backend = { ...connection, cache: redisCacheStore(connection) };
  const cache = createCache(backend, { name: "pages", hashMode: "field", ttl: "10m" });
  await cache.setMany(new Map<CacheKey, number>([[["h", "a"], 1], [["h", "b"], 2]]));
  await cache.set(["h", "c"], 3, { ttl: "1m" });
  await cache.set(["h", "d"], 4, { ttl: Infinity });
  const key = (await redis.command("KEYS", "*h*") as string[]).find((name) =>
    /:h$|\bh$/.test(name)
  );
  ok(key !== undefined);
  const asked = await redis.command("HMGET", key, "600000", "60000", "1") as string[];
  deepStrictEqual(asked, ["FIELDS", "FIELDS", "c"]);
  deepStrictEqual(await cache.getMany([["h", "a"], ["h", "b"], ["h", "c"], ["h", "d"]]), [
    1,
    2,
    3,
    4,
  ]);
});
