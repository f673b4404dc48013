/**
 * Waiting, by a clock that is handed in: {@linkcode sleep} and {@linkcode withDeadline}.
 *
 * Both leave nothing behind, however they end: no timer, no listener on the caller's signal, no rejection that nobody
 * handles. An abort ends the waiting and says the signal's own reason; what was being waited for may still happen.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** A value, or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;

/** Whether something is still to come. */
export function isPromiseLike<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof (value as { readonly then?: unknown } | undefined)?.then === "function";
}

/** Options of everything that waits. */
export interface WaitOptions {
  /** Ends the waiting when aborted; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits `ms` milliseconds by the clock; until the signal is aborted if `ms` is `Infinity`.
 *
 * @throws The signal's reason when it is aborted, at once if it already is.
 */
export function sleep(clock: Clock, ms: number, options: WaitOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    waitFor(clock, ms, options.signal, resolve, reject);
  });
}

/**
 * What `work` gives, if it gives it within `ms` milliseconds (`Infinity`: whenever it does).
 *
 * Work that is a function gets a signal, which is aborted when the time is up or the caller's own signal is; so it can
 * stop what it started. It is not called at all if the caller's signal is aborted already. Work that is a promise is
 * merely no longer waited for. Either way its late failure is swallowed.
 *
 * @param error Makes the error of a deadline that passed; called only then.
 * @throws What `error` makes when the time is up; the reason of the caller's signal when that is aborted; what the
 * work throws.
 */
export function withDeadline<T>(
  clock: Clock,
  ms: number,
  work: Promise<T> | ((signal: AbortSignal) => Promise<T>),
  error: () => Error,
  options: WaitOptions = {},
): Promise<T> {
  const stop = new AbortController();
  return new Promise((resolve, reject) => {
    const giveUp = (reason: unknown): void => {
      // First the caller, then the work: a failure that the stop provokes comes too late to be told.
      reject(reason);
      stop.abort(reason);
    };
    const end = waitFor(clock, ms, options.signal, () => giveUp(error()), giveUp);
    if (typeof work === "function" && stop.signal.aborted) return;
    const doing = typeof work === "function" ? started(work, stop.signal) : work;
    doing.then(resolve, reject).finally(end);
  });
}

/** Calls one of the two once, or neither if what it returns is called before. */
function waitFor(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
  onTime: () => void,
  onAbort: (reason: unknown) => void,
): () => void {
  if (signal?.aborted) {
    onAbort(signal.reason);
    return () => {};
  }
  const end = (): void => {
    cancel();
    signal?.removeEventListener("abort", aborted);
  };
  const aborted = (): void => {
    end();
    onAbort(signal?.reason);
  };
  const cancel = ms === Infinity ? () => {} : clock.after(ms, () => {
    end();
    onTime();
  });
  signal?.addEventListener("abort", aborted, { once: true });
  return end;
}

/** Starts the work; a throw before its first wait is a rejection like any other. */
async function started<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return await work(signal);
}
