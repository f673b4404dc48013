/**
 * The cache's store on a real Redis.
 *
 * @module
 */

import { redisCacheStore } from "../../../adapters/redis/cache.ts";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { systemClock } from "../../../src/clock.ts";
import { sleep } from "../../../src/waiting.ts";
import { testCacheStore } from "../../contracts/mod.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

testCacheStore(redisTest, async () => {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const { url, token } = stack.use(await startGateway(redis, { isStrict: true }));
  const store = () => redisCacheStore(connectRedis({ url, token }));
  const owned = stack.move();
  return {
    store: store(),
    peer: () => Promise.resolve(store()),
    advance: (ms) => sleep(systemClock(), ms),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
});
