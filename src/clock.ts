/**
 * Time as a value that is handed in. With `random.ts` this is the only file of the core that touches the host's time.
 *
 * A clock has two readings: the time of day, which is written into entries and which other machines may disagree with,
 * and a monotonic reading, which only tells how long something took. Waiting goes through {@linkcode Clock.after}, so
 * that a test can step a whole protocol through its time limits without sleeping.
 *
 * @module
 */

/** Where the library reads the time and sets its timers. */
export interface Clock {
  /** The time of day in milliseconds since 1970-01-01 UTC, whole or not. May step backwards when the host is set anew. */
  now(): number;
  /** Milliseconds since an arbitrary moment; never steps backwards. */
  monotonic(): number;
  /** Calls back once after `ms` milliseconds (at once in a later task if 0 or less). Returns what cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** The longest time a host's timer can wait; longer ones fire at once there, so they are cut to this. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The host's clock. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, Math.min(Math.max(0, ms), TIMER_MS_MAX));
      return () => clearTimeout(timer);
    },
  };
}
