/** @module */
// The real client has no types.
// deno-lint-ignore-file no-explicit-any

import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert/strict";
import { createRequire } from "node:module";
import { memory } from "../../../adapters/memory/mod.ts";
import { memoryDocumentStore } from "../../../adapters/memory/documents.ts";
import { createDocuments, type DocumentsOptions } from "../../../src/documents/mod.ts";
import type { DocumentsBackend } from "../../../src/documents/port.ts";
import { checkType } from "../../../src/ot/mod.ts";
import { eventually } from "../../support/eventually.ts";

const require = createRequire(import.meta.url);
const { Connection, types } = require("sharedb/lib/client");
const json1 = require("ot-json1");
const richText = require("rich-text");
const unicode = require("ot-text-unicode");
const PLUGGED = [json1.type, richText.type, unicode.type];
for (const type of PLUGGED) types.register(type);

/** A server on a port of its own, and real clients over real sockets. */
function served(backend: DocumentsBackend = memory(), options: DocumentsOptions = {}) {
  const documents = createDocuments(backend, { types: PLUGGED.map(checkType), ...options });
  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    return documents.upgrade(request, () => Deno.upgradeWebSocket(request));
  });
  const sockets: WebSocket[] = [];
  const socket = (): WebSocket => {
    const made = new WebSocket(`ws://127.0.0.1:${http.addr.port}`);
    sockets.push(made);
    return made;
  };
  return {
    documents,
    socket,
    connect: (): any => new Connection(socket()),
    [Symbol.asyncDispose]: async () => {
      const ended = sockets.filter(({ readyState }) => readyState < 3).map((made) =>
        new Promise((resolve) => made.addEventListener("close", resolve))
      );
      documents.close();
      await Promise.all(ended);
      await http.shutdown();
    },
  };
}

