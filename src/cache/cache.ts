/**
 * The cache: what each call goes by, and where it goes.
 *
 * @module
 */

import { checkBackend } from "../backend.ts";
import { checkOptions } from "../errors.ts";
import type { OnOptions } from "../events.ts";
import { withDeadline } from "../waiting.ts";
import { type Asker, askMany, askOne, placesOf } from "./ask.ts";
import type { Chain } from "./creation.ts";
import { checkCreator } from "./creators.ts";
import type { CacheCounters, CacheEvents } from "./events.ts";
import type { Cache, CacheEntry, Creator, ManyCreator } from "./face.ts";
import { type CacheKey, innerPath, tagEpoch } from "./key.ts";
import { memoized, memoizedMany } from "./memoize.ts";
import type { Memoized, MemoizedMany, MemoizeOptions, OfMany } from "./memoized.ts";
import type {
  CacheOptions,
  CreateOptions,
  EntryOptions,
  GetOptions,
  InvalidateOptions,
  RequestOptions,
  SetOptions,
} from "./options.ts";
import { innerNamespace, type Namespace, type Plan, planOf, rootNamespace } from "./plan.ts";
import { cachePolicy, cacheSetup, KNOWN, merged, type Policy, refused, tagList } from "./policy.ts";
import type { CacheBackend, StoreKey } from "./port.ts";
import { entryOf, seen, valueSeen } from "./reading.ts";
import { Region, unseen } from "./region.ts";
import { removeAll, renewAll, writeAll } from "./writing.ts";

/**
 * Makes a cache on a backend. No I/O, no timers, no dice: it may stand at module scope.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`, naming the option, if one is unknown, malformed or contradicts another;
 * `ERR_INVALID_ARGUMENT` if the backend is none.
 *
 * @example
 * ```ts
 * import { createCache } from "@holdfast/holdfast/cache";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { strictEqual } from "node:assert/strict";
 *
 * const users = createCache(memory(), { name: "users", ttl: "5m" });
 * await users.set("1", { name: "Ada" });
 * strictEqual((await users.get<{ name: string }>("1"))?.name, "Ada");
 * ```
 */
export function createCache(backend: CacheBackend, options: CacheOptions): Cache {
  checkBackend("create a cache", backend, ["cache", "clock", "isolation", "random"]);
  const policy = cachePolicy(options);
  const region = new Region(backend, options.name, cacheSetup(options, policy));
  return new View(region, rootNamespace(region.setup.raw), policy, {});
}

/** A cache as one namespace and one request see it. */
class View implements Cache {
  readonly #region: Region;
  readonly #namespace: Namespace;
  readonly #request: RequestOptions;
  readonly #plan: Plan;
  readonly #asker: Asker;

