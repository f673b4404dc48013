/**
 * Everything on Redis: Upstash, or any Redis, Valkey or Redis Cluster behind a REST front such as this package's own
 * gateway. Each store has a door of its own as well, for bundles that need no other.
 *
 * @module
 */

import type { WakeFeed } from "../../src/wakes/port.ts";
import { connectRedis, type ConnectRedisOptions, type RedisConnection } from "./connection.ts";
import { redisWakes } from "./wakes.ts";

export * from "./wakes.ts";

/** What {@linkcode redis} gives. */
export interface RedisBackend extends RedisConnection {
  /** Wake-up hints. */
  readonly wakes: WakeFeed;
}

/**
 * A backend on Redis with every store. Sends nothing yet.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` as {@linkcode connectRedis}.
 *
 * @example
 * ```ts
 * import { redis } from "@holdfast/holdfast/redis";
 * import { strictEqual } from "node:assert/strict";
 *
 * const backend = redis({ url: "https://example.upstash.io", token: "secret" });
 * strictEqual(backend.isolation, "process");
 * ```
 */
export function redis(options: ConnectRedisOptions): RedisBackend {
  const connection = connectRedis(options);
  return { ...connection, wakes: redisWakes(connection) };
}