function done(call: (callback: (error: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => call((error) => error ? reject(error) : resolve()));
}

const CASES:
  readonly (readonly [name: string, uri: string, data: unknown, op: (who: number) => unknown])[] = [
    ["json", "http://sharejs.org/types/JSONv0", [], (who) => [{ p: [0], li: `${who}` }]],
    ["ot-json1", json1.type.uri, [], (who) => json1.insertOp([0], `${who}`)],
    ["rich-text", richText.type.uri, [{ insert: "." }], (who) => [{ insert: `${who}` }]],
    ["ot-text-unicode", unicode.type.uri, "🙂", (who) => [`${who}`]],
  ];

for (const [name, uri, data, op] of CASES) {
  Deno.test(`npm sharedb's clients converge over our socket: ${name}`, async () => {
    await using server = served();
    const docs = [0, 1, 2].map(() => server.connect().get("posts", "1"));
    const [first] = docs;
    await done((callback) => first.create(data, uri, callback));
    await Promise.all(docs.map((doc) => done((callback) => doc.subscribe(callback))));
    await Promise.all(docs.flatMap((doc, who) =>
      [0, 1, 2, 3].map(async () => {
        doc.preventCompose = true;
        await done((callback) => doc.submitOp(op(who), callback));
      })
    ));
    await eventually("everybody has everything", () => docs.every(({ version }) => version === 13));
    const shown = docs.map((doc) => JSON.stringify(doc.data));
    strictEqual(new Set(shown).size, 1);
    const { data: kept, version } = await server.documents.fetch("posts", "1");
    strictEqual(version, 13);
    deepStrictEqual(JSON.stringify(first.type.deserialize?.(kept) ?? kept), shown[0]);
  });
}

Deno.test("npm sharedb's client resends what was not acknowledged when its socket dropped, once", async () => {
  await using server = served();
  const connection = server.connect();
  const doc = connection.get("posts", "1");
  await done((callback) => doc.create({ n: 0 }, callback));
  await done((callback) => doc.subscribe(callback));
  const { id } = connection;
  for (let drops = 1; drops <= 3; drops++) {
    const committed = done((callback) => doc.submitOp([{ p: ["n"], na: 1 }], callback));
    // It is sent in the next tick, and perhaps not answered yet.
    await new Promise((resolve) => setTimeout(resolve, 0));
    connection.close();
    await eventually("it is disconnected", () => connection.state === "disconnected");
    connection.bindToSocket(server.socket());
    await committed;
  }
  strictEqual(connection.id, id);
  deepStrictEqual([doc.data, doc.version], [{ n: 3 }, 4]);
  deepStrictEqual((await server.documents.fetch("posts", "1")).data, { n: 3 });
});

Deno.test("npm sharedb's client is never merged with documents that were wiped and begun anew", async () => {
  const base = memory();
  let store = memoryDocumentStore(base);
  const backend: DocumentsBackend = {
    ...base,
    documents: {
      commit: (...args) => store.commit(...args),
      read: (...args) => store.read(...args),
      history: (...args) => store.history(...args),
      changes: (...args) => store.changes(...args),
      page: (...args) => store.page(...args),
    },
  };
  const options = { recentMax: 0, secret: "a secret of a test" };
  await using server = served(backend, options);
  const connection = server.connect();
  const doc = connection.get("posts", "1");
  const idle = connection.get("posts", "2");
  for (const one of [doc, idle]) {
    one.on("error", () => {});
    await done((callback) => one.create(["a"], callback));
    await done((callback) => one.submitOp([{ p: [1], li: "old" }], callback));
  }
  connection.close();
  await eventually("it is disconnected", () => connection.state === "disconnected");
  // The store is wiped, and other documents get the same names, past the client's version and short of it.
  store = memoryDocumentStore(base);
  await server.documents.submit("posts", "1", { create: { data: ["new"] } });
  for (let more = 0; more < 3; more++) {
    await server.documents.submit("posts", "1", { op: [{ p: [1], li: `${more}` }] });
  }
  await server.documents.submit("posts", "2", { create: { data: ["other"] } });
  let refused: any;
  doc.submitOp([{ p: [0], li: "late" }], (error: unknown) => refused = error);
  idle.subscribe();
  connection.bindToSocket(server.socket());
  await eventually("it has begun anew", () => doc.version === 4 && idle.version === 1);
  notStrictEqual(refused, undefined);
  deepStrictEqual([doc.data, idle.data], [["new", "2", "1", "0"], ["other"]]);
  deepStrictEqual((await server.documents.fetch("posts", "1")).data, ["new", "2", "1", "0"]);
  await done((callback) => doc.submitOp([{ p: [0], li: "now" }], callback));
  strictEqual(doc.version, 5);
});

Deno.test("npm sharedb's client keeps a query and a projection over our socket, and over one that dropped", async () => {
  await using server = served(memory(), {
    projections: { titles: { of: "posts", fields: ["n"] } },
  });
  const connection = server.connect();
  for (const n of [1, 2, 3]) {
    await server.documents.submit("posts", `${n}`, { create: { data: { n, hidden: "x" } } });
  }
  const query = connection.createSubscribeQuery("titles", {
    hidden: "x",
    $sort: { n: 1 },
    $limit: 2,
  });
  const shown = (): string => JSON.stringify(query.results?.map(({ data }: any) => data) ?? []);
  await done((callback) => query.once("ready", () => callback(undefined)));
  strictEqual(shown(), '[{"n":1},{"n":2}]');
  await server.documents.submit("posts", "1", { op: [{ p: ["n"], na: 8 }] });
  await eventually("the third comes in", () => shown() === '[{"n":2},{"n":3}]');
  connection.close();
  await eventually("it is disconnected", () => connection.state === "disconnected");
  await server.documents.submit("posts", "2", { op: [{ p: ["n"], na: 3 }] });
  await server.documents.submit("posts", "3", { del: true });
  connection.bindToSocket(server.socket());
  await eventually("it is told what it missed", () => shown() === '[{"n":5},{"n":9}]');
});
