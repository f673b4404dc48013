import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisPresenceStore } from "../../../adapters/redis/presence.ts";
import { redisWakes } from "../../../adapters/redis/wakes.ts";
import { systemClock } from "../../../src/clock.ts";
import { sleep } from "../../../src/waiting.ts";
import { type PresenceBench, presenceStoreContract } from "../../contracts/presence_store.ts";
import { spent } from "../../support/redis/budget.ts";
import { startRedisCluster } from "../../support/redis/cluster.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const clock = systemClock();

presenceStoreContract(
  (name, run) => redisTest(`${name}, on Redis`, run),
  async () => {
    const stack = new AsyncDisposableStack();
    return await bench(stack, stack.use(await startRedis()), { isStrict: true });
  },
);

redisTest("redisPresenceStore() keeps the contract on a cluster of three masters", async () => {
  await using cluster = await startRedisCluster();
  const suite: (readonly [string, () => Promise<void>])[] = [];
  presenceStoreContract(
    (name, run) => suite.push([name, run]),
    () => bench(new AsyncDisposableStack(), cluster, { isCluster: true }),
  );
  for (const [name, run] of suite) {
    await run().catch((cause) => {
      throw new Error(name, { cause });
    });
  }
});

redisTest("PresenceStore operations cost one request and what the README says", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const { url, token } = gateway;
  const store = redisPresenceStore(connectRedis({ url, token }));
  const put = (meta: string, tag: string) => store.put("a", "m", meta, { ttlMs: 60_000, tag });
  const list = () => store.list("a", { tag: "l" });
  // Every script is loaded before it is counted.
  await put("0", "t0");
  await store.refresh("a", ["m"], { ttlMs: 60_000 });
  await store.leave("a", ["m"], { tag: "t1" });
  await list();
  const cost = async (action: () => Promise<unknown>): Promise<number> => {
    const { requests, billed } = await spent(redis, gateway, action);
    strictEqual(requests, 1);
    return billed;
  };
  deepStrictEqual({
    put: await cost(() => put("1", "t2")),
    putSame: await cost(() => put("1", "t3")),
    refresh: await cost(() => store.refresh("a", ["m", "n"], { ttlMs: 60_000 })),
    list: await cost(list),
    leave: await cost(() => store.leave("a", ["m"], { tag: "t4" })),
  }, { put: 6, putSame: 5, refresh: 5, list: 3, leave: 6 });
});

redisTest("redisPresenceStore() fails for a key of another type, and touches nothing", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const { url, token } = gateway;
  const store = redisPresenceStore(connectRedis({ url, token }));
  await redis.command("SET", "holdfast:{presence:a}:members", "other");
  await rejects(store.put("a", "m", "", { ttlMs: 1_000, tag: "t" }), { code: "ERR_WRONG_TYPE" });
  await rejects(store.list("a", { tag: "t" }), { code: "ERR_WRONG_TYPE" });
  deepStrictEqual(await redis.command("GET", "holdfast:{presence:a}:members"), "other");
});

async function bench(
  stack: AsyncDisposableStack,
  redis: { readonly url: string },
  options: Parameters<typeof startGateway>[1],
): Promise<PresenceBench> {
  const gateway = stack.use(await startGateway(redis, options));
  const { url, token } = gateway;
  const namespace = crypto.randomUUID();
  const connection = () => connectRedis({ url, token, namespace });
  return {
    store: redisPresenceStore(connection()),
    wakes: redisWakes(connection()),
    peer: () => Promise.resolve(redisPresenceStore(connection())),
    advance: (ms) => sleep(clock, ms),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
