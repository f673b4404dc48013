/**
 * Running a creator, and storing what it made.
 *
 * Losing a lease is never the caller's error: it gets its value, and only the late write is refused. What the creator
 * throws, and what cannot be stored, always reaches the caller, unless a stale value may stand in for it.
 *
 * @module
 */

import { LimitError } from "../errors.ts";
import { contextOf, type Decisions, lifeOf, undecided } from "./creation.ts";
import { whenAllEnd } from "./flight.ts";
import { isServable } from "./freshness.ts";
import { tagsOf } from "./plan.ts";
import type { LeaseOrder, LeaseReply, Outcome } from "./port.ts";
import { encoded } from "./serializer.ts";
import { answer, type BatchOrder, fail, type Wanted } from "./wanted.ts";

interface Made {
  readonly values: ReadonlyMap<Wanted, unknown>;
  readonly decisions: Decisions;
  readonly tookMs: number;
}

/** Creates under a lease, stores what may be stored, gives the leases back, and answers. */
export async function createAndSettle(
  order: BatchOrder,
  granted: readonly Wanted[],
  lease: LeaseOrder,
  reply: LeaseReply,
): Promise<void> {
  const outcomes: Outcome[] = [];
  const answers: (() => void)[] = [];
  try {
    const made = await run(order, granted);
    for (const wanted of granted) {
      try {
        outcomes.push(outcomeOf(order, wanted, made, reply));
        answers.push(() => answer(order, wanted, made.values.get(wanted)));
      } catch (error) {
        // This value cannot be stored: its caller's error, and not that of the others.
        outcomes.push({ kind: "release", key: wanted.place, barMs: 0 });
        answers.push(() => fail(order, wanted, error));
      }
    }
  } catch (error) {
    // The creator failed.
    const barMs = order.plan.policy.retryAfterMs;
    for (const wanted of granted) {
      outcomes.push({ kind: "release", key: wanted.place, barMs });
      answers.push(() => failOrServe(order, wanted, error));
    }
  }
  await settle(order, granted, outcomes, { token: lease.token, mark: reply.mark });
  for (const give of answers) give();
}

/** Creates and answers, and stores nothing, because the store does not answer. */
export async function createOnly(order: BatchOrder, wanted: readonly Wanted[]): Promise<void> {
  try {
    const { values } = await run(order, wanted);
    for (const each of wanted) answer(order, each, values.get(each));
  } catch (error) {
    // The creator failed.
    for (const each of wanted) failOrServe(order, each, error);
  }
}

async function run(order: BatchOrder, wanted: readonly Wanted[]): Promise<Made> {
  const { region, path } = order;
  const decisions = undecided();
  const context = contextOf(
    decisions,
    path,
    () => whenAllEnd(wanted.map(({ flight }) => flight)),
    wanted.every(({ isBackground }) => isBackground),
    order.nested({ flats: wanted.map(({ flat }) => flat), outer: order.chain }),
  );
  const startedMs = region.clock.monotonic();
  let error: unknown;
  try {
    const values = await order.create(wanted, context);
    const tookMs = region.clock.monotonic() - startedMs;
    region.created(wanted.map(({ key }) => key), tookMs);
    return { values, decisions, tookMs };
  } catch (thrown) {
    error = thrown;
    region.created(wanted.map(({ key }) => key), region.clock.monotonic() - startedMs, { error });
    throw error;
  }
}

function outcomeOf(
  { region, plan }: BatchOrder,
  wanted: Wanted,
  { values, decisions, tookMs }: Made,
  reply: LeaseReply,
): Outcome {
  const key = wanted.place;
  const release: Outcome = { kind: "release", key, barMs: 0 };
  if (!values.has(wanted)) return release;
  const value = values.get(wanted);
  const { ttlMs, lifeMs } = lifeOf(value, plan.policy, decisions, region.random);
  if (ttlMs === 0) return release;
  const text = encoded(region.setup.serializer, value);
  checkText(text, region.store.textMax);
  const tags = tagsOf(plan);
  const lateTags = decisions.lateTags.filter((tag) => !tags.includes(tag));
  return {
    kind: "fill",
    key,
    record: {
      text,
      createdAtMs: Math.floor(reply.nowMs + tookMs),
      costMs: Math.round(tookMs),
      terms: { ttlMs, lifeMs, tags: [...tags, ...lateTags], epochs: reply.epochs },
    },
    lateTags,
  };
}

/**
 * Refuses a text that the store would refuse.
 *
 * @throws {LimitError} `ERR_TOO_LARGE` if it is longer than the store's limit.
 */
export function checkText(text: string, textMax: number): void {
  if (text.length <= textMax) return;
  throw new LimitError(
    "ERR_TOO_LARGE",
    `Cannot store a value as its text must have at most ${textMax} characters: it has ${text.length}`,
  );
}

async function settle(
  { region }: BatchOrder,
  granted: readonly Wanted[],
  outcomes: readonly Outcome[],
  lease: { readonly token: string; readonly mark: string },
): Promise<void> {
  try {
    const happened = await region.store.settle(region.space, outcomes, lease);
    outcomes.forEach(({ kind }, i) => {
      const wanted = granted[i];
      if (kind === "fill" && !happened[i] && wanted !== undefined) region.refused(wanted.key);
    });
  } catch {
    // The store failed, and an event said so: the callers get their values all the same.
  }
}

function failOrServe(order: BatchOrder, wanted: Wanted, error: unknown): void {
  const { record, age, value } = wanted.sight;
  const { staleIfErrorMs } = order.plan.policy;
  if (record === undefined || wanted.isBackground || !isServable(record, age, staleIfErrorMs)) {
    return fail(order, wanted, error);
  }
  order.region.stale(wanted.key, age);
  answer(order, wanted, value);
}
