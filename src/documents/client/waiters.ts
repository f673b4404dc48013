/**
 * Who waits, by number: promises that a machine settles.
 *
 * @module
 */

import type { WaitOptions } from "../../waiting.ts";

interface Waiter {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/** Promises by number. One that nobody waits for is settled without effect. */
export class Waiters {
  #count = 0;
  /** Made when somebody waits: most documents have nobody most of the time. */
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
    let [resolve, reject] = [(): void => {}, (_: unknown): void => {}];
    const promise = new Promise<void>((resolved, rejected) =>
      [resolve, reject] = [resolved, rejected]
    );
    const end = (): void => {
      signal?.removeEventListener("abort", aborted);
      this.#waiting?.delete(ticket);
      if (this.size === 0) this.#waiting = undefined;
    };
    const aborted = (): void => {
      end();
      reject(signal?.reason);
    };
    const waiter = {
      promise,
      resolve: () => {
        end();
        resolve();
      },
      reject: (error: unknown) => {
        end();
        reject(error);
      },
    };
    this.#waiting ??= new Map();
    this.#waiting.set(ticket, waiter);
    if (signal?.aborted) aborted();
    else signal?.addEventListener("abort", aborted, { once: true });
    return promise;
  }

  /** Tells them what became of it. If it is told elsewhere too, a promise that nobody handles is no complaint. */
  settle(tickets: readonly number[], error?: unknown, isToldToo = false): void {
    for (const ticket of tickets) {
      const waiter = this.#waiting?.get(ticket);
      if (isToldToo) waiter?.promise.catch(() => {});
      if (error === undefined) waiter?.resolve();
      else waiter?.reject(error);
    }
  }

  /** Tells everybody. */
  settleAll(error?: unknown): void {
    if (this.#waiting !== undefined) this.settle([...this.#waiting.keys()], error);
  }
}
