/**
 * The live queries of one collection: what is committed is heard once, applied to the documents that are known, and
 * given to those queries whose results it may change.
 *
 * What always holds:
 *
 * 1. Every document that a query holds is known, as it was after the last operation that was heard.
 * 2. While a query is evaluated, what changes is noted, and taken as it is when the evaluation is there; so it does not
 *    matter at which moment the store looked at which document.
 * 3. What cannot be continued (a gap, another life of a document) is read again; a result that is short of documents is
 *    evaluated again, and not told before.
 *
 * @module
 */

import { backoffMs } from "../../backoff.ts";
import type { Clock } from "../../clock.ts";
import { type CodedError, HoldfastError } from "../../errors.ts";
import { FieldIndex, type Query } from "../../queries/mod.ts";
import type { Random } from "../../random.ts";
import { channelsOf } from "../channels.ts";
import type { DocumentCore, FollowEvent, Snapshot } from "../core.ts";
import { sleep } from "../../waiting.ts";
import type { Finder } from "./find.ts";
import { advanced, isNewer } from "./known.ts";
import { type Audience, type Ear, LiveQuery } from "./live_query.ts";
import type { LiveHome, LiveOptions } from "./live_query.ts";
import { type Found, subjectOf } from "./matches.ts";

/** So many documents are known beside those that queries hold. */
export const RECENT_MAX = 10_000;
/** So many queries are evaluated at once after a gap. */
const FILLS_MAX = 8;
const RETRY = { firstMs: 100, ceilingMs: 30_000 };
const TRANSIENT = ["ERR_UNAVAILABLE", "ERR_TIMEOUT", "ERR_RATE_LIMITED", "ERR_OUTCOME_UNKNOWN"];

/** What the queries of a collection need. */
export interface LiveCollectionOptions {
  /** The collection. */
  readonly collection: string;
  /** The documents. */
  readonly core: Pick<DocumentCore, "read" | "follow" | "types">;
  /** Finds matches in the store. */
  readonly finder: Finder;
  /** Runs timers. */
  readonly clock: Clock;
  /** For waits between attempts. */
  readonly random: Random;
  /** No query is left. */
  readonly onEmpty: () => void;
}

/** Live queries of one collection. */
export class LiveCollection implements LiveHome {
  readonly afterwards: (() => void)[] = [];
  readonly #options: LiveCollectionOptions;
  readonly #stop = new AbortController();
  readonly #lives = new Map<string, LiveQuery>();
  readonly #ready = new Map<LiveQuery, Promise<void>>();
  /** By channel; `""` for those that hear of everything. */
  readonly #indexes = new Map<string, FieldIndex<LiveQuery>>();
  readonly #known = new Map<string, Snapshot>();
  /** The queries in whose results a document is. */
  readonly #members = new Map<string, Set<LiveQuery>>();
  readonly #reading = new Set<string>();
  readonly #waiting = new Set<LiveQuery>();
  readonly #evaluating = new Set<LiveQuery>();
  /** Those that must be evaluated once more, as what was heard does not lead on. */
  readonly #outdated = new Set<LiveQuery>();
  readonly #idle = new Set<LiveQuery>();
  #filling = 0;
  #knownMax = RECENT_MAX;
  #opening = 0;
  #following: Promise<void> | undefined;

