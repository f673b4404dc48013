/**
 * What every benchmark is made of. A file `bench/x_bench.ts` exports one function, and `deno task bench x` runs it in a
 * process of its own and writes its tables to `bench/RESULTS.md`:
 *
 * ```ts ignore
 * import { compare, figures, peer, type Table } from "./harness.ts";
 *
 * export async function bench(): Promise<readonly Table[]> {
 *   await using server = await startRedis();             // set-up stays outside of what is measured
 *   return [
 *     await compare("A hit in memory", {
 *       "Holdfast": (index) => cache.get(KEYS[index % KEYS.length]),   // the first row is what the others are held against
 *       [peer("lru-cache")]: (index) => lru.get(KEYS[index % KEYS.length]), // "lru-cache 11.2.4", from deno.lock
 *     }),
 *     await compare("A read over REST", { … }, { inFlight: 16 }),       // with latencies
 *     figures("Hits of a Zipf trace", "%", { "S3-FIFO": 71.2, "LRU": 63.5 }),  // whatever is counted, not timed
 *   ];
 * }
 * ```
 *
 * The contenders of one table take turns, round by round, so that a machine that slows down slows all of them; each
 * row is the median of its rounds. An operation gets a running index, so that it can walk through keys without dice.
 * Its result is awaited only if it is a promise.
 *
 * @module
 */

import lockText from "../deno.lock" with { type: "text" };

/** What is measured: called again and again with 0, 1, 2, … */
export type Operation = (index: number) => unknown;

/** How {@linkcode compare} and {@linkcode measure} go about it. */
export interface MeasureOptions {
  /** How many rounds are measured after the one that warms up; 7 by default. */
  readonly rounds?: number;
  /** How long a round lasts, in milliseconds; 200 by default. */
  readonly roundMs?: number;
  /**
   * How many calls make a round, however long they take: for what each call makes dearer for the next one, so that the
   * faster contender must not work on more than the others. The round that warms up has as many.
   */
  readonly roundCalls?: number;
  /** How many calls are under way at once; 1 by default. With a number given, latencies are measured as well. */
  readonly inFlight?: number;
  /** How many operations one call stands for; 1 by default. */
  readonly opsPerCall?: number;
  /** Where the time is read, in milliseconds; `performance.now` by default. */
  readonly now?: () => number;
}

/** What {@linkcode measure} found. */
export interface Measurement {
  /** The median of the rounds. */
  readonly opsPerSecond: number;
  /** The median latency of a call in milliseconds, if `inFlight` was given. */
  readonly p50Ms?: number;
  /** The latency that 99 of 100 calls stay below, in milliseconds, if `inFlight` was given. */
  readonly p99Ms?: number;
}

/** One line of a table. */
export interface Row {
  /** Who: ours first, then each peer with its version. */
  readonly name: string;
  /** How much, in the table's unit. */
  readonly value: number;
  /** What else is worth saying, such as latencies. */
  readonly note?: string;
}

/** Rows that may be compared with each other. */
export interface Table {
  /** What was measured, on what. */
  readonly title: string;
  /** The unit of every value. */
  readonly unit: string;
  /** The rows, ours first. */
  readonly rows: readonly Row[];
}

/** Operations a second of several contenders, the first being the one that the others are held against. */
export async function compare(
  title: string,
  contenders: Readonly<Record<string, Operation>>,
  options: MeasureOptions = {},
): Promise<Table> {
  const names = Object.keys(contenders);
  const found = await raced(Object.values(contenders), options);
  return { title, unit: "ops/s", rows: found.map((result, at) => row(names[at] ?? "", result)) };
}

/** Operations a second of one operation alone: the median of several rounds. */
export async function measure(
  operation: Operation,
  options: MeasureOptions = {},
): Promise<Measurement> {
  const [found] = await raced([operation], options);
  return found ?? { opsPerSecond: NaN };
}

/** A table of what was counted elsewhere: bytes, requests, hits. */
export function figures(
  title: string,
  unit: string,
  values: Readonly<Record<string, number>>,
): Table {
  return {
    title,
    unit,
    rows: Object.entries(values).map(([name, value]) => ({ name, value })),
  };
}

