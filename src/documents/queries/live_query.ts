/**
 * One live query: its result, kept in order, and who is told of it. However many ask the same, there is one.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { CodedError } from "../../errors.ts";
import {
  type ListStep,
  listSteps,
  type Query,
  RESULTS_MAX,
  ResultWindow,
} from "../../queries/mod.ts";
import type { FollowEvent, Snapshot } from "../core.ts";
import { type Found, rankIn } from "./matches.ts";

/** What a live query is, beside the query; queries that differ in it are different ones. */
export interface LiveOptions {
  /** The channels that it hears of; `undefined` for the whole collection. */
  readonly channels: readonly string[] | undefined;
  /** How long changes are gathered, in milliseconds. */
  readonly debounceMs: number;
  /** How often it is evaluated anew, in milliseconds; `Infinity` for never. */
  readonly intervalMs: number;
}

/** A change of a result. */
export interface ResultChange {
  /** The steps, one after the other. */
  readonly steps: readonly ListStep[];
  /** The documents that came in, by id. */
  readonly inserted: ReadonlyMap<string, Snapshot>;
  /** The ids of those that left. */
  readonly removed: readonly string[];
  /** What is told beside the result, if it is another now. */
  readonly extra: number | undefined;
  /** What is done when everybody has heard of what made the change. */
  readonly afterwards: (() => void)[];
}

/** Hears of what is committed to documents in results. One for each connection and name of a collection. */
export interface Ear {
  hear(event: FollowEvent): void;
}

/** Who is told of a result. */
export interface Audience {
  /** Hears what is committed to documents in the result. */
  readonly ear: Ear;
  /** From now on every change is told; until now, the result was this. */
  opened(live: LiveQuery, snapshots: readonly Snapshot[]): void;
  /** The result changed. */
  changed(change: ResultChange): void;
  /** No more is told. */
  failed(error: CodedError): void;
}

/** What a live query needs of its collection. */
export interface LiveHome {
  /** Runs its timers. */
  readonly clock: Clock;
  /** A document that is known. */
  snapshotOf(id: string): Snapshot | undefined;
  /** Documents came into the result that is told, or left it. */
  shown(live: LiveQuery, inserted: Iterable<string>, removed: readonly string[]): void;
  /** Evaluates it anew. */
  fill(live: LiveQuery): void;
  /** What is done when everybody has heard of what is being told. */
  readonly afterwards: (() => void)[];
}

/** One live query. */
export class LiveQuery {
  /** By which it is shared. */
  readonly key: string;
  /** The query. */
  readonly query: Query;
  /** What else it is. */
  readonly options: LiveOptions;
  /** The documents that changed while it is evaluated; `undefined` while it is not. */
  changing: Set<string> | undefined;
  /** How often evaluating it failed in a row. */
  failures = 0;
  /** Whether nobody is told any more. */
  isOver = false;
  /** Called once: when the result is told as it is, or no more. */
  readonly waiting: (() => void)[] = [];
  readonly #home: LiveHome;
  readonly #audience = new Set<Audience>();
  readonly #window: ResultWindow;
  #shown: string[] = [];
  #extra: number | undefined;
  #isGathering = false;
  #isBehind = true;
  #cancelGathering = NOTHING;
  #cancelInterval = NOTHING;
  #ears: ReadonlySet<Ear> | undefined;

  /** A query that was never evaluated. */
  constructor(home: LiveHome, key: string, query: Query, options: LiveOptions) {
    this.#home = home;
    this.key = key;
    this.query = query;
    this.options = options;
    this.#window = new ResultWindow(query);
  }

