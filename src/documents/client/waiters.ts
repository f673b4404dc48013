/**
 * Who waits, by number: promises that a machine settles.
 *
 * @module
 */

import type { WaitOptions } from "../../waiting.ts";

interface Waiter {
  promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
  /** Ends the listening to the signal, if there is one. */
  unlisten(): void;
}

/** Promises by number. One that nobody waits for is settled without effect. */
export class Waiters {
  #count = 0;
  /** There while somebody waits: most documents have nobody most of the time. */
  #waiting: Map<number, Waiter> | undefined;

  /** How many wait. */
  get size(): number {
    return this.#waiting?.size ?? 0;
  }

  /** A number that was not given yet. */
  ticket(): number {
    return ++this.#count;
  }

  /** Waits until the number is settled. An abort ends the waiting, and nothing else. */
  wait(ticket: number, { signal }: WaitOptions = {}): Promise<void> {
    const waiter = newWaiter();
    this.#waiting ??= new Map();
    this.#waiting.set(ticket, waiter);
    if (signal !== undefined) this.#listen(ticket, waiter, signal);
    return waiter.promise;
  }

  /** Tells them what became of it. If it is told elsewhere too, a promise that nobody handles is no complaint. */
  settle(tickets: readonly number[], error?: unknown, isToldToo = false): void {
    for (const ticket of tickets) {
      const waiter = this.#taken(ticket);
      if (isToldToo) waiter?.promise.catch(() => {});
      if (error === undefined) waiter?.resolve();
      else waiter?.reject(error);
    }
  }

  /** Tells everybody. */
  settleAll(error?: unknown): void {
    if (this.#waiting !== undefined) this.settle([...this.#waiting.keys()], error);
  }

  #listen(ticket: number, waiter: Waiter, signal: AbortSignal): void {
    const aborted = (): void => this.#taken(ticket)?.reject(signal.reason);
    waiter.unlisten = () => signal.removeEventListener("abort", aborted);
    if (signal.aborted) aborted();
    else signal.addEventListener("abort", aborted, { once: true });
  }

  #taken(ticket: number): Waiter | undefined {
    const waiter = this.#waiting?.get(ticket);
    if (waiter === undefined) return undefined;
    waiter.unlisten();
    this.#waiting?.delete(ticket);
    if (this.#waiting?.size === 0) this.#waiting = undefined;
    return waiter;
  }
}

function newWaiter(): Waiter {
  let [resolve, reject] = [NOTHING, NOTHING as (error: unknown) => void];
  const promise = new Promise<void>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { promise, resolve, reject, unlisten: NOTHING };
}

const NOTHING = (): void => {};
