/**
 * Processes that write one document of two stores which are a way off, lose messages before and after they are carried
 * out, and of which the one in front is wiped at any moment: what was acknowledged is there once, what was said not to have
 * happened has not, and no version is used twice.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memoryDocumentStore } from "../../../../adapters/memory/documents.ts";
import { memory } from "../../../../adapters/memory/mod.ts";
import { memoryWakes } from "../../../../adapters/memory/wakes.ts";
import type { DocumentCore } from "../../../../src/documents/core.ts";
import { journalOf } from "../../../../src/documents/journaled.ts";
import { journaledStore } from "../../../../src/documents/journaled_store.ts";
import { HoldfastError } from "../../../../src/errors.ts";
import { type Random, seededRandom } from "../../../../src/random.ts";
import { sleep } from "../../../../src/waiting.ts";
import { manualClock } from "../../../contracts/manual_clock.ts";
import { author, coreOn, must, snapshotIn } from "../../../support/documents/core.ts";
import { distant, stepped } from "../../../support/documents/distant.ts";
import { wipeable } from "../../../support/documents/wipeable.ts";

const SEED = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const ROUNDS = 2;
const WRITERS = 3;
const EDITS = 8;
/** Of so many calls one is lost, half of them before they are carried out. */
const LOSSES = 0.15;
/** The store in front is wiped after at most so long, in milliseconds, again and again. */
const WIPE_MS_MAX = 40;
/** A call takes at most so long, in milliseconds. */
const TRIP_MS_MAX = 5;

Deno.test(`Two stores keep their word in any weather (SEED=${SEED})`, async () => {
  for (let round = 0; round < ROUNDS; round++) await weathered(SEED + round);
});

async function weathered(seed: number): Promise<void> {
  const [clock, random] = [manualClock(), seededRandom(seed)];
  const { store: front, wipe } = wipeable();
  const kept = journalOf(memoryDocumentStore({ clock, wakes: memoryWakes() }));
  const sky = { isCalm: false };
  const far = <Store extends object>(store: Store): Store =>
    lossy(distant(store, clock, () => random.float() * TRIP_MS_MAX), random, sky);
  const processOf = () => {
    const documents = journaledStore(far(front), far(kept));
    return coreOn({
      ...memory(),
      clock,
      random: seededRandom(random.float() * 2 ** 32),
      documents,
    });
  };
  const near = coreOn({ ...memory(), documents: journaledStore(front, kept) });
  must(await author(near, "o").create({ l: [] }), "committed");
  const told: Told = { there: new Map(), absent: [] };
  let isOver = false;
  const wiping = async () => {
    while (!isOver) {
      await sleep(clock, random.float() * WIPE_MS_MAX);
      if (!isOver) await wipe();
    }
  };
  const writing = Array.from(
    { length: WRITERS },
    (_, at) => write(`w${at}`, processOf, random, told),
  );
  const all = Promise.all(writing).finally(() => isOver = true);
  await stepped(clock, Promise.all([all, wiping()]));
  sky.isCalm = true;
  const last = await stepped(clock, author(processOf(), "z").edit([{ p: ["l", 0], li: "z" }]));
  told.there.set("z", must(last, "committed").op.version);
  // As the two have it, and as the journal has it alone.
  for (const core of [coreOn({ ...memory(), documents: front }), processOf()]) {
    const { data, version } = await stepped(clock, snapshotIn(core));
    holds(data as { readonly l: readonly string[] }, version, told);
    await wipe();
  }
}

/** What writers were told. */
interface Told {
  /** Is there, at this version. */
  readonly there: Map<string, number>;
  /** Did not happen. */
  readonly absent: string[];
}

async function write(
  name: string,
  processOf: () => DocumentCore,
  random: Random,
  { there, absent }: Told,
): Promise<void> {
  let core = processOf();
  for (let sequence = 0; sequence < EDITS; sequence++) {
    const text = `${name}.${sequence}`;
    const change = { kind: "op", op: [{ p: ["l", 0], li: text }] } as const;
    const base = random.float() < 0.5 ? { base: { version: 1 } } : {};
    const submission = { source: name, sequence, change, ...base };
    for (let isFirst = true; !there.has(text); isFirst = false) {
      // A process may end at any time, and another go on for its writer.
      if (random.float() < 0.1) core = processOf();
      const result = await core.submit("things", "1", submission).catch((error) => error);
      if (result.kind === "committed") there.set(text, result.op.version);
      else if (result.kind === "duplicate") there.set(text, result.version);
      else {
        const error = result.kind === "refused" ? result.error : result;
        ok(HoldfastError.is(error), String(error));
        if (!isFirst || error.code === "ERR_OUTCOME_UNKNOWN") continue;
        absent.push(text);
        break;
      }
    }
  }
}

/** Each edit that was acknowledged is there once, at its version, and none that was refused. */
function holds(
  { l }: { readonly l: readonly string[] },
  version: number,
  { there, absent }: Told,
): void {
  strictEqual(version, l.length + 1);
  deepStrictEqual([...l].sort(), [...there.keys()].sort());
  strictEqual(new Set(there.values()).size, there.size, "no version is told twice");
  // All are inserted at the head, and so stand from the last to the first.
  for (const [text, at] of there) strictEqual(l[l.length - at], text);
  for (const text of absent) ok(!l.includes(text), `${text} was said not to have happened`);
}

/** A store of which some calls are lost: before they are carried out, or their answers after it. */
function lossy<Store extends object>(
  store: Store,
  random: Random,
  sky: { readonly isCalm: boolean },
): Store {
  const entries = Object.entries(store).map(([method, value]) => {
    if (typeof value !== "function") return [method, value];
    return [method, async (...args: unknown[]) => {
      const dice = sky.isCalm ? 1 : random.float();
      if (dice < LOSSES / 2) throw new HoldfastError("ERR_UNAVAILABLE", "Cannot reach it");
      const answer: unknown = await value.apply(store, args);
      if (dice >= LOSSES) return answer;
      const isRead = method === "read";
      throw new HoldfastError(isRead ? "ERR_UNAVAILABLE" : "ERR_OUTCOME_UNKNOWN", "It is lost");
    }];
  });
  // Of the same methods, each called with the same arguments.
  return Object.fromEntries(entries) as Store;
}
