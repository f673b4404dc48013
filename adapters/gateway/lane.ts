/**
 * A connection to Redis that comes back by itself.
 *
 * The npm client could reconnect on its own, but it neither stops trying when it is closed nor says which commands it
 * had kept meanwhile. Here every connection is a client of its own: when it is lost, what was on it is answered, and a
 * new client takes its place.
 *
 * @module
 */

import { backoffMs } from "../../src/backoff.ts";
import { systemClock } from "../../src/clock.ts";
import { systemRandom } from "../../src/random.ts";
import { sleep } from "../../src/waiting.ts";
import { connectWithin, newClient, type RawClient, whenLost } from "./connection.ts";
import { unreachable } from "./refusal.ts";

/** A connection to Redis that comes back by itself. */
export interface Lane {
  /** The connection as it is now; commands on one that is lost are refused as not sent. */
  readonly client: RawClient;
  /**
   * Connects, trying again until the time is up.
   *
   * @throws {Refusal} 503 if it is.
   */
  connect(deadlineMs: number): Promise<void>;
  /** Ends it for good. */
  close(): void;
}

const BACKOFF = { firstMs: 50, ceilingMs: 1_000 };
const ATTEMPT_MS_MAX = 5_000;

/** Makes a lane to an address. Nothing is sent before {@linkcode Lane.connect}. */
export function lane(url: string): Lane {
  const clock = systemClock();
  const random = systemRandom();
  const closing = new AbortController();
  let client = newClient(url);

  const connect = async (untilMs: number): Promise<void> => {
    for (let attempt = 0;; attempt++) {
      const leftMs = untilMs - clock.monotonic();
      if (closing.signal.aborted || leftMs <= 0) throw unreachable();
      try {
        return await connectOnce(Math.min(leftMs, ATTEMPT_MS_MAX));
      } catch {
        // Refused, or not in time: again after a pause.
        const pauseMs = Math.min(backoffMs(attempt, BACKOFF, random), leftMs);
        await sleep(clock, pauseMs, { signal: closing.signal }).catch(() => {});
      }
    }
  };

  const connectOnce = async (ms: number): Promise<void> => {
    const next = newClient(url);
    closing.signal.addEventListener("abort", () => next.destroy(), { once: true });
    await connectWithin(next, ms);
    client = next;
    whenLost(next, () => {
      // It fails only because the lane is closed.
      connect(Infinity).catch(() => {});
    });
  };

  return {
    get client() {
      return client;
    },
    connect: (deadlineMs) => connect(clock.monotonic() + deadlineMs),
    close: () => {
      closing.abort();
      client.destroy();
    },
  };
}
