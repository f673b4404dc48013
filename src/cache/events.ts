/**
 * What a cache tells of its work: events as they happen, and counters to be read at any time.
 *
 * @module
 */

import type { CacheKey } from "./key.ts";

/** Why a value had to be created, or was not there. */
export type MissReason =
  /** Nothing lies under the key. */
  | "absent"
  /** The value is older than it may be. */
  | "expired"
  /** Its namespace or one of its tags was invalidated. */
  | "invalidated"
  /** The bytes there are not this cache's. */
  | "foreign"
  /** The serializer cannot read it. */
  | "undecodable"
  /** The store did not answer. */
  | "unavailable";

/** The events of a cache, by name. */
export interface CacheEvents {
  /** A fresh value was found. */
  readonly hit: { readonly key: CacheKey };
  /** A value that is no longer fresh was served. */
  readonly stale: { readonly key: CacheKey; readonly ageMs: number };
  /** No value could be served. */
  readonly miss: { readonly key: CacheKey; readonly reason: MissReason };
  /** A creation ended, well or with an error. */
  readonly create: {
    readonly keys: readonly CacheKey[];
    readonly tookMs: number;
    readonly error?: unknown;
  };
  /** Somebody else is creating the value; the next look is in `pauseMs`. */
  readonly wait: { readonly key: CacheKey; readonly pauseMs: number };
  /** A created value was not stored, because the entry was changed meanwhile or the lease had run out. */
  readonly refused: { readonly key: CacheKey };
  /** The store failed or did not answer in time. */
  readonly failure: { readonly action: string; readonly error: unknown };
  /** The store is left alone for a while after failures (`true`), or is asked again (`false`). */
  readonly breaker: { readonly isOpen: boolean };
}

/** How often things happened since the cache was made. */
export interface CacheCounters {
  /** Fresh values found. */
  readonly hits: number;
  /** Stale values served. */
  readonly stales: number;
  /** Values not found. */
  readonly misses: number;
  /** Creations begun. */
  readonly creations: number;
  /** Creations that failed. */
  readonly creationErrors: number;
  /** Pauses spent waiting for somebody else's creation. */
  readonly waits: number;
  /** Created values that the store refused. */
  readonly refusals: number;
  /** Failures of the store. */
  readonly failures: number;
}

/** {@linkcode CacheCounters} as their owner has them. */
export type Tally = { -readonly [Name in keyof CacheCounters]: number };

/** Counters at zero. */
export function newTally(): Tally {
  return {
    hits: 0,
    stales: 0,
    misses: 0,
    creations: 0,
    creationErrors: 0,
    waits: 0,
    refusals: 0,
    failures: 0,
  };
}
