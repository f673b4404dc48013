/**
 * What the suite of presence runs on.
 *
 * @module
 */

import type { PresenceStore } from "../../src/presence/port.ts";
import type { WakeFeed } from "../../src/wakes/port.ts";
import type { Bench } from "./harness.ts";

/** A bench for presence: with the feed that hears what the store publishes. */
export interface PresenceBench extends Bench<PresenceStore> {
  /** The feed. */
  readonly wakes: WakeFeed;
}

/** Opens such a bench. */
export type OpenPresenceBench = () => Promise<PresenceBench>;

/** Registers one test of the suite. */
export type On = (name: string, run: (bench: PresenceBench) => Promise<void>) => void;

/** A time to live that no test outlasts, in milliseconds. */
export const LONG = 60_000;
let calls = 0;

/** A change of its own. */
export function fresh(ttlMs: number = LONG): { readonly ttlMs: number; readonly tag: string } {
  return { ttlMs, tag: `t${calls++}` };
}
