/**
 * The cache as its users see it.
 *
 * @module
 */

import type { EventSource } from "../events.ts";
import type { CreateContext, CreateOne } from "./creation.ts";
import type { CacheCounters, CacheEvents } from "./events.ts";
import type { CacheKey } from "./key.ts";
import type { Memoized, MemoizedMany, MemoizeOptions, OfMany } from "./memoized.ts";
import type {
  CreateOptions,
  GetOptions,
  InvalidateOptions,
  RequestOptions,
  SetOptions,
} from "./options.ts";

/** What lies under a key, with what is known of it. */
export interface CacheEntry<Value = unknown> {
  /** The value. */
  readonly value: Value;
  /** When it was ready, in milliseconds by the store's clock. */
  readonly createdAtMs: number;
  /** Its age in milliseconds; what the clock may be off by is counted in. */
  readonly ageMs: number;
  /** Whether it is fresh. */
  readonly isFresh: boolean;
  /** When it stops being fresh, in milliseconds by the store's clock; may be `Infinity`. */
  readonly staleAtMs: number;
  /** When the store forgets it, in milliseconds by the store's clock; may be `Infinity`. */
  readonly expiresAtMs: number;
  /** How long its creation took, in milliseconds; 0 if it was set. */
  readonly costMs: number;
}

/** Makes one value. */
export type Creator<Value> = (context: CreateOne) => Value | Promise<Value>;

/**
 * Makes the values of the keys that are missing: as a list in their order, or as a map or object by key, in which those
 * that are left out have no value and are not stored.
 */
export type ManyCreator<Key extends CacheKey, Value> = (
  missing: readonly Key[],
  context: CreateContext,
) => ManyValues<Key, Value> | Promise<ManyValues<Key, Value>>;

/** Values by key, or as a list in the order of the keys. */
export type ManyValues<Key extends CacheKey, Value> =
  | ReadonlyMap<Key, Value>
  | readonly Value[]
  | { readonly [key: string]: Value };

/**
 * Values by key, created once and shared.
 *
 * A store that is down or slow never fails a read: the value is created, or missing, and an event says so. Writes and
 * invalidations tell of a failure by an error, because who made them must know.
 */
export interface Cache extends EventSource<CacheEvents> {
  /** The cache's name. */
  readonly name: string;
  /** How often things happened, in this process, since the cache was made. */
  readonly counters: CacheCounters;

  /**
   * The value of a key if it is fresh, else what `create` makes of it, once for all who ask at a time.
   *
   * Within a process all callers share one promise, its rejection too; between processes one holds a lease, and the
   * others wait for its value. An abort of `signal` ends this caller's waiting only; the creation goes on while anybody
   * waits. What the creator throws reaches all of them, unless a stale value may stand in (`staleIfError`).
   *
   * @throws {ArgumentError} `ERR_INVALID_KEY`, `ERR_INVALID_OPTION`; {@linkcode HoldfastError}
   *   `ERR_NOT_SERIALIZABLE`, `ERR_TIMEOUT`, `ERR_RECURSIVE_CREATE`; {@linkcode LimitError} `ERR_TOO_LARGE`.
   *
   * @example
   * ```ts
   * import { createCache } from "@holdfast/holdfast/cache";
   * import { memory } from "@holdfast/holdfast/memory";
   * import { strictEqual } from "node:assert/strict";
   *
   * const pages = createCache(memory(), { name: "pages", ttl: "10m" });
   * let renders = 0;
   * const render = () => `<h1>${++renders}</h1>`;
   *
   * strictEqual(await pages.getOrCreate("home", render), "<h1>1</h1>");
   * strictEqual(await pages.getOrCreate("home", render), "<h1>1</h1>");
   * ```
   */
  getOrCreate<Value>(
    key: CacheKey,
    create: Creator<Value>,
    options?: CreateOptions<NoInfer<Value>>,
  ): Promise<Value>;

  /**
   * The values of many keys, those that are missing made by one call of `create`; in the order asked, without those
   * that the creator left out. Costs as many requests as one key.
   *
   * @throws As {@linkcode Cache.getOrCreate}; the first failure of any key.
   */
  getOrCreateMany<Key extends CacheKey, Value>(
    keys: readonly Key[],
    create: ManyCreator<Key, Value>,
    options?: CreateOptions<NoInfer<Value>>,
  ): Promise<Map<Key, Value>>;

