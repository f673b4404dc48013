/**
 * What all views of one cache share: its store, its flights, its counters; and how a found record becomes a value.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { Emitter } from "../events.ts";
import { type Random, randomToken } from "../random.ts";
import { type CacheEvents, type MissReason, newTally, type Tally } from "./events.ts";
import { Flight } from "./flight.ts";
import { ageMs, freshForMs, mayBeEarly, type Standing, standing } from "./freshness.ts";
import type { CacheKey } from "./key.ts";
import { Guard } from "./guard.ts";
import { NearStore } from "./near.ts";
import type { CacheSetup } from "./policy.ts";
import type { Plan } from "./plan.ts";
import type {
  Awaitable,
  CacheBackend,
  CacheRead,
  CacheRecord,
  CacheSpace,
  CacheStore,
  Found,
  StoreKey,
  StoreTime,
} from "./port.ts";
import { decoded } from "./serializer.ts";

/** What a found record is worth to a call. */
export interface Sight {
  readonly record: CacheRecord | undefined;
  readonly value: unknown;
  readonly age: number;
  /** Why it is not fresh; undefined if it is. */
  readonly reason: MissReason | undefined;
}

/** 72 random bits tell apart the tokens of all processes that share a store. */
const TOKEN_PREFIX_LENGTH = 12;

/** The shared part of a cache. */
export class Region {
  readonly space: CacheSpace;
  readonly store: CacheStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly setup: CacheSetup;
  readonly isShared: boolean;
  readonly events: Emitter<CacheEvents> = new Emitter();
  readonly tally: Tally = newTally();
  readonly flights: Map<string, Flight> = new Map();
  readonly background: Set<Promise<unknown>> = new Set();
  /** How long creations took lately, in milliseconds: what waiters go by when nobody knows better. */
  costMs = 0;

  #tokenPrefix = "";
  #tokens = 0;

  /** Makes a region; no I/O, no timers, no dice. */
  constructor(backend: CacheBackend, name: string, setup: CacheSetup) {
    const { raw, hashMode, near, storeTimeoutMs, breakerMs } = setup;
    this.space = { name, raw, hashMode };
    const guard = new Guard(backend.cache, {
      clock: backend.clock,
      timeoutMs: storeTimeoutMs,
      breakerMs,
      onFailure: (action, error) => this.#failed(action, error),
      onBreaker: (isOpen) => this.events.emit("breaker", { isOpen }),
    });
    this.store = near === undefined ? guard : new NearStore(guard, backend.clock, near);
    this.clock = backend.clock;
    this.random = backend.random;
    this.isShared = backend.isolation === "process";
    this.setup = setup;
  }

  /** A token that was never used before: dice are rolled for the first one, the others are counted. */
  nextToken(): string {
    this.#tokenPrefix ||= randomToken(this.random, TOKEN_PREFIX_LENGTH);
    return `${this.#tokenPrefix}-${(++this.#tokens).toString(36)}`;
  }

  /** Reads one key with the epochs of a plan. */
  readOne(place: StoreKey, plan: Plan): Awaitable<CacheRead> {
    return this.store.read(this.space, [place], plan.epochs);
  }

  /** The record's value if it is fresh, else {@linkcode STALE}. Makes no objects: this is the path of a hit. */
  freshValue({ records, epochs, nowMs }: CacheRead, plan: Plan): unknown {
    const found = records[0];
    if (found === undefined || found === "foreign") return STALE;
    const { policy } = plan;
    if (this.setup.raw) return policy.ageMaxMs > 0 ? this.valueOf(found) : STALE;
    const { terms } = found;
    if (terms.epochs.length !== epochs.length || !isSame(terms.tags, plan)) return STALE;
    if (standing(terms.epochs, epochs) !== "same") return STALE;
    const age = nowMs === undefined ? this.#ageNow(found) : nowMs - found.createdAtMs;
    if (!(age < freshForMs(found, policy.ageMaxMs))) return STALE;
    return mayBeEarly(found, age, policy.early) ? STALE : this.valueOf(found);
  }

