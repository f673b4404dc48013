/**
 * What a creator gets to see and to say, and one run of it.
 *
 * @module
 */

import { type Duration, durationMs } from "../duration.ts";
import { HoldfastError } from "../errors.ts";
import { jitteredMs } from "./freshness.ts";
import { type CacheKey, type NamespacePath, tagEpoch } from "./key.ts";
import type { CreateOptions } from "./options.ts";
import { type Policy, refused, tagList } from "./policy.ts";
import type { Random } from "../random.ts";

/** What a creator gets. */
export interface CreateContext {
  /** Aborted when nobody waits for the value any more, or the time is up. */
  readonly signal: AbortSignal;
  /** Whether the callers already have a stale value, and this one is for the next. */
  readonly background: boolean;
  /** Sets the time to live of what is being created. */
  setTtl(ttl: Duration): void;
  /**
   * Sets for how long past its time to live what is being created may be served at most, where `stale` and
   * `staleIfError` allow more: 0 for never.
   */
  setStale(window: Duration): void;
  /** Adds tags to what is being created. Reading the entry then costs a second request, as nobody could know them. */
  setTags(tags: string | readonly string[]): void;
  /** Gives the value to the callers and does not store it. Returns it. */
  skip<Value>(value: Value): Value;
  /** Gives up with an error, like `throw`. */
  fail(error: unknown): never;
  /** The cache's own, which sees at once when a creator asks for what it is creating. */
  getOrCreate<Value>(
    key: CacheKey,
    create: (context: CreateOne) => Value | Promise<Value>,
    options?: CreateOptions<NoInfer<Value>>,
  ): Promise<Value>;
}

/** What the creator of one value gets. */
export interface CreateOne extends CreateContext {
  /** The key. */
  readonly key: CacheKey;
  /** The value that is no longer fresh, if there is one. */
  readonly stale: StaleValue | undefined;
}

/** A value that is no longer fresh. */
export interface StaleValue {
  /** The value. */
  readonly value: unknown;
  /** Its age in milliseconds. */
  readonly ageMs: number;
}

/** The keys that are being created on the way to here, from the innermost out. */
export interface Chain {
  readonly flats: readonly string[];
  readonly outer: Chain | undefined;
}

/** What a creator decided besides the value. */
export interface Decisions {
  ttlMs: number | undefined;
  staleMsMax: number;
  readonly skipped: Set<unknown>;
  lateTags: readonly string[];
}

/** Decisions that are still to be made. */
export function undecided(): Decisions {
  return { ttlMs: undefined, staleMsMax: Infinity, skipped: new Set(), lateTags: [] };
}

/** Where a creator runs. */
export interface CreationSetting {
  readonly path: NamespacePath;
  readonly isRaw: boolean;
  readonly signal: () => AbortSignal;
  readonly background: boolean;
  readonly getOrCreate: CreateContext["getOrCreate"];
}

/** A creator's context, but for what concerns keys. Writes what the creator says into `decisions`. */
export function contextOf(
  decisions: Decisions,
  { path, isRaw, signal, background, getOrCreate }: CreationSetting,
): CreateContext {
  return {
    get signal() {
      return signal();
    },
    background,
    setTtl: (ttl) => {
      decisions.ttlMs = durationMs(ttl, "ttl");
    },
    setStale: (window) => {
      decisions.staleMsMax = durationMs(window, "stale");
    },
    setTags: (tags) => {
      if (isRaw) refused("tags", "cannot be honoured in raw mode", tags);
      const named = tagList(tags).map((tag) => tagEpoch(path, tag));
      decisions.lateTags = [...new Set([...decisions.lateTags, ...named])];
    },
    skip: (value) => {
      decisions.skipped.add(value);
      return value;
    },
    fail: (error) => {
      throw error;
    },
    getOrCreate,
  };
}

/** For how long a created value is fresh and is kept; `ttlMs` 0 if it is not to be stored. */
export function lifeOf(
  value: unknown,
  policy: Policy,
  decisions: Decisions | undefined,
  random: Random,
): { readonly ttlMs: number; readonly lifeMs: number } {
  if (decisions?.skipped.has(value)) return { ttlMs: 0, lifeMs: 0 };
  const { ttl } = policy;
  // A time to live that is a function was given along with the creator of this value, and takes what that makes.
  const chosen = decisions?.ttlMs ??
    (typeof ttl === "function" ? durationMs(ttl(value as never), "ttl") : ttl);
  const ttlMs = jitteredMs(chosen, policy.jitter, () => random.float());
  const windowMs = Math.max(policy.staleMs, policy.staleIfErrorMs);
  return { ttlMs, lifeMs: ttlMs + Math.min(windowMs, decisions?.staleMsMax ?? Infinity) };
}

/**
 * Refuses a creation that waits for itself.
 *
 * @throws {HoldfastError} `ERR_RECURSIVE_CREATE` if any of the keys is being created on the way to here.
 */
export function checkChain(flats: readonly string[], chain: Chain | undefined): void {
  for (let link = chain; link !== undefined; link = link.outer) {
    if (!link.flats.some((flat) => flats.includes(flat))) continue;
    throw new HoldfastError(
      "ERR_RECURSIVE_CREATE",
      "Cannot create an entry as its own creator asks for it",
    );
  }
}
