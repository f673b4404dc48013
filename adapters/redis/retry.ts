/**
 * The one retry policy. Which calls: those that leave the same state however often they arrive, and any other one only
 * while it is certain that it was not carried out. How long: until the call's deadline. How often: with exponential
 * waits and full jitter, not before the server's own `Retry-After`.
 *
 * @module
 */

import { backoffMs } from "../../src/backoff.ts";
import type { Clock } from "../../src/clock.ts";
import { HoldfastError } from "../../src/errors.ts";
import type { Random } from "../../src/random.ts";
import { sleep, withDeadline } from "../../src/waiting.ts";
import { failureOf, type RequestError, unanswered } from "./failures.ts";

/**
 * What a call does to the store, which decides whether it may be sent again.
 *
 * - `"read"`: nothing.
 * - `"repeatable"`: the same however often it arrives: by its nature, or because it carries proof of its identity.
 * - `"once"`: more each time it arrives. Not sent again here; but a host's `fetch` may do so by itself, on a connection
 *   that was kept alive and had closed. So only a write that proves its identity is sure to happen once.
 */
export type Effect = "read" | "repeatable" | "once";

/** A call as the policy sees it. */
export interface Call {
  /** What it does to the store. */
  readonly effect: Effect;
  /** How long all its attempts may take together, in milliseconds. */
  readonly deadlineMs: number;
  /** Ends the waiting when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** What the policy works with. */
export interface RetryOptions {
  /** Where it reads the time. */
  readonly clock: Clock;
  /** Where it rolls the dice for its waits. */
  readonly random: Random;
  /** How long one attempt may take, in milliseconds. */
  readonly attemptMs: number;
}

/** The most times that one call is sent, whatever its deadline. */
export const ATTEMPTS_MAX = 24;

const WAITS = { firstMs: 25, ceilingMs: 1_000 };

/**
 * What the attempt gives, tried again as the policy allows.
 *
 * @throws {HoldfastError} The failure of the last attempt; `ERR_OUTCOME_UNKNOWN` if an earlier or the last one may have
 * been carried out and the call is no read.
 */
export async function retry<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  call: Call,
  options: RetryOptions,
): Promise<T> {
  const { clock, attemptMs } = options;
  const untilMs = clock.monotonic() + call.deadlineMs;
  let mayHaveHappened = false;
  for (let attempts = 1;; attempts++) {
    const limitMs = Math.min(attemptMs, untilMs - clock.monotonic());
    const late = () => unanswered(limitMs);
    try {
      return await withDeadline(clock, limitMs, attempt, late, { signal: call.signal });
    } catch (error) {
      // Anything a Requester throws; the caller's own abort passes as it is.
      call.signal?.throwIfAborted();
      const failure = failureOf(error);
      mayHaveHappened ||= failure.mayHaveHappened;
      const waitMs = nextWaitMs(call, failure, attempts, options.random);
      if (clock.monotonic() + waitMs >= untilMs) throw verdict(call, failure, mayHaveHappened);
      await sleep(clock, waitMs, { signal: call.signal });
    }
  }
}

/** How long to wait before the next attempt; `Infinity` if there must be none. */
export function nextWaitMs(
  call: Call,
  failure: RequestError,
  attempts: number,
  random: Random,
): number {
  const mayRepeat = call.effect !== "once" || !failure.mayHaveHappened;
  if (!failure.isTransient || !mayRepeat || attempts >= ATTEMPTS_MAX) return Infinity;
  return Math.max(failure.retryAfterMs, backoffMs(attempts - 1, WAITS, random));
}

/** What the caller is told in the end. */
function verdict(call: Call, failure: RequestError, mayHaveHappened: boolean): HoldfastError {
  // A refusal of the command itself comes after the look at its proof: so no earlier attempt was carried out either.
  const isDecided = failure.code === "ERR_WRONG_TYPE" || failure.code === "ERR_SCRIPT_FAILED";
  if (call.effect === "read" || !mayHaveHappened || isDecided) return failure;
  return new HoldfastError(
    "ERR_OUTCOME_UNKNOWN",
    "Cannot tell whether the write happened as its answer was lost",
    { cause: failure },
  );
}
