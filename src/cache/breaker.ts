/**
 * When to leave a failing store alone: a state machine, from a state and what happened to the next state.
 *
 * After some failures in a row nobody is let through for a while; then one may try, and what becomes of it decides.
 *
 * @module
 */

/** How many failures in a row it takes. */
const FAILURES_MAX = 3;

/** Where a breaker stands. */
export interface BreakerState {
  /** Failures since the last success. */
  readonly failures: number;
  /** Until when nobody is let through, on the monotonic clock; undefined while everybody is. */
  readonly openUntilMs: number | undefined;
}

/** A breaker that lets everybody through. */
export const CLOSED: BreakerState = { failures: 0, openUntilMs: undefined };

/** Whether a call may go through now. */
export function mayPass({ openUntilMs }: BreakerState, nowMs: number): boolean {
  return openUntilMs === undefined || nowMs >= openUntilMs;
}

/** The state after a call went through: who tries an open breaker keeps the others out until it is done. */
export function passed(state: BreakerState, nowMs: number, openMs: number): BreakerState {
  return state.openUntilMs === undefined ? state : { ...state, openUntilMs: nowMs + openMs };
}

/** The state after a failure. */
export function failed(state: BreakerState, nowMs: number, openMs: number): BreakerState {
  const failures = state.failures + 1;
  const isOpen = openMs > 0 && failures >= FAILURES_MAX;
  return { failures, openUntilMs: isOpen ? nowMs + openMs : undefined };
}
