/**
 * From keys that may have no fresh value to values: look, ask for the lease, create, store.
 *
 * All keys of a batch go through together, so that many cold keys cost one request per step, and one key is a batch of
 * one. Every step may end some of them:
 *
 * 1. A fresh record is the answer. A stale one that may be served is the answer too, and the rest goes on behind it.
 * 2. For the others the store is asked for leases. Granted: create, then settle. Somebody else put a record there
 *    meanwhile: look at that. Somebody else is creating: pause, and ask again.
 * 3. A store that fails is left out: the value is created and not stored.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { randomToken } from "../random.ts";
import { createAndSettle, createOnly } from "./create.ts";
import { pause } from "./flight.ts";
import { isServable, leaseForMs, pauseMs } from "./freshness.ts";
import { firstLook, look, serveStale } from "./look.ts";
import type { Awaitable, CacheRead, LeaseAnswer, LeaseOrder, LeaseReply } from "./port.ts";
import { answer, type BatchOrder, fail, leaseRequest, type Wanted } from "./wanted.ts";

/** Brings every flight of a batch to its end. Never fails: what fails is the flights. */
export async function bringHome(
  order: BatchOrder,
  batch: readonly Wanted[],
  read?: Awaitable<CacheRead>,
): Promise<void> {
  const { region, plan: { policy: { timeoutMs } } } = order;
  const stop = timeoutMs === Infinity
    ? () => {}
    : region.clock.after(timeoutMs, () => expire(order, batch));
  try {
    const open = await firstLook(order, batch, read);
    await (open === undefined ? createOnly(order, batch) : untilDone(order, open));
  } catch (error) {
    // Whatever went wrong belongs to the callers.
    for (const wanted of batch) fail(order, wanted, error);
  } finally {
    stop();
    for (const { flat, flight } of batch) region.land(flat, flight);
  }
}

function expire(order: BatchOrder, batch: readonly Wanted[]): void {
  const { region, plan } = order;
  for (const { flat, flight } of batch) {
    if (flight.isOver) continue;
    region.land(flat, flight);
    flight.end(
      new HoldfastError(
        "ERR_TIMEOUT",
        `Cannot create an entry within its time limit of ${plan.policy.timeoutMs} ms`,
      ),
    );
  }
}

/** Leases, creations and pauses until every key has its answer. */
async function untilDone(order: BatchOrder, batch: readonly Wanted[]): Promise<void> {
  let open = batch;
  while (open.length > 0) {
    const lease = leaseOrder(order, open);
    const reply = await askForLeases(order, open, lease);
    if (reply === undefined) return await createOnly(order, open);
    const { granted, changed, busy } = sorted(open, reply);
    if (granted.length > 0) await createAndSettle(order, granted, lease, reply);
    const waiting = busy.filter(([wanted, how]) => !isServedBy(order, wanted, how));
    if (granted.length + changed.length === 0) await waitFor(order, waiting);
    const looked = await look(order, changed, reply.epochs);
    open = [...looked, ...waiting.map(([wanted]) => wanted)].filter(({ flight }) => !flight.isOver);
  }
}

function leaseOrder({ region, plan }: BatchOrder, open: readonly Wanted[]): LeaseOrder {
  const { policy } = plan;
  const costs = open.map(({ sight }) => sight.record?.costMs ?? 0);
  const costMs = Math.round(Math.max(...costs) || region.costMs);
  return {
    epochs: plan.epochs,
    token: randomToken(region.random),
    leaseMs: policy.leaseMs ?? leaseForMs(costMs),
    costMs,
    lifeMs: (typeof policy.ttl === "number" ? policy.ttl : 0) +
      Math.max(policy.staleMs, policy.staleIfErrorMs),
  };
}

async function askForLeases(
  { region }: BatchOrder,
  open: readonly Wanted[],
  order: LeaseOrder,
): Promise<LeaseReply | undefined> {
  const requests = open.map((wanted) => leaseRequest(wanted, region.space.raw));
  try {
    return await region.store.lease(region.space, requests, order);
  } catch {
    // The store failed, and an event said so: the values are created without it.
    return undefined;
  }
}

type Busy = Extract<LeaseAnswer, { kind: "busy" | "barred" }>;

interface Sorted {
  readonly granted: readonly Wanted[];
  readonly changed: readonly Wanted[];
  readonly busy: readonly (readonly [Wanted, Busy])[];
}

function sorted(open: readonly Wanted[], reply: LeaseReply): Sorted {
  const granted: Wanted[] = [];
  const changed: Wanted[] = [];
  const busy: (readonly [Wanted, Busy])[] = [];
  reply.answers.forEach((how, i) => {
    const wanted = open[i];
    if (wanted === undefined) return;
    if (how.kind === "granted") granted.push(wanted);
    else if (how.kind === "changed") {
      wanted.found = how.found;
      changed.push(wanted);
    } else busy.push([wanted, how]);
  });
  return { granted, changed, busy };
}

/** Whether that somebody else is on it, or nobody may be, is the end of it for us. */
function isServedBy(order: BatchOrder, wanted: Wanted, how: Busy): boolean {
  const { record, age, value } = wanted.sight;
  const { staleIfErrorMs } = order.plan.policy;
  if (wanted.isBackground) {
    answer(order, wanted, value);
    return true;
  }
  if (how.kind === "busy" || record === undefined || !isServable(record, age, staleIfErrorMs)) {
    return false;
  }
  serveStale(order, wanted);
  answer(order, wanted, value);
  return true;
}

async function waitFor(
  { region }: BatchOrder,
  waiting: readonly (readonly [Wanted, Busy])[],
): Promise<void> {
  if (waiting.length === 0) return;
  const ms = Math.min(
    ...waiting.map(([, how]) =>
      how.kind === "barred" ? how.remainingMs + 1 : pauseMs(how, () => region.random.float())
    ),
  );
  for (const [{ key }] of waiting) region.wait(key, ms);
  await pause(region.clock, ms, waiting.map(([{ flight }]) => flight));
}
