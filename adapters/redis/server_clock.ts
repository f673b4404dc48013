/**
 * A measured estimate of the server's clock. Each answer that tells the time there bounds it: the server read its clock
 * somewhere between sending and receiving.
 *
 * Source: Cristian, "Probabilistic clock synchronization", 1989.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";

/** The time of day at the server, and how wrong that may be. */
export interface ServerTime {
  /** Milliseconds since 1970-01-01 UTC by the server's clock. */
  readonly nowMs: number;
  /** The most milliseconds by which it may differ, to either side. */
  readonly errorMs: number;
}

/** One reading of the server's clock, between two readings of the local monotonic one. */
export interface ServerTimeSample {
  /** What the server's clock showed. */
  readonly serverMs: number;
  /** By how much that reading itself may be off: 1 for a time in milliseconds, 1,000 for one in seconds. */
  readonly precisionMs: number;
  /** When the question was sent. */
  readonly sentMs: number;
  /** When the answer was there. */
  readonly receivedMs: number;
}

/** Keeps the best sample. */
export interface ServerClock {
  /** Takes a sample. */
  observe(sample: ServerTimeSample): void;
  /** The estimate as of now; `undefined` before the first sample. */
  read(): ServerTime | undefined;
}

/** How fast two clocks may drift apart: 200 ms in 1,000 s, several times what hosts do. */
const DRIFT = 0.0002;

/**
 * Makes a server clock that has no sample yet. A sample of the store's own time is never given up for a coarser one,
 * which is that of the front before it, and only stands in for want of a better.
 */
export function serverClock(clock: Clock): ServerClock {
  let best = { offsetMs: 0, errorMs: Infinity, atMs: 0, precisionMs: Infinity };
  const errorAt = (nowMs: number): number => best.errorMs + (nowMs - best.atMs) * DRIFT;
  return {
    observe({ serverMs, precisionMs, sentMs, receivedMs }) {
      // A reading is cut off to its precision: the true one lies in [serverMs, serverMs + precisionMs).
      const offsetMs = serverMs + precisionMs / 2 - (sentMs + receivedMs) / 2;
      const errorMs = precisionMs + (receivedMs - sentMs);
      const isBetter = precisionMs === best.precisionMs
        ? errorMs <= errorAt(receivedMs)
        : precisionMs < best.precisionMs;
      if (isBetter) best = { offsetMs, errorMs, atMs: receivedMs, precisionMs };
    },
    read() {
      const nowMs = clock.monotonic();
      const errorMs = errorAt(nowMs);
      return errorMs < Infinity ? { nowMs: nowMs + best.offsetMs, errorMs } : undefined;
    },
  };
}
