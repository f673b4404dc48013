/**
 * How a Redis is reached: the options, checked before anything is sent, and what every store is made from.
 *
 * @module
 */

import {
  type BackendBase,
  checkedIsolation,
  type Durability,
  type Isolation,
} from "../../src/backend.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import { type Duration, durationMs } from "../../src/duration.ts";
import { ArgumentError, checkOptions, shown } from "../../src/errors.ts";
import { type Random, systemRandom } from "../../src/random.ts";
import { type RedisClient, redisClient } from "./client.ts";
import { NAMESPACE } from "./keys.ts";
import { type Fetch, type Requester, restRequester } from "./requester.ts";
import { serverClock } from "./server_clock.ts";

export type {
  CallOptions,
  CommandOptions,
  RedisClient,
  RedisCounters,
  RunOptions,
  StreamOptions,
} from "./client.ts";
export type { RedisCommand, RedisReply, RedisResult } from "./reply.ts";
export type { Fetch, RedisRequest, Requester } from "./requester.ts";
export type { Effect } from "./retry.ts";
export type { RedisScript, Waking } from "./scripts.ts";
export type { ServerTime } from "./server_clock.ts";

/** Options of {@linkcode connectRedis}: either `url` and `token`, or a `requester`. */
export interface ConnectRedisOptions {
  /** The REST URL: Upstash's, or that of a gateway in front of your own Redis. `http:` or `https:`. */
  readonly url?: string;
  /** The REST token. */
  readonly token?: string;
  /**
   * Sends the requests instead, such as one of your own for another transport. It must send each request once. A
   * streaming one stays pending while its stream lives.
   */
  readonly requester?: Requester;
  /** The host's `fetch`, or one like it. Default: the global one. */
  readonly fetch?: Fetch;
  /** The prefix of all keys and channels: 1 to 64 characters of `A-Z a-z 0-9 _ . -`. Default `"holdfast"`. */
  readonly namespace?: string;
  /** How long all attempts of one call may take together. Default 10 seconds. */
  readonly deadline?: Duration;
  /** How long one attempt may take before the next one. Default 3 seconds. */
  readonly attemptTimeout?: Duration;
  /** What may be shared between requests. `"request"` on workerd. Default `"process"`. */
  readonly isolation?: Isolation;
  /**
   * What an acknowledged write survives, as the server is set up. Default: `"replicated-async"` for Upstash,
   * `"process"` for any other.
   */
  readonly durability?: Durability;
  /** Where the parts read the time. Default: the host's clock. */
  readonly clock?: Clock;
  /** Where the parts roll their dice. Default: the host's generator. */
  readonly random?: Random;
}

/** A Redis that stores are made from: `{ ...connection, cache: redisCacheStore(connection) }` is a backend. */
export interface RedisConnection extends BackendBase {
  /** Speaks to it. */
  readonly client: RedisClient;
  /** The prefix of all keys and channels. */
  readonly namespace: string;
}

const OPTIONS: readonly (keyof ConnectRedisOptions)[] = [
  "url",
  "token",
  "requester",
  "fetch",
  "namespace",
  "deadline",
  "attemptTimeout",
  "isolation",
  "durability",
  "clock",
  "random",
];
/** How old a `Date` may be when it is sent, in milliseconds: cut off to the second, and kept for up to another by fronts. */
const DATE_MS = 2_000;
const DURABILITIES: readonly Durability[] = ["memory", "process", "fsync", "replicated-async"];

/**
 * A Redis behind a REST front. Sends nothing yet, and holds nothing between calls.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if an option is unknown or of no use, such as a URL that is none or a
 * token that is missing. The message contains neither.
 *
 * @example
 * ```ts
 * import { connectRedis } from "@holdfast/holdfast/redis";
 * import { strictEqual, throws } from "node:assert/strict";
 *
 * const connection = connectRedis({ url: "https://example.upstash.io", token: "secret" });
 * strictEqual(connection.durability, "replicated-async");
 * strictEqual(connection.client.counters.requests, 0);
 * throws(() => connectRedis({ url: "example", token: "secret" }), { code: "ERR_INVALID_OPTION" });
 * ```
 */
export function connectRedis(options: ConnectRedisOptions): RedisConnection {
  checkOptions("connect to Redis", options, OPTIONS);
  const { namespace = "holdfast", clock = systemClock(), random = systemRandom() } = options;
  if (typeof namespace !== "string" || !NAMESPACE.test(namespace)) {
    throw invalid(
      "namespace",
      `1 to 64 characters of A-Z a-z 0-9 _ . -: current value is ${shown(namespace)}`,
    );
  }
  const server = serverClock(clock);
  const client = redisClient({
    requester: options.requester === undefined
      ? rest(
        options,
        clock,
        (dateMs, sentMs, receivedMs) =>
          server.observe({ serverMs: dateMs, precisionMs: DATE_MS, sentMs, receivedMs }),
      )
      : checkedRequester(options),
    namespace,
    deadlineMs: durationMs(options.deadline ?? 10_000, "deadline"),
    attemptMs: durationMs(options.attemptTimeout ?? 3_000, "attemptTimeout"),
    clock,
    random,
    serverClock: server,
  });
  const isolation = checkedIsolation(options.isolation);
  return { client, namespace, clock, random, isolation, durability: durabilityOf(options) };
}

type OnDate = (dateMs: number, sentMs: number, receivedMs: number) => void;

function rest({ url, token, fetch }: ConnectRedisOptions, clock: Clock, onDate: OnDate): Requester {
  const href = hrefOf(url);
  if (!/^https?:\/\/[^/@]+(\/[^?#]*)?$/.test(href)) {
    throw invalid("url", "an http: or https: URL without query, fragment and credentials");
  }
  // Anything else would be refused by the header it goes into, with a message that quotes it.
  if (typeof token !== "string" || !/^[\x21-\x7e]{1,4096}$/.test(token)) {
    throw invalid("token", "1 to 4096 visible ASCII characters");
  }
  return restRequester({
    url: href.replace(/\/+$/, ""),
    token,
    // Called late and without a receiver: a host may replace its `fetch`, and workerd refuses another `this`.
    fetch: fetch ?? ((input, init) => globalThis.fetch(input, init)),
    clock,
    onDate,
  });
}

function checkedRequester({ requester, url, token, fetch }: ConnectRedisOptions): Requester {
  if (url !== undefined || token !== undefined || fetch !== undefined) {
    throw invalid("requester", "given instead of url, token and fetch, not beside them");
  }
  if (typeof requester?.request === "function") return requester;
  throw invalid("requester", `an object with a method "request"`);
}

/** A URL as the host writes it; `""` for none. */
function hrefOf(url: string | undefined): string {
  try {
    return typeof url === "string" ? new URL(url).href : "";
  } catch {
    // A TypeError whose message may quote the URL.
    return "";
  }
}

function durabilityOf({ durability, url }: ConnectRedisOptions): Durability {
  if (durability === undefined) {
    const isUpstash = url !== undefined && new URL(url).hostname.endsWith(".upstash.io");
    return isUpstash ? "replicated-async" : "process";
  }
  if (DURABILITIES.includes(durability)) return durability;
  throw invalid(
    "durability",
    `one of ${DURABILITIES.join(", ")}: current value is ${shown(durability)}`,
  );
}

function invalid(option: string, rule: string): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot connect to Redis as ${option} must be ${rule}`,
  );
}
