import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memoryDocumentStore } from "../../../../adapters/memory/documents.ts";
import { memory } from "../../../../adapters/memory/mod.ts";
import { memoryWakes } from "../../../../adapters/memory/wakes.ts";
import { systemClock } from "../../../../src/clock.ts";
import { journaledStore } from "../../../../src/documents/journaled_store.ts";
import { journalOf } from "../../../../src/documents/journaled.ts";
import { documentWriter, PLAIN_UNIT } from "../../../contracts/document_writes.ts";
import { author, coreOn, must } from "../../../support/documents/core.ts";
import { dying, type Step } from "../../../support/documents/dying.ts";
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

Deno.test("Two stores bring the one in front up by what a lost race tells, without asking the journal", async () => {
  const { store } = wipeable();
  const kept = journalOf(memoryDocumentStore({ clock: systemClock(), wakes: memoryWakes() }));
  const steps: Step[] = [];
  const [one, other] = [[], steps].map((noted: Step[]) => {
    const { front, journal } = dying({ front: store, journal: kept }, undefined, noted);
    return author(
      coreOn({ ...memory(), documents: journaledStore(front, journal) }),
      `${noted === steps}`,
    );
  });
  must(await one?.create({ n: 0 }), "committed");
  must(await other?.edit([{ p: ["n"], na: 1 }]), "committed");
  must(await one?.edit([{ p: ["n"], oi: 5 }]), "committed");
  steps.length = 0;
  must(await other?.edit([{ p: ["n"], oi: 7 }]), "committed");
  const turn = ["journal commit", "front advance"];
  deepStrictEqual(steps, [...turn, ...turn]);
});
