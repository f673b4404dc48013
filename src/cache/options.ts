/**
 * What may be asked of a cache and of one call.
 *
 * @module
 */

import type { Duration } from "../duration.ts";
import type { KeyMangler } from "./key.ts";
import type { HashMode } from "./port.ts";
import type { Serializer } from "./serializer.ts";

/** A time to live, or how it follows from the value. `0`: do not store. `Infinity`: never expires. */
export type Ttl<Value> = Duration | ((value: Value) => Duration);

/** How entries are made and served; given to a cache as its defaults, or to one call. */
export interface EntryOptions<Value> {
  /** For how long a value is fresh. Default `Infinity`. */
  readonly ttl?: Ttl<Value>;
  /** For how long after that a value may be served while one caller creates the next in the background. Default 0. */
  readonly stale?: Duration;
  /** For how long after `ttl` a value may be served when the creator fails. Default 0. */
  readonly staleIfError?: Duration;
  /** How long callers wait for the next value before they get the stale one. Default 0; `Infinity` waits. */
  readonly staleAfter?: Duration;
  /** How long a call may take, waiting and creating, before it fails with `ERR_TIMEOUT`. Default `"30s"`. */
  readonly timeout?: Duration;
  /** For how long one creation has the right to store. Default three times the last cost, 5 to 60 seconds. */
  readonly lease?: Duration;
  /** The part of `ttl`, from 0 to 1, by which it is shortened at random. Default 0. */
  readonly jitter?: number;
  /** How eagerly to refresh a value before it is stale, the paper's beta: 0 not at all (default), 1 just right. */
  readonly early?: number;
  /** For how long after a failed creation nobody tries again. Default 0. */
  readonly retryAfter?: Duration;
  /** Tags by which the entry can be invalidated. Default none. */
  readonly tags?: string | readonly string[];
}

/** What belongs to a request rather than to a cache. */
export interface RequestOptions {
  /** Keeps the host alive until work in the background is done. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /** Ends the caller's waiting when aborted. A write may still happen. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of one reading call. */
export interface GetOptions extends RequestOptions {
  /** A value older than this is not fresh. Default `Infinity`: its own time to live alone decides. */
  readonly maxAge?: Duration;
  /** Whether any value that is still there will do, however old. Default false. */
  readonly allowStale?: boolean;
  /** Tags that the entry is known to have: they are read along with it. */
  readonly tags?: string | readonly string[];
}

/** Options of one writing call. */
export interface SetOptions<Value>
  extends
    Pick<EntryOptions<Value>, "ttl" | "jitter" | "stale" | "staleIfError" | "tags">,
    RequestOptions {}

/** Options of one invalidating call. */
export interface InvalidateOptions extends RequestOptions {
  /** Whether what is invalidated is dead (`true`, the default) or merely no longer fresh. */
  readonly hard?: boolean;
}

/** Options of one creating call. */
export interface CreateOptions<Value> extends EntryOptions<Value>, RequestOptions {
  /** A value older than this is not fresh. Default `Infinity`: its own time to live alone decides. */
  readonly maxAge?: Duration;
}

/** What a cache is. */
export interface CacheOptions extends EntryOptions<unknown> {
  /** The cache's name: 1 to 64 of letters, digits, `_`, `.`, `-`. Caches of one name on one store are one cache. */
  readonly name: string;
  /** How values become text. Default {@linkcode richJson}. */
  readonly serializer?: Serializer;
  /** The serializer's `dumps`, instead of `serializer`. */
  readonly dumps?: Serializer["dumps"];
  /** The serializer's `loads`, instead of `serializer`. */
  readonly loads?: Serializer["loads"];
  /**
   * Whether the store holds the bare payload, for others to read: then the store's expiry is the only age there is, and
   * no stale values, early refreshes, tags or invalidation. Default false.
   */
  readonly raw?: boolean;
  /** When the hashes of tuple keys expire. Default `"create"`. */
  readonly hashMode?: HashMode;
  /**
   * Who gets which object: all the same one (`"share"`, the default), the same one frozen to its depths (`"freeze"`), or
   * each a new one (`"clone"`).
   */
  readonly copy?: CopyMode;
  /** Turns every key into the one that is stored, such as {@linkcode hashLongKeys}. */
  readonly mangleKey?: KeyMangler;
  /** A bounded memory in front of a shared store. Default none. */
  readonly near?: NearOptions;
  /** How long one call of the store may take. Default `"2s"`. */
  readonly storeTimeout?: Duration;
  /** For how long a store that failed three times in a row is left alone; 0 for never. Default `"2s"`. */
  readonly breaker?: Duration;
}

/** How much is kept near, and for how long. */
export interface NearOptions {
  /** The most entries. Default 10,000. */
  readonly entriesMax?: number;
  /** The most bytes, estimated from the lengths of keys and texts. Default 16 MiB. */
  readonly bytesMax?: number;
  /** After what time at the latest a change made elsewhere is seen. Default `"5s"`. */
  readonly maxAge?: Duration;
}

/** Who gets which object. */
export type CopyMode = "share" | "freeze" | "clone";
