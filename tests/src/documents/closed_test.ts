/**
 * Clients of documents that are closed in their own process: all that they wait for ends, and nothing is left that would
 * keep the process. Deno's sanitizers look for what is.
 *
 * @module
 */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { type Connection, openPresence } from "../../../src/documents/client/mod.ts";
import { createDocuments, type JournaledBackend } from "../../../src/documents/mod.ts";
import { createPathModel } from "../../../src/path_model/mod.ts";
import { yjs } from "../../support/documents/yjs.ts";
import { eventually } from "../../support/eventually.ts";

const CLOSED = { code: "ERR_CLOSED" };

/** What a client may wait for. */
const WORKS: Readonly<Record<string, (connection: Connection) => Promise<unknown>>> = {
  "Doc.fetch()": (connection) => connection.get("posts", "1").fetch(),
  "Doc.subscribe()": (connection) => connection.get("posts", "1").subscribe(),
  "Doc.create()": (connection) => connection.get("posts", "1").create({ n: 1 }),
  "UpdatesDoc.subscribe()": (connection) =>
    connection.get("drawings", "1", { kind: "updates" }).subscribe(),
  "UpdatesDoc.push()": (connection) =>
    connection.get("drawings", "1", { kind: "updates" }).push(new Uint8Array([0, 0])),
  "Connection.history()": (connection) => connection.history("posts", "1", { version: 1 }),
  "Connection.fetchQuery()": (connection) => connection.fetchQuery("posts", {}),
  "Connection.subscribeQuery()": (connection) => connection.subscribeQuery("posts", {}),
  "Presence.join()": (connection) => openPresence(connection, "room").join(),
  "PathModel.fetch()": (connection) =>
    createPathModel(connection, { unloadDelay: 0 }).fetch("posts.1"),
  "PathModel.subscribe()": (connection) =>
    createPathModel(connection, { unloadDelay: 0 }).subscribe("posts.1"),
};

for (const [call, work] of Object.entries(WORKS)) {
  Deno.test(`${call} ends when the documents of its process are closed`, async () => {
    const documents = createDocuments(silent(), { types: [yjs] });
    const connection = documents.connect();
    const states: string[] = [];
    connection.on("state", (state) => states.push(state));
    const ended = rejects(work(connection), CLOSED);
    await eventually("it is connected", () => connection.state === "connected");
    documents.close();
    await ended;
    deepStrictEqual(states.slice(-2), ["connected", "closed"]);
  });

  Deno.test(`${call} of a client within the process is refused after its documents are closed`, async () => {
    const documents = createDocuments(memory(), { types: [yjs] });
    const connection = documents.connect();
    documents.close();
    strictEqual(connection.state, "closed");
    await rejects(work(connection), CLOSED);
    const late = documents.connect();
    strictEqual(late.state, "closed");
    await rejects(work(late), CLOSED);
  });
}

Deno.test("Connection.whenNothingPending() ends when the documents of its process are closed", async () => {
  const documents = createDocuments(silent());
  const connection = documents.connect();
  const written = rejects(connection.get("posts", "1").create({ n: 1 }), CLOSED);
  const ended = rejects(connection.whenNothingPending(), CLOSED);
  documents.close();
  await Promise.all([written, ended]);
});

Deno.test("Documents.close() ends a client of its process that was about to come back", async () => {
  const documents = createDocuments(memory());
  const token = () => Promise.reject(new Error("Not now"));
  const connection = documents.connect({ retry: "30s", token });
  const ended = rejects(connection.get("posts", "1").fetch(), CLOSED);
  await eventually("it waits", () => connection.state === "waiting");
  documents.close();
  await ended;
  strictEqual(connection.state, "closed");
});

Deno.test("Documents.close() leaves clients of other documents on the same backend alone", async () => {
  const backend = memory();
  const [first, second] = [createDocuments(backend), createDocuments(backend)];
  const connection = second.connect();
  first.close();
  await connection.get("posts", "1").create({ n: 1 });
  strictEqual(connection.state, "connected");
  second.close();
});

/** A backend whose stores answer nothing. */
function silent(): JournaledBackend {
  const backend = memory();
  const never = () => new Promise<never>(() => {});
  const quiet = <Store extends object>(store: Store): Store =>
    // Of the same methods, none of which comes back.
    Object.fromEntries(Object.keys(store).map((method) => [method, never])) as Store;
  return { ...backend, documents: quiet(backend.documents), presence: quiet(backend.presence) };
}
