/**
 * What a cache needs of a store: eight methods, each one atom of the space it names, each one round trip for many keys.
 *
 * Four things live in a space. *Records*: values as text, with the terms under which they were stored. *Leases*: the
 * right to store what is being created, given to one asker at a time and ended by the store's own clock (Nishtala and
 * others, "Scaling Memcache at Facebook", NSDI 2013, §3.2.1). *Epochs*: random texts, one per namespace and tag. A
 * record remembers the epochs it was made in, and an epoch that is renewed or lost makes it worthless: nobody compares
 * times, and forgetting an epoch is always safe. An epoch has two parts, `hard.soft`; a renewal that is only soft keeps
 * the first, and makes records stale instead of dead. And a *mark*, by which the store knows whether an epoch was
 * renewed after a lease was granted.
 *
 * The store keeps no policy. It compares texts for equality and lets things expire; whether a record is fresh enough
 * is for {@link "./freshness.ts"} to say.
 *
 * @module
 */

import type { BackendBase } from "../backend.ts";

/** The slice of a backend that a cache needs. */
export interface CacheBackend extends Pick<BackendBase, "clock" | "random" | "isolation"> {
  /** Where the entries are. */
  readonly cache: CacheStore;
}

/** A value, or a promise of it: a store in memory answers at once. */
export type Awaitable<T> = T | Promise<T>;

/** Where a record lies: a key of its own, or a field of a hash. No two different ones ever meet. */
export type StoreKey = string | readonly [hash: string, field: string];

/**
 * When a hash expires as a whole: set by the write that makes it (`"create"`), by every write (`"always"`), not at all
 * (`"never"`), or never before the longest-living of its fields, each of which has its own end (`"field"`).
 */
export type HashMode = "create" | "always" | "never" | "field";

/** A cache's own part of a store: the unit of atomicity. Spaces of different names never meet. */
export interface CacheSpace {
  /** The cache's name. */
  readonly name: string;
  /** Whether only the text of a record is stored, so that it has no age, tags or epochs. */
  readonly raw: boolean;
  /** When hashes expire. */
  readonly hashMode: HashMode;
}

/** What was agreed when a record was stored. Records of one cache mostly share it, so it is an object of its own. */
export interface CacheTerms {
  /** For how long the value is fresh, in milliseconds; may be `Infinity`. */
  readonly ttlMs: number;
  /** For how long the store keeps the record, in milliseconds; may be `Infinity`, never less than `ttlMs`. */
  readonly lifeMs: number;
  /** The tags, as the names of their epochs. */
  readonly tags: readonly string[];
  /** The epochs in which it was made: those of the namespaces from the outside in, then one per tag. */
  readonly epochs: readonly string[];
}

/** A stored value. Immutable: a store keeps the object itself, or makes an equal one, and never copies it. */
export interface CacheRecord {
  /** The value, as its serializer wrote it. */
  readonly text: string;
  /** When the value was ready, in milliseconds by the store's clock. */
  readonly createdAtMs: number;
  /** How long its creation took, in milliseconds; 0 if it was set. */
  readonly costMs: number;
  /** What was agreed when it was stored. */
  readonly terms: CacheTerms;
  /** The decoded value, kept here by who decoded it. No store writes it, reads it or sends it. */
  memo?: unknown;
}

/** What lies under a key: a record, bytes that no cache of this space wrote, or nothing. */
export type Found = CacheRecord | "foreign" | undefined;

/** What {@linkcode CacheStore.read} found. */
export interface CacheRead {
  /** One per key, in the order asked. */
  readonly records: readonly Found[];
  /** One per epoch, in the order asked; undefined if the store has none of this name. */
  readonly epochs: readonly (string | undefined)[];
  /** The store's time, in milliseconds, where reading tells it; otherwise {@linkcode CacheStore.time} does. */
  readonly nowMs?: number;
}

/** A wish for the lease of one key. */
export interface LeaseRequest {
  /** The key. */
  readonly key: StoreKey;
  /**
   * What the asker knows to lie there and wants to replace: the record created at this time, nothing, or anything
   * whatever. A record that lies there instead is the answer, and no lease is granted.
   */
  readonly over: number | "nothing" | "anything";
}

/** What all requests of one {@linkcode CacheStore.lease} have in common. */
export interface LeaseOrder {
  /** The epochs to tell; missing ones are made. */
  readonly epochs: readonly string[];
  /** The proof of the lease: random, never used before. The same order sent twice is one order. */
  readonly token: string;
  /** For how long the lease holds, in milliseconds. Finite. */
  readonly leaseMs: number;
  /** How long the creation will probably take, in milliseconds, for those who wait; 0 if nobody knows. */
  readonly costMs: number;
  /** For how long what is created may live, in milliseconds: epochs that are made must last as long. */
  readonly lifeMs: number;
}

/** What became of one {@linkcode LeaseRequest}. */
export type LeaseAnswer =
  | { readonly kind: "granted" }
  | { readonly kind: "changed"; readonly found: CacheRecord | "foreign" }
  | {
    readonly kind: "busy";
    /** For how long somebody else has held the lease, in milliseconds. */
    readonly heldMs: number;
    /** In how many milliseconds the lease ends by itself. */
    readonly remainingMs: number;
    /** What its holder said the creation will take, in milliseconds; 0 if nobody knows. */
    readonly costMs: number;
  }
  | {
    /** A creation failed, and nobody is to try again for some time. */
    readonly kind: "barred";
    /** For how long, in milliseconds. */
    readonly remainingMs: number;
  };

