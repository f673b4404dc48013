import { strictEqual } from "node:assert/strict";
import { memoryDocumentStore } from "../../../../adapters/memory/documents.ts";
import { memoryWakes } from "../../../../adapters/memory/wakes.ts";
import { systemClock } from "../../../../src/clock.ts";
import { journaledStore } from "../../../../src/documents/journaled_store.ts";
import { journalOf } from "../../../../src/documents/journaled.ts";
import { documentWriter, PLAIN_UNIT } from "../../../contracts/document_writes.ts";
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
