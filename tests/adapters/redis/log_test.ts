import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisLogStore } from "../../../adapters/redis/log.ts";
import { systemClock } from "../../../src/clock.ts";
import type { LogStore } from "../../../src/log/port.ts";
import { sleep } from "../../../src/waiting.ts";
import type { Bench } from "../../contracts/harness.ts";
import { logStoreContract } from "../../contracts/log_store.ts";
import { logWriter, PLAIN_LOG, textsAfter } from "../../contracts/log_store_tools.ts";
import { startRedisCluster } from "../../support/redis/cluster.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const clock = systemClock();

logStoreContract((name, run) => redisTest(`${name}, on Redis`, run), async () => {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  // A strict gateway refuses what Upstash would: keys that are not declared, above all.
  return await bench(stack, redis, { isStrict: true });
});

redisTest("redisLogStore() keeps the contract on a cluster of three masters", async () => {
  await using cluster = await startRedisCluster();
  const suite: (readonly [string, () => Promise<void>])[] = [];
  const open = () => bench(new AsyncDisposableStack(), cluster, { isCluster: true });
  logStoreContract((name, run) => suite.push([name, run]), open);
  for (const [name, run] of suite) {
    await run().catch((cause) => {
      throw new Error(name, { cause });
    });
  }
});

redisTest("redisLogStore() fails for a key of another type, and touches nothing", async () => {
  for (const kind of ["head", "entries"]) {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    const store = redisLogStore(connectRedis({ url: gateway.url, token: gateway.token }));
    await redis.command("SET", `holdfast:{log:orders}:${kind}`, "other");
    await rejects(logWriter(store).append(["a"]), { code: "ERR_WRONG_TYPE" });
    deepStrictEqual(await redis.command("KEYS", "*"), [`holdfast:{log:orders}:${kind}`]);
  }
});

redisTest("redisLogStore() finds that one of a log's keys was lost without the other", async () => {
  for (const kind of ["head", "entries"]) {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    const store = redisLogStore(connectRedis({ url: gateway.url, token: gateway.token }));
    const { append, done } = logWriter(store);
    const first = await done(["a"]);
    await done(["b", "c"]);
    await redis.command("DEL", `holdfast:{log:orders}:${kind}`);
    strictEqual((await append(["x"])).kind, "regressed");
    strictEqual((await store.read(PLAIN_LOG, first, { limit: 10 })).kind, "regressed");
    const left = await redis.command("LLEN", "holdfast:{log:orders}:entries");
    strictEqual(left, kind === "head" ? 3 : 0);
  }
});

redisTest("redisLogStore() finds that a log was lost and refilled, at any index", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const store = redisLogStore(connectRedis({ url: gateway.url, token: gateway.token }));
  const before = logWriter(store);
  const second = await before.done(["a", "b"]);
  const head = await before.done(["c"]);
  for (const count of [0, 1, 2, 3, 4]) {
    await redis.command("FLUSHALL");
    const refilled = logWriter(store, PLAIN_LOG, `again${count}-`);
    for (let at = 0; at < count; at++) await refilled.done([`${at}`]);
    for (const expect of [second, head]) {
      strictEqual((await refilled.append(["x"], { expect })).kind, "regressed");
      strictEqual((await store.read(PLAIN_LOG, expect, { limit: 10 })).kind, "regressed");
      strictEqual((await store.commit(PLAIN_LOG, "c", expect)).kind, "regressed");
    }
    strictEqual((await textsAfter(store)).length, count);
  }
});

async function bench(
  stack: AsyncDisposableStack,
  redis: { readonly url: string },
  options: Parameters<typeof startGateway>[1],
): Promise<Bench<LogStore>> {
  const { url, token } = stack.use(await startGateway(redis, options));
  // A namespace of its own for each test, as a cluster takes seconds to start.
  const namespace = crypto.randomUUID();
  const store = () => redisLogStore(connectRedis({ url, token, namespace }));
  return {
    store: store(),
    peer: () => Promise.resolve(store()),
    advance: (ms) => sleep(clock, ms),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
