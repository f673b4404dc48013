/**
 * Holdfast: state for code that does not stay.
 *
 * Serverless and edge functions live for one request and keep nothing. Holdfast gives them the parts that applications
 * need to remember with, each with one firm guarantee, in memory by default and on Redis over HTTP by changing one line.
 *
 * ```ts
 * import { createCache, open } from "@holdfast/holdfast";
 *
 * const backend = open({});                                   // Deno.env.toObject(), process.env, a Worker's env
 * const pages = createCache(backend, { name: "pages", ttl: "10m" });
 * const page = await pages.getOrCreate("/about", () => "<h1>About</h1>");
 * ```
 *
 * @module
 */

import { memory, type MemoryBackend, type MemoryOptions } from "./adapters/memory/mod.ts";
import { type ConnectRedisOptions, redis, type RedisBackend } from "./adapters/redis/mod.ts";
import { ArgumentError, checkOptions, shown } from "./src/errors.ts";

export * from "./src/backend.ts";
export * from "./src/cache/mod.ts";
export * from "./src/clock.ts";
export {
  createDocuments,
  type Documents,
  type DocumentsBackend,
  type DocumentsOptions,
} from "./src/documents/mod.ts";
export * from "./src/duration.ts";
export * from "./src/errors.ts";
export * from "./src/events.ts";
export * from "./src/http/mod.ts";
export * from "./src/log/mod.ts";
export * from "./src/models/mod.ts";
export * from "./src/once.ts";
export type {
  PresenceCallOptions,
  PresenceChangeOptions,
  PresenceMember,
  PresencePut,
  PresenceRoom,
  PresenceStore,
  PresenceTtlOptions,
} from "./src/presence/port.ts";
export * from "./src/random.ts";
export { createSync, type SyncBackend, type SyncHub, type SyncOptions } from "./src/sync/mod.ts";
export * from "./src/wakes/port.ts";
export type { ConnectRedisOptions, MemoryBackend, MemoryOptions, RedisBackend };

/** An environment as hosts hand it over: `Deno.env.toObject()`, `process.env`, the `env` of a Worker. */
export type Environment = Readonly<Record<string, unknown>>;

/** A backend with every store, wherever it keeps them. */
export type Backend = MemoryBackend | RedisBackend;

/** Options of {@linkcode open}. */
export interface OpenOptions extends Pick<MemoryOptions, "clock" | "isolation" | "random"> {
  /**
   * What to do when the environment names no Redis: open a backend in memory (the default), or fail, as production
   * should, where a forgotten variable must not turn into a store that each process has to itself.
   */
  readonly fallback?: "memory" | "error";
  /** For a backend in memory. */
  readonly memory?: Omit<MemoryOptions, "clock" | "isolation" | "random">;
  /** For a backend on Redis. */
  readonly redis?: Omit<ConnectRedisOptions, "clock" | "isolation" | "random" | "token" | "url">;
}

const URL_NAME = "UPSTASH_REDIS_REST_URL";
const TOKEN_NAME = "UPSTASH_REDIS_REST_TOKEN";

/**
 * Opens the backend that an environment names: Redis over HTTP if both `UPSTASH_REDIS_REST_URL` and
 * `UPSTASH_REDIS_REST_TOKEN` are set, else memory. An empty variable counts as not set.
 *
 * Synchronous, without I/O, timers or dice, so that it may stand at module scope.
 *
 * @throws {ArgumentError} `ERR_INVALID_ENVIRONMENT` if one variable of the two is set, or none and `fallback` is
 * `"error"`, or if there is no environment; `ERR_INVALID_OPTION` for an unknown option.
 *
 * @example
 * ```ts
 * import { open } from "@holdfast/holdfast";
 * import { strictEqual, throws } from "node:assert/strict";
 *
 * strictEqual(open({}).durability, "memory");
 * throws(() => open({}, { fallback: "error" }), { code: "ERR_INVALID_ENVIRONMENT" });
 * throws(() => open({ UPSTASH_REDIS_REST_URL: "https://x" }), { code: "ERR_INVALID_ENVIRONMENT" });
 * ```
 */
export function open(env: Environment, options: OpenOptions = {}): Backend {
  checkOptions("open a backend", options, OPTIONS);
  if (typeof env !== "object" || env === null) {
    throw environmentError("the environment must be an object");
  }
  const { fallback = "memory", memory: ofMemory, redis: ofRedis, ...common } = options;
  if (fallback !== "memory" && fallback !== "error") {
    throw new ArgumentError(
      "ERR_INVALID_OPTION",
      `Cannot open a backend as fallback must be "memory" or "error": current value is ${
        shown(fallback)
      }`,
    );
  }
  const [url, token] = [valueOf(env, URL_NAME), valueOf(env, TOKEN_NAME)];
  if (url !== undefined && token !== undefined) return redis({ ...ofRedis, ...common, url, token });
  if (url !== undefined) throw environmentError(`${TOKEN_NAME} must be set as ${URL_NAME} is`);
  if (token !== undefined) throw environmentError(`${URL_NAME} must be set as ${TOKEN_NAME} is`);
  if (fallback === "error") throw environmentError(`${URL_NAME} and ${TOKEN_NAME} must be set`);
  return memory({ ...ofMemory, ...common });
}

const OPTIONS = ["clock", "fallback", "isolation", "memory", "random", "redis"];

function valueOf(env: Environment, name: string): string | undefined {
  const value = env[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function environmentError(rule: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_ENVIRONMENT", `Cannot open a backend as ${rule}`);
}
