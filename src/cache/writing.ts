/**
 * Changing entries: who made a change is told if it failed, and nobody joins what was begun before it.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { checkText } from "./create.ts";
import { lifeOf } from "./creation.ts";
import { flatKey } from "./key.ts";
import { type Plan, tagsOf } from "./plan.ts";
import type { CacheWrite, StoreKey } from "./port.ts";
import type { Region } from "./region.ts";
import { encoded } from "./serializer.ts";

/** How long a write may be under way before the store refuses it, in milliseconds. */
const WRITE_MS = 10_000;

/** Stores values; those that are not to be stored are removed. */
export async function writeAll(
  region: Region,
  plan: Plan,
  places: readonly StoreKey[],
  values: readonly unknown[],
): Promise<void> {
  const all = places.map((key, i) => writeOf(region, plan, key, values[i]));
  const removed = all.filter(({ ttlMs }) => ttlMs === 0).map(({ key }) => key);
  const writes = all.filter(({ ttlMs }) => ttlMs > 0);
  if (removed.length > 0) await removeAll(region, removed);
  if (writes.length === 0) return;
  const time = await region.store.time();
  const deadlineMs = region.clock.now() + time.offsetMs + time.errorMs + WRITE_MS;
  const order = { epochs: plan.epochs, tags: tagsOf(plan), deadlineMs };
  const isDone = await region.store.write(region.space, writes, order);
  forgetFlights(region, places);
  if (isDone) return;
  throw new HoldfastError("ERR_TIMEOUT", `Cannot set an entry within ${WRITE_MS} ms`);
}

/** Removes entries. */
export async function removeAll(region: Region, places: readonly StoreKey[]): Promise<void> {
  if (places.length === 0) return;
  await region.store.remove(region.space, places);
  forgetFlights(region, places);
}

/** Renews epochs. Which flights that concerns nobody knows, so nobody joins any of them. */
export async function renewAll(
  region: Region,
  epochs: readonly string[],
  kind: "hard" | "soft",
): Promise<void> {
  if (epochs.length === 0) return;
  await region.store.renew(region.space, epochs, kind);
  region.flights.clear();
}

function writeOf(region: Region, plan: Plan, key: StoreKey, value: unknown): CacheWrite {
  const text = encoded(region.setup.serializer, value);
  checkText(text, region.store.textMax);
  return { key, text, ...lifeOf(value, plan.policy, undefined, region.random) };
}

function forgetFlights({ flights }: Region, places: readonly StoreKey[]): void {
  for (const place of places) flights.delete(flatKey(place));
}