  /** The value of a key if it is fresh; undefined if not. Creates nothing. */
  get<Value = unknown>(key: CacheKey, options?: GetOptions): Promise<Value | undefined>;

  /** The value of a key with what is known of it, fresh or not; undefined if there is none. */
  getEntry<Value = unknown>(
    key: CacheKey,
    options?: GetOptions,
  ): Promise<CacheEntry<Value> | undefined>;

  /** The fresh values of many keys, in the order asked, undefined where there is none. One request. */
  getMany<Value = unknown>(
    keys: readonly CacheKey[],
    options?: GetOptions,
  ): Promise<(Value | undefined)[]>;

  /**
   * Stores a value. Whatever is being created for the key now is not stored any more. A `ttl` of 0 removes instead.
   *
   * @throws {HoldfastError} `ERR_NOT_SERIALIZABLE`; whatever the store fails with, and then the value may or may not
   *   have been stored. {@linkcode LimitError} `ERR_TOO_LARGE`.
   */
  set<Value>(key: CacheKey, value: Value, options?: SetOptions<NoInfer<Value>>): Promise<void>;

  /** Stores many values at once: one request, all or none. Otherwise as {@linkcode Cache.set}. */
  setMany<Value>(
    values: ReadonlyMap<CacheKey, Value>,
    options?: SetOptions<NoInfer<Value>>,
  ): Promise<void>;

  /** Removes a value. Whatever is being created for the key now is not stored any more. */
  delete(key: CacheKey, options?: RequestOptions): Promise<void>;

  /** Removes many values at once. Otherwise as {@linkcode Cache.delete}. */
  deleteMany(keys: readonly CacheKey[], options?: RequestOptions): Promise<void>;

  /**
   * Makes a function that asks the cache first. Its results are kept by its arguments, which must be plain data.
   *
   * @throws {ArgumentError} `ERR_INVALID_OPTION`; when called, `ERR_INVALID_KEY` for arguments that make no key.
   *
   * @example
   * ```ts
   * import { createCache } from "@holdfast/holdfast/cache";
   * import { memory } from "@holdfast/holdfast/memory";
   * import { strictEqual } from "node:assert/strict";
   *
   * const cache = createCache(memory(), { name: "users" });
   * let calls = 0;
   * const getUser = cache.memoize((id: string) => ({ id, call: ++calls }), { name: "getUser", ttl: "5m" });
   *
   * strictEqual((await getUser("1")).call, 1);
   * strictEqual((await getUser("1")).call, 1);
   * strictEqual((await getUser.refresh("1")).call, 2);
   * ```
   */
  memoize<Args extends readonly unknown[], Value>(
    original: (...args: Args) => Value | Promise<Value>,
    options: MemoizeOptions<Args, NoInfer<Value>>,
  ): Memoized<Args, Value>;

  /** Makes a function of many arguments at once whose results are kept one by one. */
  memoizeMany<Arg, Value>(
    original: OfMany<Arg, Value>,
    options: MemoizeOptions<[arg: Arg], NoInfer<Value>>,
  ): MemoizedMany<Arg, Value>;

  /**
   * Invalidates all entries that have any of these tags, and whatever is being created with them: in every process,
   * in one request, however many there are. Tags belong to the namespace in which they were given.
   */
  invalidateTags(tags: string | readonly string[], options?: InvalidateOptions): Promise<void>;

  /** Invalidates all entries of this namespace and those inside it, and whatever is being created there: one request. */
  invalidate(options?: InvalidateOptions): Promise<void>;

  /** Forgets all entries of this namespace and those inside it: `invalidate` in its hard kind. */
  clear(options?: RequestOptions): Promise<void>;

  /** A part of the cache with keys and tags of its own, which can be invalidated as a whole. May be nested. Cheap. */
  namespace(name: string): Cache;

  /** Whether some process is creating a value for the key now. */
  isCreating(key: CacheKey, options?: RequestOptions): Promise<boolean>;

  /** Waits until nothing goes on in the background of this process any more. */
  idle(options?: RequestOptions): Promise<void>;

  /**
   * The same cache with what belongs to a request: a signal that ends waiting, and the host's `waitUntil`, which gets
   * what goes on in the background. Cheap.
   */
  with(request: RequestOptions): Cache;
}
