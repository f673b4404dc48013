/**
 * Looking at what the store has, and answering with it where that will do.
 *
 * @module
 */

import { isEarly, isServable, standing } from "./freshness.ts";
import type { Awaitable, CacheRead, Found } from "./port.ts";
import type { Plan } from "./plan.ts";
import { type Region, type Sight, unseen } from "./region.ts";
import { answer, answerEarly, type BatchOrder, type Wanted } from "./wanted.ts";

/**
 * Reads all keys of a batch, unless that was done, and answers what can be answered.
 *
 * @returns The keys that are left; undefined if the store failed.
 */
export async function firstLook(
  order: BatchOrder,
  batch: readonly Wanted[],
  read: Awaitable<CacheRead> | undefined,
): Promise<readonly Wanted[] | undefined> {
  const { region, plan } = order;
  try {
    const { records, epochs } = await (read ??
      region.store.read(region.space, batch.map(({ place }) => place), plan.epochs));
    batch.forEach((wanted, i) => {
      wanted.found = records[i];
    });
    const open = await look(order, batch, epochs);
    for (const { isBackground, key, sight } of open) {
      if (!isBackground) region.miss(key, sight.reason ?? "expired");
    }
    return open;
  } catch {
    // The store failed, and an event said so: the callers get their values without it.
    for (const { key } of batch) region.miss(key, "unavailable");
    return undefined;
  }
}

/** Answers what can be answered with what was found, and returns the rest. */
export async function look(
  order: BatchOrder,
  batch: readonly Wanted[],
  texts: readonly (string | undefined)[],
): Promise<readonly Wanted[]> {
  if (batch.length === 0) return batch;
  const seen = await sights(order.region, order.plan, batch.map(({ found }) => found), texts);
  return batch.filter((wanted, i) => {
    wanted.sight = seen[i] ?? wanted.sight;
    return !isAnswered(order, wanted);
  });
}

/** What records are worth. `texts` are the epochs of the plan; those of tags that it does not name cost a second read. */
export async function sights(
  region: Region,
  plan: Plan,
  found: readonly Found[],
  texts: readonly (string | undefined)[],
): Promise<Sight[]> {
  // What is not there has no age (bench/cache_bench.ts, a miss).
  if (found.every((each) => each === undefined)) return found.map(() => unseen("absent"));
  const epochs = new Map(plan.epochs.map((name, i) => [name, texts[i]]));
  const unknown = [...new Set(found.flatMap(tagsOf))].filter((tag) => !epochs.has(tag));
  if (unknown.length > 0) {
    const more = await region.store.read(region.space, [], unknown);
    unknown.forEach((name, i) => epochs.set(name, more.epochs[i]));
  }
  const time = await region.store.time();
  const names = plan.epochs.slice(0, plan.namespaces);
  return found.map((each) => {
    const texts = [...names, ...tagsOf(each)].map((name) => epochs.get(name));
    return region.sight(each, standing(epochsOf(each), texts), plan, time);
  });
}

function tagsOf(found: Found): readonly string[] {
  return found === undefined || found === "foreign" ? [] : found.terms.tags;
}

function epochsOf(found: Found): readonly string[] {
  return found === undefined || found === "foreign" ? [] : found.terms.epochs;
}

function isAnswered(order: BatchOrder, wanted: Wanted): boolean {
  const { region, plan: { policy } } = order;
  const { record, value, age, reason } = wanted.sight;
  if (reason === undefined) {
    if (!wanted.isBackground) region.hit(wanted.key);
    const isDue = record !== undefined && !wanted.isBackground &&
      isEarly(record, age, policy.early, () => region.random.float());
    if (isDue) answerEarly(order, wanted, value, true);
    else answer(order, wanted, value);
    return !isDue;
  }
  if (record === undefined || wanted.isBackground) return false;
  if (!isServable(record, age, policy.staleMs)) return false;
  if (policy.staleAfterMs === 0) serveStale(order, wanted);
  else if (policy.staleAfterMs < Infinity) serveStaleLater(order, wanted);
  return false;
}

/** Answers the callers with the stale value, and goes on behind them. */
export function serveStale(order: BatchOrder, wanted: Wanted): void {
  order.region.stale(wanted.key, wanted.sight.age);
  answerEarly(order, wanted, wanted.sight.value, false);
}

function serveStaleLater(order: BatchOrder, wanted: Wanted): void {
  const { region, plan } = order;
  const { flight } = wanted;
  const cancel = region.clock.after(plan.policy.staleAfterMs, () => {
    if (!flight.isOver) serveStale(order, wanted);
  });
  flight.done.then(cancel, cancel);
}