  /** Begins without queries. */
  constructor(options: LiveCollectionOptions) {
    this.#options = options;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** Whether no query may be opened any more. */
  get isOver(): boolean {
    return this.#stop.signal.aborted;
  }

  /**
   * Tells somebody the result of a query from now on.
   *
   * @throws {HoldfastError} `ERR_TOO_LARGE`, and what the store throws.
   */
  async open(query: Query, options: LiveOptions, audience: Audience): Promise<LiveQuery> {
    const { channels, debounceMs, intervalMs } = options;
    const key = JSON.stringify([query.key, channels, debounceMs, intervalMs]);
    this.#opening++;
    try {
      this.#following ??= this.#follow();
      await this.#following;
      const live = this.#lives.get(key) ?? this.#begin(key, query, options);
      await this.#ready.get(live);
      if (live.isOver) return await this.open(query, options, audience);
      live.audience.add(audience);
      this.#idle.delete(live);
      audience.opened(live, live.shown.flatMap((id) => this.#known.get(id) ?? []));
      return live;
    } finally {
      this.#opening--;
      this.#sweep();
    }
  }

  /** Tells somebody no more. */
  leave(live: LiveQuery, audience: Audience): void {
    live.audience.delete(audience);
    if (live.audience.size === 0) this.#idle.add(live);
    this.#sweep();
  }

  snapshotOf(id: string): Snapshot | undefined {
    return this.#known.get(id);
  }

  shown(live: LiveQuery, inserted: Iterable<string>, removed: readonly string[]): void {
    for (const id of inserted) {
      const members = this.#members.get(id) ?? new Set();
      this.#members.set(id, members.add(live));
    }
    for (const id of removed) {
      const members = this.#members.get(id);
      members?.delete(live);
      if (members?.size === 0) this.#members.delete(id);
    }
  }

  fill(live: LiveQuery): void {
    if (live.isOver) return;
    if (this.#evaluating.has(live)) {
      this.#outdated.add(live);
      return;
    }
    live.changing ??= new Set();
    this.#waiting.add(live);
    this.#fillNext();
  }

  #begin(key: string, query: Query, options: LiveOptions): LiveQuery {
    const live = new LiveQuery(this, key, query, options);
    this.#lives.set(key, live);
    for (const channel of options.channels ?? [""]) {
      const index = this.#indexes.get(channel) ?? new FieldIndex();
      this.#indexes.set(channel, index);
      index.add(query, live);
    }
    this.#idle.add(live);
    const ready = this.#evaluate(live).finally(() => this.#ready.delete(live));
    this.#ready.set(live, ready);
    // Who waits for it hears of the failure.
    ready.catch(() => this.#end(live));
    return live;
  }

  async #follow(): Promise<void> {
    const { core, collection } = this.#options;
    try {
      const { signal } = this.#stop;
      await core.follow(collection, undefined, (event) => this.#hear(event), signal);
    } catch (error) {
      // Whoever waits hears of it; the next one tries anew.
      this.#following = undefined;
      throw error;
    }
  }

  #hear(event: FollowEvent): void {
    switch (event.kind) {
      case "ops":
        this.#heard(event);
        break;
      case "gap":
        this.#missed(event);
        break;
      case "failed":
        for (const live of [...this.#lives.values()]) this.#fail(live, event.error);
    }
    for (const act of this.afterwards.splice(0)) act();
  }

  #heard(event: Extract<FollowEvent, { kind: "ops" }>): void {
    const { id, epoch, ops } = event;
    const ears = this.#earsOf(id);
    const { core: { types }, collection } = this.#options;
    const before = this.#known.get(id);
    const after = advanced(types, { collection, id, epoch }, before, ops);
    if (after === undefined) this.#read(id);
    else if (after !== before) {
      const isNew = before !== undefined || ops[0]?.version === 0;
      this.#changed(after, isNew ? ops.flatMap(({ meta }) => channelsOf(meta)) : undefined);
    }
    for (const ear of ears) ear.hear(event);
  }

  #missed(event: Extract<FollowEvent, { kind: "gap" }>): void {
    const { id } = event;
    if (id !== undefined) {
      for (const ear of this.#earsOf(id)) ear.hear(event);
      return this.#read(id);
    }
    const ears = new Set<Ear>();
    for (const { audience } of this.#lives.values()) {
      for (const { ear } of audience) ears.add(ear);
    }
    for (const ear of ears) ear.hear(event);
    this.#known.clear();
    for (const live of this.#lives.values()) this.fill(live);
  }

  #earsOf(id: string): ReadonlySet<Ear> {
    const ears = new Set<Ear>();
    for (const { audience } of this.#members.get(id) ?? []) {
      for (const { ear } of audience) ears.add(ear);
    }
    return ears;
  }

  /** A document is another one now. Without channels it is not known on which, and so everybody is asked. */
  #changed(after: Snapshot, channels: readonly string[] | undefined): void {
    const { id } = after;
    const before = this.#known.get(id);
    this.#known.delete(id);
    this.#known.set(id, after);
    for (const live of this.#concerned(before, after, channels)) {
      try {
        live.take(id, after);
      } catch (error) {
        // A result that has grown too large ends, and no other.
        if (!HoldfastError.is(error)) throw error;
        this.#fail(live, error);
      }
    }
    this.#forget();
  }

  #concerned(
    before: Snapshot | undefined,
    after: Snapshot,
    channels: readonly string[] | undefined,
  ): Iterable<LiveQuery> {
    const [then, now] = [subjectOf(before), subjectOf(after)];
    if (channels?.length === 0) return this.#indexes.get("")?.concerned(then, now) ?? [];
    const names = channels === undefined ? this.#indexes.keys() : new Set(["", ...channels]);
    const found = new Set<LiveQuery>();
    for (const name of names) {
      for (const live of this.#indexes.get(name)?.concerned(then, now) ?? []) found.add(live);
    }
    if (channels === undefined) {
      for (const live of this.#lives.values()) if (live.has(after.id)) found.add(live);
    }
    return found;
  }

  /** Takes what was read, unless more was heard. */
  #learn(snapshot: Snapshot): void {
    if (isNewer(snapshot, this.#known.get(snapshot.id))) this.#changed(snapshot, undefined);
  }

  /** Reads a document that cannot be continued; what is heard of it meanwhile leads to one more reading. */
  #read(id: string): void {
    if (this.#reading.has(id)) {
      this.#known.delete(id);
      return;
    }
    this.#reading.add(id);
    void this.#reread(id);
  }

  async #reread(id: string): Promise<void> {
    const { core, collection } = this.#options;
    const { signal } = this.#stop;
    for (let attempt = 0; !this.isOver; attempt++) {
      try {
        const [result] = await core.read(collection, [{ id }], { signal });
        if (result?.kind === "refused") throw result.error;
        this.#reading.delete(id);
        if (result?.kind === "snapshot") this.#learn(result.snapshot);
        for (const act of this.afterwards.splice(0)) act();
        return;
      } catch (error) {
        // The end, or what time may heal; a document that cannot be served makes every result wrong that may hold it.
        if (this.isOver) return;
        if (!isTransient(error)) {
          this.#reading.delete(id);
          return this.#failAll(error);
        }
        await this.#pause(attempt);
      }
    }
  }

  #fillNext(): void {
    for (const live of this.#waiting) {
      if (this.#filling >= FILLS_MAX) return;
      this.#waiting.delete(live);
      this.#filling++;
      void this.#refill(live);
    }
  }

  async #refill(live: LiveQuery): Promise<void> {
    try {
      await this.#evaluate(live);
    } catch (error) {
      // As above: again in a while, or the end of this query.
      if (isTransient(error) && !this.isOver) {
        await this.#pause(live.failures++);
        this.fill(live);
      } else if (!live.isOver) this.#fail(live, error);
    } finally {
      this.#filling--;
      this.#fillNext();
    }
  }

  async #evaluate(live: LiveQuery): Promise<void> {
    this.#evaluating.add(live);
    try {
      for (;;) {
        this.#outdated.delete(live);
        live.changing = new Set();
        const found = await this.#find(live);
        if (live.isOver) return;
        if (this.#outdated.has(live)) continue;
        this.#evaluating.delete(live);
        return live.fill(found);
      }
    } finally {
      this.#evaluating.delete(live);
      this.#forget();
      for (const act of this.afterwards.splice(0)) act();
    }
  }

  async #find(live: LiveQuery): Promise<Found> {
    const { finder, collection } = this.#options;
    return await finder.find(collection, live.query, live.wanted, {
      signal: this.#stop.signal,
      known: ({ id, epoch, version, tag }) => {
        const known = this.#known.get(id);
        const isSame = known?.version === version && known.epoch === epoch && known.tag === tag;
        return isSame ? known : undefined;
      },
      learned: (snapshots) => {
        for (const snapshot of snapshots) this.#learn(snapshot);
      },
    });
  }

