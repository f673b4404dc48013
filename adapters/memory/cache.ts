/**
 * A cache's entries in the memory of this process: bounded by number and bytes, answering at once.
 *
 * Records are kept as they came and handed out as the very same objects. Nothing here sets a timer: what has expired
 * is noticed when it is asked for, or pushed out by what comes after it.
 *
 * @module
 */

import { flatKey } from "../../src/cache/key.ts";
import type {
  CacheRecord,
  CacheSpace,
  CacheStore,
  CacheTerms,
  HeldLease,
  LeaseAnswer,
  LeaseOrder,
  LeaseRequest,
  Outcome,
  StoreKey,
} from "../../src/cache/port.ts";
import { Shelf, type ShelfPart } from "../../src/cache/shelf.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import { checkOptions, LimitError, shown } from "../../src/errors.ts";
import { Epochs } from "./cache_epochs.ts";
import { HashLives } from "./cache_hashes.ts";
import { Leases } from "./cache_leases.ts";

/** Options of {@linkcode memoryCacheStore}. */
export interface MemoryCacheOptions {
  /** Where to read the time. Default {@linkcode systemClock}. */
  readonly clock?: Clock;
  /** The most entries of all caches together. Default 100,000. */
  readonly entriesMax?: number;
  /** The most bytes of all caches together, estimated from the lengths of keys and texts. Default 64 MiB. */
  readonly bytesMax?: number;
}

/** What there is of one space. */
interface Space {
  readonly part: ShelfPart;
  readonly epochs: Epochs;
  readonly leases: Leases;
  readonly hashes: HashLives;
  /** The terms of the latest record, which the next one probably shares. */
  terms: CacheTerms;
}

const NO_TERMS: CacheTerms = { ttlMs: 0, lifeMs: 0, tags: [], epochs: [] };

/**
 * A cache store in the memory of this process.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if an option is unknown.
 * @throws {LimitError} `ERR_INVALID_OPTION` if a limit is not a positive integer.
 *
 * @example
 * ```ts
 * import { createCache } from "@holdfast/holdfast/cache";
 * import { memory, memoryCacheStore } from "@holdfast/holdfast/memory";
 *
 * const small = { ...memory(), cache: memoryCacheStore({ entriesMax: 1_000 }) };
 * const pages = createCache(small, { name: "pages", ttl: "10m" });
 * await pages.set("home", "<h1>home</h1>");
 * ```
 */
export function memoryCacheStore(options: MemoryCacheOptions = {}): CacheStore {
  checkOptions("open a cache store", options, ["clock", "entriesMax", "bytesMax"]);
  const { clock = systemClock(), entriesMax = 100_000, bytesMax = 64 * 2 ** 20 } = options;
  checkLimit("entriesMax", entriesMax);
  checkLimit("bytesMax", bytesMax);
  return new MemoryCacheStore(clock, new Shelf({ entriesMax, bytesMax }));
}

class MemoryCacheStore implements CacheStore {
  readonly textMax: number;
  readonly #clock: Clock;
  readonly #shelf: Shelf<CacheRecord>;
  readonly #spaces = new Map<string, Space>();

  constructor(clock: Clock, shelf: Shelf<CacheRecord>) {
    this.#clock = clock;
    this.#shelf = shelf;
    this.textMax = shelf.textMax;
  }

  time(): typeof SAME_TIME {
    return SAME_TIME;
  }

