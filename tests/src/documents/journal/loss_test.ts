import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { memoryDocumentStore } from "../../../../adapters/memory/documents.ts";
import { memory } from "../../../../adapters/memory/mod.ts";
import { memoryWakes } from "../../../../adapters/memory/wakes.ts";
import { systemClock } from "../../../../src/clock.ts";
import { journaledStore } from "../../../../src/documents/journaled_store.ts";
import type { FrontDocumentStore } from "../../../../src/documents/journal_port.ts";
import { journalOf } from "../../../../src/documents/journaled.ts";
import { documentWriter, PLAIN_UNIT } from "../../../contracts/document_writes.ts";
import { author, coreOn, must, snapshotIn } from "../../../support/documents/core.ts";
import { type Death, dying, type Step } from "../../../support/documents/dying.ts";
import { wipeable } from "../../../support/documents/wipeable.ts";
import { twoStoresSuite } from "../../../support/documents/two_stores.ts";

twoStoresSuite((name, run) => Deno.test(`${name}, in memory`, run), () => {
  const { store, wipe } = wipeable();
  const kept = memoryDocumentStore({ clock: systemClock(), wakes: memoryWakes() });
  return Promise.resolve({
    front: () => store,
    journal: () => journalOf(kept),
    flush: wipe,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

Deno.test("Two stores list what exists by the journal, whatever the one in front has", async () => {
  const { store, wipe } = wipeable();
  const journal = journalOf(
    memoryDocumentStore({ clock: systemClock(), wakes: memoryWakes() }),
  );
  const both = journaledStore(store, journal);
  const writer = documentWriter(both);
  await writer.done(0, [writer.op({ kind: "create", type: "uri", data: 1 })]);
  await wipe();
  strictEqual((await both.list?.(PLAIN_UNIT))?.length, 1);
  await writer.done(1, [writer.op({ kind: "del" })]);
  strictEqual((await both.list?.(PLAIN_UNIT))?.length, 0);
});

Deno.test("Two stores cost who loses a race one request of the journal, and none of the one in front", async () => {
  const { one, other, steps } = await rivals();
  must(await one.edit([{ p: ["n"], oi: 5 }]), "committed");
  steps.length = 0;
  must(await other.edit([{ p: ["n"], oi: 7 }]), "committed");
  deepStrictEqual(steps, ["journal commit", "journal commit", "front advance"]);
});

Deno.test("Two stores have in front what a process committed that died before it could tell, once another commits", async () => {
  const { one, other, steps, front } = await rivals({ moment: "before", step: 6 });
  await rejects(one.edit([{ p: ["n"], oi: 5 }]), { code: "ERR_OUTCOME_UNKNOWN" });
  strictEqual(await versionIn(front), 2);
  steps.length = 0;
  must(await other.edit([{ p: ["n"], oi: 7 }]), "committed");
  strictEqual(await versionIn(front), 4);
  const late = ["front advance", "journal read", "front advance"];
  deepStrictEqual(steps, ["journal commit", "journal commit", ...late]);
});

/** Two processes that know a document, of which the first may have to die, and the steps of the second. */
async function rivals(death?: Death) {
  const { store: front } = wipeable();
  const kept = journalOf(memoryDocumentStore({ clock: systemClock(), wakes: memoryWakes() }));
  const authorOn = (name: string, end: Death | undefined, noted: Step[]) => {
    const { journal, ...own } = dying({ front, journal: kept }, end, noted);
    return author(coreOn({ ...memory(), documents: journaledStore(own.front, journal) }), name);
  };
  const steps: Step[] = [];
  const [one, other] = [authorOn("one", death, []), authorOn("other", undefined, steps)];
  must(await one.create({ n: 0 }), "committed");
  must(await other.edit([{ p: ["n"], na: 1 }]), "committed");
  return { one, other, steps, front };
}

async function versionIn(front: FrontDocumentStore): Promise<number> {
  return (await snapshotIn(coreOn({ ...memory(), documents: front }))).version;
}
