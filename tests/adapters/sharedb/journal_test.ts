import ShareDb from "sharedb";
import { fromShareDb } from "../../../adapters/sharedb/mod.ts";
import { documentJournalContract } from "../../contracts/document_journal.ts";
import { manualClock } from "../../contracts/manual_clock.ts";
import { twoStoresSuite } from "../../support/documents/two_stores.ts";
import { wipeable } from "../../support/documents/wipeable.ts";

documentJournalContract((name, run) => Deno.test(`${name}, on ShareDB's MemoryDB`, run), () => {
  const clock = manualClock(1_000_000);
  const db = new ShareDb.MemoryDB();
  const store = fromShareDb(db, { clock });
  return Promise.resolve({
    store,
    peer: () => Promise.resolve(fromShareDb(db, { clock })),
    advance: (ms) => clock.advance(ms),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

twoStoresSuite((name, run) => Deno.test(`${name}, on ShareDB's MemoryDB`, run), () => {
  const { store, wipe } = wipeable();
  const db = new ShareDb.MemoryDB();
  return Promise.resolve({
    front: () => store,
    journal: () => fromShareDb(db),
    flush: wipe,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});
