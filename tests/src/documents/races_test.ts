/**
 * Processes that change one document without pause: each gets its turn, whether there is one store or a journal behind.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memoryDocumentStore } from "../../../adapters/memory/documents.ts";
import { memory } from "../../../adapters/memory/mod.ts";
import { memoryWakes } from "../../../adapters/memory/wakes.ts";
import {
  fromShareDb,
  type ShareDbCallback,
  type ShareDbDatabase,
} from "../../../adapters/sharedb/mod.ts";
import { sleep } from "../../../src/waiting.ts";
import { journalOf } from "../../../src/documents/journaled.ts";
import { journaledStore } from "../../../src/documents/journaled_store.ts";
import type { DocumentStore } from "../../../src/documents/port.ts";
import { seededRandom } from "../../../src/random.ts";
import { type ManualClock, manualClock } from "../../contracts/manual_clock.ts";
import { author, codeOf, coreOn, snapshotIn } from "../../support/documents/core.ts";
import { distant, stepped } from "../../support/documents/distant.ts";

/** So many edits each process must get through. */
const EDITS = 5;
/** No other may get through more often than this meanwhile. */
const EDITS_MAX = 40;

/** A process's handle on the stores, each call of which takes some time. */
type Reach = (tripMs: () => number) => DocumentStore;

const STORES: Readonly<Record<string, (clock: ManualClock) => Reach>> = {
  "of one store": (clock) => {
    const store = memoryDocumentStore({ clock, wakes: memoryWakes() });
    return (tripMs) => distant(store, clock, tripMs);
  },
  "with a journal behind": (clock) => {
    const front = memoryDocumentStore({ clock, wakes: memoryWakes() });
    const kept = journalOf(memoryDocumentStore({ clock, wakes: memoryWakes() }));
    return (tripMs) => journaledStore(distant(front, clock, tripMs), distant(kept, clock, tripMs));
  },
  "with a ShareDB database behind": (clock) => {
    const front = memoryDocumentStore({ clock, wakes: memoryWakes() });
    const rows = { ops: [] as unknown[], snapshot: { id: "1", v: 0, type: null, data: undefined } };
    return (tripMs) => {
      const journal = fromShareDb(plainDatabase(rows, clock, tripMs), { clock });
      return journaledStore(distant(front, clock, tripMs), journal);
    };
  },
};

for (const [stores, open] of Object.entries(STORES)) {
  for (const writers of [2, 4]) {
    for (const jitterMs of [0, 1]) {
      const trips = jitterMs === 0 ? "as long as each other" : "of different lengths";
      Deno.test(`Documents ${stores} let ${writers} processes that never pause come in turn, with trips ${trips}`, async () => {
        const clock = manualClock();
        const random = seededRandom(7);
        const reach = open(clock);
        const tripMs = () => 1 + jitterMs * random.float();
        const done = Array.from({ length: writers }, () => 0);
        const refusals: string[] = [];
        const isOver = () =>
          done.every((edits) => edits >= EDITS) || refusals.length > 0 ||
          done.some((edits) => edits >= EDITS_MAX);
        const core = (at: number) =>
          coreOn({ ...memory(), clock, random: seededRandom(at), documents: reach(tripMs) });
        const write = async (at: number) => {
          const { edit } = author(core(at), `w${at}`);
          while (!isOver()) {
            const result = await edit([{ p: ["n"], na: 1 }]);
            if (result.kind === "committed") done[at] = (done[at] ?? 0) + 1;
            else refusals.push(codeOf(result));
          }
        };
        await stepped(clock, author(core(99), "o").create({ n: 0 }));
        await stepped(clock, Promise.all(done.map((_, at) => write(at))));
        deepStrictEqual(refusals, []);
        ok(done.every((edits) => edits >= EDITS), `each gets through: ${done}`);
        const { data, version } = await stepped(clock, snapshotIn(core(99)));
        const total = done.reduce((sum, edits) => sum + edits);
        deepStrictEqual([data, version], [{ n: total }, total + 1]);
        strictEqual(clock.pending, 0);
      });
    }
  }
}

/** One document's rows, as a database keeps them that knows versions and nothing else. */
interface Rows {
  readonly ops: unknown[];
  snapshot: unknown;
}

/** A database that is a way off. */
function plainDatabase(rows: Rows, clock: ManualClock, tripMs: () => number): ShareDbDatabase {
  const later = async (callback: ShareDbCallback, answer: () => unknown): Promise<void> => {
    await sleep(clock, tripMs() / 2);
    const found = answer();
    await sleep(clock, tripMs() / 2);
    callback(null, found as never);
  };
  return {
    commit: (_collection, _id, op, snapshot, _options, callback) =>
      void later(callback, () => {
        if ((op as { readonly v: number }).v !== rows.ops.length) return false;
        rows.ops.push(op);
        rows.snapshot = snapshot;
        return true;
      }),
    getSnapshot: (_collection, _id, _fields, _options, callback) =>
      void later(callback, () => rows.snapshot),
    getOps: (_collection, _id, from, to, _options, callback) =>
      void later(callback, () => rows.ops.slice(from, to ?? undefined)),
  };
}
