import { memoryDocumentStore } from "../../../adapters/memory/documents.ts";
import { memoryWakes } from "../../../adapters/memory/wakes.ts";
import { documentStoreContract } from "../../contracts/document_store.ts";
import { manualClock } from "../../contracts/manual_clock.ts";

documentStoreContract((name, run) => Deno.test(`${name}, in memory`, run), () => {
  // Clocks may give fractions.
  const clock = manualClock(1_000_000.25);
  const store = memoryDocumentStore({ clock, wakes: memoryWakes() });
  return Promise.resolve({
    store,
    peer: () => Promise.resolve(store),
    advance: (ms) => clock.advance(ms),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});
