import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
import { createHandler, type HandlerOptions, serveDocuments } from "../../../src/http/mod.ts";
import { blocksOf, clientOf, requestOf } from "../../support/http/client.ts";

function served(options: HandlerOptions = {}) {
  const documents = createDocuments(memory());
  const handler = createHandler([serveDocuments(documents)], options);
  return { documents, handler, send: clientOf(handler) };
}

const CREATE = { create: { type: "json0", data: { count: 1 } } };
const ADD = { op: [{ p: ["count"], na: 1 }] };

Deno.test("serveDocuments() creates, edits, reads and ends documents", async () => {
  const { send } = served();
  strictEqual((await send("GET /documents/notes/a")).status, 404);
  const created = await send("POST /documents/notes/a", { body: CREATE });
  deepStrictEqual([created.status, created.body.version], [200, 0]);
  const edited = await send("POST /documents/notes/a", { body: { ...ADD, version: 1 } });
  deepStrictEqual(edited.body.version, 1);
  const read = await send("GET /documents/notes/a");
  deepStrictEqual([read.body.data, read.body.version], [{ count: 2 }, 2]);
  const known = { headers: { "if-none-match": read.headers.get("etag") ?? "" } };
  strictEqual((await send("GET /documents/notes/a", known)).status, 304);
  deepStrictEqual((await send("GET /documents/notes/a?version=1")).body.data, { count: 1 });
  strictEqual((await send("GET /documents/notes/a?version=9")).status, 409);
  strictEqual((await send("GET /documents/notes/a?at=x")).status, 400);
  strictEqual((await send("POST /documents/notes/a", { body: { del: true } })).status, 200);
  strictEqual((await send("GET /documents/notes/a")).status, 404);
});

Deno.test("serveDocuments() commits an operation once under an Idempotency-Key", async () => {
  const { send } = served();
  await send("POST /documents/notes/a", { body: CREATE });
  const add = () =>
    send("POST /documents/notes/a", { body: ADD, headers: { "idempotency-key": "k" } });
  const [first, again] = [await add(), await add()];
  deepStrictEqual([first.body.isDuplicate, again.body.isDuplicate], [false, true]);
  strictEqual(again.body.version, first.body.version);
  deepStrictEqual((await send("GET /documents/notes/a")).body.data, { count: 2 });
});

Deno.test("serveDocuments() refuses what is no operation, and what does not fit", async () => {
  const { send } = served();
  for (const body of [{}, [], { op: [], del: true }, { del: 1 }, { op: [], version: "1" }]) {
    strictEqual(
      (await send("POST /documents/notes/a", { body })).status,
      422,
      JSON.stringify(body),
    );
  }
  const missing = await send("POST /documents/notes/a", { body: ADD });
  deepStrictEqual([missing.status, missing.body.code], [404, "ERR_DOC_DOES_NOT_EXIST"]);
  await send("POST /documents/notes/a", { body: CREATE });
  const twice = await send("POST /documents/notes/a", { body: CREATE });
  deepStrictEqual([twice.status, twice.body.code], [409, "ERR_DOC_ALREADY_CREATED"]);
  const inherited = { op: [{ p: ["__proto__", "x"], oi: 1 }] };
  strictEqual((await send("POST /documents/notes/a", { body: inherited })).status, 422);
  const guarded = { body: ADD, headers: { "if-match": '"x"' } };
  strictEqual((await send("POST /documents/notes/a", guarded)).status, 400);
  strictEqual((await send("GET /documents")).status, 426);
});

Deno.test("serveDocuments() asks for the rights of the collection and the document", async () => {
  const { send } = served({
    authenticate: () => ({ id: "ada" }),
    authorize: ({ resource, action, id }) =>
      resource === "notes" && action === "read" && id === "a",
  });
  strictEqual((await send("GET /documents/notes/a")).status, 404);
  strictEqual((await send("GET /documents/notes/b")).status, 403);
  strictEqual((await send("GET /documents/others/a")).status, 403);
  strictEqual((await send("POST /documents/notes/a", { body: CREATE })).status, 403);
});

Deno.test("serveDocuments() streams a document and what becomes of it", async () => {
  const { documents, handler, send } = served();
  await send("POST /documents/notes/a", { body: CREATE });
  const stop = new AbortController();
  const { signal } = stop;
  const response = await handler(requestOf("GET /documents/notes/a/events", { signal }));
  const blocks = blocksOf(response);
  const next = async () => {
    const { value = "" } = await blocks.next();
    const [, id] = /^id: (.+)$/m.exec(value) ?? [];
    const [, event] = /^event: (.+)$/m.exec(value) ?? [];
    return { id, event, data: JSON.parse(/^data: (.+)$/m.exec(value)?.[1] ?? "null") };
  };
  await blocks.next();
  const snapshot = await next();
  deepStrictEqual([snapshot.event, snapshot.data.data], ["snapshot", { count: 1 }]);
  await documents.submit("notes", "a", ADD);
  const op = await next();
  deepStrictEqual([op.event, op.data.version, op.data.op], ["op", 1, ADD.op]);
  strictEqual("source" in op.data, false);
  await blocks.return();
  const headers = { "last-event-id": op.id ?? "" };
  const again = blocksOf(await handler(requestOf("GET /documents/notes/a/events", { headers })));
  await again.next();
  strictEqual((await again.next()).value, `id: ${op.id}`);
  await again.return();
  stop.abort();
  await documents[Symbol.asyncDispose]();
});

Deno.test("serveDocuments() makes a socket of a request, where the host can", async () => {
  const documents = createDocuments(memory());
  const upgrade = (request: Request) => Deno.upgradeWebSocket(request);
  const handler = createHandler([serveDocuments(documents, { path: "/docs" })], { upgrade });
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/docs`);
  const opened = await new Promise((resolve) => {
    socket.onopen = () => resolve(true);
    socket.onerror = () => resolve(false);
  });
  strictEqual(opened, true);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  documents.close();
});

Deno.test("serveDocuments() asks authorize for a socket, as a write of every collection", async () => {
  const asked: unknown[] = [];
  const upgrade = () => {
    throw new Error("must not be reached");
  };
  const { send } = served({
    upgrade,
    authenticate: () => ({ id: "ada" }),
    authorize: ({ part, resource, action, id }) => {
      asked.push([part, resource, action, id]);
      return false;
    },
  });
  const headers = { upgrade: "websocket" };
  strictEqual((await send("GET /documents", { headers })).status, 403);
  deepStrictEqual(asked, [["documents", "*", "write", undefined]]);
  const stranger = served({ upgrade, authenticate: () => undefined });
  strictEqual((await stranger.send("GET /documents", { headers })).status, 401);
});

Deno.test("serveDocuments() refuses what are no documents, and a path that is none", () => {
  throws(() => serveDocuments({} as never), { code: "ERR_INVALID_ARGUMENT" });
  const documents = createDocuments(memory());
  for (const path of ["docs", "/docs/", 5]) {
    throws(() => serveDocuments(documents, { path: path as never }), {
      code: "ERR_INVALID_OPTION",
    });
  }
});
