/**
 * The cache beside its peers, in memory and between processes on one Redis.
 *
 * Every peer is asked for the same: a value that is there, a value that is missing and wanted by many at once, a
 * creator that fails, one whose value is not to be kept.
 *
 * @module
 */

import { cachified } from "npm:@epic-web/cachified@^5.6.1";
import { createCache as createDedupe } from "npm:async-cache-dedupe@^3.4.0";
import { BentoCache, bentostore } from "npm:bentocache@^1.6.1";
import { memoryDriver } from "npm:bentocache@^1.6.1/drivers/memory";
import { createCache as createManager } from "npm:cache-manager@^7.2.8";
import { LRUCache } from "npm:lru-cache@^11.2.4";
import { memoryCacheStore } from "../adapters/memory/cache.ts";
import { systemClock } from "../src/clock.ts";
import { type Cache, createCache } from "../src/cache/mod.ts";
import { Shelf } from "../src/cache/shelf.ts";
import { systemRandom } from "../src/random.ts";
import { raceWorkers } from "../tests/support/redis/cache_workers.ts";
import { startGateway } from "../tests/support/redis/gateway.ts";
import { startRedis } from "../tests/support/redis/server.ts";
import { compare, figures, peer, type Table } from "./harness.ts";
import { traces } from "./support/traces.ts";

const TTL_MS = 600_000;
const KEYS = Array.from({ length: 1_000 }, (_, i) => `user:${i}`);
const CALLERS = 1_000;

interface User {
  readonly id: string;
  readonly name: string;
  readonly age: number;
}

type GetOrCreate = (key: string, create: () => Promise<unknown>) => Promise<unknown>;

/** All tables of the cache. */
export async function bench(): Promise<readonly Table[]> {
  return [
    await hits(),
    await misses(),
    ...await stampedes(),
    await betweenProcesses(),
    await bytesPerEntry(),
    ...hitRatios(),
  ];
}

function ours(entriesMax = 100_000): Cache {
  const backend = {
    cache: memoryCacheStore({ entriesMax, bytesMax: 2 ** 32 }),
    clock: systemClock(),
    random: systemRandom(),
    isolation: "process",
  } as const;
  return createCache(backend, { name: "bench", ttl: TTL_MS });
}

/** Each contender as a function that gives what is there or creates it. */
function contenders(): Record<string, GetOrCreate> {
  const cache = ours();
  const bento = new BentoCache({
    default: "memory",
    ttl: TTL_MS,
    stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: 100_000 })) },
  });
  const lruOfCachified = new LRUCache<string, never>({ max: 100_000 });
  const manager = createManager({ ttl: TTL_MS });
  const dedupe = createDedupe({ ttl: TTL_MS / 1_000, storage: { type: "memory" } });
  const creators = new Map<string, () => Promise<unknown>>();
  const deduped = dedupe.define("of", (key: string) => creators.get(key)?.());
  const lru = new LRUCache<string, { value: unknown }, () => Promise<unknown>>({
    max: 100_000,
    ttl: TTL_MS,
    fetchMethod: async (_key, _stale, { context }) => ({ value: await context() }),
  });
  return {
    "Holdfast": (key, create) => cache.getOrCreate(key, create),
    [peer("bentocache")]: (key, factory) => bento.getOrSet({ key, factory }),
    [peer("@epic-web/cachified")]: (key, getFreshValue) =>
      cachified({ key, cache: lruOfCachified as never, ttl: TTL_MS, getFreshValue }),
    [peer("cache-manager")]: (key, create) => manager.wrap(key, create),
    [peer("async-cache-dedupe")]: (key, create) => {
      creators.set(key, create);
      return (deduped as unknown as typeof dedupe & { of(key: string): Promise<unknown> }).of(key);
    },
    // Wrapped, as it keeps no undefined.
    [`${peer("lru-cache")} fetch`]: (key, context) => lru.fetch(key, { context }),
  };
}

async function hits(): Promise<Table> {
  const all = contenders();
  const user = (key: string): User => ({ id: key, name: `name of ${key}`, age: 42 });
  const operations: Record<string, (index: number) => Promise<unknown>> = {};
  for (const [name, getOrCreate] of Object.entries(all)) {
    for (const key of KEYS) await getOrCreate(key, () => Promise.resolve(user(key)));
    const create = () => Promise.resolve(user("none"));
    operations[name] = (index) => getOrCreate(KEYS[index % KEYS.length] ?? "", create);
  }
  return await compare("A hit in memory, 1,000 keys in turn, awaited", operations);
}

