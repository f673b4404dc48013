/**
 * One answer in the making, shared by all who ask for its key while it is.
 *
 * A flight knows who waits for it. One caller's abort ends that caller's waiting and nothing else; when the last one
 * has left, the flight's own signal is aborted and the creation may end.
 *
 * @module
 */

import type { Clock } from "../clock.ts";

/** Something that those who join a flight may have at once. */
export interface Meanwhile {
  /** The value. */
  readonly value: unknown;
  /** Whether it is fresh, and only about to be refreshed. */
  readonly isFresh: boolean;
}

/** One answer in the making. */
export class Flight {
  /** What becomes of it. Never an unhandled rejection: who waits handles it, and if nobody waits nobody cares. */
  readonly done: Promise<unknown>;
  /** Settles the flight; later calls change nothing. */
  readonly resolve: (value: unknown) => void;
  /** Ends the flight in an error; later calls change nothing. */
  readonly reject: (error: unknown) => void;
  /** What those who join may have instead, once there is something. */
  meanwhile: Meanwhile | undefined;
  /** Whether it is settled. */
  isOver = false;
  #waiting = 0;
  #controller: AbortController | undefined;
  #onAbandoned: () => void;

  /** Makes a flight; calls back when everyone who waited for it has left. */
  constructor(onAbandoned: () => void) {
    const { promise, resolve, reject } = deferred();
    this.done = promise;
    this.resolve = (value) => {
      this.isOver = true;
      resolve(value);
    };
    this.reject = (error) => {
      this.isOver = true;
      reject(error);
    };
    this.#onAbandoned = onAbandoned;
    promise.catch(() => {});
  }

  /** Aborted when everyone who waited has left, or by {@linkcode Flight.end}. Made when first asked for. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Waits for the answer, until the signal is aborted. */
  join(signal?: AbortSignal): Promise<unknown> {
    this.#waiting++;
    if (signal === undefined) return this.done;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason);
        this.#leave(signal.reason);
      };
      const stay = (): void => signal.removeEventListener("abort", leave);
      signal.addEventListener("abort", leave, { once: true });
      this.done.then(resolve, reject).then(stay);
    });
  }

  /**
   * Settles another flight of the key with this one, unless this one is merely abandoned. Only its own end counts:
   * when a request ends, workerd rejects the promises it left behind, with an error that is nobody's.
   */
  passOn(other: Flight): void {
    this.done.then(other.resolve, (error) => {
      if (this.isOver && !this.signal.aborted) other.reject(error);
    });
  }

  /** Fails for everyone who waits, and aborts the creation. */
  end(error: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(error);
    this.reject(error);
  }

  #leave(reason: unknown): void {
    if (--this.#waiting > 0 || this.isOver) return;
    this.#onAbandoned();
    this.end(reason);
  }
}

/** A signal that is aborted when all of these flights have been. */
export function whenAllEnd(flights: readonly Flight[]): AbortSignal {
  const [only] = flights;
  if (only !== undefined && flights.length === 1) return only.signal;
  const controller = new AbortController();
  const check = (): void => {
    if (flights.every(({ signal }) => signal.aborted)) controller.abort(only?.signal.reason);
  };
  for (const { signal } of flights) signal.addEventListener("abort", check, { once: true });
  check();
  return controller.signal;
}

/** Waits `ms` milliseconds, or until one of the flights is over. */
export async function pause(clock: Clock, ms: number, flights: readonly Flight[]): Promise<void> {
  let cancel = (): void => {};
  const elapsed = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  // A flight that fails is over like any other: who waits for it sees its error.
  const over = flights.map(({ done }) => done.then(() => {}, () => {}));
  await Promise.race([elapsed, ...over]);
  cancel();
}

function deferred(): {
  promise: Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: unknown) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<unknown>((...settle) => [resolve, reject] = settle);
  return { promise, resolve, reject };
}
