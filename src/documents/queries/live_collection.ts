/**
 * The live queries of one collection: what is committed is heard once, applied to the documents that are known, and
 * given to those queries whose results it may change.
 *
 * What always holds:
 *
 * 1. Every document of a result that is told is known, as it was after the last operation that was heard.
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
import type { Query } from "../../queries/mod.ts";
import type { Random } from "../../random.ts";
import { channelsOf } from "../channels.ts";
import type { DocumentCore, FollowEvent, Snapshot } from "../core.ts";
import { sleep } from "../../waiting.ts";
import { Evaluations, isTransient } from "./evaluations.ts";
import type { Finder } from "./find.ts";
import { advanced, isNewer, KnownDocuments } from "./known.ts";
import { LiveIndex } from "./live_index.ts";
import { type Audience, type LiveHome, type LiveOptions, LiveQuery } from "./live_query.ts";
import type { Found } from "./matches.ts";

const RETRY = { firstMs: 100, ceilingMs: 30_000 };

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
  readonly #lives = new LiveIndex();
  readonly #ready = new Map<LiveQuery, Promise<void>>();
  readonly #known = new KnownDocuments();
  /** Documents that are being read, and whether more was heard of them since. */
  readonly #reading = new Map<string, boolean>();
  readonly #evaluations: Evaluations;
  readonly #idle = new Set<LiveQuery>();
  #opening = 0;
  #following: Promise<void> | undefined;

  /** Begins without queries. */
  constructor(options: LiveCollectionOptions) {
    this.#options = options;
    this.#evaluations = new Evaluations({
      find: (live) => this.#find(live),
      pause: (attempt) => this.#pause(attempt),
      failed: (live, error) => this.#fail(live, error),
      settled: () => {
        this.#forget();
        this.#finish();
      },
    });
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
      const snapshots = live.shown.flatMap((id) => this.#known.get(id) ?? []);
      const isKnown = snapshots.length === live.shown.length;
      // After a gap nothing is known of what is shown, until it is evaluated anew.
      if (!isKnown) await new Promise<void>((resolve) => live.waiting.push(resolve));
      if (!isKnown || live.isOver) return await this.open(query, options, audience);
      live.join(audience);
      this.#idle.delete(live);
      audience.opened(live, snapshots);
      return live;
    } finally {
      this.#opening--;
      this.#sweep();
    }
  }

  /** Tells somebody no more. */
  leave(live: LiveQuery, audience: Audience): void {
    live.leave(audience);
    if (live.audience.size === 0) this.#idle.add(live);
    this.#sweep();
  }

  snapshotOf(id: string): Snapshot | undefined {
    return this.#known.get(id);
  }

  shown(live: LiveQuery, inserted: Iterable<string>, removed: readonly string[]): void {
    this.#lives.shown(live, inserted, removed);
  }

  fill(live: LiveQuery): void {
    this.#evaluations.fill(live);
  }

  #begin(key: string, query: Query, options: LiveOptions): LiveQuery {
    const live = new LiveQuery(this, key, query, options);
    this.#lives.add(live);
    this.#idle.add(live);
    const ready = this.#evaluations.evaluate(live).finally(() => this.#ready.delete(live));
    this.#ready.set(live, ready);
    // Who waits for it hears of the failure.
    ready.catch(() => this.#end(live));
    return live;
  }

  async #follow(): Promise<void> {
    const { core, collection } = this.#options;
    try {
      await core.follow(collection, undefined, (event) => this.#hear(event), this.#stop.signal);
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
        for (const live of [...this.#lives]) this.#fail(live, event.error);
    }
    this.#finish();
  }

  #heard(event: Extract<FollowEvent, { kind: "ops" }>): void {
    const { id, epoch, ops } = event;
    const ears = this.#lives.earsOf(id);
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
      for (const ear of this.#lives.earsOf(id)) ear.hear(event);
      return this.#read(id);
    }
    for (const ear of this.#lives.ears()) ear.hear(event);
    this.#known.clear();
    for (const live of this.#lives) this.fill(live);
  }

  /** A document is another one now. Without channels it is not known on which, and so everybody is asked. */
  #changed(after: Snapshot, channels: readonly string[] | undefined): void {
    const { id } = after;
    const before = this.#known.get(id);
    this.#known.set(after);
    for (const live of this.#lives.concerned(before, after, channels)) {
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

  /** Takes what was read, unless more was heard. Who came to an older one when that had been told reads it himself. */
  #learn(snapshot: Snapshot): void {
    const { id } = snapshot;
    const known = this.#known.get(id);
    if (!isNewer(snapshot, known)) return;
    const ears = known === undefined ? [] : this.#lives.earsOf(id);
    for (const ear of ears) ear.hear({ kind: "gap", id });
    this.#changed(snapshot, undefined);
  }

  /** Reads a document that cannot be continued; what is heard of it meanwhile leads to one more reading. */
  #read(id: string): void {
    const isReading = this.#reading.has(id);
    this.#reading.set(id, isReading);
    if (!isReading) void this.#reread(id);
  }

  async #reread(id: string): Promise<void> {
    const { core, collection } = this.#options;
    for (let attempt = 0; !this.isOver; attempt++) {
      try {
        this.#reading.set(id, false);
        const [result] = await core.read(collection, [{ id }], this.#stop);
        if (result?.kind === "refused") throw result.error;
        if (result?.kind === "snapshot") this.#learn(result.snapshot);
        this.#finish();
        if (!this.#reading.get(id)) return void this.#reading.delete(id);
      } catch (error) {
        // The end, or what time may heal; a document that cannot be served makes every result wrong that may hold it.
        if (this.isOver) return;
        if (!isTransient(error)) {
          this.#reading.delete(id);
          for (const live of [...this.#lives]) this.#fail(live, error);
          return;
        }
        await this.#pause(attempt);
      }
    }
  }

  async #find(live: LiveQuery): Promise<Found> {
    const { finder, collection } = this.#options;
    return await finder.find(collection, live.query, live.wanted, {
      signal: this.#stop.signal,
      known: (listed) => this.#known.at(listed),
      learned: (snapshots) => snapshots.forEach((snapshot) => this.#learn(snapshot)),
    });
  }

  async #pause(attempt: number): Promise<void> {
    const { clock, random } = this.#options;
    await sleep(clock, backoffMs(attempt, RETRY, random), this.#stop).catch(() => {});
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
    this.#idle.delete(live);
    this.#lives.delete(live);
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

  #finish(): void {
    for (const act of this.afterwards.splice(0)) act();
  }

  #forget(): void {
    if (!this.#evaluations.isBusy) this.#known.trim(this.#lives);
  }
}
