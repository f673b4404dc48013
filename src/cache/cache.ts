/**
 * The cache: plans each call, answers hits at once, and sends everything else on its way.
 *
 * @module
 */

import { ArgumentError, checkOptions, HoldfastError, shown } from "../errors.ts";
import { bringHome } from "./batch.ts";
import { checkText } from "./create.ts";
import { type Chain, checkChain, type CreateContext, lifeOf } from "./creation.ts";
import type { CacheCounters, CacheEvents } from "./events.ts";
import type { Cache, CacheEntry, Creator, ManyCreator } from "./face.ts";
import type { Flight } from "./flight.ts";
import {
  type CacheKey,
  flatKey,
  namespaceEpoch,
  type NamespacePath,
  storeKey,
  tagEpoch,
} from "./key.ts";
import { sights } from "./look.ts";
import { valuesByWanted } from "./many.ts";
import {
  type CacheOptions,
  cachePolicy,
  cacheSetup,
  type CreateOptions,
  type EntryOptions,
  type GetOptions,
  KNOWN,
  merged,
  type Policy,
  type RequestOptions,
  type SetOptions,
} from "./options.ts";
import type { CacheBackend, CacheWrite, StoreKey } from "./port.ts";
import { type Plan, Region, type Sight, STALE, unseen } from "./region.ts";
import { encoded } from "./serializer.ts";
import type { BatchCreator, BatchOrder, Wanted } from "./wanted.ts";

/**
 * Makes a cache on a backend. No I/O, no timers, no dice: it may stand at module scope.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`, naming the option, if one is unknown, malformed or contradicts another.
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
  const policy = cachePolicy(options);
  const region = new Region(backend, options.name, cacheSetup(options, policy));
  return new View(region, "", region.setup.raw ? [] : [namespaceEpoch("")], policy, {});
}

/** How long a write may be under way before the store refuses it, in milliseconds. */
const WRITE_MS = 10_000;

/** A cache as one namespace and one request see it. */
class View implements Cache {
  readonly #region: Region;
  readonly #path: NamespacePath;
  readonly #namespaces: readonly string[];
  readonly #request: RequestOptions;
  readonly #plan: Plan;

  constructor(
    region: Region,
    path: NamespacePath,
    namespaces: readonly string[],
    policy: Policy,
    request: RequestOptions,
  ) {
    this.#region = region;
    this.#path = path;
    this.#namespaces = namespaces;
    this.#request = request;
    this.#plan = this.#planOf(policy, request);
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
    options?: { readonly signal?: AbortSignal },
  ): () => void {
    return this.#region.events.on(name, listener, options);
  }