  /** How many matches, from the first on, evaluating it must find; one more than it may have tells that it has too many. */
  get wanted(): number {
    return Math.min(this.#window.wanted, RESULTS_MAX + 1);
  }

  /** Who is told. */
  get audience(): ReadonlySet<Audience> {
    return this.#audience;
  }

  /** Who hears of the documents in the result: few, however many are told (bench/queries_bench.ts). */
  get ears(): ReadonlySet<Ear> {
    return this.#ears ??= new Set([...this.#audience].map(({ ear }) => ear));
  }

  /** The ids of the result as it was told. */
  get shown(): readonly string[] {
    return this.#shown;
  }

  /** What is told beside the result. */
  get extra(): number | undefined {
    return this.#extra;
  }

  /** The ids of all documents that must stay known. */
  get held(): Iterable<string> {
    return this.#window.held;
  }

  /** Whether it holds a document. */
  has(id: string): boolean {
    return this.#window.has(id);
  }

  /** Somebody is told from now on. */
  join(audience: Audience): void {
    this.#audience.add(audience);
    this.#ears = undefined;
  }

  /** Somebody is told no more. */
  leave(audience: Audience): void {
    this.#audience.delete(audience);
    this.#ears = undefined;
  }

  /**
   * A document changed.
   *
   * @throws {LimitError} `ERR_TOO_LARGE` if the result has too many documents.
   */
  take(id: string, snapshot: Snapshot | undefined): void {
    this.changing?.add(id);
    const steps = this.#window.apply(id, rankIn(this.query, snapshot));
    if (this.changing !== undefined) this.#isBehind = true;
    else if (this.#window.mustRefill) {
      // What is short is not told: it is evaluated first.
      this.#isBehind = true;
      this.#home.fill(this);
    } else this.#changed(steps);
  }

  /**
   * It was evaluated; what changed meanwhile is taken as it is now.
   *
   * @throws {LimitError} `ERR_TOO_LARGE` as {@linkcode LiveQuery.take}.
   */
  fill({ matches, hasMore }: Found): void {
    const changing = this.changing ?? [];
    this.changing = undefined;
    this.failures = 0;
    const ranked = matches.flatMap(({ snapshot: { id } }) =>
      rankIn(this.query, this.#home.snapshotOf(id)) ?? []
    );
    this.#window.refill(ranked, hasMore);
    for (const id of changing) {
      this.#window.apply(id, rankIn(this.query, this.#home.snapshotOf(id)));
    }
    this.#isBehind = true;
    if (this.#window.mustRefill) this.#home.fill(this);
    else this.#changed([]);
    this.#again();
  }

  /** Nobody is told any more. */
  close(): void {
    this.isOver = true;
    this.#cancelGathering();
    this.#cancelInterval();
    this.#home.shown(this, [], this.#shown);
    this.#audience.clear();
    this.#ears = undefined;
    this.#wake();
  }

  #changed(steps: readonly ListStep[]): void {
    if (this.#isGathering) {
      this.#isBehind = true;
      return;
    }
    const told = this.query.isCount
      ? []
      : this.#isBehind
      ? listSteps(this.#shown, this.#window.ids)
      : steps;
    this.#isBehind = false;
    if (this.#tell(told)) this.#gather();
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Tells everybody; false if there was nothing to tell. */
  #tell(steps: readonly ListStep[]): boolean {
    const count = this.query.isCount ? this.#window.size : undefined;
    const extra = count === this.#extra ? undefined : count;
    if (steps.length === 0 && extra === undefined) return false;
    this.#extra = count;
    const inserted = new Map<string, Snapshot>();
    const removed: string[] = [];
    for (const step of steps) {
      removed.push(...stepped(this.#shown, step));
      if (step.kind !== "insert") continue;
      for (const id of step.ids) {
        const snapshot = this.#home.snapshotOf(id);
        if (snapshot !== undefined) inserted.set(id, snapshot);
      }
    }
    this.#home.shown(this, inserted.keys(), removed);
    const change = { steps, inserted, removed, extra, afterwards: this.#home.afterwards };
    for (const one of this.#audience) one.changed(change);
    return true;
  }

  #gather(): void {
    const { debounceMs } = this.options;
    if (debounceMs <= 0 || this.isOver) return;
    this.#isGathering = true;
    this.#cancelGathering = this.#home.clock.after(debounceMs, () => {
      this.#isGathering = false;
      if (this.#isBehind && this.changing === undefined) this.#changed([]);
    });
  }

  #again(): void {
    const { intervalMs } = this.options;
    this.#cancelInterval();
    if (intervalMs === Infinity || this.isOver) return;
    this.#cancelInterval = this.#home.clock.after(intervalMs, () => this.#home.fill(this));
  }
}

const NOTHING = (): void => {};

/** Makes a step on a list; gives what it removed. */
export function stepped(list: string[], step: ListStep): readonly string[] {
  switch (step.kind) {
    case "insert":
      list.splice(step.index, 0, ...step.ids);
      return [];
    case "remove":
      return list.splice(step.index, step.howMany);
    case "move":
      list.splice(step.to, 0, ...list.splice(step.from, step.howMany));
      return [];
  }
}
