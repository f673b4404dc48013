/**
 * A cache's entries in Redis: every method one request, what decides or writes in a script, what reads a plain command.
 *
 * All keys of a space have its hash tag. Billed commands for one key: read 1, lease 4, settle 3, write 5, remove 1,
 * invalidation of any number of tags 4; one more for each epoch that is made, and when the server lacks the script.
 *
 * @module
 */

import type {
  CacheRead,
  CacheSpace,
  CacheStore,
  CacheWrite,
  Found,
  HeldLease,
  LeaseOrder,
  LeaseReply,
  LeaseRequest,
  Outcome,
  StoreKey,
  StoreTime,
  WriteOrder,
} from "../../src/cache/port.ts";
import { HoldfastError } from "../../src/errors.ts";
import { randomToken } from "../../src/random.ts";
import { type CacheCall, leaseCall, leaseReply, settleCall, writeCall } from "./cache_calls.ts";
import { found } from "./cache_record.ts";
import { LEASE, RENEW, SETTLE, WRITE } from "./cache_scripts.ts";
import type { RedisConnection } from "./connection.ts";
import { type CacheKeys, cacheKeys } from "./keys.ts";
import type { RedisCommand, RedisReply, RedisResult } from "./reply.ts";
import type { RedisScript } from "./scripts.ts";
import { serverClock } from "./server_clock.ts";

export * from "./connection.ts";

/** The length of a write's id: 72 random bits. */
const ID_LENGTH = 12;
/** The longest text of a record, in UTF-16 units: what fits a request, less what JSON adds to ordinary text. */
const TEXT_MAX = 9_000_000;
/** The most keys, and characters, of one request; more are sent in several. */
const KEYS_MAX = 500;
const CHARACTERS_MAX = 8_000_000;

/**
 * A cache store on Redis.
 *
 * @example
 * ```ts
 * import { createCache } from "@holdfast/holdfast/cache";
 * import { connectRedis, redisCacheStore } from "@holdfast/holdfast/redis/cache";
 *
 * const connection = connectRedis({ url: "https://example.upstash.io", token: "secret" });
 * const backend = { ...connection, cache: redisCacheStore(connection) };
 * const pages = createCache(backend, { name: "pages", ttl: "10m" });
 * ```
 */
export function redisCacheStore(connection: RedisConnection): CacheStore {
  return new RedisCacheStore(connection);
}

