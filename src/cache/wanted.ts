/**
 * A key on its way to a value, and what a whole batch of them goes by.
 *
 * @module
 */

import type { Chain, CreateContext } from "./creation.ts";
import type { Flight } from "./flight.ts";
import type { CacheKey, NamespacePath } from "./key.ts";
import type { Found, LeaseRequest, StoreKey } from "./port.ts";
import type { Plan } from "./plan.ts";
import type { Region, Sight } from "./region.ts";

/** One key on its way to a value. */
export interface Wanted {
  readonly key: CacheKey;
  readonly place: StoreKey;
  readonly flat: string;
  /** What answers the callers. Replaced once they were answered with a stale value: the next one is for nobody yet. */
  flight: Flight;
  isBackground: boolean;
  /** What lies there, and what it is worth. */
  found: Found;
  sight: Sight;
}

/** What the keys of a batch have in common. */
export interface BatchOrder {
  readonly region: Region;
  readonly plan: Plan;
  readonly path: NamespacePath;
  /** Makes the values; a key that it leaves out has none. */
  readonly create: BatchCreator;
  /** The `getOrCreate` for creators inside this chain. */
  readonly nested: (chain: Chain) => CreateContext["getOrCreate"];
  readonly chain: Chain | undefined;
}

/** Makes the values of some keys. */
export type BatchCreator = (
  wanted: readonly Wanted[],
  context: CreateContext,
) => Promise<ReadonlyMap<Wanted, unknown>>;

/** The wish for its lease: over what was found there, as nothing else may be replaced. */
export function leaseRequest({ place, found }: Wanted, isRaw: boolean): LeaseRequest {
  if (found === undefined) return { key: place, over: "nothing" };
  const isNameless = isRaw || found === "foreign";
  return { key: place, over: isNameless ? "anything" : found.createdAtMs };
}

/** Answers the callers of a key, and lets nobody else join. */
export function answer({ region }: BatchOrder, wanted: Wanted, value: unknown): void {
  region.land(wanted.flat, wanted.flight);
  wanted.flight.resolve(value);
}

/** Fails for the callers of a key, and lets nobody else join. */
export function fail({ region }: BatchOrder, wanted: Wanted, error: unknown): void {
  region.land(wanted.flat, wanted.flight);
  wanted.flight.reject(error);
}

/** Answers the callers with what there is, and goes on behind them, for the next ones. */
export function answerEarly(
  { region, plan }: BatchOrder,
  wanted: Wanted,
  value: unknown,
  isFresh: boolean,
): void {
  const { flight } = wanted;
  wanted.flight = region.launch(wanted.flat);
  wanted.flight.meanwhile = { value, isFresh };
  wanted.isBackground = true;
  region.behind(wanted.flight.join(), plan);
  flight.resolve(value);
}
