import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisModelStore } from "../../../adapters/redis/models.ts";
import { systemClock } from "../../../src/clock.ts";
import { sleep } from "../../../src/waiting.ts";
import { modelStoreContract } from "../../contracts/model_store.ts";
import { claim, type ModelBench, PLAIN_SHAPE, put, writer } from "../../contracts/model_writes.ts";
import { type RedisCluster, startRedisCluster } from "../../support/redis/cluster.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const clock = systemClock();

for (const shards of [1, 8]) {
  modelStoreContract(
    (name, run) => redisTest(`${name}, on Redis, ${shards} shards`, run),
    () => openServer(shards),
  );
}

redisTest("redisModelStore() keeps the contract on a cluster of three masters", async () => {
  await using cluster = await startRedisCluster();
  const suite: (readonly [string, () => Promise<void>])[] = [];
  modelStoreContract((name, run) => suite.push([name, run]), () => openCluster(cluster));
  for (const [name, run] of suite) {
    await run().catch((cause) => {
      throw new Error(name, { cause });
    });
  }
});

redisTest(
  "redisModelStore() fails for a key of another type, and touches nothing else",
  async () => {
    for (const kind of ["state", "records", "order"]) {
      await using redis = await startRedis();
      await using gateway = await startGateway(redis);
      const { url, token } = gateway;
      const store = redisModelStore(connectRedis({ url, token }));
      await redis.command("SET", `holdfast:{models:thing}:${kind}`, "other");
      const { commit } = writer(store, PLAIN_SHAPE);
      const writes = [put(undefined, { claims: [claim("x")] })];
      await rejects(commit(writes), { code: "ERR_WRONG_TYPE" });
      await rejects(commit([put("7")]), { code: "ERR_WRONG_TYPE" });
      deepStrictEqual(await redis.command("KEYS", "*"), [`holdfast:{models:thing}:${kind}`]);
    }
  },
);

redisTest("redisModelStore() reads others when a value is none of its records", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const { url, token } = gateway;
  const store = redisModelStore(connectRedis({ url, token }));
  const { commit } = writer(store, PLAIN_SHAPE);
  await commit([put("1"), put("2")]);
  await redis.command("HSET", "holdfast:{models:thing}:records", "1", "garbage");
  const found = await store.get(PLAIN_SHAPE, ["1", "2"]);
  deepStrictEqual(found.map((record) => record?.body), [undefined, `{"of":"2"}`]);
  strictEqual((await commit([put("1", { expect: undefined })])).kind, "done");
});

async function openServer(shards: number): Promise<ModelBench> {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  // A strict gateway refuses what Upstash would: keys that are not declared, above all.
  return await bench(stack, redis, shards, { isStrict: true });
}

/** A namespace of its own for each test, as a cluster takes seconds to start. */
async function openCluster(cluster: RedisCluster): Promise<ModelBench> {
  return await bench(new AsyncDisposableStack(), cluster, 8, { isCluster: true });
}

async function bench(
  stack: AsyncDisposableStack,
  redis: { readonly url: string },
  shards: number,
  options: Parameters<typeof startGateway>[1],
): Promise<ModelBench> {
  const gateway = stack.use(await startGateway(redis, options));
  const { url, token } = gateway;
  const namespace = crypto.randomUUID();
  const store = () => redisModelStore(connectRedis({ url, token, namespace }));
  return {
    shape: { ...PLAIN_SHAPE, shards },
    store: store(),
    peer: () => Promise.resolve(store()),
    advance: (ms) => sleep(clock, ms),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