class RedisCacheStore implements CacheStore {
  readonly textMax = TEXT_MAX;
  readonly #connection: RedisConnection;
  readonly #measured: ReturnType<typeof serverClock>;
  #hasFieldExpiry = true;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
    this.#measured = serverClock(connection.clock);
  }

  time(): StoreTime | Promise<StoreTime> {
    const { client, clock } = this.#connection;
    const time = client.serverTime() ?? this.#measured.read();
    if (time === undefined) return this.#measure();
    return { offsetMs: time.nowMs - clock.now(), errorMs: time.errorMs };
  }

  async read(
    space: CacheSpace,
    keys: readonly StoreKey[],
    epochs: readonly string[],
  ): Promise<CacheRead> {
    const names = this.#keys(space);
    const plain = keys.filter((key) => typeof key === "string");
    const hashes = groupByHash(keys);
    const strings = [...plain.map(names.value), ...epochs.map(names.epoch)];
    const commands: RedisCommand[] = [...hashes].map((
      [hash, fields],
    ) => ["HMGET", names.value([hash, ""]), ...fields]);
    if (strings.length > 0) commands.unshift(["MGET", ...strings]);
    const lists = await this.#readAll(commands);
    const values = strings.length > 0 ? lists.shift() ?? [] : [];
    const ofHash = new Map([...hashes.keys()].map((hash, i) => [hash, lists[i]]));
    let next = 0;
    const records = keys.map((key): Found => {
      if (typeof key === "string") return found(textOf(values[next++]), space.raw);
      const fields = ofHash.get(key[0]);
      if (fields === undefined) return "foreign";
      return found(textOf(fields[hashes.get(key[0])?.indexOf(key[1]) ?? 0]), space.raw);
    });
    const texts = values.slice(plain.length).map((value) => textOf(value)?.split(" ")[0]);
    return { records, epochs: texts };
  }

  async lease(
    space: CacheSpace,
    requests: readonly LeaseRequest[],
    order: LeaseOrder,
  ): Promise<LeaseReply> {
    const chunks = chunked(requests, () => 0);
    const replies = await Promise.all(chunks.map((chunk) => this.#lease(space, chunk, order)));
    const [first] = replies;
    if (first === undefined) return await this.#lease(space, [], order);
    return { ...first, answers: replies.flatMap(({ answers }) => answers) };
  }

  async settle(
    space: CacheSpace,
    outcomes: readonly Outcome[],
    lease: HeldLease,
  ): Promise<readonly boolean[]> {
    const length = (each: Outcome): number => each.kind === "fill" ? each.record.text.length : 0;
    const chunks = chunked(outcomes, length);
    return (await Promise.all(chunks.map((chunk) => this.#settle(space, chunk, lease)))).flat();
  }

  async write(
    space: CacheSpace,
    writes: readonly CacheWrite[],
    order: WriteOrder,
  ): Promise<boolean> {
    const chunks = chunked(writes, ({ text }) => text.length);
    const done = await Promise.all(chunks.map((chunk) => this.#write(space, chunk, order)));
    return done.every(Boolean);
  }

  async remove(space: CacheSpace, keys: readonly StoreKey[]): Promise<void> {
    const names = this.#keys(space);
    const plain = keys.filter((key) => typeof key === "string");
    // The leases first: what is stored before they are gone is removed, what comes later is refused.
    const commands: RedisCommand[] = [
      ["DEL", ...keys.map(names.lease), ...plain.map(names.value)],
      ...[...groupByHash(keys)].map(([hash, fields]): RedisCommand => [
        "HDEL",
        names.value([hash, ""]),
        ...fields,
      ]),
    ];
    await this.#sendAll(commands, "repeatable");
  }

  async renew(space: CacheSpace, epochs: readonly string[], kind: "hard" | "soft"): Promise<void> {
    const { client, random } = this.#connection;
    const names = this.#keys(space);
    const keys = [names.root, ...epochs.map(names.epoch)];
    await client.run(RENEW, { keys, args: [randomToken(random, ID_LENGTH), kind] });
  }

  async leased(space: CacheSpace, keys: readonly StoreKey[]): Promise<readonly boolean[]> {
    const names = this.#keys(space);
    const [values = []] = await this.#readAll([["MGET", ...keys.map(names.lease)]]);
    return keys.map((_, i) => !(textOf(values[i]) ?? "-").startsWith("-"));
  }

  async #lease(
    space: CacheSpace,
    requests: readonly LeaseRequest[],
    order: LeaseOrder,
  ): Promise<LeaseReply> {
    const call = leaseCall(this.#keys(space), space, requests, order);
    return leaseReply(await this.#run(LEASE, call), space, requests, order);
  }

  async #settle(
    space: CacheSpace,
    outcomes: readonly Outcome[],
    lease: HeldLease,
  ): Promise<readonly boolean[]> {
    const { offsetMs, errorMs } = await this.time();
    const call = settleCall(this.#keys(space), space, outcomes, lease, {
      nowMs: this.#connection.clock.now() + offsetMs - errorMs,
      hasFieldExpiry: this.#hasFieldExpiry,
    });
    const answer = await this.#run(SETTLE, call);
    this.#learn(answer.at(-1));
    return outcomes.map((_, i) => answer[i] === "1");
  }

  async #write(
    space: CacheSpace,
    writes: readonly CacheWrite[],
    order: WriteOrder,
  ): Promise<boolean> {
    const id = randomToken(this.#connection.random, ID_LENGTH);
    const call = writeCall(this.#keys(space), space, writes, order, {
      id,
      hasFieldExpiry: this.#hasFieldExpiry,
    });
    const [happened, hasFieldExpiry] = await this.#run(WRITE, call);
    this.#learn(hasFieldExpiry);
    return happened === "1";
  }

  /** Asks for the server's time, and for nothing else. */
  async #measure(): Promise<StoreTime> {
    const { client, clock } = this.#connection;
    const sentMs = clock.monotonic();
    const [seconds, micros] = listOf(await client.command(["TIME"], { effect: "read" }));
    const serverMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    this.#measured.observe({ serverMs, precisionMs: 1, sentMs, receivedMs: clock.monotonic() });
    return await this.time();
  }

  async #run(script: RedisScript, call: CacheCall): Promise<string[]> {
    return listOf(await this.#connection.client.run(script, call)).map(String);
  }

  /** The lists that reading commands answer; undefined where a key holds another kind of value. */
  async #readAll(
    commands: readonly RedisCommand[],
  ): Promise<(readonly RedisReply[] | undefined)[]> {
    return (await this.#sendAll(commands, "read")).map((result) => {
      if (result.kind === "reply") return listOf(result.reply);
      if (HoldfastError.is(result.error, "ERR_WRONG_TYPE")) return undefined;
      throw result.error;
    });
  }

  /** One command as itself, several as a pipeline: one request either way. */
  async #sendAll(
    commands: readonly RedisCommand[],
    effect: "read" | "repeatable",
  ): Promise<readonly RedisResult[]> {
    const { client } = this.#connection;
    const [only] = commands;
    if (only === undefined) return [];
    if (commands.length > 1) return await client.pipeline(commands, { effect });
    try {
      return [{ kind: "reply", reply: await client.command(only, { effect }) }];
    } catch (error) {
      // A refusal is a result, as in a pipeline; any other failure is the caller's.
      if (!HoldfastError.is(error, "ERR_WRONG_TYPE")) throw error;
      return [{ kind: "refused", error: error as HoldfastError }];
    }
  }

  #keys({ name }: CacheSpace): CacheKeys {
    return cacheKeys(this.#connection.namespace, name);
  }

  #learn(hasFieldExpiry: string | undefined): void {
    if (hasFieldExpiry === "0") this.#hasFieldExpiry = false;
  }
}

function groupByHash(keys: readonly StoreKey[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    if (typeof key === "string") continue;
    const fields = groups.get(key[0]) ?? [];
    if (!fields.includes(key[1])) groups.set(key[0], [...fields, key[1]]);
  }
  return groups;
}

/** Items in lists that fit a request. */
function chunked<Item>(items: readonly Item[], lengthOf: (item: Item) => number): Item[][] {
  const chunks: Item[][] = [];
  let characters = Infinity;
  for (const item of items) {
    characters += lengthOf(item);
    const last = chunks.at(-1);
    if (last !== undefined && last.length < KEYS_MAX && characters <= CHARACTERS_MAX) {
      last.push(item);
      continue;
    }
    chunks.push([item]);
    characters = lengthOf(item);
  }
  return chunks;
}

function listOf(reply: RedisReply): readonly RedisReply[] {
  return Array.isArray(reply) ? reply : [];
}

function textOf(reply: RedisReply | undefined): string | null {
  return typeof reply === "string" ? reply : null;
}
