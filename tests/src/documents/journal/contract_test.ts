import { memoryDocumentStore } from "../../../../adapters/memory/documents.ts";
import { memoryWakes } from "../../../../adapters/memory/wakes.ts";
import { journaledStore } from "../../../../src/documents/journaled_store.ts";
import { journalOf } from "../../../../src/documents/journaled.ts";
import { documentFrontContract } from "../../../contracts/document_front.ts";
import { documentJournalContract } from "../../../contracts/document_journal.ts";
import { documentStoreContract } from "../../../contracts/document_store.ts";
import { manualClock } from "../../../contracts/manual_clock.ts";

documentStoreContract((name, run) => Deno.test(`${name}, with a journal behind`, run), () => {
  const clock = manualClock(1_000_000);
  const made = () => memoryDocumentStore({ clock, wakes: memoryWakes() });
  const store = journaledStore(made(), journalOf(made()));
  return Promise.resolve({
    store,
    peer: () => Promise.resolve(store),
    advance: (ms) => clock.advance(ms),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

documentJournalContract((name, run) => Deno.test(`${name}, in memory`, run), () => {
  const clock = manualClock(1_000_000);
  const store = journalOf(memoryDocumentStore({ clock, wakes: memoryWakes() }));
  return Promise.resolve({
    store,
    peer: () => Promise.resolve(store),
    advance: (ms) => clock.advance(ms),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

documentFrontContract((name, run) => Deno.test(`${name}, in memory`, run), () => {
  const clock = manualClock(1_000_000);
  const store = memoryDocumentStore({ clock, wakes: memoryWakes() });
  return Promise.resolve({
    store,
    peer: () => Promise.resolve(store),
    advance: (ms) => clock.advance(ms),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});