/** A package's name with the version that deno.lock holds, to name a peer by. */
export function peer(name: string): string {
  const { specifiers } = JSON.parse(lockText) as { specifiers: Record<string, string> };
  const found = Object.entries(specifiers)
    .find(([specifier]) => specifier.startsWith(`npm:${name}@`));
  if (!found) throw new Error(`${name} is not in deno.lock`);
  return `${name} ${found[1].replace(/_.*/, "")}`;
}

/** The middle of some numbers, or the part of them that lies below `share`. */
export function quantile(values: readonly number[], share = 0.5): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** Lets operations take turns, round by round. */
async function raced(
  operations: readonly Operation[],
  options: MeasureOptions,
): Promise<Measurement[]> {
  const races = operations.map((operation) => new Race(operation, options));
  for (const race of races) await race.warmUp();
  for (let round = 0; round < (options.rounds ?? 7); round++) {
    for (const race of races) await race.round();
  }
  return races.map((race) => race.result());
}

/** One contender: its operation, and what its rounds gave so far. */
class Race {
  readonly #operation: Operation;
  readonly #options: MeasureOptions;
  readonly #now: () => number;
  readonly #rates: number[] = [];
  readonly #latenciesMs: number[] = [];
  #index = 0;
  #batch = 1;

  constructor(operation: Operation, options: MeasureOptions) {
    this.#operation = operation;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Half a round that does not count. It also finds how many calls fit between two looks at the clock. */
  async warmUp(): Promise<void> {
    if (this.#options.roundCalls !== undefined) {
      await this.round();
      this.#rates.length = this.#latenciesMs.length = 0;
      return;
    }
    const end = this.#now() + this.#roundMs / 2;
    while (this.#now() < end) {
      const started = this.#now();
      await this.#calls(this.#batch);
      const fits = this.#now() - started < this.#roundMs / 100;
      if (fits && this.#options.inFlight === undefined) this.#batch *= 2;
    }
    this.#latenciesMs.length = 0;
  }

  async round(): Promise<void> {
    const [started, first] = [this.#now(), this.#index];
    const { roundCalls, inFlight = 1 } = this.#options;
    const goesOn = roundCalls === undefined
      ? (atMs: number) => atMs < started + this.#roundMs
      : () => this.#index < first + roundCalls;
    const lanes = Array.from({ length: inFlight }, () => this.#lane(goesOn));
    await Promise.all(lanes);
    const calls = this.#index - first;
    this.#rates.push(
      calls * (this.#options.opsPerCall ?? 1) * 1_000 / (this.#now() - started),
    );
  }

  result(): Measurement {
    const opsPerSecond = quantile(this.#rates);
    if (this.#options.inFlight === undefined) return { opsPerSecond };
    return {
      opsPerSecond,
      p50Ms: quantile(this.#latenciesMs),
      p99Ms: quantile(this.#latenciesMs, 0.99),
    };
  }

  get #roundMs(): number {
    return this.#options.roundMs ?? 200;
  }

  /** Calls one after the other until the round is over. */
  async #lane(goesOn: (atMs: number) => boolean): Promise<void> {
    for (let at = this.#now(); goesOn(at);) {
      const started = at;
      await this.#calls(this.#batch);
      at = this.#now();
      if (this.#options.inFlight !== undefined) this.#latenciesMs.push(at - started);
    }
  }

  async #calls(count: number): Promise<void> {
    const operation = this.#operation;
    const first = this.#index;
    this.#index += count;
    for (let index = first; index < first + count; index++) {
      const pending = operation(index);
      if (pending instanceof Promise) await pending;
    }
  }
}

function row(name: string, { opsPerSecond, p50Ms, p99Ms }: Measurement): Row {
  if (p50Ms === undefined || p99Ms === undefined) return { name, value: opsPerSecond };
  return { name, value: opsPerSecond, note: `p50 ${shownMs(p50Ms)}, p99 ${shownMs(p99Ms)}` };
}

function shownMs(ms: number): string {
  return `${ms >= 10 ? ms.toFixed(0) : ms >= 0.1 ? ms.toFixed(2) : ms.toFixed(4)} ms`;
}