  constructor(region: Region, namespace: Namespace, policy: Policy, request: RequestOptions) {
    this.#region = region;
    this.#namespace = namespace;
    this.#request = request;
    this.#plan = planOf(namespace, policy, request);
    this.#asker = {
      region,
      namespace,
      nested: (chain) => (key, create, options) => this.#getOrCreate(key, create, options, chain),
    };
  }

  get name(): string {
    return this.#region.space.name;
  }

  get counters(): CacheCounters {
    return { ...this.#region.tally };
  }

  on<Name extends keyof CacheEvents>(
    name: Name,
    listener: (event: CacheEvents[Name]) => void,
    options?: OnOptions,
  ): () => void {
    return this.#region.events.on(name, listener, options);
  }

  with(request: RequestOptions): Cache {
    checkOptions("use a cache", request, KNOWN.request);
    const both = { ...this.#request, ...request };
    return new View(this.#region, this.#namespace, this.#plan.policy, both);
  }

  namespace(name: string): Cache {
    const inner = innerNamespace(this.#namespace, innerPath(this.#namespace.path, name));
    return new View(this.#region, inner, this.#plan.policy, this.#request);
  }

  getOrCreate<Value>(
    key: CacheKey,
    create: Creator<Value>,
    options?: CreateOptions<NoInfer<Value>>,
  ): Promise<Value> {
    return this.#getOrCreate(key, create, options);
  }

  async getOrCreateMany<Key extends CacheKey, Value>(
    keys: readonly Key[],
    create: ManyCreator<Key, Value>,
    options?: CreateOptions<NoInfer<Value>>,
  ): Promise<Map<Key, Value>> {
    const plan = this.#planFor("get or create entries", options, KNOWN.create);
    return await askMany(this.#asker, plan, keys, create);
  }

  async get<Value = unknown>(key: CacheKey, options?: GetOptions): Promise<Value | undefined> {
    const [value] = await this.getMany<Value>([key], options);
    return value;
  }

  async getMany<Value = unknown>(
    keys: readonly CacheKey[],
    options?: GetOptions,
  ): Promise<(Value | undefined)[]> {
    const plan = this.#planFor("get entries", options, KNOWN.get);
    const sights = await this.#until(plan, seen(this.#region, plan, this.#places(keys)));
    const mayBeStale = options?.allowStale === true;
    // The type is the caller's word: nobody can know what lies in a store.
    return sights.map((sight, i) =>
      valueSeen(this.#region, keys[i] ?? "", sight, mayBeStale) as Value | undefined
    );
  }

  async getEntry<Value = unknown>(
    key: CacheKey,
    options?: GetOptions,
  ): Promise<CacheEntry<Value> | undefined> {
    const plan = this.#planFor("get an entry", options, KNOWN.get);
    const [sight] = await this.#until(plan, seen(this.#region, plan, this.#places([key])));
    // As in getMany: the caller's word.
    return entryOf(sight ?? unseen("absent")) as CacheEntry<Value> | undefined;
  }

  set<Value>(key: CacheKey, value: Value, options?: SetOptions<NoInfer<Value>>): Promise<void> {
    return this.setMany(new Map([[key, value]]), options);
  }

  async setMany<Value>(
    values: ReadonlyMap<CacheKey, Value>,
    options?: SetOptions<NoInfer<Value>>,
  ): Promise<void> {
    const plan = this.#planFor("set entries", options, KNOWN.set);
    const places = this.#places([...values.keys()]);
    await this.#until(plan, writeAll(this.#region, plan, places, [...values.values()]));
  }

  delete(key: CacheKey, options?: RequestOptions): Promise<void> {
    return this.deleteMany([key], options);
  }

  async deleteMany(keys: readonly CacheKey[], options?: RequestOptions): Promise<void> {
    const plan = this.#planFor("delete entries", options, KNOWN.request);
    await this.#until(plan, removeAll(this.#region, this.#places(keys)));
  }

  memoize<Args extends readonly unknown[], Value>(
    original: (...args: Args) => Value | Promise<Value>,
    options: MemoizeOptions<Args, NoInfer<Value>>,
  ): Memoized<Args, Value> {
    checkCreator(original);
    return memoized(this, original, options);
  }

  memoizeMany<Arg, Value>(
    original: OfMany<Arg, Value>,
    options: MemoizeOptions<[arg: Arg], NoInfer<Value>>,
  ): MemoizedMany<Arg, Value> {
    checkCreator(original);
    return memoizedMany(this, original, options);
  }

  async invalidateTags(
    tags: string | readonly string[],
    options?: InvalidateOptions,
  ): Promise<void> {
    const epochs = tagList(tags).map((tag) => tagEpoch(this.#namespace.path, tag));
    await this.#renew(epochs, options);
  }

  async invalidate(options?: InvalidateOptions): Promise<void> {
    await this.#renew(this.#namespace.epochs.slice(-1), options);
  }

  async clear(options?: RequestOptions): Promise<void> {
    this.#planFor("clear a cache", options, KNOWN.request);
    await this.invalidate(options);
  }

  async isCreating(key: CacheKey, options?: RequestOptions): Promise<boolean> {
    const { store, space } = this.#region;
    const plan = this.#planFor("look for a lease", options, KNOWN.request);
    const places = this.#places([key]);
    const [isLeased] = await this.#until(plan, (async () => await store.leased(space, places))());
    return isLeased === true;
  }

  async idle(options?: RequestOptions): Promise<void> {
    const plan = this.#planFor("wait for the background", options, KNOWN.request);
    const { background } = this.#region;
    while (background.size > 0) await this.#until(plan, Promise.all(background));
  }

  async #renew(epochs: readonly string[], options: InvalidateOptions | undefined): Promise<void> {
    const plan = this.#planFor("invalidate entries", options, KNOWN.invalidate);
    if (this.#region.setup.raw) refused("raw", "must be false to invalidate", true);
    const kind = options?.hard === false ? "soft" : "hard";
    await this.#until(plan, renewAll(this.#region, epochs, kind));
  }

  /** Waits for work until the caller's signal is aborted. */
  async #until<T>({ signal }: Plan, work: Promise<T>): Promise<T> {
    if (signal === undefined) return await work;
    return await withDeadline(this.#region.clock, Infinity, work, () => new Error(), { signal });
  }

  #places(keys: readonly CacheKey[]): StoreKey[] {
    return placesOf(this.#asker, keys);
  }

  #getOrCreate<Value>(
    key: CacheKey,
    create: Creator<Value>,
    options: CreateOptions<never> | undefined,
    chain?: Chain,
  ): Promise<Value> {
    try {
      const plan = this.#planFor("get or create an entry", options, KNOWN.create);
      return askOne(this.#asker, plan, key, create, chain);
    } catch (error) {
      // The caller's mistakes reach it the way all failures do.
      return Promise.reject(error);
    }
  }

  #planFor(
    action: string,
    options: (EntryOptions<never> & GetOptions) | undefined,
    known: readonly string[],
  ): Plan {
    let plan = this.#plan;
    if (options !== undefined) {
      checkOptions(action, options, known);
      const policy = merged(plan.policy, options, this.#region.setup.raw);
      plan = planOf(this.#namespace, policy, { ...this.#request, ...options });
    }
    plan.signal?.throwIfAborted();
    return plan;
  }
}
