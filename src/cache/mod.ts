/**
 * A cache that creates every value once: read-through, stale while revalidating, invalidated by tag and namespace, in
 * memory or on Redis.
 *
 * @module
 */

export { createCache } from "./cache.ts";
export type { CreateContext, CreateOne, StaleValue } from "./creation.ts";
export type { CacheCounters, CacheEvents, MissReason } from "./events.ts";
export type { Cache, CacheEntry, Creator, ManyCreator, ManyValues } from "./face.ts";
export { type CacheKey, KEY_BYTES_MAX, type KeyMangler } from "./key.ts";
export { hashLongKeys } from "./mangle.ts";
export type { ManyResults, Memoized, MemoizedMany, MemoizeOptions, OfMany } from "./memoized.ts";
export type {
  CacheOptions,
  CopyMode,
  CreateOptions,
  EntryOptions,
  GetOptions,
  InvalidateOptions,
  NearOptions,
  RequestOptions,
  SetOptions,
  Ttl,
} from "./options.ts";
export type * from "./port.ts";
export { richJson, type Serializer } from "./serializer.ts";
export { type StoreMethod, type StoreWrapper, wrapStore } from "./wrap.ts";
