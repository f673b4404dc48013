import { memoryDocumentStore } from "../../../../adapters/memory/documents.ts";
import { memoryWakes } from "../../../../adapters/memory/wakes.ts";
import { systemClock } from "../../../../src/clock.ts";
import { journalOf } from "../../../../src/documents/journaled.ts";
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