/** The answer of {@linkcode CacheStore.lease}. */
export interface LeaseReply {
  /** One per request, in the order asked. */
  readonly answers: readonly LeaseAnswer[];
  /** One per epoch, in the order asked. */
  readonly epochs: readonly string[];
  /** Where the space's sequence of renewals stands, for {@linkcode HeldLease}. */
  readonly mark: string;
  /** The store's time, in milliseconds. */
  readonly nowMs: number;
}

/** The lease by which {@linkcode CacheStore.settle} may write. */
export interface HeldLease {
  /** The token of the order that was granted. */
  readonly token: string;
  /** The mark of the reply that granted it. */
  readonly mark: string;
}

/** How the lease of one key ends. */
export type Outcome =
  | {
    readonly kind: "fill";
    /** The key. */
    readonly key: StoreKey;
    /** What to store. Its terms hold the epochs that the lease's reply told. */
    readonly record: CacheRecord;
    /** Tags that became known only now: the last ones of the terms, whose epochs the store adds. */
    readonly lateTags: readonly string[];
  }
  | {
    readonly kind: "release";
    /** The key. */
    readonly key: StoreKey;
    /** For how long nobody gets the lease after that, in milliseconds; mostly 0. */
    readonly barMs: number;
  };

/** One value for {@linkcode CacheStore.write}. */
export interface CacheWrite {
  /** The key. */
  readonly key: StoreKey;
  /** The value, as its serializer wrote it. */
  readonly text: string;
  /** For how long it is fresh, in milliseconds. */
  readonly ttlMs: number;
  /** For how long the store keeps it, in milliseconds. */
  readonly lifeMs: number;
}

/** What all values of one {@linkcode CacheStore.write} have in common. */
export interface WriteOrder {
  /** The epochs in which the values are made: those of the namespaces, then one per tag; missing ones are made. */
  readonly epochs: readonly string[];
  /** The tags: the last ones of the epochs. */
  readonly tags: readonly string[];
  /** The store's time after which the order is void, in milliseconds: it was delayed, or came twice. */
  readonly deadlineMs: number;
}

/** How the store's time follows from the clock of the backend: `clock.now() + offsetMs`, give or take `errorMs`. */
export interface StoreTime {
  /** What to add to the clock, in milliseconds. */
  readonly offsetMs: number;
  /** How far off that may be, in milliseconds. */
  readonly errorMs: number;
}

/** What every call of a store may be told at its end. */
export interface StoreCallOptions {
  /**
   * How long its answer is waited for, in milliseconds. A store that asks a server ends its attempts within that time, so
   * that it can still say why they failed.
   */
  readonly limitMs: number;
}

/**
 * Where a cache keeps its entries. All failures are throws; every expected outcome is a value. No method keeps or
 * changes an array that it was given.
 */
export interface CacheStore {
  /** The longest text that a record may have, in UTF-16 units. */
  readonly textMax: number;

  /** Tells the store's time, asking the store only if it is not known well enough. */
  time(options?: StoreCallOptions): Awaitable<StoreTime>;

  /** Reads records and epochs as they are at one moment. Expired records are not there. */
  read(
    space: CacheSpace,
    keys: readonly StoreKey[],
    epochs: readonly string[],
    options?: StoreCallOptions,
  ): Awaitable<CacheRead>;

  /** Grants, to one asker per key at a time, the right to store what it is about to create. Never waits. */
  lease(
    space: CacheSpace,
    requests: readonly LeaseRequest[],
    order: LeaseOrder,
    options?: StoreCallOptions,
  ): Awaitable<LeaseReply>;

  /**
   * Ends leases. Each outcome happens if its lease still stands, that is, if it has neither run out nor been ended by
   * a write or a removal; a late tag that was renewed since the lease refuses a fill as well.
   *
   * @returns For each outcome whether it happened. A second arrival of the same call changes nothing.
   */
  settle(
    space: CacheSpace,
    outcomes: readonly Outcome[],
    lease: HeldLease,
    options?: StoreCallOptions,
  ): Awaitable<readonly boolean[]>;

  /**
   * Stores values in the epochs of this moment, and ends the leases of their keys.
   *
   * @returns False if the deadline had passed, and nothing happened.
   */
  write(
    space: CacheSpace,
    writes: readonly CacheWrite[],
    order: WriteOrder,
    options?: StoreCallOptions,
  ): Awaitable<boolean>;

  /** Removes records, and ends the leases of their keys. */
  remove(
    space: CacheSpace,
    keys: readonly StoreKey[],
    options?: StoreCallOptions,
  ): Awaitable<void>;

  /**
   * Renews epochs: all records made in them are dead (`"hard"`) or no longer fresh (`"soft"`), and so is what is being
   * created in them now.
   */
  renew(
    space: CacheSpace,
    epochs: readonly string[],
    kind: "hard" | "soft",
    options?: StoreCallOptions,
  ): Awaitable<void>;

  /** Tells for each key whether somebody is creating it. Takes no lease. */
  leased(
    space: CacheSpace,
    keys: readonly StoreKey[],
    options?: StoreCallOptions,
  ): Awaitable<readonly boolean[]>;
}
