import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisDocumentStore } from "../../../adapters/redis/documents.ts";
import { systemClock } from "../../../src/clock.ts";
import { sleep } from "../../../src/waiting.ts";
import { documentStoreContract } from "../../contracts/document_store.ts";
import type { DocumentBench } from "../../contracts/document_writes.ts";
import { type RedisCluster, startRedisCluster } from "../../support/redis/cluster.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const clock = systemClock();

documentStoreContract((name, run) => redisTest(`${name}, on Redis`, run), openServer);

redisTest("redisDocumentStore() keeps the contract on a cluster of three masters", async () => {
  await using cluster = await startRedisCluster();
  const suite: (readonly [string, () => Promise<void>])[] = [];
  documentStoreContract((name, run) => suite.push([name, run]), () => openCluster(cluster));
  for (const [name, run] of suite) {
    await run().catch((cause) => {
      throw new Error(name, { cause });
    });
  }
});

async function openServer(): Promise<DocumentBench> {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  // A strict gateway refuses what Upstash would: keys that are not declared, above all.
  return await bench(stack, redis, { isStrict: true });
}

/** A namespace of its own for each test, as a cluster takes seconds to start. */
async function openCluster(cluster: RedisCluster): Promise<DocumentBench> {
  return await bench(new AsyncDisposableStack(), cluster, { isCluster: true });
}

async function bench(
  stack: AsyncDisposableStack,
  redis: { readonly url: string },
  options: Parameters<typeof startGateway>[1],
): Promise<DocumentBench> {
  const gateway = stack.use(await startGateway(redis, options));
  const { url, token } = gateway;
  const namespace = crypto.randomUUID();
  const store = () => redisDocumentStore(connectRedis({ url, token, namespace }));
  return {
    store: store(),
    peer: () => Promise.resolve(store()),
    advance: (ms) => sleep(clock, ms),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
