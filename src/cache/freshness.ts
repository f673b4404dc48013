/**
 * All that a cache decides about age, as functions from values to values.
 *
 * Three things age, each by a clock of its own. A record is *dead* when the store says so: it expires by the store's
 * clock, whatever ours shows. It is *stale* by our clock, and what that clock may be off by counts as age, so that a
 * wrong clock costs a creation and never a stale answer. And a read may *lag* behind by the store's replication, which
 * nobody here can see. Invalidation has nothing to do with time: it compares epochs for equality.
 *
 * Early refresh: "Optimal Probabilistic Cache Stampede Prevention" (Vattani, Chierichetti and Lowenstein, VLDB 2015).
 *
 * @module
 */

import type { CacheRecord, StoreTime } from "./port.ts";

/** Whether the epochs of a record still stand: all of them, all hard parts, or not even those. */
export type Standing = "same" | "softened" | "dead";

/** What the epochs of now say of a record that was made in `made`; both in the same order. */
export function standing(
  made: readonly string[],
  now: readonly (string | undefined)[],
): Standing {
  let result: Standing = "same";
  for (let i = 0; i < made.length; i++) {
    if (made[i] === now[i]) continue;
    if (hardPart(made[i]) !== hardPart(now[i]) || now[i] === undefined) return "dead";
    result = "softened";
  }
  return result;
}

/** A record's age in milliseconds: at least its true age, as far as the clock's error is known. */
export function ageMs(record: CacheRecord, clockMs: number, time: StoreTime): number {
  return Math.max(0, clockMs + time.offsetMs + time.errorMs - record.createdAtMs);
}

/** For how long a record is fresh: its own time to live, or what the reader asks for if that is shorter. */
export function freshForMs(record: CacheRecord, ageMaxMs: number): number {
  return Math.min(record.terms.ttlMs, ageMaxMs);
}

/** Whether a value that is not fresh may still be served, `windowMs` after its time to live. */
export function isServable(record: CacheRecord, age: number, windowMs: number): boolean {
  return windowMs > 0 && age < record.terms.ttlMs + windowMs;
}

/** Beyond so many costs before the end, no dice are rolled: the chance is below one in five hundred million. */
const DICE_COSTS_MAX = 20;

/** Whether dice have to be rolled for a fresh value: near its end as its cost goes, or never. */
export function mayBeEarly(record: CacheRecord, age: number, eagerness: number): boolean {
  return record.terms.ttlMs - age < eagerness * record.costMs * DICE_COSTS_MAX;
}

/** Whether a fresh value is to be refreshed already. `eagerness` is the paper's beta; `roll` gives a number in [0, 1). */
export function isEarly(
  record: CacheRecord,
  age: number,
  eagerness: number,
  roll: () => number,
): boolean {
  if (!mayBeEarly(record, age, eagerness)) return false;
  return -eagerness * record.costMs * Math.log(1 - roll()) >= record.terms.ttlMs - age;
}

/** A time to live, shortened at random by up to the fraction `jitter`, so that what began together ends apart. */
export function jitteredMs(ttlMs: number, jitter: number, roll: () => number): number {
  return jitter === 0 || ttlMs === Infinity ? ttlMs : Math.ceil(ttlMs * (1 - jitter * roll()));
}

/** The shortest and longest lease that is chosen from experience, in milliseconds. */
const LEASE_MS = { min: 5_000, max: 60_000 } as const;

/** For how long to ask for a lease of a creation that took `costMs` the last time. */
export function leaseForMs(costMs: number): number {
  return Math.min(LEASE_MS.max, Math.max(LEASE_MS.min, Math.ceil(3 * costMs)));
}

/** The shortest and longest pause of who waits for another's creation, in milliseconds. */
const PAUSE_MS = { min: 20, max: 250 } as const;

/**
 * How long to wait before looking again for what somebody else creates: until the end that it was said to take, then
 * by an eighth of its age, so that neither short nor long creations cost many looks. Spread by a fifth.
 */
export function pauseMs(
  busy: { readonly heldMs: number; readonly remainingMs: number; readonly costMs: number },
  roll: () => number,
): number {
  const untilDoneMs = 0.9 * busy.costMs - busy.heldMs;
  const growingMs = Math.min(PAUSE_MS.max, Math.max(PAUSE_MS.min, busy.heldMs / 8));
  const pause = Math.max(untilDoneMs, growingMs) * (0.8 + 0.4 * roll());
  return Math.min(pause, busy.remainingMs + 1);
}

function hardPart(epoch: string | undefined): string | undefined {
  return epoch?.slice(0, epoch.indexOf("."));
}
