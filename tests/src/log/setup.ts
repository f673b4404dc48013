/**
 * What tests of logs share: a log in memory on a clock of its own.
 *
 * @module
 */

import { memory, type MemoryBackend } from "../../../adapters/memory/mod.ts";
import { createLog, type Log, type LogOptions } from "../../../src/log/mod.ts";
import { type ManualClock, manualClock } from "../../contracts/manual_clock.ts";

/** A log, and what it stands on. */
export interface TestLog<Event> {
  readonly log: Log<Event>;
  readonly clock: ManualClock;
  readonly backend: MemoryBackend;
}

/** A log in memory. */
export function logInMemory<Event = number>(
  options: Partial<LogOptions<Event>> = {},
): TestLog<Event> {
  const clock = manualClock();
  const backend = memory({ clock });
  return { log: createLog<Event>(backend, { name: "orders", ...options }), clock, backend };
}

/** The first so many of a feed. */
export async function take<Value>(feed: AsyncIterable<Value>, count: number): Promise<Value[]> {
  const taken: Value[] = [];
  for await (const value of feed) {
    taken.push(value);
    if (taken.length === count) break;
  }
  return taken;
}

/** A log in memory on the host's clock, for what waits a few milliseconds by itself. */
export function liveLog<Event = number>(): Omit<TestLog<Event>, "clock"> {
  const backend = memory();
  return { log: createLog<Event>(backend, { name: "orders" }), backend };
}