async function misses(): Promise<Table> {
  const operations: Record<string, (index: number) => Promise<unknown>> = {};
  for (const [name, getOrCreate] of Object.entries(contenders())) {
    const create = () => Promise.resolve({ id: 1 });
    operations[name] = (index) => getOrCreate(`miss:${index}`, create);
  }
  return await compare("A miss in memory, a new key each time, awaited", operations);
}

/** How often the creator runs for many callers of one cold key. */
async function stampedes(): Promise<Table[]> {
  const failing = () => Promise.reject(new Error("no"));
  const creators: [string, () => Promise<unknown>][] = [
    ["that succeeds", () => Promise.resolve({ id: 1 })],
    ["that fails", failing],
    ["whose value is undefined", () => Promise.resolve(undefined)],
  ];
  const tables: Table[] = [];
  for (const [what, create] of creators) {
    const values: Record<string, number> = {};
    for (const [name, getOrCreate] of Object.entries(contenders())) {
      let runs = 0;
      const slow = async () => {
        runs++;
        await new Promise((resolve) => setTimeout(resolve, 20));
        return await create();
      };
      const calls = Promise.allSettled(
        Array.from({ length: CALLERS }, () => getOrCreate("cold", slow)),
      );
      await Promise.race([calls, new Promise((resolve) => setTimeout(resolve, 2_000))]);
      values[name] = runs;
    }
    const title =
      `Creations within 2 s for 1,000 callers of one cold key, creator of 20 ms ${what}`;
    tables.push(figures(title, "creations", values));
  }
  return tables;
}

async function betweenProcesses(): Promise<Table> {
  await using redis = await startRedis();
  // Strict, so that it takes scripts as Upstash does.
  await using gateway = await startGateway(redis, { isStrict: true });
  const { url, token } = gateway;
  const race = { url, token, processes: 8, callers: 125, createMs: 200 };
  await raceWorkers({ ...race, key: "warm" });
  const before = gateway.counters().requests;
  const reports = await raceWorkers({ ...race, key: "cold" });
  return figures(
    "8 processes with 125 callers each of one cold key, one Redis, creator of 200 ms",
    "",
    {
      "creations": reports.reduce((sum, { creations }) => sum + creations, 0),
      "different values": new Set(reports.flatMap(({ values }) => values)).size,
      "requests of all": gateway.counters().requests - before,
    },
  );
}

/** Heap per entry beyond what the keys and the values as text take; measured where garbage can be collected at will. */
async function bytesPerEntry(): Promise<Table> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      "--v8-flags=--expose-gc",
      import.meta.resolve("./support/cache_heap.ts"),
    ],
    stdin: "null",
    stderr: "inherit",
  }).output();
  const { holdfast, lruCache } = JSON.parse(new TextDecoder().decode(stdout));
  return figures("Heap of 1 M entries beyond their keys and texts", "B an entry", {
    "Holdfast": holdfast,
    [peer("lru-cache")]: lruCache,
  });
}

function hitRatios(): Table[] {
  const keys = 100_000;
  const all = traces({ keys, requests: 500_000, seed: 1 });
  return [0.01, 0.1].map((part) => {
    const size = keys * part;
    const values: Record<string, number> = {};
    for (const [name, trace] of Object.entries(all)) {
      values[`Holdfast (S3-FIFO), ${name}`] = shelfRatio(trace, size);
      values[`${peer("lru-cache")}, ${name}`] = lruRatio(trace, size);
    }
    return figures(`Hits, Zipf 0.9 over 100,000 keys, room for ${size}`, "%", values);
  });
}

function shelfRatio(trace: Uint32Array, size: number): number {
  const shelf = new Shelf<boolean>({ entriesMax: size, bytesMax: 2 ** 40 });
  const part = shelf.part();
  let hits = 0;
  for (const number of trace) {
    const key = String(number);
    if (shelf.get(part, key) !== undefined) hits++;
    else shelf.put(part, key, true, 1);
  }
  return 100 * hits / trace.length;
}

function lruRatio(trace: Uint32Array, size: number): number {
  const lru = new LRUCache<number, boolean>({ max: size });
  let hits = 0;
  for (const key of trace) {
    if (lru.get(key) !== undefined) hits++;
    else lru.set(key, true);
  }
  return 100 * hits / trace.length;
}
