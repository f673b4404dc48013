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
  StoreCallOptions,
  StoreKey,
  StoreTime,
  WriteOrder,
} from "../../src/cache/port.ts";
import { HoldfastError } from "../../src/errors.ts";
import { randomToken } from "../../src/random.ts";
import {
  type CacheCall,
  leaseCall,
  leaseReply,
  listOf,
  settleCall,
  textOf,
  writeCall,
} from "./cache_calls.ts";
import { chunked, groupByHash } from "./cache_requests.ts";
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

  time(options?: StoreCallOptions): StoreTime | Promise<StoreTime> {
    const { client, clock } = this.#connection;
    const time = client.serverTime() ?? this.#measured.read();
    if (time === undefined) return this.#measure(options);
    return { offsetMs: time.nowMs - clock.now(), errorMs: time.errorMs };
  }

  async read(
    space: CacheSpace,
    keys: readonly StoreKey[],
    epochs: readonly string[],
    options?: StoreCallOptions,
  ): Promise<CacheRead> {
    const names = this.#keys(space);
    const plain = keys.filter((key) => typeof key === "string");
    const hashes = groupByHash(keys);
    const strings = [...plain.map(names.value), ...epochs.map(names.epoch)];
    const commands: RedisCommand[] = [...hashes].map((
      [hash, fields],
    ) => ["HMGET", names.value([hash, ""]), ...fields]);
    if (strings.length > 0) commands.unshift(["MGET", ...strings]);
    const lists = await this.#readAll(commands, options);
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
    options?: StoreCallOptions,
  ): Promise<LeaseReply> {
    const chunks = chunked(requests, () => 0);
    const replies = await Promise.all(
      chunks.map((chunk) => this.#lease(space, chunk, order, options)),
    );
    const [first] = replies;
    if (first === undefined) return await this.#lease(space, [], order, options);
    return { ...first, answers: replies.flatMap(({ answers }) => answers) };
  }

  async settle(
    space: CacheSpace,
    outcomes: readonly Outcome[],
    lease: HeldLease,
    options?: StoreCallOptions,
  ): Promise<readonly boolean[]> {
    const length = (each: Outcome): number => each.kind === "fill" ? each.record.text.length : 0;
    const chunks = chunked(outcomes, length);
    return (await Promise.all(chunks.map((chunk) => this.#settle(space, chunk, lease, options))))
      .flat();
  }

  async write(
    space: CacheSpace,
    writes: readonly CacheWrite[],
    order: WriteOrder,
    options?: StoreCallOptions,
  ): Promise<boolean> {
    const chunks = chunked(writes, ({ text }) => text.length);
    const done = await Promise.all(
      chunks.map((chunk) => this.#write(space, chunk, order, options)),
    );
    return done.every(Boolean);
  }

  async remove(
    space: CacheSpace,
    keys: readonly StoreKey[],
    options?: StoreCallOptions,
  ): Promise<void> {
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
    await this.#sendAll(commands, "repeatable", options);
  }

  async renew(
    space: CacheSpace,
    epochs: readonly string[],
    kind: "hard" | "soft",
    options?: StoreCallOptions,
  ): Promise<void> {
    const { random } = this.#connection;
    const names = this.#keys(space);
    const keys = [names.root, ...epochs.map(names.epoch)];
    await this.#run(RENEW, { keys, args: [randomToken(random, ID_LENGTH), kind] }, options);
  }

  async leased(
    space: CacheSpace,
    keys: readonly StoreKey[],
    options?: StoreCallOptions,
  ): Promise<readonly boolean[]> {
    const names = this.#keys(space);
    const [values = []] = await this.#readAll([["MGET", ...keys.map(names.lease)]], options);
    return keys.map((_, i) => !(textOf(values[i]) ?? "-").startsWith("-"));
  }

  async #lease(
    space: CacheSpace,
    requests: readonly LeaseRequest[],
    order: LeaseOrder,
    options?: StoreCallOptions,
  ): Promise<LeaseReply> {
    const call = leaseCall(this.#keys(space), space, requests, order);
    return leaseReply(await this.#run(LEASE, call, options), space, requests, order);
  }

  async #settle(
    space: CacheSpace,
    outcomes: readonly Outcome[],
    lease: HeldLease,
    options?: StoreCallOptions,
  ): Promise<readonly boolean[]> {
    const { offsetMs, errorMs } = await this.time(options);
    const call = settleCall(this.#keys(space), space, outcomes, lease, {
      nowMs: this.#connection.clock.now() + offsetMs - errorMs,
      hasFieldExpiry: this.#hasFieldExpiry,
    });
    const answer = await this.#run(SETTLE, call, options);
    this.#learn(answer.at(-1));
    return outcomes.map((_, i) => answer[i] === "1");
  }

  async #write(
    space: CacheSpace,
    writes: readonly CacheWrite[],
    order: WriteOrder,
    options?: StoreCallOptions,
  ): Promise<boolean> {
    const id = randomToken(this.#connection.random, ID_LENGTH);
    const call = writeCall(this.#keys(space), space, writes, order, {
      id,
      hasFieldExpiry: this.#hasFieldExpiry,
    });
    const [happened, hasFieldExpiry] = await this.#run(WRITE, call, options);
    this.#learn(hasFieldExpiry);
    return happened === "1";
  }

  /** Asks for the server's time, and for nothing else. */
  async #measure(options?: StoreCallOptions): Promise<StoreTime> {
    const { client, clock } = this.#connection;
    const sentMs = clock.monotonic();
    const call = { effect: "read", ...this.#within(options) } as const;
    const [seconds, micros] = listOf(await client.command(["TIME"], call));
    const serverMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    this.#measured.observe({ serverMs, precisionMs: 1, sentMs, receivedMs: clock.monotonic() });
    return await this.time(options);
  }

  async #run(script: RedisScript, call: CacheCall, options?: StoreCallOptions): Promise<string[]> {
    const { client } = this.#connection;
    return listOf(await client.run(script, { ...call, ...this.#within(options) })).map(String);
  }

  /** When a call's attempts end: neither later than the connection says nor than the caller waits. */
  #within({ limitMs = Infinity }: Partial<StoreCallOptions> = {}): { readonly deadlineMs: number } {
    return { deadlineMs: Math.min(limitMs, this.#connection.client.deadlineMs) };
  }

  /** The lists that reading commands answer; undefined where a key holds another kind of value. */
  async #readAll(
    commands: readonly RedisCommand[],
    options?: StoreCallOptions,
  ): Promise<(readonly RedisReply[] | undefined)[]> {
    return (await this.#sendAll(commands, "read", options)).map((result) => {
      if (result.kind === "reply") return listOf(result.reply);
      if (HoldfastError.is(result.error, "ERR_WRONG_TYPE")) return undefined;
      throw result.error;
    });
  }

  /** One command as itself, several as a pipeline: one request either way. */
  async #sendAll(
    commands: readonly RedisCommand[],
    effect: "read" | "repeatable",
    options?: StoreCallOptions,
  ): Promise<readonly RedisResult[]> {
    const { client } = this.#connection;
    const call = { effect, ...this.#within(options) };
    const [only] = commands;
    if (only === undefined) return [];
    if (commands.length > 1) return await client.pipeline(commands, call);
    try {
      return [{ kind: "reply", reply: await client.command(only, call) }];
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
