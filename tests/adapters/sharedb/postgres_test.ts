import { rejects, strictEqual } from "node:assert/strict";
import pg from "pg";
import PostgresDb from "sharedb-postgres";
import { fromShareDb, type ShareDbDatabase } from "../../../adapters/sharedb/mod.ts";
import { memory } from "../../../adapters/memory/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
import { systemClock } from "../../../src/clock.ts";
import { sleep } from "../../../src/waiting.ts";
import { documentJournalContract } from "../../contracts/document_journal.ts";
import { twoStoresSuite } from "../../support/documents/two_stores.ts";
import { wipeable } from "../../support/documents/wipeable.ts";
import { type PostgresServer, postgresTest, startPostgres } from "../../support/postgres/server.ts";

/** As `sharedb-postgres` has it in its `structure.sql`. */
const TABLES = [
  `CREATE TABLE ops (collection varchar(255) NOT NULL, doc_id varchar(255) NOT NULL,
    version integer NOT NULL, operation jsonb NOT NULL, PRIMARY KEY (collection, doc_id, version))`,
  `CREATE TABLE snapshots (collection varchar(255) NOT NULL, doc_id varchar(255) NOT NULL,
    doc_type varchar(255), version integer NOT NULL, data jsonb, metadata jsonb,
    PRIMARY KEY (collection, doc_id))`,
];

postgresTest("fromShareDb() keeps the contract of journals on PostgreSQL", async () => {
  await using server = await startPostgres();
  const suite: (readonly [string, () => Promise<void>])[] = [];
  documentJournalContract((name, run) => suite.push([name, run]), async () => {
    const db = await freshDatabase(server);
    return {
      store: fromShareDb(db.db),
      peer: () => Promise.resolve(fromShareDb(db.db)),
      advance: (ms) => sleep(systemClock(), ms),
      [Symbol.asyncDispose]: () => db.close(),
    };
  });
  await each(suite);
});

postgresTest("Two stores lose nothing with PostgreSQL behind", async () => {
  await using server = await startPostgres();
  const suite: (readonly [string, () => Promise<void>])[] = [];
  twoStoresSuite((name, run) => suite.push([name, run]), async () => {
    const { db, close } = await freshDatabase(server);
    const { store, wipe } = wipeable();
    return {
      front: () => store,
      journal: () => fromShareDb(db),
      flush: wipe,
      [Symbol.asyncDispose]: close,
    };
  });
  await each(suite);
});

postgresTest("createDocuments() acknowledges nothing while PostgreSQL is away", async () => {
  await using server = await startPostgres();
  const { db, close } = await freshDatabase(server);
  await using documents = createDocuments({ ...memory(), journal: fromShareDb(db) });
  await documents.submit("posts", "1", { create: { data: { n: 1 } }, version: 0 });
  await server.kill();
  const edit = {
    op: [{ p: ["n"], na: 1 }],
    version: 1,
    source: "me",
    sequence: 1,
  };
  await rejects(documents.submit("posts", "1", edit), { code: "ERR_UNAVAILABLE" });
  await server.start();
  strictEqual((await documents.submit("posts", "1", edit)).version, 1);
  strictEqual((await documents.submit("posts", "1", edit)).isDuplicate, true);
  await close();
});

/** A database with tables of its own on a server. */
async function freshDatabase(
  { connection }: PostgresServer,
): Promise<{ readonly db: ShareDbDatabase; readonly close: () => Promise<void> }> {
  const database = `tests_${crypto.randomUUID().replaceAll("-", "")}`;
  await queried(connection, [`CREATE DATABASE ${database}`]);
  await queried({ ...connection, database }, TABLES);
  const db = new PostgresDb({ ...connection, database });
  // A lost connection of the pool is told to the pool, and would end the process if nobody listened.
  db._pool.on("error", () => {});
  return { db, close: () => db.close() };
}

async function queried(connection: PostgresServer["connection"], queries: readonly string[]) {
  const client = new pg.Client(connection);
  await client.connect();
  for (const query of queries) await client.query(query);
  await client.end();
}

async function each(suite: readonly (readonly [string, () => Promise<void>])[]): Promise<void> {
  for (const [name, run] of suite) {
    await run().catch((cause) => {
      throw new Error(name, { cause });
    });
  }
}