  read(
    { name }: CacheSpace,
    keys: readonly StoreKey[],
    epochs: readonly string[],
  ): { records: (CacheRecord | undefined)[]; epochs: (string | undefined)[] } {
    const space = this.#space(name);
    return {
      records: keys.map((key) => this.#record(space, key)),
      epochs: epochs.map((epoch) => space.epochs.get(epoch)),
    };
  }

  lease(
    { name }: CacheSpace,
    requests: readonly LeaseRequest[],
    order: LeaseOrder,
  ): { answers: LeaseAnswer[]; epochs: string[]; mark: string; nowMs: number } {
    const space = this.#space(name);
    const nowMs = this.#clock.now();
    return {
      answers: requests.map(({ key, over }) => {
        const found = this.#record(space, key);
        if (found !== undefined && over !== "anything" && found.createdAtMs !== over) {
          return { kind: "changed", found };
        }
        return space.leases.take(flatKey(key), order, nowMs);
      }),
      epochs: order.epochs.map((epoch) => space.epochs.getOrMake(epoch)),
      mark: String(space.epochs.mark),
      nowMs,
    };
  }

  settle(
    { name, hashMode }: CacheSpace,
    outcomes: readonly Outcome[],
    lease: HeldLease,
  ): boolean[] {
    const space = this.#space(name);
    return outcomes.map((outcome) => {
      const flat = flatKey(outcome.key);
      const barMs = outcome.kind === "release" ? outcome.barMs : 0;
      if (!space.leases.end(flat, lease.token, barMs, this.#clock.now())) return false;
      if (outcome.kind === "release") return true;
      const late = outcome.lateTags.map((tag) =>
        space.epochs.unchangedSince(tag, Number(lease.mark))
      );
      const known = late.filter((epoch) => epoch !== undefined);
      if (known.length < late.length) return false;
      const { record } = outcome;
      const epochs = [...record.terms.epochs, ...known];
      this.#put(space, hashMode, outcome.key, record, { ...record.terms, epochs });
      return true;
    });
  }

  write(
    { name, hashMode }: CacheSpace,
    writes: Parameters<CacheStore["write"]>[1],
    order: Parameters<CacheStore["write"]>[2],
  ): boolean {
    const space = this.#space(name);
    const nowMs = this.#clock.now();
    if (nowMs > order.deadlineMs) return false;
    const epochs = order.epochs.map((epoch) => space.epochs.getOrMake(epoch));
    for (const { key, text, ttlMs, lifeMs } of writes) {
      space.leases.revoke(flatKey(key));
      const terms = { ttlMs, lifeMs, tags: order.tags, epochs };
      this.#put(space, hashMode, key, { text, createdAtMs: nowMs, costMs: 0, terms }, terms);
    }
    return true;
  }

  remove({ name }: CacheSpace, keys: readonly StoreKey[]): void {
    const space = this.#space(name);
    for (const key of keys) {
      space.leases.revoke(flatKey(key));
      const place = this.#place(space, key, this.#clock.now());
      if (place !== undefined) this.#shelf.delete(space.part, place);
    }
  }

  renew({ name }: CacheSpace, epochs: readonly string[], kind: "hard" | "soft"): void {
    const space = this.#space(name);
    for (const epoch of epochs) space.epochs.renew(epoch, kind);
  }

  leased({ name }: CacheSpace, keys: readonly StoreKey[]): boolean[] {
    const { leases } = this.#space(name);
    const nowMs = this.#clock.now();
    return keys.map((key) => leases.isHeld(flatKey(key), nowMs));
  }

  #space(name: string): Space {
    let space = this.#spaces.get(name);
    if (space === undefined) {
      space = {
        part: this.#shelf.part(),
        epochs: new Epochs(),
        leases: new Leases(),
        hashes: new HashLives(),
        terms: NO_TERMS,
      };
      this.#spaces.set(name, space);
    }
    return space;
  }

  #record(space: Space, key: StoreKey): CacheRecord | undefined {
    const nowMs = this.#clock.now();
    const place = this.#place(space, key, nowMs);
    const record = place === undefined ? undefined : this.#shelf.get(space.part, place);
    if (place === undefined || record === undefined) return undefined;
    if (nowMs < record.createdAtMs + record.terms.lifeMs) return record;
    this.#shelf.delete(space.part, place);
    return undefined;
  }

  /** Where on the shelf a key is: a field under the number of its hash's life; undefined if that has none. */
  #place(space: Space, key: StoreKey, nowMs: number): string | undefined {
    if (typeof key === "string") return flatKey(key);
    const life = space.hashes.get(key[0], nowMs);
    return life === undefined ? undefined : fieldPlace(key, life);
  }

  #put(
    space: Space,
    hashMode: CacheSpace["hashMode"],
    key: StoreKey,
    record: CacheRecord,
    terms: CacheTerms,
  ): void {
    if (!isSame(terms, space.terms)) space.terms = terms;
    const { text, createdAtMs, costMs } = record;
    const place = typeof key === "string"
      ? flatKey(key)
      : fieldPlace(key, space.hashes.write(key[0], hashMode, this.#clock.now(), terms.lifeMs));
    // One shape for all records, with room for the decoded value, so that reading them stays fast.
    const kept = { text, createdAtMs, costMs, terms: space.terms, memo: undefined };
    this.#shelf.put(space.part, place, kept, text.length);
  }
}

function fieldPlace(key: StoreKey, life: number): string {
  return `${flatKey(key)}\0${life}`;
}

const SAME_TIME = { offsetMs: 0, errorMs: 0 };

function isSame(a: CacheTerms, b: CacheTerms): boolean {
  return a.ttlMs === b.ttlMs && a.lifeMs === b.lifeMs && isSameList(a.tags, b.tags) &&
    isSameList(a.epochs, b.epochs);
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

function checkLimit(name: string, limit: number): void {
  if (Number.isSafeInteger(limit) && limit > 0) return;
  throw new LimitError(
    "ERR_INVALID_OPTION",
    `Cannot use ${name} as it must be a positive integer: current value is ${shown(limit)}`,
  );
}
