/**
 * A small memory in front of a shared store: records and epochs that were read lately are read again from here.
 *
 * There is no bus that tells what changed elsewhere. Instead nothing is kept longer than a short maximum age, so a
 * change made by another process is seen after that time at the latest, and one made here at once. As everything is
 * about to go anyway, what was asked for lately is what stays when there is no room: no more is made of the choice.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { flatKey } from "./key.ts";
import type {
  Awaitable,
  CacheRead,
  CacheRecord,
  CacheSpace,
  CacheStore,
  Found,
  HeldLease,
  LeaseOrder,
  LeaseReply,
  LeaseRequest,
  Outcome,
  StoreKey,
  StoreTime,
} from "./port.ts";
import { Recent } from "./recent.ts";
import { itemBytes } from "./shelf.ts";

/** How much is kept near, parsed. */
export interface NearLimits {
  /** The most entries. */
  readonly entriesMax: number;
  /** The most bytes, estimated. */
  readonly bytesMax: number;
  /** The longest time that anything is kept, in milliseconds. */
  readonly ageMaxMs: number;
}

interface Kept<Value> {
  readonly value: Value;
  readonly atMs: number;
}

/** A near tier in front of one space of a shared store. */
export class NearStore implements CacheStore {
  readonly #far: CacheStore;
  readonly #clock: Clock;
  readonly #ageMaxMs: number;
  readonly #records: Recent<Kept<CacheRecord>>;
  readonly #epochs: Recent<Kept<string>>;
  /** How often something was changed here: what was read before a change is not kept after it. */
  #changes = 0;

  /** Puts a near tier in front of a store. */
  constructor(far: CacheStore, clock: Clock, { entriesMax, bytesMax, ageMaxMs }: NearLimits) {
    this.#far = far;
    this.#clock = clock;
    this.#ageMaxMs = ageMaxMs;
    // Each of the two generations has half of the room.
    this.#records = new Recent(
      entriesMax / 2,
      bytesMax / 2,
      (key, { value }) => itemBytes(key, value.text.length),
    );
    this.#epochs = new Recent(entriesMax);
  }

  get textMax(): number {
    return this.#far.textMax;
  }

  time(): Awaitable<StoreTime> {
    return this.#far.time();
  }

  read(
    space: CacheSpace,
    keys: readonly StoreKey[],
    epochs: readonly string[],
  ): Awaitable<CacheRead> {
    return this.#readNear(keys, epochs) ?? this.#readFar(space, keys, epochs);
  }

  async lease(
    space: CacheSpace,
    requests: readonly LeaseRequest[],
    order: LeaseOrder,
  ): Promise<LeaseReply> {
    const changes = this.#changes;
    const reply = await this.#far.lease(space, requests, order);
    if (changes !== this.#changes) return reply;
    requests.forEach(({ key }, i) => {
      const answer = reply.answers[i];
      if (answer?.kind === "changed") this.#keep(key, answer.found);
    });
    order.epochs.forEach((name, i) => this.#keepEpoch(name, reply.epochs[i]));
    return reply;
  }

  async settle(
    space: CacheSpace,
    outcomes: readonly Outcome[],
    lease: HeldLease,
  ): Promise<readonly boolean[]> {
    const changes = this.#changes;
    const happened = await this.#far.settle(space, outcomes, lease);
    outcomes.forEach((outcome, i) => {
      if (outcome.kind !== "fill") return;
      const isKnown = happened[i] === true && outcome.lateTags.length === 0;
      if (isKnown && changes === this.#changes) this.#keep(outcome.key, outcome.record);
      else this.#forget([outcome.key]);
    });
    return happened;
  }

  write(...call: Parameters<CacheStore["write"]>): Awaitable<boolean> {
    return this.#changing(call[1].map(({ key }) => key), [], () => this.#far.write(...call));
  }

  remove(...call: Parameters<CacheStore["remove"]>): Awaitable<void> {
    return this.#changing(call[1], [], () => this.#far.remove(...call));
  }

  renew(...call: Parameters<CacheStore["renew"]>): Awaitable<void> {
    return this.#changing([], call[1], () => this.#far.renew(...call));
  }

  leased(...call: Parameters<CacheStore["leased"]>): Awaitable<readonly boolean[]> {
    return this.#far.leased(...call);
  }

  /** Everything asked for, if all of it is near and young. */
  #readNear(keys: readonly StoreKey[], epochs: readonly string[]): CacheRead | undefined {
    const nowMs = this.#clock.now();
    const records: Found[] = [];
    for (const key of keys) {
      const kept = this.#records.get(flatKey(key));
      if (kept === undefined || !this.#isYoung(kept, nowMs)) return undefined;
      records.push(kept.value);
    }
    const texts: string[] = [];
    for (const name of epochs) {
      const kept = this.#epochs.get(name);
      if (kept === undefined || !this.#isYoung(kept, nowMs)) return undefined;
      texts.push(kept.value);
    }
    return { records, epochs: texts };
  }

  async #readFar(
    space: CacheSpace,
    keys: readonly StoreKey[],
    epochs: readonly string[],
  ): Promise<CacheRead> {
    const changes = this.#changes;
    const read = await this.#far.read(space, keys, epochs);
    if (changes !== this.#changes) return read;
    keys.forEach((key, i) => this.#keep(key, read.records[i]));
    epochs.forEach((name, i) => this.#keepEpoch(name, read.epochs[i]));
    return read;
  }

  /** Forgets what is about to change, and, as something may have been read meanwhile, once more after it. */
  async #changing<T>(
    keys: readonly StoreKey[],
    epochs: readonly string[],
    work: () => Awaitable<T>,
  ): Promise<T> {
    this.#forget(keys, epochs);
    try {
      return await work();
    } finally {
      this.#forget(keys, epochs);
    }
  }

  #forget(keys: readonly StoreKey[], epochs: readonly string[] = []): void {
    this.#changes++;
    for (const key of keys) this.#records.delete(flatKey(key));
    for (const name of epochs) this.#epochs.delete(name);
  }

  #keep(key: StoreKey, found: Found): void {
    const flat = flatKey(key);
    if (found === undefined || found === "foreign") this.#records.delete(flat);
    else this.#records.set(flat, { value: found, atMs: this.#clock.now() });
  }

  #keepEpoch(name: string, text: string | undefined): void {
    if (text === undefined) this.#epochs.delete(name);
    else this.#epochs.set(name, { value: text, atMs: this.#clock.now() });
  }

  /** A clock that was set back makes nothing younger: then it is not known how old this is. */
  #isYoung({ atMs }: Kept<unknown>, nowMs: number): boolean {
    return nowMs >= atMs && nowMs - atMs < this.#ageMaxMs;
  }
}
