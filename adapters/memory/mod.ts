/**
 * Everything in this process's memory: the default backend, and what a test or a single server needs.
 *
 * Nothing is shared with another process, and nothing outlives this one. Each store can be had alone.
 *
 * @module
 */

import { type BackendBase, checkedIsolation, type Isolation } from "../../src/backend.ts";
import type { CacheStore } from "../../src/cache/port.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { FrontDocumentStore } from "../../src/documents/journal_port.ts";
import { checkOptions } from "../../src/errors.ts";
import type { LogStore } from "../../src/log/port.ts";
import type { ModelStore } from "../../src/models/port.ts";
import type { PresenceStore } from "../../src/presence/port.ts";
import type { RaftStore } from "../../src/raft/port.ts";
import { type Random, systemRandom } from "../../src/random.ts";
import type { WakeFeed } from "../../src/wakes/port.ts";
import { type MemoryCacheOptions, memoryCacheStore } from "./cache.ts";
import { memoryDocumentStore } from "./documents.ts";
import { memoryLogStore } from "./log.ts";
import { memoryModelStore } from "./models.ts";
import { memoryPresenceStore } from "./presence.ts";
import { memoryRaftStore } from "./raft.ts";
import { memoryWakes } from "./wakes.ts";

export * from "./cache.ts";
export * from "./documents.ts";
export * from "./log.ts";
export * from "./models.ts";
export * from "./presence.ts";
export * from "./raft.ts";
export * from "./wakes.ts";

/** Options of {@linkcode memory}. */
export interface MemoryOptions {
  /** Bounds of the cache store. */
  readonly cache?: Omit<MemoryCacheOptions, "clock">;
  /** Where time is read; the host's clock by default. */
  readonly clock?: Clock;
  /** What may be shared between the requests of this process; `"process"` by default, on workerd say `"request"`. */
  readonly isolation?: Isolation;
  /** Where dice are rolled; the host's by default. */
  readonly random?: Random;
}

/** A backend with every store, in memory. */
export interface MemoryBackend extends BackendBase {
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
  /** Hints between the parts of this process. */
  readonly wakes: WakeFeed;
}

/**
 * Makes a backend in this process's memory. Who shares the value shares the data; two of them never meet.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` for an unknown option or isolation.
 *
 * @example
 * ```ts
 * import { createCache } from "@holdfast/holdfast/cache";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { strictEqual } from "node:assert/strict";
 *
 * const cache = createCache(memory(), { name: "greetings", ttl: "1m" });
 * strictEqual(await cache.getOrCreate("en", () => "hello"), "hello");
 * ```
 */
export function memory(options: MemoryOptions = {}): MemoryBackend {
  checkOptions("open memory", options, ["cache", "clock", "isolation", "random"]);
  const { clock = systemClock(), random = systemRandom() } = options;
  const wakes = memoryWakes();
  return {
    clock,
    random,
    isolation: checkedIsolation(options.isolation),
    durability: "memory",
    cache: memoryCacheStore({ ...options.cache, clock }),
    documents: memoryDocumentStore({ clock, wakes }),
    log: memoryLogStore({ clock, wakes }),
    models: memoryModelStore({ clock, wakes }),
    presence: memoryPresenceStore({ clock, wakes }),
    raft: memoryRaftStore(),
    wakes,
  };
}
