/**
 * A store as a network hop away: operations arrive late, their answers later, twice or never; what is not synced is lost
 * when the power fails; and the whole store may go away for a while, or back to what it was.
 *
 * @module
 */

import type { Entry } from "../../src/raft/core/mod.ts";
import type { Dice } from "./dice.ts";
import {
  EMPTY_STORE,
  openStore,
  type StoreAnswer,
  type StoredSnapshot,
  type StoreOperation,
  type StoreState,
  writeStore,
} from "./store_state.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** How bad a store is. Probabilities are from 0 to 1, per operation. */
export interface StoreFaults {
  /** Mean time that a request or an answer travels. */
  readonly travelMeanMs: number;
  /** Mean time from applied to durable. */
  readonly syncMeanMs: number;
  /** Probability that a request is lost. */
  readonly loseRequest: number;
  /** Probability that an answer is lost, though the operation was applied. */
  readonly loseAnswer: number;
  /** Probability that an answer comes twice. */
  readonly doubleAnswer: number;
  /** Probability that a copy of a request arrives once more, up to `delayedCopyMs` later. */
  readonly delayedCopy: number;
  readonly delayedCopyMs: number;
}

/** A store without faults. */
export const FAULTLESS_STORE: StoreFaults = {
  travelMeanMs: 0,
  syncMeanMs: 0,
  loseRequest: 0,
  loseAnswer: 0,
  doubleAnswer: 0,
  delayedCopy: 0,
  delayedCopyMs: 0,
};

/** `unavailable`: the store did not look at the request. */
export type StoreReply = StoreAnswer | { readonly kind: "unavailable" };

/** What is told of each state that became durable. */
export type WhenDurable = (state: StoreState) => void;

/** How many durable states are kept for a roll back. */
const HISTORY_MAX = 64;

/** The store of one node, whichever process uses it. */
export class SimulatedStore {
  readonly #time: VirtualTime;
  readonly #dice: Dice;
  readonly #whenDurable: WhenDurable;
  #faults: StoreFaults;
  /** All states since the last durable one, which is the first; the last is what operations see. */
  #states: StoreState[] = [EMPTY_STORE];
  #history: StoreState[] = [];
  #syncedAtMs = 0;
  #awayUntilMs = 0;
  #slowUntilMs = 0;
  #slowByMs = 0;
  /** Counts power failures, roll backs and wipes: what was under way to durable is void. */
  #generation = 0;

  /** Makes an empty store that tells `whenDurable` of every change that became durable. */
  constructor(time: VirtualTime, dice: Dice, faults: StoreFaults, whenDurable: WhenDurable) {
    this.#time = time;
    this.#dice = dice;
    this.#faults = faults;
    this.#whenDurable = whenDurable;
  }

  /** What would be left if the power failed now. */
  get durable(): StoreState {
    return this.#states[0] ?? EMPTY_STORE;
  }

