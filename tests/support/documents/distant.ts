/**
 * A store that is a way off: each of its answers takes time, by a clock that a test holds.
 *
 * @module
 */

import type { Clock } from "../../../src/clock.ts";
import { sleep } from "../../../src/waiting.ts";
import type { ManualClock } from "../../contracts/manual_clock.ts";

/** The store with `tripMs()` milliseconds for each call: half of them before it happens, half after it. */
export function distant<Store extends object>(
  store: Store,
  clock: Clock,
  tripMs: () => number,
): Store {
  const entries = Object.entries(store).map(([method, value]) => {
    if (typeof value !== "function") return [method, value];
    return [method, async (...args: unknown[]) => {
      await sleep(clock, tripMs() / 2);
      const answer: unknown = await value.apply(store, args);
      await sleep(clock, tripMs() / 2);
      return answer;
    }];
  });
  // Of the same methods, each called with the same arguments.
  return Object.fromEntries(entries) as Store;
}

/** Lets time pass until something is done. */
export async function stepped<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let isDone = false;
  const end = () => isDone = true;
  work.then(end, end);
  while (!isDone) await clock.advance(1);
  return await work;
}