  /** A record's age by our clock; without end while the store's time is not known. */
  #ageNow(record: CacheRecord): number {
    const time = this.store.time();
    if (!(time instanceof Promise)) return ageMs(record, this.clock.now(), time);
    // That the store cannot tell it now is counted and told already.
    time.catch(() => {});
    return Infinity;
  }

  /** What a found record is worth. `stands` tells what its epochs say. */
  sight(found: Found, stands: Standing, plan: Plan, time: StoreTime): Sight {
    if (found === undefined) return unseen("absent");
    if (found === "foreign") return unseen("foreign");
    if (stands === "dead") return unseen("invalidated");
    const value = this.valueOf(found);
    if (value === STALE) return unseen("undecodable");
    const age = this.setup.raw ? 0 : ageMs(found, this.clock.now(), time);
    if (age >= found.terms.lifeMs) return unseen("expired");
    const isFresh = stands === "same" && age < freshForMs(found, plan.policy.ageMaxMs);
    const reason = isFresh ? undefined : stands === "same" ? "expired" : "invalidated";
    return { record: found, value, age, reason };
  }

  /** The decoded value, the same object every time; {@linkcode STALE} if the serializer cannot read it. */
  valueOf(record: CacheRecord): unknown {
    const { copy, serializer } = this.setup;
    if (record.memo !== undefined && copy === "share") return record.memo;
    try {
      if (copy === "clone") return decoded(serializer, record.text);
      // What was kept may have been kept by a cache of the same name that shares.
      record.memo ??= decoded(serializer, record.text);
      return copy === "freeze" ? frozen(record.memo) : record.memo;
    } catch {
      // Whatever a serializer throws at bytes that it cannot read: to the caller that is a miss.
      return STALE;
    }
  }

  /** Makes a flight for a key, which those who come next and are content with values as old will join. */
  launch(flat: string, ageMaxMs: number): Flight {
    const flight = new Flight(ageMaxMs, () => this.land(flat, flight));
    this.flights.set(flat, flight);
    return flight;
  }

  /** Lets nobody else join a flight. */
  land(flat: string, flight: Flight): void {
    if (this.flights.get(flat) === flight) this.flights.delete(flat);
  }

  /** Work that nobody waits for: the host is told, and {@linkcode Region.background} holds it until it is done. */
  behind(work: Promise<unknown>, plan: Plan): void {
    const done = work.then(() => {}, () => {});
    this.background.add(done);
    done.then(() => this.background.delete(done));
    plan.waitUntil?.(done);
  }

  /** Counts a hit, and tells of it if anybody listens. */
  hit(key: CacheKey): void {
    this.tally.hits++;
    if (this.events.wants("hit")) this.events.emit("hit", { key });
  }

  /** Counts a miss, and tells of it if anybody listens. */
  miss(key: CacheKey, reason: MissReason): void {
    this.tally.misses++;
    if (this.events.wants("miss")) this.events.emit("miss", { key, reason });
  }

  /** Counts a stale value, and tells of it if anybody listens. */
  stale(key: CacheKey, ageMs: number): void {
    this.tally.stales++;
    if (this.events.wants("stale")) this.events.emit("stale", { key, ageMs });
  }

  /** Counts a pause, and tells of it if anybody listens. */
  wait(key: CacheKey, pauseMs: number): void {
    this.tally.waits++;
    if (this.events.wants("wait")) this.events.emit("wait", { key, pauseMs });
  }

  /** Counts a write that came too late, and tells of it if anybody listens. */
  refused(key: CacheKey): void {
    this.tally.refusals++;
    if (this.events.wants("refused")) this.events.emit("refused", { key });
  }

  /** Counts a creation, learns from it, and tells of it if anybody listens. */
  created(keys: readonly CacheKey[], tookMs: number, failure?: { readonly error: unknown }): void {
    this.tally.creations++;
    if (failure === undefined) {
      this.costMs = this.costMs === 0 ? tookMs : (3 * this.costMs + tookMs) / 4;
    } else this.tally.creationErrors++;
    if (this.events.wants("create")) this.events.emit("create", { keys, tookMs, ...failure });
  }

  #failed(action: string, error: unknown): void {
    this.tally.failures++;
    if (this.events.wants("failure")) this.events.emit("failure", { action, error });
  }
}

/** Stands for the value that there is not. */
export const STALE: unique symbol = /* @__PURE__ */ Symbol("stale");

function isSame(tags: readonly string[], plan: Plan): boolean {
  for (let i = 0; i < tags.length; i++) {
    if (tags[i] !== plan.epochs[plan.namespaces + i]) return false;
  }
  return true;
}

/** What nothing at all is worth. */
export function unseen(reason: MissReason): Sight {
  return { record: undefined, value: undefined, age: 0, reason };
}

function frozen(value: unknown): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
