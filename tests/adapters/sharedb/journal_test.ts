import { rejects, strictEqual } from "node:assert/strict";
import ShareDb from "sharedb";
import { memory } from "../../../adapters/memory/mod.ts";
import { fromShareDb, type ShareDbDatabase } from "../../../adapters/sharedb/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
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

Deno.test("fromShareDb() says that nobody can tell of an operation whose commit fails, and finds it again", async () => {
  const failure = new Error("the connection broke");
  const real: ShareDbDatabase = new ShareDb.MemoryDB();
  let isAnswered = true;
  const db: ShareDbDatabase = {
    commit: (collection, id, op, snapshot, options, callback) =>
      real.commit(collection, id, op, snapshot, options, (error, result) => {
        callback(isAnswered ? error : failure, result);
      }),
    getSnapshot: (...call) => real.getSnapshot(...call),
    getOps: (...call) => real.getOps(...call),
  };
  await using documents = createDocuments({ ...memory(), journal: fromShareDb(db) });
  await documents.submit("posts", "1", { create: { data: { n: 0 } } });
  const vote = { op: [{ p: ["n"], na: 1 }], source: "s", sequence: 1 };
  isAnswered = false;
  await rejects(documents.submit("posts", "1", vote), (error: Error & { code?: string }) => {
    return error.code === "ERR_OUTCOME_UNKNOWN" && (error.cause as Error).cause === failure;
  });
  isAnswered = true;
  strictEqual((await documents.submit("posts", "1", vote)).isDuplicate, true);
  strictEqual((await documents.fetch("posts", "1")).version, 2);
});
