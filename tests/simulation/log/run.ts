/**
 * A log under everything that may go wrong: writers of two processes that repeat what was not answered, readers that follow
 * it from anywhere, consumers that start again, trims, hints that are lost and doubled, stores that cannot be reached or
 * lose their answers.
 *
 * No reader misses an entry, has one twice or sees another order, and nobody is told that entries are gone that a consumer
 * still needs. In the end everything that was acknowledged is in the log once, where it was said to be.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { createLog, type Log, type LogEntry, type LogPosition } from "../../../src/log/mod.ts";
import { type Random, seededRandom } from "../../../src/random.ts";
import { manualClock } from "../../contracts/manual_clock.ts";
import { type Dice, diceOf, oneOf } from "../../src/queries/draw.ts";
import { codeOf, lived, type Run } from "../lived.ts";
import { turn } from "../turn.ts";
import { roughBackend } from "./rough.ts";

const STEPS = 120;
const CALM_TURNS = 60;
const CONSUMERS = ["mail", "search"];

/** Somebody who follows the log. */
interface Reader {
  readonly consumer: string | undefined;
  readonly stop: AbortController;
  readonly entries: LogEntry<string>[];
  /** Where it began. */
  readonly from: LogPosition | "start" | "end";
  ended: string | undefined;
}

/** Lives through a seed. */
export async function runSeed(seed: number): Promise<Run> {
  return await lived(new World(diceOf(seed), seededRandom(seed)));
}

class World {
  readonly seen = new Map<string, number>();
  readonly #dice: Dice;
  readonly #clock = manualClock(undefined, turn);
  readonly #logs: readonly Log<string>[];
  readonly #readers: Reader[] = [];
  /** Where each event was said to be, by what it is. */
  readonly #appended = new Map<string, LogPosition>();
  /** Writers that still want something appended. */
  readonly #writing = new Set<Promise<void>>();
  /** Consumers that the store was told of for sure. */
  readonly #known = new Set<string>();
  /** How far each consumer may have said that it is. */
  readonly #committed = new Map<string, number>();
  #isRough = true;
  #events = 0;
  #writers = 0;
  #failure: Error | undefined;

  constructor(dice: Dice, random: Random) {
    this.#dice = dice;
    const backend = roughBackend({
      dice,
      clock: this.#clock,
      random,
      isRough: () => this.#isRough,
      saw: (what) => this.#saw(what),
    });
    this.#logs = [0, 1].map(() => createLog<string>(backend, { name: "orders" }));
  }