  /** Takes the store over for a process; answers what it holds, durably. No answer: try again. */
  open(owner: string, answer: (state: StoreState | undefined) => void): void {
    this.#request(answer, undefined, () => {
      this.#push(openStore(this.#newest, owner));
      return this.#newest;
    });
  }

  /** Applies an operation; answers once it is durable. No answer: try again with the same number. */
  write(operation: StoreOperation, answer: (reply: StoreReply) => void): void {
    const apply = () => {
      const written = writeStore(this.#newest, operation);
      this.#push(written.state);
      return written.answer;
    };
    this.#request<StoreReply>(answer, { kind: "unavailable" }, apply);
    if (!this.#dice.chance(this.#faults.delayedCopy)) return;
    this.#time.after(this.#dice.between(0, this.#faults.delayedCopyMs), apply);
  }

  /** Reads the entries in [from, to), none if they are gone. `undefined`: try again. */
  readEntries(
    from: number,
    to: number,
    answer: (entries: readonly Entry[] | undefined) => void,
  ): void {
    this.#request<readonly Entry[] | undefined>(answer, undefined, () => {
      const { base, entries } = this.#newest;
      if (from <= base.index) return [];
      return entries.slice(from - base.index - 1, to - base.index - 1);
    });
  }

  /** Reads the newest published snapshot, or says that there is none. `undefined`: try again. */
  readSnapshot(answer: (snapshot: StoredSnapshot | "none" | undefined) => void): void {
    this.#request(answer, undefined, () => this.#newest.snapshot ?? "none");
  }

  /** Refuses every request for a while. */
  goAway(forMs: number): void {
    this.#awayUntilMs = this.#time.nowMs + forMs;
  }

  /** Takes this much longer to sync for a while. */
  slowDown(forMs: number, byMs: number): void {
    this.#slowUntilMs = this.#time.nowMs + forMs;
    this.#slowByMs = byMs;
  }

  /** Loses any part of what is not synced, from the end. */
  loseUnsynced(): void {
    const kept = this.#dice.whole(0, this.#states.length);
    this.#states.length = kept + 1;
    this.#generation += 1;
    this.#become(this.#newest);
  }

  /** Goes back by so many durable states, as a failover to a lagging replica does. False if there are not so many. */
  rollBack(by: number): boolean {
    const to = this.#history.at(-by);
    if (to === undefined) return false;
    this.#generation += 1;
    this.#states = [to];
    this.#history = [];
    return true;
  }

  /** Forgets everything. */
  wipe(): void {
    this.#generation += 1;
    this.#states = [EMPTY_STORE];
    this.#history = [];
  }

  /** Works without faults from now on. */
  heal(): void {
    this.#faults = FAULTLESS_STORE;
    this.#awayUntilMs = 0;
    this.#slowUntilMs = 0;
  }

  get #newest(): StoreState {
    return this.#states[this.#states.length - 1] ?? EMPTY_STORE;
  }

  #request<T>(answer: (reply: T) => void, unavailable: T, serve: () => T): void {
    const { travelMeanMs, loseRequest, loseAnswer, doubleAnswer } = this.#faults;
    const travelMs = () => travelMeanMs > 0 ? this.#dice.tailed(travelMeanMs) : 0;
    if (this.#dice.chance(loseRequest)) return;
    const answersCount = this.#dice.chance(loseAnswer)
      ? 0
      : this.#dice.chance(doubleAnswer)
      ? 2
      : 1;
    this.#time.after(travelMs(), () => {
      const isAway = this.#time.nowMs < this.#awayUntilMs;
      const reply = isAway ? unavailable : serve();
      const generation = this.#generation;
      const durableInMs = isAway ? 0 : Math.max(0, this.#syncedAtMs - this.#time.nowMs);
      for (let i = 0; i < answersCount; i++) {
        this.#time.after(durableInMs + travelMs(), () => {
          // What was applied and then lost is not answered; nothing came of it.
          if (generation === this.#generation) answer(reply);
        });
      }
    });
  }

  /** A new state, which becomes durable some time after the one before it. */
  #push(state: StoreState): void {
    if (state === this.#newest) return;
    this.#states.push(state);
    const { nowMs } = this.#time;
    const { syncMeanMs } = this.#faults;
    const slowByMs = nowMs < this.#slowUntilMs ? this.#slowByMs : 0;
    const syncMs = (syncMeanMs > 0 ? this.#dice.tailed(syncMeanMs) : 0) + slowByMs;
    this.#syncedAtMs = Math.max(this.#syncedAtMs, nowMs + syncMs);
    const generation = this.#generation;
    this.#time.after(this.#syncedAtMs - nowMs, () => {
      if (generation === this.#generation) this.#become(state);
    });
  }

  #become(state: StoreState): void {
    const before = this.durable;
    const at = this.#states.indexOf(state);
    if (at < 0) return;
    this.#history.push(...this.#states.slice(0, at));
    if (this.#history.length > HISTORY_MAX) {
      this.#history.splice(0, this.#history.length - HISTORY_MAX);
    }
    this.#states.splice(0, at);
    if (state !== before) this.#whenDurable(state);
  }
}
