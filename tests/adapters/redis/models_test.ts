import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisModelStore } from "../../../adapters/redis/models.ts";
import { systemClock } from "../../../src/clock.ts";
import { sleep } from "../../../src/waiting.ts";
import { modelStoreContract } from "../../contracts/model_store.ts";
import { type ModelBench, PLAIN_SHAPE } from "../../contracts/model_writes.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const clock = systemClock();

for (const shards of [1, 8]) {
  modelStoreContract(
    (name, run) => redisTest(`${name}, on Redis, ${shards} shards`, run),
    () => open(shards),
  );
}

async function open(shards: number): Promise<ModelBench> {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const gateway = stack.use(await startGateway(redis));
  const { url, token } = gateway;
  const store = () => redisModelStore(connectRedis({ url, token }));
  return {
    shape: { ...PLAIN_SHAPE, shards },
    store: store(),
    peer: () => Promise.resolve(store()),
    advance: (ms) => sleep(clock, ms),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
