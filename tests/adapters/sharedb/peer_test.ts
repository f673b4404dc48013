import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import ShareDb from "sharedb";
import { memory } from "../../../adapters/memory/mod.ts";
import { fromShareDb } from "../../../adapters/sharedb/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";

/** What a function calls back with, as a promise. */
function called(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => error ? reject(error) : resolve()));
}

function opened(db: InstanceType<typeof ShareDb.MemoryDB>) {
  return createDocuments({ ...memory(), journal: fromShareDb(db) });
}

Deno.test("fromShareDb() writes what npm sharedb reads, and goes on with what it wrote", async () => {
  const db = new ShareDb.MemoryDB();
  await using before = opened(db);
  await before.submit("posts", "1", { create: { data: { l: ["ours"] } } });
  await before.submit("posts", "1", { op: [{ p: ["l", 0], li: "ours too" }] });

  const backend = new ShareDb({ db });
  const doc = backend.connect().get("posts", "1");
  await called((done) => doc.fetch(done));
  deepStrictEqual([doc.version, doc.data], [2, { l: ["ours too", "ours"] }]);
  await called((done) => doc.submitOp([{ p: ["l", 0], li: "theirs" }], {}, done));
  await called((done) => backend.connect().get("posts", "2").create({ n: 1 }, done));

  await using after = opened(db);
  const found = await after.fetch("posts", "1");
  deepStrictEqual([found.version, found.data], [3, { l: ["theirs", "ours too", "ours"] }]);
  ok(found.tag !== "", "an operation of theirs has a tag as well");
  const late = { op: [{ p: ["l", 0], ld: "ours too" }], version: 2 };
  strictEqual((await after.submit("posts", "1", late)).version, 3);
  deepStrictEqual((await after.fetch("posts", "1")).data, { l: ["theirs", "ours"] });
  deepStrictEqual((await after.history("posts", "1", { version: 1 })).data, { l: ["ours"] });
  deepStrictEqual((await after.fetch("posts", "2")).data, { n: 1 });
  await called((done) => backend.close(done));
});

Deno.test("fromShareDb() keeps documents whose data is false in itself", async () => {
  const db = new ShareDb.MemoryDB();
  await using one = opened(db);
  for (const [at, data] of [0, "", false, null].entries()) {
    await one.submit("posts", `${at}`, { create: { data } });
    await using other = opened(db);
    deepStrictEqual((await other.fetch("posts", `${at}`)).data, data);
  }
  await one.submit("posts", "0", { del: true });
  await using other = opened(db);
  const gone = await other.fetch("posts", "0");
  deepStrictEqual([gone.version, gone.type, gone.data], [2, undefined, undefined]);
});

Deno.test("fromShareDb() says of dropped operations that they are", async () => {
  const db = new ShareDb.MemoryDB();
  await using one = opened(db);
  await one.submit("posts", "1", { create: { data: { n: 0 } } });
  for (let n = 0; n < 5; n++) await one.submit("posts", "1", { op: [{ p: ["n"], na: 1 }] });
  await called((done) => db.deleteOps("posts", "1", 0, 4, {}, done));
  await using other = opened(db);
  const edit = { op: [{ p: ["n"], na: 1 }], version: 6 };
  strictEqual((await other.submit("posts", "1", edit)).version, 6);
  deepStrictEqual((await other.fetch("posts", "1")).data, { n: 6 });
});

Deno.test("fromShareDb() refuses what is no database, and options that are none", () => {
  throws(() => fromShareDb({} as never), { code: "ERR_INVALID_ARGUMENT" });
  const db = new ShareDb.MemoryDB();
  throws(() => fromShareDb(db, { timeoutMs: 0 }), { code: "ERR_INVALID_OPTION" });
  throws(() => fromShareDb(db, { timeout: 1 } as never), { code: "ERR_INVALID_OPTION" });
  throws(
    () =>
      createDocuments({ ...memory(), documents: { read: 1 } as never, journal: fromShareDb(db) }),
    {
      code: "ERR_INVALID_ARGUMENT",
    },
  );
});
