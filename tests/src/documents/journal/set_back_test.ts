/**
 * A journal that lost its end, as one that is replicated does in a failover, or that was brought back from a backup: the
 * store in front does not stay with what the journal has no more once the journal went on otherwise.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import ShareDb from "sharedb";
import { memoryDocumentStore } from "../../../../adapters/memory/documents.ts";
import { memory } from "../../../../adapters/memory/mod.ts";
import { memoryWakes } from "../../../../adapters/memory/wakes.ts";
import { fromShareDb } from "../../../../adapters/sharedb/mod.ts";
import { systemClock } from "../../../../src/clock.ts";
import type { DocumentJournal } from "../../../../src/documents/journal_port.ts";
import { journalOf } from "../../../../src/documents/journaled.ts";
import { journaledStore } from "../../../../src/documents/journaled_store.ts";
import { coreSettings } from "../../../../src/documents/settings.ts";
import { author, coreOn, must, snapshotIn } from "../../../support/documents/core.ts";
import { wipeable } from "../../../support/documents/wipeable.ts";

const JOURNALS: Readonly<Record<string, () => DocumentJournal>> = {
  "a store of ours": () =>
    journalOf(memoryDocumentStore({ clock: systemClock(), wakes: memoryWakes() })),
  "a ShareDB database": () => fromShareDb(new ShareDb.MemoryDB()),
};

for (const [what, made] of Object.entries(JOURNALS)) {
  Deno.test(`Two stores go by the journal when ${what} lost its end and went on otherwise`, async () => {
    const { store: front } = wipeable();
    let journal = made();
    const current: DocumentJournal = {
      get findsRepeats() {
        return journal.findsRepeats;
      },
      commit: (...call) => journal.commit(...call),
      advance: (...call) => journal.advance(...call),
      read: (...call) => journal.read(...call),
      history: (...call) => journal.history(...call),
    };
    const both = () => coreOn({ ...memory(), documents: journaledStore(front, current) });
    const [one, other, reader] = [author(both(), "one"), author(both(), "other"), both()];
    const edit = (text: string) => [{ p: ["l", 0], li: text }];
    must(await one.create({ l: [] }), "committed");
    must(await other.edit(edit("kept")), "committed");
    const early = await copyOf(journal, made());
    must(await one.edit(edit("lost")), "committed");
    must(await one.edit(edit("lost, too")), "committed");
    journal = early;
    // One who does not know what is lost is the first to write.
    must(await other.edit(edit("after")), "committed");
    must(await one.edit(edit("last")), "committed");
    for (const core of [both(), reader, coreOn({ ...memory(), documents: front })]) {
      const { data, version } = await snapshotIn(core);
      deepStrictEqual([data, version], [{ l: ["last", "after", "kept"] }, 4]);
    }
    const [read] = await journal.read(unit(), [{ id: "1" }]);
    strictEqual(read?.kind === "snapshot" && read.head.version, 4);
  });

  Deno.test(`Two stores give back to ${what} what it lost, when it is noticed first`, async () => {
    const { store: front } = wipeable();
    let journal = made();
    const both = () => coreOn({ ...memory(), documents: journaledStore(front, journal) });
    const edit = (text: string) => [{ p: ["l", 0], li: text }];
    must(await author(both(), "one").create({ l: [] }), "committed");
    const early = await copyOf(journal, made());
    must(await author(both(), "two").edit(edit("lost")), "committed");
    journal = early;
    must(await author(both(), "three").edit(edit("after")), "committed");
    deepStrictEqual((await snapshotIn(both())).data, { l: ["after", "lost"] });
  });
}

/** A journal with what another one has. */
async function copyOf(from: DocumentJournal, to: DocumentJournal): Promise<DocumentJournal> {
  const [read] = await from.read(unit(), [{ id: "1", after: { version: 0 } }]);
  if (read?.kind !== "ops") throw new Error("It has none of it");
  const { head: { epoch }, ops } = read;
  const begun = { id: "1", epoch, from: { version: 0, tag: "" }, ops, snapshot: undefined };
  await to.advance(unit(), begun);
  return to;
}

function unit() {
  const [only] = coreSettings({}).collection("things").units;
  if (only === undefined) throw new Error("a collection has a unit");
  return only;
}
