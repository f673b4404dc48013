/**
 * Reading without creating.
 *
 * @module
 */

import type { CacheEntry } from "./face.ts";
import type { CacheKey } from "./key.ts";
import { sights } from "./look.ts";
import type { Plan } from "./plan.ts";
import type { StoreKey } from "./port.ts";
import { type Region, type Sight, unseen } from "./region.ts";

/** What lies under some keys is worth. A store that fails has nothing. */
export async function seen(
  region: Region,
  plan: Plan,
  places: readonly StoreKey[],
): Promise<Sight[]> {
  if (places.length === 0) return [];
  try {
    const { records, epochs } = await region.store.read(region.space, places, plan.epochs);
    return await sights(region, plan, records, epochs);
  } catch {
    // The store failed, and an event said so: to a reader that is a miss.
    return places.map(() => unseen("unavailable"));
  }
}

/** The value of a sight for a reader, counted as what it is. */
export function valueSeen(
  region: Region,
  key: CacheKey,
  { record, value, reason, age }: Sight,
  mayBeStale: boolean,
): unknown {
  if (reason === undefined) region.hit(key);
  else if (record !== undefined && mayBeStale) region.stale(key, age);
  else {
    region.miss(key, reason);
    return undefined;
  }
  return value;
}

/** All that is known of an entry. */
export function entryOf({ record, value, age, reason }: Sight): CacheEntry | undefined {
  if (record === undefined) return undefined;
  const { createdAtMs, costMs, terms } = record;
  return {
    value,
    createdAtMs,
    ageMs: age,
    isFresh: reason === undefined,
    staleAtMs: createdAtMs + terms.ttlMs,
    expiresAtMs: createdAtMs + terms.lifeMs,
    costMs,
  };
}
