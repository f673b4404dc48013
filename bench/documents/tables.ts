/**
 * The tables of `documents_bench.ts`, each to be made in a process of its own: `tables.ts 3` prints the fourth.
 *
 * @module
 */
// deno-lint-ignore-file no-console

import { createRequire } from "node:module";
import { memory } from "../../adapters/memory/mod.ts";
import type { Json } from "../../src/json.ts";
import { createDocuments } from "../../src/documents/mod.ts";
import { compare, type MeasureOptions, peer, type Table } from "../harness.ts";

const require = createRequire(import.meta.url);
// A package without types.
// deno-lint-ignore no-explicit-any
const ShareDb: any = require("sharedb");
ShareDb.logger?.setMethods({ info() {}, warn() {}, error() {} });

const VOTE = [{ p: ["n"], na: 1 }];
const INSERT = [{ p: ["l", 0], li: 1 }];
const OPTIONS = { rounds: 5, roundMs: 300 };
const INSERTIONS = { rounds: 5, roundCalls: 1_000 };

const AT_THE_HEAD = "6,000 insertions at the head of a list each";

/** What makes each table. */
export const TABLES: readonly (() => Promise<Table>)[] = [
  () => calls("Submitting by single calls, a tiny document", tiny()),
  () => calls("Submitting by single calls, a document of 62 KiB", large()),
  () => clients("One client that waits for each acknowledgement, a tiny document", tiny()),
  () => clients("One client that waits for each acknowledgement, a document of 62 KiB", large()),
  () => contended("10 clients on one document, numbers", 10, VOTE, OPTIONS),
  () => contended(`10 clients on one document, ${AT_THE_HEAD}`, 10, INSERT, INSERTIONS),
  () => contended("50 clients on one document, numbers", 50, VOTE, OPTIONS),
  () => contended(`50 clients on one document, ${AT_THE_HEAD}`, 50, INSERT, INSERTIONS),
  () => reading(),
];

if (import.meta.main) {
  console.log(JSON.stringify(await TABLES[Number(Deno.args[0])]?.()));
  Deno.exit();
}

function tiny(): Json {
  return { n: 0 };
}

/** 620 records of about 100 bytes, and a number. */
function large(): Json {
  const list = Array.from({ length: 620 }, (_, id) => ({ id, text: "x".repeat(80) }));
  return { n: 0, list };
}

async function calls(title: string, data: Json): Promise<Table> {
  const documents = createDocuments(memory());
  await documents.submit("things", "1", { create: { data } });
  const backend = new ShareDb();
  const agent = backend.connect().agent;
  await called((done) =>
    backend.submit(
      agent,
      "things",
      "1",
      { create: created(data), v: 0, src: "b", seq: 0 },
      {},
      done,
    )
  );
  let sequence = 0;
  const table = await compare(title, {
    "Holdfast": () => documents.submit("things", "1", { op: VOTE }),
    [peer("sharedb")]: () =>
      called((done) =>
        backend.submit(agent, "things", "1", { op: VOTE, src: "b", seq: ++sequence }, {}, done)
      ),
  }, OPTIONS);
  documents.close();
  return table;
}

async function clients(title: string, data: Json): Promise<Table> {
  await using documents = createDocuments(memory());
  await using connection = documents.connect();
  const own = connection.get("things", "1");
  await own.create(data);
  const backend = new ShareDb();
  const other = backend.connect().get("things", "1");
  await called((done) => other.create(data, done));
  const table = await compare(title, {
    "Holdfast": () => own.submit(VOTE),
    [peer("sharedb")]: () => called((done) => other.submitOp(VOTE, done)),
  }, OPTIONS);
  await called((done) => backend.close(done));
  return table;
}

async function contended(
  title: string,
  count: number,
  op: Json,
  options: MeasureOptions,
): Promise<Table> {
  await using documents = createDocuments(memory());
  const connections = Array.from({ length: count + 1 }, () => documents.connect());
  const [made, ...own] = connections.map((connection) => connection.get("things", "1"));
  await made?.create({ n: 0, l: [] });
  await Promise.all(own.map((doc) => doc.subscribe()));
  const backend = new ShareDb();
  const others = Array.from({ length: count }, () => backend.connect().get("things", "1"));
  await called((done) => others[0].create({ n: 0, l: [] }, done));
  await Promise.all(others.map((doc) => called((done) => doc.subscribe(done))));
  const turn = lanes(count);
  const table = await compare(title, {
    "Holdfast": () => turn("own", (at) => own[at]?.submit(op)),
    [peer("sharedb")]: () => turn("other", (at) => called((done) => others[at].submitOp(op, done))),
  }, { ...options, inFlight: count });
  for (const connection of connections) connection.close();
  await called((done) => backend.close(done));
  return table;
}

/** Gives each call under way a client of its own. */
function lanes(count: number) {
  const free = { own: [...Array(count).keys()], other: [...Array(count).keys()] };
  return async (of: "own" | "other", act: (at: number) => unknown): Promise<void> => {
    const at = free[of].pop() ?? 0;
    await act(at);
    free[of].push(at);
  };
}

async function reading(): Promise<Table> {
  const documents = createDocuments(memory());
  await documents.submit("things", "1", { create: { data: tiny() } });
  const backend = new ShareDb();
  const connection = backend.connect();
  await called((done) => connection.get("things", "1").create(tiny(), done));
  const table = await compare("Reading a tiny document by single calls", {
    "Holdfast": () => documents.fetch("things", "1"),
    [peer("sharedb")]: () =>
      called((done) => backend.fetch(connection.agent, "things", "1", null, done)),
  }, OPTIONS);
  await called((done) => backend.close(done));
  return table;
}

function created(data: Json): unknown {
  return { type: "http://sharejs.org/types/JSONv0", data };
}

/** What a function calls back with, as a promise. */
function called(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => error ? reject(error) : resolve()));
}
