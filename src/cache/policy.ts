/**
 * Options parsed: everything in milliseconds, nothing missing, nothing that contradicts another.
 *
 * @module
 */

import { type Duration, durationMs } from "../duration.ts";
import { ArgumentError, checkOptions, shown } from "../errors.ts";
import type { KeyMangler } from "./key.ts";
import type { NearLimits } from "./near.ts";
import type { CacheOptions, CopyMode, EntryOptions, NearOptions } from "./options.ts";
import type { HashMode } from "./port.ts";
import { richJson, type Serializer } from "./serializer.ts";

/** {@linkcode EntryOptions}, parsed. */
export interface Policy {
  readonly ttl: number | ((value: never) => Duration);
  readonly staleMs: number;
  readonly staleIfErrorMs: number;
  readonly staleAfterMs: number;
  readonly timeoutMs: number;
  readonly leaseMs: number | undefined;
  readonly jitter: number;
  readonly early: number;
  readonly retryAfterMs: number;
  readonly ageMaxMs: number;
  readonly tags: readonly string[];
}

/** {@linkcode CacheOptions} beyond the policy, parsed. */
export interface CacheSetup {
  readonly serializer: Serializer;
  readonly raw: boolean;
  readonly hashMode: HashMode;
  readonly copy: CopyMode;
  readonly mangleKey: KeyMangler | undefined;
  readonly near: NearLimits | undefined;
  readonly storeTimeoutMs: number;
  readonly breakerMs: number;
}

const DEFAULTS: Policy = {
  ttl: Infinity,
  staleMs: 0,
  staleIfErrorMs: 0,
  staleAfterMs: 0,
  timeoutMs: 30_000,
  leaseMs: undefined,
  jitter: 0,
  early: 0,
  retryAfterMs: 0,
  ageMaxMs: Infinity,
  tags: [],
};

const REQUEST = ["waitUntil", "signal"];
const ENTRY = [
  "ttl",
  "stale",
  "staleIfError",
  "staleAfter",
  "timeout",
  "lease",
  "jitter",
  "early",
  "retryAfter",
  "tags",
];
const CACHE = [
  ...ENTRY,
  "name",
  "serializer",
  "dumps",
  "loads",
  "raw",
  "hashMode",
  "copy",
  "mangleKey",
  "near",
  "storeTimeout",
  "breaker",
];

/** The options that each kind of call knows. */
export const KNOWN: Readonly<
  Record<"get" | "set" | "create" | "memoize" | "invalidate" | "request", readonly string[]>
> = {
  get: [...REQUEST, "maxAge", "allowStale", "tags"],
  set: [...REQUEST, "ttl", "stale", "staleIfError", "jitter", "tags"],
  create: [...REQUEST, ...ENTRY, "maxAge"],
  memoize: [...ENTRY, "name", "key"],
  invalidate: [...REQUEST, "hard"],
  request: REQUEST,
};

/**
 * The policy of a cache.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`, naming the option.
 */
export function cachePolicy(options: CacheOptions): Policy {
  checkOptions("create a cache", options, CACHE);
  if (!/^[\w.-]{1,64}$/.test(options.name)) {
    return refused("name", "must be 1 to 64 of letters, digits, _, . and -", options.name);
  }
  return merged(DEFAULTS, options);
}

/**
 * The parts of a cache that are no policy.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`, naming the option.
 */
export function cacheSetup(options: CacheOptions, policy: Policy): CacheSetup {
  const { raw = false, hashMode = "create", copy = "share", mangleKey } = options;
  if (typeof raw !== "boolean") refused("raw", "must be true or false", raw);
  oneOf("hashMode", hashMode, ["create", "always", "never", "field"]);
  oneOf("copy", copy, ["share", "freeze", "clone"]);
  if (mangleKey !== undefined && typeof mangleKey !== "function") {
    refused("mangleKey", "must be a function", mangleKey);
  }
  if (raw) checkRaw(policy);
  return {
    serializer: serializerOf(options),
    raw,
    hashMode,
    copy,
    mangleKey,
    near: options.near === undefined ? undefined : nearLimits(options.near),
    storeTimeoutMs: durationMs(options.storeTimeout ?? "2s", "storeTimeout"),
    breakerMs: durationMs(options.breaker ?? "2s", "breaker"),
  };
}

/**
 * The policy of one call: its own options, and the cache's for the rest.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`, naming the option.
 */
