/**
 * The cache's promise with the network at its worst: one creator per key and never a wrong value, while every fault hits
 * every fifth request.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { redisCacheStore } from "../../../adapters/redis/cache.ts";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { createCache } from "../../../src/cache/mod.ts";
import { startFaultProxy } from "../../support/fault_proxy.ts";
import { everyFault } from "../../support/fault_requester.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const KEYS = 8;
const CALLERS = 10;

redisTest("Cache on Redis creates once per key through 20 % of every fault", async () => {
  const seed = Number(Deno.env.get("SEED") ?? 20);
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { isStrict: true });
  await using proxy = startFaultProxy(gateway, { seed });
  const cacheOfItsOwn = () => {
    // The retry deadline lies below the lease: who holds it has it until its fill has been tried to the end.
    const connection = connectRedis({
      url: proxy.url,
      token: gateway.token,
      attemptTimeout: 2_000,
      deadline: "20s",
    });
    const backend = { ...connection, cache: redisCacheStore(connection) };
    const limits = { storeTimeout: "20s", timeout: "60s", lease: "60s", breaker: 0 } as const;
    return createCache(backend, { name: "faults", ttl: "10m", ...limits });
  };
  const caches = [cacheOfItsOwn(), cacheOfItsOwn()];
  const creations = new Map<string, number>();
  proxy.rules = everyFault(0.2, 10);
  const answers = await Promise.all(
    Array.from({ length: KEYS * CALLERS }, async (_, i) => {
      const key = `k${i % KEYS}`;
      const value = await caches[Math.floor(i / KEYS) % 2]?.getOrCreate(key, () => {
        creations.set(key, (creations.get(key) ?? 0) + 1);
        return `made ${key}`;
      });
      return [key, value] as const;
    }),
  );
  for (const [key, value] of answers) strictEqual(value, `made ${key}`, `seed ${seed}`);
  deepStrictEqual([...creations.values()], Array.from({ length: KEYS }, () => 1), `seed ${seed}`);
  const struck = Object.values(proxy.struck).reduce((sum, count) => sum + count, 0);
  ok(struck >= KEYS * 3, `seed ${seed}: ${struck} faults in ${proxy.requests} requests`);
});
