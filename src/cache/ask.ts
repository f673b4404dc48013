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
import type { Flight, Meanwhile } from "./flight.ts";
import { type CacheKey, flatKey, storeKey } from "./key.ts";
import type { Namespace, Plan } from "./plan.ts";
import type { Awaitable, CacheRead, StoreKey } from "./port.ts";
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
  checkChain([flat], chain);
  const flight = flightOf(region, flat, plan);
  if (flight !== undefined) {
    const order = orderOf(asker, plan, createOne(create), chain);
    // What lies under the key is what its creator makes, as far as anybody can know.
    return joined(order, flight, { key, place, flat }) as Promise<Value>;
  }
  const read = region.readOne(place, plan);
  const value = read instanceof Promise ? STALE : region.freshValue(read, plan);
  if (value !== STALE) {
    region.hit(key);
    return Promise.resolve(value as Value);
  }
  const order = orderOf(asker, plan, createOne(create), chain);
  return started(order, { key, place, flat }, read) as Promise<Value>;
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
    const flight = flightOf(region, flat, plan);
    if (flight !== undefined) answers.push(joined(order, flight, { key, place, flat }));
    else {
      const wanted = wantedOf(order, { key, place, flat });
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

/** The flight to join, where promises may be shared, and if what it ends with is young enough. */
function flightOf({ isShared, flights }: Region, flat: string, plan: Plan): Flight | undefined {
  const flight = isShared ? flights.get(flat) : undefined;
  return flight !== undefined && flight.ageMaxMs <= plan.policy.ageMaxMs ? flight : undefined;
}

/** A key, and where it is. */
type Place = Pick<Wanted, "key" | "place" | "flat">;

/** Joins a flight, or takes what it has to offer meanwhile. */
function joined(order: BatchOrder, flight: Flight, at: Place): Promise<unknown> {
  const { region, plan } = order;
  const { meanwhile } = flight;
  if (meanwhile !== undefined && mayServe(meanwhile, plan)) return Promise.resolve(meanwhile.value);
  return flight.join(plan.signal).catch((error) => {
    // An end of its own, or of the caller's waiting.
    if (flight.isOver || plan.signal?.aborted) throw error;
    // Its request has ended, and the host rejects the promises left behind: nobody is to join it any more.
    region.land(at.flat, flight);
    return flightOf(region, at.flat, plan)?.join(plan.signal) ?? started(order, at);
  });
}

function mayServe({ isFresh }: Meanwhile, { policy }: Plan): boolean {
  return isFresh ? policy.ageMaxMs === Infinity : policy.staleMs > 0 && policy.staleAfterMs === 0;
}

/** Sets out for one key, and waits for its value. */
function started(order: BatchOrder, at: Place, read?: Awaitable<CacheRead>): Promise<unknown> {
  const wanted = wantedOf(order, at);
  void bringHome(order, [wanted], read);
  return wanted.flight.join(order.plan.signal);
}

/** A key on its way, in a flight of its own; what another request does about it may end that too. */
function wantedOf({ region, plan }: BatchOrder, at: Place): Wanted {
  const { ageMaxMs } = plan.policy;
  const other = region.flights.get(at.flat);
  const flight = region.launch(at.flat, ageMaxMs);
  if (other !== undefined && other.ageMaxMs <= ageMaxMs) other.passOn(flight);
  return { ...at, flight, isBackground: false, found: undefined, sight: unseen("absent") };
}

function orderOf(
  { region, namespace, nested }: Asker,
  plan: Plan,
  create: BatchCreator,
  chain: Chain | undefined,
): BatchOrder {
  return { region, plan, path: namespace.path, create, nested, chain };
}
