/**
 * A clock that moves only when a test moves it.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";

/** A {@linkcode Clock} whose hands a test holds. */
export interface ManualClock extends Clock {
  /**
   * Moves time forward. Timers that come due are called in the order of their times, each followed by a pause in
   * which the promises it settled run on; a timer that one of them sets is met on the same walk if it comes due.
   */
  advance(ms: number): Promise<void>;
  /** Sets the time of day, as an administrator would, and leaves the monotonic reading alone. */
  setNow(nowMs: number): void;
  /** How many timers wait. */
  readonly pending: number;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Makes a clock that stands at `nowMs` until it is moved. `rest` lets what can settle do so, between its moves. */
export function manualClock(
  nowMs = 1_700_000_000_000,
  rest: () => Promise<void> = settle,
): ManualClock {
  let elapsed = 0;
  let offset = nowMs;
  let order = 0;
  const timers = new Set<Timer>();
  const due = (until: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= until)
      .sort((a, b) => a.at - b.at || a.order - b.order)[0];
  return {
    now: () => offset + elapsed,
    monotonic: () => elapsed,
    setNow: (now) => {
      offset = now - elapsed;
    },
    get pending() {
      return timers.size;
    },
    after: (ms, callback) => {
      const timer = { at: elapsed + Math.max(0, ms), order: order++, callback };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    advance: async (ms) => {
      const until = elapsed + ms;
      await rest();
      for (let next = due(until); next !== undefined; next = due(until)) {
        timers.delete(next);
        elapsed = Math.max(elapsed, next.at);
        next.callback();
        await rest();
      }
      elapsed = until;
      await rest();
    },
  };
}

/** Lets every promise that can settle now do so: two turns of the host's task queue. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
}

/** So many turns of promises go by before time passes. */
const TURNS = 300;

/** Waits for something that may need time: which passes only when nothing else goes on. */
export async function passing<Value>(clock: ManualClock, waited: Promise<Value>): Promise<Value> {
  let isDone = false;
  const done = (): void => void (isDone = true);
  waited.then(done, done);
  for (let turn = 0; turn < TURNS && !isDone; turn++) await null;
  while (!isDone) await clock.advance(50);
  return await waited;
}
