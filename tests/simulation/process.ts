/**
 * One process: it lives, stands still, dies between any two of its effects, and comes back as another one.
 *
 * A dead process does nothing more: what its loop still does in the same call has no effect, and no answer reaches it.
 *
 * @module
 */

import type { Message, RaftConfig } from "../../src/raft/core/mod.ts";
import type { SessionLimits } from "../../src/raft/sessions.ts";
import type { Watched } from "./watched.ts";
import type { Loop, LoopHost, LoopStore, StartLoop } from "./loop_host.ts";
import { Machine } from "./machine.ts";
import type { SimulatedStore } from "./store.ts";
import type { StoredSnapshot } from "./store_state.ts";
import type { DriftingClock, VirtualTime } from "./virtual_time.ts";

/** How many events wait for a process that stands still; the rest is lost. */
const HELD_MAX = 2_000;

/** What a process tells the world. */
export type Witnesses =
  & Pick<
    LoopHost,
    "send" | "started" | "stepped" | "applied" | "refused"
  >
  & { restored(snapshot: StoredSnapshot): void; died(): void };

/** What a process is made of. */
export interface ProcessParts {
  readonly owner: string;
  readonly config: RaftConfig;
  readonly time: VirtualTime;
  readonly clock: DriftingClock;
  readonly store: SimulatedStore;
  readonly tickMs: number;
  readonly storeRetryMs: number;
  readonly applyDelayMs: number;
  readonly sessions: SessionLimits;
  readonly witnesses: Witnesses;
}

/** A running process of a node. */
export class Process {
  readonly owner: string;
  readonly config: RaftConfig;
  readonly machine: Machine;
  readonly loop: Loop;
  /** How the observer follows this process, once its node is made. */
  watched: Watched | undefined;
  readonly #parts: ProcessParts;
  #isAlive = true;
  #isPaused = false;
  #held: (() => void)[] = [];
  #effectsLeft = Infinity;

  /** Starts a process. */
  constructor(parts: ProcessParts, start: StartLoop) {
    this.owner = parts.owner;
    this.config = parts.config;
    this.#parts = parts;
    this.machine = new Machine(parts.sessions);
    this.loop = start(this.#host());
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Lets something reach the process: now, when it goes on, or never. */
  enter(run: () => void): void {
    if (!this.#isAlive) return;
    if (!this.#isPaused) run();
    else if (this.#held.length < HELD_MAX) this.#held.push(run);
  }

  /** Dies now. */
  kill(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#held = [];
    this.#parts.witnesses.died();
  }

  /** Dies after so many more effects, in the middle of whatever it does then. */
  killAfter(effects: number): void {
    this.#effectsLeft = effects;
  }

  /** Stands still. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Goes on with everything that came in meanwhile, in the order in which `reorder` puts it. */
  resume(reorder: (held: (() => void)[]) => (() => void)[] = (held) => held): void {
    this.#isPaused = false;
    const held = this.#held;
    this.#held = [];
    for (const run of reorder(held)) this.enter(run);
  }

  /** Whether an effect still happens. Counts it. */
  hasEffect(): boolean {
    if (!this.#isAlive) return false;
    if (this.#effectsLeft > 0) {
      this.#effectsLeft -= 1;
      return true;
    }
    this.kill();
    return false;
  }

  #host(): LoopHost {
    const { time, clock, witnesses, config, tickMs, storeRetryMs, applyDelayMs, owner } =
      this.#parts;
    const seen = <Args extends unknown[]>(tell: (...args: Args) => void) => (...args: Args) => {
      if (this.#isAlive) tell(...args);
    };
    return {
      owner,
      config,
      tickMs,
      retryMs: storeRetryMs,
      applyDelayMs,
      machine: this.machine,
      store: this.#guardedStore(),
      nowMs: () => clock.nowMs(),
      timeMs: () => Math.max(0, Math.floor(clock.timeMs())),
      later: (delayMs, run) => time.after(clock.trueMs(delayMs), () => this.enter(run)),
      send: (message: Message) => {
        if (this.hasEffect()) witnesses.send(message);
      },
      started: witnesses.started,
      stepped: seen(witnesses.stepped),
      applied: seen(witnesses.applied),
      restored: seen(witnesses.restored),
      refused: seen(witnesses.refused),
    };
  }

  #guardedStore(): LoopStore {
    const { store } = this.#parts;
    const guarded = <Reply>(ask: (answer: (reply: Reply) => void) => void) => {
      return (answer: (reply: Reply) => void) => {
        if (this.hasEffect()) ask((reply) => this.enter(() => answer(reply)));
      };
    };
    return {
      open: (owner, answer) => guarded(store.open.bind(store, owner))(answer),
      write: (operation, answer) => guarded(store.write.bind(store, operation))(answer),
      readEntries: (from, to, answer) => guarded(store.readEntries.bind(store, from, to))(answer),
      readSnapshot: (answer) => guarded(store.readSnapshot.bind(store))(answer),
    };
  }
}
