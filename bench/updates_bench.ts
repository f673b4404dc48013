/**
 * Documents of updates, with yjs, beside npm `sharedb` with yjs as a type of its own (transform: nothing, compose:
 * merge), both on their stores in memory and in the same process, over connections within it.
 *
 * Every operation is one character that is typed into a Y.Doc: what is measured is the way of its update to the server
 * and back, and to all others who are there.
 *
 * @module
 */

import { createRequire } from "node:module";
import * as Y from "yjs";
import { memory } from "../adapters/memory/mod.ts";
import { createDocuments, type StoredSnapshot, updateType } from "../src/documents/mod.ts";
import type { DocumentStore } from "../src/documents/mod.ts";
import { changeText } from "../src/documents/op_text.ts";
import { compare, figures, peer, type Table } from "./harness.ts";

const require = createRequire(import.meta.url);
// A package without types.
// deno-lint-ignore no-explicit-any
const ShareDb: any = require("sharedb");
ShareDb.logger?.setMethods({ info() {}, warn() {}, error() {} });

const OPTIONS = { rounds: 5, roundMs: 300 };
const KIND = { kind: "updates" } as const;
const CHARACTERS = 1_000;

/** Merges by a Y.Doc, as what a document writes out is a fraction of what `Y.mergeUpdates` gives. */
const yjs = updateType({
  name: "yjs",
  merge: (updates) => {
    const doc = new Y.Doc();
    doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update)));
    return Y.encodeStateAsUpdate(doc);
  },
  diff: Y.diffUpdate,
  stateVector: Y.encodeStateVectorFromUpdate,
});

/** The usual way to carry yjs in ShareDB: base64 in operations and snapshots. */
const ottype = {
  name: "yjs-ot",
  uri: "urn:yjs-ot",
  create: (data: string) => data ?? "",
  apply: (data: string, op: string) => data === "" ? op : merged(data, op),
  transform: (op: string) => op,
  compose: (one: string, other: string) => merged(one, other),
};

/** All tables. */
export async function bench(): Promise<readonly Table[]> {
  return [
    await typing("Updates of yjs, one client that waits for each acknowledgement", 1),
    await typing("Updates of yjs, 5 clients on one document", 5),
    await stored(1),
    await stored(5),
  ];
}

async function typing(title: string, count: number): Promise<Table> {
  const own = await ours(count);
  const other = await theirs(count);
  const turn = lanes(count);
  const table = await compare(title, {
    "Holdfast": () => turn("own", (at) => own.type(at)),
    [peer("sharedb")]: () => turn("other", (at) => other.type(at)),
  }, { ...OPTIONS, inFlight: count });
  await own.end();
  await other.end();
  return table;
}

/** Bytes that are kept of a thousand characters, typed one at a time: of the document as it is written out, and in all. */
async function stored(count: number): Promise<Table> {
  const own = await ours(count);
  const other = await theirs(count);
  for (let n = 0; n < CHARACTERS; n++) {
    await own.type(n % count);
    await other.type(n % count);
  }
  const [mine, his] = [await own.bytes(), other.bytes()];
  await own.end();
  await other.end();
  const per = (bytes: number) => Math.round(bytes / CHARACTERS * 100) / 100;
  return figures(`${CHARACTERS} characters of ${count} clients`, "bytes per character", {
    "Holdfast, the document": per(mine.snapshot),
    [`${peer("sharedb")}, the document`]: per(his.snapshot),
    "Holdfast, and the 100 last updates": per(mine.all),
    [`${peer("sharedb")}, and all operations`]: per(his.all),
  });
}

async function ours(count: number) {
  const backend = memory();
  const seen = lastSnapshot(backend.documents);
  const documents = createDocuments({ ...backend, documents: seen.store }, {
    types: [yjs],
    keep: { ops: 100 },
  });
  const typists = await Promise.all(Array.from({ length: count }, async () => {
    const connection = documents.connect();
    const drawing = connection.get("drawings", "1", KIND);
    const typist = newTypist();
    drawing.on("update", ({ update }) => Y.applyUpdate(typist.doc, update, "others"));
    await drawing.subscribe();
    return { connection, drawing, ...typist };
  }));
  return {
    type: (at: number) => typists[at]?.drawing.push(typists[at].typed()),
    bytes: async () => {
      const [unit, id] = seen.place();
      const [read] = await backend.documents.read(unit, [{ id, after: { version: 0 } }]);
      const [whole] = await backend.documents.read(unit, [{ id }]);
      const snapshot = whole?.kind === "snapshot" ? bytesOfSnapshot(whole.snapshot) : 0;
      const first = read?.kind === "snapshot" ? read.head.firstVersion : 0;
      const [tail] = await backend.documents.read(unit, [{ id, after: { version: first } }]);
      const ops = tail?.kind === "ops" ? tail.ops : [];
      const log = ops.reduce((sum, op) => sum + changeText(op).length + 40, 0);
      return { snapshot, all: snapshot + log };
    },
    end: () => {
      for (const { connection } of typists) connection.close();
      documents.close();
      return Promise.resolve();
    },
  };
}

/** Remembers where something was committed last. */
function lastSnapshot(documents: ReturnType<typeof memory>["documents"]) {
  let last: Parameters<DocumentStore["commit"]> | undefined;
  const store: typeof documents = {
    ...documents,
    commit: (...args) => {
      last = args;
      return documents.commit(...args);
    },
  };
  return {
    store,
    place: () => {
      if (last === undefined) throw new Error("Nothing was committed");
      const [unit, { id }] = last;
      return [unit, id] as const;
    },
  };
}

function bytesOfSnapshot({ data }: StoredSnapshot): number {
  return JSON.stringify(data ?? null).length;
}

async function theirs(count: number) {
  ShareDb.types.register(ottype);
  const db = new ShareDb.MemoryDB();
  const backend = new ShareDb({ db });
  const typists = Array.from({ length: count }, () => {
    const doc = backend.connect().get("drawings", "1");
    const typist = newTypist();
    doc.on("op", (op: string, isOwn: boolean) => {
      if (!isOwn) Y.applyUpdate(typist.doc, bytes(op), "others");
    });
    return { shared: doc, ...typist };
  });
  await called((done) => typists[0]?.shared.create("", ottype.uri, done));
  await Promise.all(typists.map(({ shared }) => called((done) => shared.subscribe(done))));
  return {
    type: (at: number) =>
      called((done) => typists[at]?.shared.submitOp(text(typists[at].typed()), {}, done)),
    bytes: () => {
      const snapshot = JSON.stringify(db.docs.drawings["1"].data).length;
      return { snapshot, all: snapshot + JSON.stringify(db.ops.drawings["1"]).length };
    },
    end: () => called((done) => backend.close(done)),
  };
}

/** Somebody who types at the end of a text. */
function newTypist() {
  const doc = new Y.Doc();
  const typed = doc.getText("text");
  let last = new Uint8Array();
  doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin === "own") last = new Uint8Array(update);
  });
  return {
    doc,
    typed: () => {
      doc.transact(() => typed.insert(typed.length, "x"), "own");
      return last;
    },
  };
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

function merged(one: string, other: string): string {
  return text(Y.mergeUpdates([bytes(one), bytes(other)]));
}

function text(update: Uint8Array): string {
  return btoa(String.fromCharCode(...update));
}

function bytes(update: string): Uint8Array {
  return Uint8Array.from(atob(update), (character) => character.charCodeAt(0));
}

/** What a function calls back with, as a promise. */
function called(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => error ? reject(error) : resolve()));
}
