/**
 * Asking for values that may have to be created.
 *
 * Who asks for a key that is being looked for or created in this process joins that flight; otherwise it starts one.
 * A hit in a store that answers at once needs no flight at all.
 *
 * @module
 */

import { ArgumentError, shown } from "../errors.ts";
import { bringHome } from "./batch.ts";
import { type Chain, checkChain, type CreateContext } from "./creation.ts";
import { checkCreator, createAll, createOne } from "./creators.ts";
import type { Creator, ManyCreator } from "./face.ts";
import type { Flight } from "./flight.ts";
import { type CacheKey, flatKey, storeKey } from "./key.ts";
import type { Namespace, Plan } from "./plan.ts";
import type { StoreKey } from "./port.ts";
import { type Region, STALE, unseen } from "./region.ts";
import type { BatchCreator, BatchOrder, Wanted } from "./wanted.ts";

/** Where a call comes from. */
export interface Asker {
  readonly region: Region;
  readonly namespace: Namespace;
  /** The `getOrCreate` that creators inside a chain get. */
  readonly nested: (chain: Chain) => CreateContext["getOrCreate"];
}

/** One value. Not async, so that a hit costs no frame: the promise it returns is resolved already. */
export function askOne<Value>(
  asker: Asker,
  plan: Plan,
  key: CacheKey,
  create: Creator<Value>,
  chain: Chain | undefined,
): Promise<Value> {
  const { region, namespace } = asker;
  checkCreator(create);
  const place = storeKey(namespace.path, key, region.setup.mangleKey);
  const flat = flatKey(place);
  const flight = flightOf(region, flat);
  if (flight !== undefined) {
    checkChain([flat], chain);
    // What lies under the key is what its creator makes, as far as anybody can know.
    return joined(flight, plan) as Promise<Value>;
  }
  const read = region.readOne(place, plan);
  const value = read instanceof Promise ? STALE : region.freshValue(read, plan);
  if (value !== STALE) {
    region.hit(key);
    return Promise.resolve(value as Value);
  }
  checkChain([flat], chain);
  const wanted = wantedOf(region, key, place, flat);
  void bringHome(orderOf(asker, plan, createOne(create), chain), [wanted], read);
  return wanted.flight.join(plan.signal) as Promise<Value>;
}

/** Many values, in the order asked, without those that the creator left out. */
export async function askMany<Key extends CacheKey, Value>(
  asker: Asker,
  plan: Plan,
  keys: readonly Key[],
  create: ManyCreator<Key, Value>,
): Promise<Map<Key, Value>> {
  const { region } = asker;
  const places = placesOf(asker, keys);
  const absent = new Set<string>();
  const order = orderOf(asker, plan, createAll(create, absent), undefined);
  const batch: Wanted[] = [];
  const asked = new Map<string, Key>();
  const answers: Promise<unknown>[] = [];
  for (const [i, key] of keys.entries()) {
    const place = places[i] ?? "";
    const flat = flatKey(place);
    if (asked.has(flat)) continue;
    asked.set(flat, key);
    const flight = flightOf(region, flat);
    if (flight !== undefined) answers.push(joined(flight, plan));
    else {
      const wanted = wantedOf(region, key, place, flat);
      batch.push(wanted);
      answers.push(wanted.flight.join(plan.signal));
    }
  }
  if (batch.length > 0) void bringHome(order, batch);
  const values = await Promise.all(answers);
  const pairs = [...asked].map(([flat, key], i) => ({ flat, key, value: values[i] }));
  const present = pairs.filter(({ flat }) => !absent.has(flat));
  // As with one key: what lies there is what the creator made.
  return new Map(present.map(({ key, value }) => [key, value as Value]));
}

/**
 * The store keys of keys.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if they are no list; `ERR_INVALID_KEY` if one is none.
 */
export function placesOf({ region, namespace }: Asker, keys: readonly CacheKey[]): StoreKey[] {
  if (Array.isArray(keys)) {
    return keys.map((key) => storeKey(namespace.path, key, region.setup.mangleKey));
  }
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot use keys as they must be a list: it is ${shown(keys)}`,
  );
}

/** The flight to join, where promises may be shared. */
function flightOf({ isShared, flights }: Region, flat: string): Flight | undefined {
  return isShared ? flights.get(flat) : undefined;
}

/** Joins a flight, or takes what it has to offer meanwhile. */
function joined(flight: Flight, { signal, policy }: Plan): Promise<unknown> {
  const { meanwhile } = flight;
  if (meanwhile === undefined) return flight.join(signal);
  const mayServe = meanwhile.isFresh
    ? policy.ageMaxMs === Infinity
    : policy.staleMs > 0 && policy.staleAfterMs === 0;
  return mayServe ? Promise.resolve(meanwhile.value) : flight.join(signal);
}

/** A key on its way, in a flight of its own; what another request does about it may end that too. */
function wantedOf(region: Region, key: CacheKey, place: StoreKey, flat: string): Wanted {
  const other = region.flights.get(flat);
  const flight = region.launch(flat);
  other?.passOn(flight);
  const sight = unseen("absent");
  return { key, place, flat, flight, isBackground: false, found: undefined, sight };
}

function orderOf(
  { region, namespace, nested }: Asker,
  plan: Plan,
  create: BatchCreator,
  chain: Chain | undefined,
): BatchOrder {
  return { region, plan, path: namespace.path, create, nested, chain };
}
