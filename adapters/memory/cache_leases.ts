/**
 * The leases of one cache space. One that has run out is noticed when somebody asks for it, or when there are many.
 *
 * @module
 */

import type { LeaseAnswer, LeaseOrder } from "../../src/cache/port.ts";

interface Lease {
  /** Who holds it; empty if nobody does and nobody is to have it. */
  readonly token: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly costMs: number;
}

/** How many leases there may be before those that have run out are looked for. */
const SWEEP_AT_MIN = 1_000;

/** Leases by key. */
export class Leases {
  readonly #leases = new Map<string, Lease>();
  #sweepAt = SWEEP_AT_MIN;

  /** Takes the lease of a key unless somebody else has it. */
  take(key: string, { token, leaseMs, costMs }: LeaseOrder, nowMs: number): LeaseAnswer {
    const held = this.#standing(key, nowMs);
    if (held !== undefined && held.token !== token) {
      const remainingMs = held.untilMs - nowMs;
      if (held.token === "") return { kind: "barred", remainingMs };
      return { kind: "busy", heldMs: nowMs - held.sinceMs, remainingMs, costMs: held.costMs };
    }
    if (this.#leases.size >= this.#sweepAt) this.#sweep(nowMs);
    this.#leases.set(key, { token, sinceMs: nowMs, untilMs: nowMs + leaseMs, costMs });
    return { kind: "granted" };
  }

  /** Ends a lease if it still stands, and bars the key for `barMs` milliseconds. Tells whether it stood. */
  end(key: string, token: string, barMs: number, nowMs: number): boolean {
    if (this.#standing(key, nowMs)?.token !== token) return false;
    if (barMs === 0) this.#leases.delete(key);
    else this.#leases.set(key, { token: "", sinceMs: nowMs, untilMs: nowMs + barMs, costMs: 0 });
    return true;
  }

  /** Ends whatever lease there is. */
  revoke(key: string): void {
    this.#leases.delete(key);
  }

  /** Whether somebody holds the lease of a key. */
  isHeld(key: string, nowMs: number): boolean {
    return (this.#standing(key, nowMs)?.token ?? "") !== "";
  }

  #standing(key: string, nowMs: number): Lease | undefined {
    const lease = this.#leases.get(key);
    return lease !== undefined && nowMs < lease.untilMs ? lease : undefined;
  }

  #sweep(nowMs: number): void {
    for (const [key, { untilMs }] of this.#leases) if (nowMs >= untilMs) this.#leases.delete(key);
    this.#sweepAt = Math.max(SWEEP_AT_MIN, this.#leases.size * 2);
  }
}
