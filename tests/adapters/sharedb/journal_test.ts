import ShareDb from "sharedb";
import { fromShareDb } from "../../../adapters/sharedb/mod.ts";
import { documentJournalContract } from "../../contracts/document_journal.ts";
import { manualClock } from "../../contracts/manual_clock.ts";

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