export function merged(
  base: Policy,
  options: EntryOptions<never> & { readonly maxAge?: Duration },
  raw = false,
): Policy {
  const ms = (name: keyof typeof options & string, inherited: number): number => {
    const given = options[name];
    return given === undefined ? inherited : durationMs(given as Duration, name);
  };
  const policy: Policy = {
    ttl: typeof options.ttl === "function"
      ? options.ttl
      : typeof base.ttl === "function" && options.ttl === undefined
      ? base.ttl
      : ms("ttl", typeof base.ttl === "number" ? base.ttl : 0),
    staleMs: ms("stale", base.staleMs),
    staleIfErrorMs: ms("staleIfError", base.staleIfErrorMs),
    staleAfterMs: ms("staleAfter", base.staleAfterMs),
    timeoutMs: ms("timeout", base.timeoutMs),
    leaseMs: options.lease === undefined ? base.leaseMs : ms("lease", 0),
    jitter: fraction("jitter", options.jitter, base.jitter, 1),
    early: fraction("early", options.early, base.early, 100),
    retryAfterMs: ms("retryAfter", base.retryAfterMs),
    ageMaxMs: ms("maxAge", base.ageMaxMs),
    tags: options.tags === undefined ? base.tags : tagList(options.tags),
  };
  checkTogether(policy);
  if (raw) checkRaw(policy);
  return policy;
}

/** Tags as a sorted list without repetitions, so that equal sets are equal lists. */
export function tagList(tags: string | readonly string[]): readonly string[] {
  const list = typeof tags === "string" ? [tags] : tags;
  if (!Array.isArray(list) || list.some((tag) => typeof tag !== "string" || tag === "")) {
    refused("tags", "must be text, or a list of texts, none of them empty", tags);
  }
  return list.length < 2 ? list : [...new Set(list)].sort();
}

/** The end of a call for an option that breaks its rule. */
export function refused(name: string, rule: string, value: unknown): never {
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot use ${name} as it ${rule}: current value is ${shown(value)}`,
  );
}

function checkTogether(policy: Policy): void {
  if (policy.ttl === Infinity && policy.staleMs > 0) {
    refused("stale", "needs a ttl that ends", policy.staleMs);
  }
  if (policy.leaseMs === 0 || policy.leaseMs === Infinity) {
    refused("lease", "must be longer than 0 and must end", policy.leaseMs);
  }
  if (policy.timeoutMs === 0) refused("timeout", "must be longer than 0", policy.timeoutMs);
}

/** What the bare payload cannot honour, because nothing is stored beside it. */
function checkRaw(policy: Policy): void {
  const impossible = {
    stale: policy.staleMs,
    staleIfError: policy.staleIfErrorMs,
    early: policy.early,
    tags: policy.tags.length,
  };
  for (const [name, value] of Object.entries(impossible)) {
    if (value !== 0) refused(name, "cannot be honoured in raw mode", value);
  }
}

function serializerOf({ serializer, dumps, loads }: CacheOptions): Serializer {
  const chosen = serializer ?? (dumps ?? loads ? { dumps, loads } : richJson);
  if (serializer !== undefined && (dumps ?? loads) !== undefined) {
    refused("serializer", "must not stand beside dumps and loads", serializer);
  }
  if (typeof chosen.dumps !== "function" || typeof chosen.loads !== "function") {
    refused("serializer", "must have dumps and loads", chosen);
  }
  // Both are functions: checked above, where the type of `chosen` cannot follow.
  return chosen as Serializer;
}

function nearLimits(near: NearOptions): NearLimits {
  checkOptions("keep entries near", near, ["entriesMax", "bytesMax", "maxAge"]);
  const { entriesMax = 10_000, bytesMax = 16 * 2 ** 20, maxAge = "5s" } = near;
  for (const [name, limit] of Object.entries({ entriesMax, bytesMax })) {
    if (!(Number.isSafeInteger(limit) && limit > 0)) {
      refused(name, "must be a positive integer", limit);
    }
  }
  return { entriesMax, bytesMax, ageMaxMs: durationMs(maxAge, "maxAge") };
}

function fraction(name: string, given: unknown, inherited: number, max: number): number {
  if (given === undefined) return inherited;
  if (typeof given === "number" && given >= 0 && given <= max) return given;
  return refused(name, `must be from 0 to ${max}`, given);
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) refused(name, `must be one of ${allowed.join(", ")}`, value);
}
