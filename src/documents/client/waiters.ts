/**
 * Who waits, by number: promises that a machine settles.
 *
 * @module
 */

import type { WaitOptions } from "../../waiting.ts";

interface Waiter {
  readonly ticket: number;
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** Ends the listening to the signal, if there is one. */
  unlisten(): void;
}

/** Nobody. Never added to. */
const NOBODY: Waiter[] = [];

/** Promises by number. One that nobody waits for is settled without effect. */
export class Waiters {
  #count = 0;
  /** They, in the order of their numbers, in which they are mostly settled too: mostly it is one. */
  #waiting = NOBODY;

  /** How many wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** A number that was not given yet. */
  ticket(): number {
    return ++this.#count;
  }

  /** Waits until the number is settled. An abort ends the waiting, and nothing else. */
  wait(ticket: number, { signal }: WaitOptions = {}): Promise<void> {
    const waiter = newWaiter(ticket);
    if (this.#waiting.length === 0) this.#waiting = [waiter];
    else this.#waiting.push(waiter);
    if (signal !== undefined) this.#listen(waiter, signal);
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
    if (this.#waiting.length > 0) this.settle(this.#waiting.map(({ ticket }) => ticket), error);
  }

  #listen(waiter: Waiter, signal: AbortSignal): void {
    const aborted = (): void => this.#taken(waiter.ticket)?.reject(signal.reason);
    waiter.unlisten = () => signal.removeEventListener("abort", aborted);
    if (signal.aborted) aborted();
    else signal.addEventListener("abort", aborted, { once: true });
  }

  #taken(ticket: number): Waiter | undefined {
    const waiting = this.#waiting;
    const at = waiting.findIndex((waiter) => waiter.ticket === ticket);
    const waiter = waiting[at];
    if (waiter === undefined) return undefined;
    waiter.unlisten();
    if (waiting.length === 1) this.#waiting = NOBODY;
    else if (at === 0) waiting.shift();
    else waiting.splice(at, 1);
    return waiter;
  }
}

function newWaiter(ticket: number): Waiter {
  let [resolve, reject] = [NOTHING, NOTHING as (error: unknown) => void];
  const promise = new Promise<void>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { ticket, promise, resolve, reject, unlisten: NOTHING };
}

const NOTHING = (): void => {};
