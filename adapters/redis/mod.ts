/**
 * Everything on Redis: Upstash, or any Redis, Valkey or Redis Cluster behind a REST front such as this package's own
 * gateway. Each store has a door of its own as well, for bundles that need no other.
 *
 * @module
 */

import type { CacheStore } from "../../src/cache/port.ts";
import type { FrontDocumentStore } from "../../src/documents/journal_port.ts";
import type { LogStore } from "../../src/log/port.ts";
import type { ModelStore } from "../../src/models/port.ts";
import type { PresenceStore } from "../../src/presence/port.ts";
import type { RaftStore } from "../../src/raft/port.ts";
import type { WakeFeed } from "../../src/wakes/port.ts";
import { redisCacheStore } from "./cache.ts";
import { connectRedis, type ConnectRedisOptions, type RedisConnection } from "./connection.ts";
import { redisDocumentStore } from "./documents.ts";
import { redisLogStore } from "./log.ts";
import { redisModelStore, seedModelStore } from "./models.ts";
import { redisPresenceStore } from "./presence.ts";
import { redisRaftStore } from "./raft.ts";
import { redisWakes } from "./wakes.ts";

export { redisCacheStore } from "./cache.ts";
export { redisDocumentStore } from "./documents.ts";
export { redisLogStore } from "./log.ts";
export { redisModelStore, seedModelStore } from "./models.ts";
export { redisPresenceStore } from "./presence.ts";
export { redisRaftStore } from "./raft.ts";
export * from "./wakes.ts";

/** What {@linkcode redis} gives. */
export interface RedisBackend extends RedisConnection {
  /** Cached values. */
  readonly cache: CacheStore;
  /** Documents. */
  readonly documents: FrontDocumentStore;
  /** Shared logs. */
  readonly log: LogStore;
  /** Records. */
  readonly models: ModelStore;
  /** Who is where. */
  readonly presence: PresenceStore;
  /** Logs of nodes. */
  readonly raft: RaftStore;
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
  return {
    ...connection,
    cache: redisCacheStore(connection),
    documents: redisDocumentStore(connection),
    log: redisLogStore(connection),
    models: redisModelStore(connection, { seed: seedModelStore(connection) }),
    presence: redisPresenceStore(connection),
    raft: redisRaftStore(connection),
    wakes: redisWakes(connection),
  };
}
