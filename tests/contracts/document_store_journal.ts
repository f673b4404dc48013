/**
 * The suite of documents: the journal of a unit.
 *
 * @module
 */

import { parseJournalChange } from "../../src/documents/journal_change.ts";
import type { DocumentStore, DocumentUnit } from "../../src/documents/port.ts";
import { JOURNAL_OPS_BYTES_MAX } from "../../src/documents/port.ts";
import type { JournalPosition } from "../../src/wakes/port.ts";
import { equal, ok } from "./assert.ts";
import { documentWriter, type OnDocuments, PLAIN_UNIT } from "./document_writes.ts";

const START: JournalPosition = { epoch: "0", index: 0, tag: "" };

/** Registers the tests. */
export function documentJournal(on: OnDocuments): void {
  on("changes() tells every commit once, in order, with its operations", async (bench) => {
    const { store } = bench;
    const writer = documentWriter(store);
    equal(await changes(store), []);
    const { epoch } = await writer.done(0);
    await writer.done(0, [writer.op(), writer.op()], { id: 'b "\t\n' });
    await writer.commit(0, [writer.op()]);
    await writer.done(1);
    const seen = await changes(await bench.peer());
    equal(seen.map((change) => [change?.id, change?.from, change?.to, change?.tag]), [
      ["1", 0, 1, "w1"],
      ['b "\t\n', 0, 2, "w3"],
      ["1", 1, 2, "w5"],
    ]);
    equal(seen.map((change) => change?.ops?.map(({ sequence }) => sequence)), [[1], [2, 3], [5]]);
    equal(seen[0]?.epoch, epoch);
    ok(epoch.startsWith(`${(await headOf(store)).epoch}.`), "an epoch names its journal's");
  });

  on("changes() leaves large operations to the log", async ({ store }) => {
    const writer = documentWriter(store);
    const op = writer.op({ kind: "op", op: "x".repeat(JOURNAL_OPS_BYTES_MAX) });
    await writer.done(0, [op]);
    const [change] = await changes(store);
    equal([change?.from, change?.to, change?.ops], [0, 1, undefined]);
  });

  on("changes() goes on from a position, and says reset for one that is not its own", async (b) => {
    const { store } = b;
    const writer = documentWriter(store);
    for (let version = 0; version < 5; version++) await writer.done(version);
    const { epoch } = await headOf(store);
    const read = (after: JournalPosition) => store.changes(PLAIN_UNIT, after, { limit: 2 });
    const some = await read({ epoch, index: 2, tag: "w2" });
    equal(some.kind === "entries" && some.entries.map(({ index }) => index), [3, 4]);
    equal((await read({ epoch, index: 5, tag: "w5" })).kind, "entries");
    equal((await read({ epoch, index: 2, tag: "w3" })).kind, "reset");
    equal((await read({ epoch, index: 6, tag: "w6" })).kind, "reset");
    equal((await read({ epoch: "1-x", index: 2, tag: "w2" })).kind, "reset");
  });

  on("changes() keeps no more than the bounds say, and no reader is led astray", async (bench) => {
    const { store } = bench;
    const unit = { ...PLAIN_UNIT, journal: { ...PLAIN_UNIT.journal, entriesMax: 20 } };
    const writer = documentWriter(store, unit);
    for (let version = 0; version < 200; version++) await writer.done(version);
    const { epoch, index } = await headOf(store, unit);
    equal(index, 200);
    const read = (at: number) =>
      store.changes(unit, { epoch, index: at, tag: `w${at}` }, { limit: 100 });
    equal((await read(50)).kind, "reset");
    const last = await read(190);
    equal(last.kind === "entries" && last.entries.length, 10);
  });
}

async function headOf(store: DocumentStore, unit: DocumentUnit = PLAIN_UNIT) {
  return (await store.changes(unit, undefined, { limit: 1 })).head;
}

async function changes(store: DocumentStore) {
  const read = await store.changes(PLAIN_UNIT, START, { limit: 100 });
  return read.kind === "entries" ? read.entries.map(({ entry }) => parseJournalChange(entry)) : [];
}