  with(request: RequestOptions): Cache {
    checkOptions("use a cache", request, KNOWN.request);
    const { policy } = this.#plan;
    return new View(this.#region, this.#path, this.#namespaces, policy, {
      ...this.#request,
      ...request,
    });
  }

  getOrCreate<Value>(
    key: CacheKey,
    create: Creator<Value>,
    options?: CreateOptions<NoInfer<Value>>,
  ): Promise<Value> {
    return this.#getOrCreate(key, create, options, undefined);
  }

  // Not async, so that a hit costs no frame: the promise it returns is resolved already.
  #getOrCreate<Value>(
    key: CacheKey,
    create: Creator<Value>,
    options: CreateOptions<never> | undefined,
    chain: Chain | undefined,
  ): Promise<Value> {
    try {
      const region = this.#region;
      const plan = this.#planFor("get or create an entry", options, KNOWN.create);
      checkCreator(create);
      const place = storeKey(this.#path, key, region.setup.mangleKey);
      const flat = flatKey(place);
      const flight = region.flights.get(flat);
      if (flight === undefined || !region.isShared) {
        const read = region.read([place], plan.epochs);
        const value = read instanceof Promise ? STALE : region.freshValue(read, plan);
        if (value === STALE) {
          checkChain([flat], chain);
          const wanted = this.#wanted(key, place, flat);
          void bringHome(this.#order(plan, createOne(create), chain), [wanted], read);
          return wanted.flight.join(plan.signal) as Promise<Value>;
        }
        region.hit(key);
        // What lies under the key is what its creator made, as far as anybody can know.
        return Promise.resolve(value as Value);
      }
      checkChain([flat], chain);
      return joined(flight, plan) as Promise<Value>;
    } catch (error) {
      // The caller's mistakes reach it the way all failures do.
      return Promise.reject(error);
    }
  }

  getOrCreateMany<Key extends CacheKey, Value>(
    keys: readonly Key[],
    create: ManyCreator<Key, Value>,
    options?: CreateOptions<NoInfer<Value>>,
  ): Promise<Map<Key, Value>> {
    return this.#getOrCreateMany(keys, create, options, undefined);
  }

  async #getOrCreateMany<Key extends CacheKey, Value>(
    keys: readonly Key[],
    create: ManyCreator<Key, Value>,
    options: CreateOptions<never> | undefined,
    chain: Chain | undefined,
  ): Promise<Map<Key, Value>> {
    const region = this.#region;
    const plan = this.#planFor("get or create entries", options, KNOWN.create);
    checkCreator(create);
    const places = this.#places(keys);
    checkChain(places.map(flatKey), chain);
    const batch: Wanted[] = [];
    const answers = new Map<string, readonly [Key, Promise<unknown>]>();
    for (const [i, key] of keys.entries()) {
      const place = places[i] ?? "";
      const flat = flatKey(place);
      if (answers.has(flat)) continue;
      const flight = region.isShared ? region.flights.get(flat) : undefined;
      if (flight !== undefined) {
        answers.set(flat, [key, joined(flight, plan)]);
        continue;
      }
      const wanted = this.#wanted(key, place, flat);
      batch.push(wanted);
      answers.set(flat, [key, wanted.flight.join(plan.signal)]);
    }
    const absent = new Set<string>();
    const createBatch = createAll(create, absent);
    if (batch.length > 0) void bringHome(this.#order(plan, createBatch, chain), batch);
    const values = await Promise.all([...answers.values()].map(([, answer]) => answer));
    // As with one key: what lies there is what the creator made.
    const pairs = [...answers].map(([flat, [key]], i) => [flat, key, values[i] as Value] as const);
    return new Map(
      pairs.filter(([flat]) => !absent.has(flat)).map(([, key, value]) => [key, value]),
    );
  }

  async get<Value = unknown>(key: CacheKey, options?: GetOptions): Promise<Value | undefined> {
    const [value] = await this.getMany<Value>([key], options);
    return value;
  }

  async getMany<Value = unknown>(
    keys: readonly CacheKey[],
    options?: GetOptions,
  ): Promise<(Value | undefined)[]> {
    const region = this.#region;
    const seen = await this.#seen(keys, options);
    return seen.map(({ record, value, reason, age }, i) => {
      const key = keys[i] ?? "";
      if (reason === undefined) region.hit(key);
      else if (record !== undefined && options?.allowStale === true) region.stale(key, age);
      else {
        region.miss(key, reason);
        return undefined;
      }
      // The type is the caller's word: nobody can know what lies in a store.
      return value as Value;
    });
  }

  async getEntry<Value = unknown>(
    key: CacheKey,
    options?: GetOptions,
  ): Promise<CacheEntry<Value> | undefined> {
    const [sight] = await this.#seen([key], options);
    if (sight?.record === undefined) return undefined;
    const { record: { createdAtMs, costMs, terms }, value, age, reason } = sight;
    return {
      // As in getMany: the caller's word.
      value: value as Value,
      createdAtMs,
      ageMs: age,
      isFresh: reason === undefined,
      staleAtMs: createdAtMs + terms.ttlMs,
      expiresAtMs: createdAtMs + terms.lifeMs,
      costMs,
    };
  }

  set<Value>(key: CacheKey, value: Value, options?: SetOptions<NoInfer<Value>>): Promise<void> {
    return this.setMany(new Map([[key, value]]), options);
  }

  async setMany<Value>(
    values: ReadonlyMap<CacheKey, Value>,
    options?: SetOptions<NoInfer<Value>>,
  ): Promise<void> {
    const region = this.#region;
    const plan = this.#planFor("set an entry", options, KNOWN.set);
    const places = this.#places([...values.keys()]);
    const all = [...values.values()].map((value, i) => this.#write(places[i] ?? "", value, plan));
    const writes = all.filter(({ ttlMs }) => ttlMs > 0);
    const removed = all.filter(({ ttlMs }) => ttlMs === 0).map(({ key }) => key);
    if (removed.length > 0) await this.#remove(removed);
    if (writes.length === 0) return;
    const time = await region.ask("tell the time", (store) => store.time());
    const order = {
      epochs: plan.epochs,
      tags: plan.epochs.slice(plan.namespaces),
      deadlineMs: region.clock.now() + time.offsetMs + time.errorMs + WRITE_MS,
    };
    const isDone = await region.ask("set", (store) => store.write(region.space, writes, order));
    this.#forgetFlights(writes.map((write) => write.key));
    if (!isDone) {
      throw new HoldfastError(
        "ERR_TIMEOUT",
        `Cannot set an entry as it took more than ${WRITE_MS} ms`,
      );
    }
  }

  delete(key: CacheKey, options?: RequestOptions): Promise<void> {
    return this.deleteMany([key], options);
  }

  async deleteMany(keys: readonly CacheKey[], options?: RequestOptions): Promise<void> {
    this.#planFor("delete an entry", options, KNOWN.request);
    if (keys.length > 0) await this.#remove(this.#places(keys));
  }

  async #remove(places: readonly StoreKey[]): Promise<void> {
    const region = this.#region;
    await region.ask("delete", (store) => store.remove(region.space, places));
    this.#forgetFlights(places);
  }

  /** Who asks from now on must not get what was begun before the change. */
  #forgetFlights(places: readonly StoreKey[]): void {
    for (const place of places) this.#region.flights.delete(flatKey(place));
  }

  #write(key: StoreKey, value: unknown, plan: Plan): CacheWrite {
    const { ttlMs, lifeMs } = lifeOf(value, plan.policy, undefined, this.#region.random);
    const text = encoded(this.#region.setup.serializer, value);
    checkText(text, this.#region.store.textMax);
    return { key, text, ttlMs, lifeMs };
  }

  async #seen(keys: readonly CacheKey[], options: GetOptions | undefined): Promise<Sight[]> {
    const region = this.#region;
    const plan = this.#planFor("get an entry", options, KNOWN.get);
    const places = this.#places(keys);
    if (places.length === 0) return [];
    try {
      const { records, epochs } = await region.read(places, plan.epochs);
      return await sights(region, plan, records, epochs);
    } catch {
      // The store failed, and an event said so: to a reader that is a miss.
      return places.map(() => unseen("unavailable"));
    }
  }

  #places(keys: readonly CacheKey[]): StoreKey[] {
    if (!Array.isArray(keys)) {
      throw new ArgumentError(
        "ERR_INVALID_ARGUMENT",
        `Cannot use keys as they must be a list: it is ${shown(keys)}`,
      );
    }
    return keys.map((key) => storeKey(this.#path, key, this.#region.setup.mangleKey));
  }

  #wanted(key: CacheKey, place: StoreKey, flat: string): Wanted {
    const region = this.#region;
    const other = region.flights.get(flat);
    const flight = region.launch(flat);
    other?.passOn(flight);
    return {
      key,
      place,
      flat,
      flight,
      isBackground: false,
      found: undefined,
      sight: unseen("absent"),
    };
  }

  #order(plan: Plan, create: BatchCreator, chain: Chain | undefined): BatchOrder {
    const nested = (inner: Chain): CreateContext["getOrCreate"] => (key, makeOne, options) =>
      this.#getOrCreate(key, makeOne, options, inner);
    return { region: this.#region, plan, path: this.#path, create, nested, chain };
  }

  #planFor(
    action: string,
    options: (EntryOptions<never> & GetOptions) | undefined,
    known: readonly string[],
  ): Plan {
    let plan = this.#plan;
    if (options !== undefined) {
      checkOptions(action, options, known);
      const { signal, waitUntil } = { ...this.#request, ...options };
      plan = this.#planOf(merged(plan.policy, options, this.#region.setup.raw), {
        signal,
        waitUntil,
      });
    }
    plan.signal?.throwIfAborted();
    return plan;
  }

  #planOf(policy: Policy, { signal, waitUntil }: RequestOptions): Plan {
    const tags = policy.tags.map((tag) => tagEpoch(this.#path, tag));
    const epochs = [...this.#namespaces, ...tags];
    return { policy, epochs, namespaces: this.#namespaces.length, signal, waitUntil };
  }
}

/** Joins a flight, or takes what it has to offer meanwhile. */
function joined(flight: Flight, { signal, policy }: Plan): Promise<unknown> {
  const { meanwhile } = flight;
  if (meanwhile === undefined) return flight.join(signal);
  const mayServe = meanwhile.isFresh
    ? policy.ageMaxMs === Infinity
    : policy.staleMs > 0 && policy.staleAfterMs === 0;
  return mayServe ? Promise.resolve(meanwhile.value) : flight.join(signal);
}

function createOne<Value>(create: Creator<Value>): BatchCreator {
  return async ([wanted], context) => {
    if (wanted === undefined) return new Map();
    const { key, sight: { record, value, age } } = wanted;
    const stale = record === undefined ? undefined : { value, ageMs: age };
    return new Map([[wanted, await create(Object.assign(context, { key, stale }))]]);
  };
}

function createAll<Key extends CacheKey, Value>(
  create: ManyCreator<Key, Value>,
  absent: Set<string>,
): BatchCreator {
  return async (wanted, context) => {
    // All keys of the batch come from the caller who gave this creator.
    const made = await create(wanted.map(({ key }) => key as Key), context);
    const values = valuesByWanted(wanted, made);
    for (const each of wanted) if (!values.has(each)) absent.add(each.flat);
    return values;
  };
}

function checkCreator(create: unknown): void {
  if (typeof create === "function") return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot create an entry as the creator must be a function: it is ${shown(create)}`,
  );
}
