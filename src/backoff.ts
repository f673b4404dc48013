/**
 * How long to wait before trying again: exponential growth with full jitter, so that many who failed together do not
 * come back together (Brooker, "Exponential Backoff And Jitter", 2015).
 *
 * @module
 */

import type { Random } from "./random.ts";

/** The shape of a series of waits. */
export interface BackoffOptions {
  /** The upper bound of the first wait, in milliseconds. */
  readonly firstMs: number;
  /** The upper bound of every wait, in milliseconds. */
  readonly ceilingMs: number;
}

/** A random wait in milliseconds before the retry number `attempt` (the first is 0). */
export function backoffMs(attempt: number, options: BackoffOptions, random: Random): number {
  const bound = Math.min(options.ceilingMs, options.firstMs * 2 ** Math.min(attempt, 52));
  return random.float() * bound;
}