  async live(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      this.#step();
      if (this.#dice(0, 3) === 0) await turn();
      if (this.#dice(0, 4) === 0) await this.#clock.advance(this.#dice(1, 400));
      if (step % 40 === 39) await this.#calm();
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  async end(): Promise<void> {
    for (const { stop } of this.#readers) stop.abort();
    this.#isRough = false;
    for (let turns = 0; turns < 20 && this.#writing.size > 0; turns++) {
      await this.#clock.advance(10_000);
    }
  }

  #step(): void {
    const kind = this.#dice(0, 20);
    if (kind < 9) this.#append();
    else if (kind < 13) this.#follow(undefined);
    else if (kind < 16) this.#follow(oneOf(this.#dice, CONSUMERS));
    else if (kind < 18) this.#stop();
    else this.#save();
  }

  #saw(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  get #log(): Log<string> {
    return oneOf(this.#dice, this.#logs);
  }

  /** Appends, again and again until it is answered. */
  #append(): void {
    const events = Array.from({ length: this.#dice(1, 4) }, () => `event ${++this.#events}`);
    const writer = { id: `writer-${++this.#writers}`, sequence: 1 };
    const write = async (): Promise<void> => {
      for (;;) {
        try {
          const { first, isRepeat } = await this.#log.append(events, { writer });
          this.#saw(isRepeat ? "repeat" : "append");
          events.forEach((event, at) => {
            this.#appended.set(event, { ...first, index: first.index + at });
          });
          return;
        } catch (error) {
          if (!isPassing(error)) throw error;
          this.#saw(`append ${codeOf(error)}`);
          await new Promise<void>((resolve) => this.#clock.after(20, resolve));
        }
      }
    };
    const writing = write().catch((error) => void (this.#failure ??= error));
    this.#writing.add(writing);
    void writing.finally(() => this.#writing.delete(writing));
  }

  /** Follows the log from somewhere; a consumer from where it was, and it says how far it has come. */
  #follow(consumer: string | undefined): void {
    const log = this.#log;
    const known = [...this.#appended.values()];
    const places = ["start", "end", known[this.#dice(0, known.length + 2)] ?? "end"] as const;
    const from = consumer === undefined ? oneOf(this.#dice, places) : "start";
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      const place = consumer && await log.load(consumer, { signal: stop.signal });
      const reader: Reader = { consumer, stop, entries: [], from: place || from, ended: undefined };
      this.#readers.push(reader);
      this.#saw(consumer === undefined ? "reader" : "consumer");
      try {
        for await (const entry of log.tail({ from: reader.from, signal: stop.signal })) {
          this.#heard(reader, entry);
          if (consumer === undefined || this.#dice(0, 3) > 0) continue;
          const { index } = entry.position;
          this.#committed.set(consumer, Math.max(this.#committed.get(consumer) ?? 0, index));
          await log.commit(consumer, entry.position, stop);
          this.#known.add(consumer);
          this.#saw("commit");
        }
      } catch (error) {
        reader.ended = codeOf(error);
        if (stop.signal.aborted) return;
        this.#saw(`end ${reader.ended}`);
        // What a consumer needs is kept for it, unless another one of its name has passed it.
        const at = reader.entries.at(-1)?.position ?? place;
        const isNeeded = consumer !== undefined && this.#known.has(consumer) && at &&
          at.index >= (this.#committed.get(consumer) ?? Infinity);
        if (reader.ended === "ERR_TRIMMED" && isNeeded) throw error;
        if (reader.ended !== "ERR_TRIMMED" && !isPassing(error)) throw error;
      }
    };
    read().catch((error) => {
      if (!stop.signal.aborted && !isPassing(error)) this.#failure ??= error;
    });
  }

  #heard({ entries }: Reader, entry: LogEntry<string>): void {
    const last = entries.at(-1)?.position;
    if (last !== undefined && entry.position.index !== last.index + 1) {
      this.#failure ??= new Error(`entry ${entry.position.index} after ${last.index}`);
    }
    entries.push(entry);
  }

  #stop(): void {
    const [gone] = this.#readers.splice(this.#dice(0, Math.max(1, this.#readers.length)), 1);
    gone?.stop.abort();
  }

  /** Saves a state that follows from what somebody read, and drops what nobody needs any more. */
  #save(): void {
    const reader = this.#readers[this.#dice(0, Math.max(1, this.#readers.length))];
    const entry = reader?.entries.at(-1);
    if (entry === undefined) return;
    const state = { last: entry.event };
    this.#log.saveSnapshot({ position: entry.position, state }).then(
      () => this.#saw("save"),
      (error) => {
        this.#saw(`save ${codeOf(error)}`);
        if (!isPassing(error) && codeOf(error) !== "ERR_TRIMMED") this.#failure ??= error;
      },
    );
  }

  /** Nothing goes wrong for a while, and time passes: then everything must hold. */
  async #calm(): Promise<void> {
    this.#isRough = false;
    for (let turns = 1;; turns++) {
      await this.#clock.advance(2_000);
      if (this.#failure !== undefined) throw this.#failure;
      try {
        await this.#check();
        break;
      } catch (error) {
        if (turns === CALM_TURNS) throw error;
      }
    }
    this.#isRough = true;
  }

  async #check(): Promise<void> {
    deepStrictEqual(this.#writing.size, 0, "appends that wait");
    const [log] = this.#logs;
    const state = await log?.state();
    const page = await log?.read({ from: "start", limit: 1_000 });
    const kept = new Map(page?.entries.map(({ event, position }) => [position.index, event]));
    for (const [event, { index }] of this.#appended) {
      ok(index <= (state?.head.index ?? 0), `${event} is in the log`);
      const found = kept.get(index);
      ok(found === undefined || found === event, `${event} is where it was said to be`);
    }
    deepStrictEqual(new Set(kept.values()).size, kept.size, "each event once");
    for (const { entries, ended, from } of this.#readers) {
      for (const { event, position } of entries) {
        const said = this.#appended.get(event);
        if (said !== undefined) deepStrictEqual(position, said, `${event} is read where it is`);
      }
      if (ended !== undefined || from === "end") continue;
      const began = from === "start" ? state?.start.index : from.index;
      deepStrictEqual(entries.at(-1)?.position.index ?? began, state?.head.index, "it has all");
    }
  }
}

function isPassing(error: unknown): boolean {
  return ["ERR_UNAVAILABLE", "ERR_OUTCOME_UNKNOWN", "ERR_TIMEOUT"].includes(codeOf(error));
}