  async #pause(attempt: number): Promise<void> {
    const { clock, random } = this.#options;
    const ms = backoffMs(attempt, RETRY, random);
    const { signal } = this.#stop;
    await sleep(clock, ms, { signal }).catch(() => {});
  }

  #failAll(error: unknown): void {
    for (const live of [...this.#lives.values()]) this.#fail(live, error);
  }

  #fail(live: LiveQuery, error: unknown): void {
    const told: CodedError = HoldfastError.is(error)
      ? error
      : new HoldfastError("ERR_INVARIANT", "Cannot keep the result as the server failed");
    const audience = [...live.audience];
    this.#end(live);
    for (const one of audience) one.failed(told);
    this.#sweep();
  }

  #end(live: LiveQuery): void {
    live.close();
    this.#waiting.delete(live);
    this.#idle.delete(live);
    if (this.#lives.get(live.key) === live) this.#lives.delete(live.key);
    for (const channel of live.options.channels ?? [""]) {
      const index = this.#indexes.get(channel);
      index?.delete(live);
      if (index?.size === 0) this.#indexes.delete(channel);
    }
  }

  /** Ends queries that nobody is told of, and everything with the last of them. */
  #sweep(): void {
    if (this.#opening > 0 || this.isOver) return;
    for (const live of this.#idle) if (live.audience.size === 0) this.#end(live);
    this.#idle.clear();
    if (this.#lives.size > 0) return;
    this.#stop.abort();
    this.#options.onEmpty();
  }

  /** Forgets what no query holds, the longest unchanged first. */
  #forget(): void {
    if (this.#known.size <= this.#knownMax || this.#evaluating.size > 0) return;
    const held = new Set<string>();
    for (const live of this.#lives.values()) for (const id of live.held) held.add(id);
    for (const id of this.#known.keys()) {
      if (this.#known.size <= held.size + RECENT_MAX / 2) break;
      if (!held.has(id)) this.#known.delete(id);
    }
    this.#knownMax = this.#known.size + RECENT_MAX / 2;
  }
}

function isTransient(error: unknown): boolean {
  return HoldfastError.is(error) && TRANSIENT.includes(error.code);
}
