import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import {
  createHandler,
  type HandlerOptions,
  serveModels,
  serveSync,
} from "../../../src/http/mod.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { createSync } from "../../../src/sync/mod.ts";
import { clientOf, requestOf } from "../../support/http/client.ts";
import { z } from "zod";

const Todo = defineModel({ key: "todo", name: "Todo", schema: z.object({ title: z.string() }) });

function served(options: HandlerOptions = {}) {
  const backend = memory();
  const todos = createModel(backend, Todo);
  const hub = createSync(backend, { models: [todos] });
  const parts = [serveSync(hub), serveModels({ todos }), () => new Response("page")];
  const handler = createHandler(parts, options);
  return { todos, hub, handler, send: clientOf(handler) };
}

Deno.test("serveSync() answers what is under its path, and passes on what is not", async () => {
  const { hub, send } = served();
  const sent = await send("POST /sync", { body: [{ id: "1", event: "Todo:read" }] });
  strictEqual(sent.status, 200);
  deepStrictEqual(sent.body[0].data, []);
  strictEqual((await send("GET /synchronous")).text, "page");
  strictEqual((await send("GET /sync/none")).status, 404);
  const socket = await send("GET /sync", { headers: { upgrade: "websocket" } });
  strictEqual(socket.status, 426);
  match((await send("GET /metrics")).text, /^holdfast_sync_connections\{part="0"\} 0$/m);
  await hub.close();
});

Deno.test("serveSync() says once which origins may read", async () => {
  const backend = memory();
  const origins = ["https://app.example"];
  const hub = createSync(backend, { models: [createModel(backend, Todo)], origins });
  const send = clientOf(createHandler([serveSync(hub)], { cors: { origins } }));
  const headers = { origin: "https://app.example" };
  const { status, headers: told } = await send("POST /sync", {
    body: [{ id: "1", event: "Todo:read" }],
    headers,
  });
  deepStrictEqual([status, told.get("access-control-allow-origin")], [200, "https://app.example"]);
  const foreign = { body: [], headers: { origin: "https://evil.example" } };
  strictEqual((await send("POST /sync", foreign)).status, 403);
  await hub.close();
});

Deno.test("serveSync() makes sockets of requests, and what the API writes is heard", async () => {
  const upgrade = (request: Request, options: { readonly protocol?: string }) =>
    Deno.upgradeWebSocket(request, options);
  const { hub, handler } = served({ upgrade });
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const url = `http://127.0.0.1:${server.addr.port}`;
  const socket = new WebSocket(`${url.replace("http", "ws")}/sync`);
  const heard = new Promise<string>((resolve) => {
    socket.onmessage = async ({ data }) => {
      if (JSON.parse(data).event === "Todo:upsert") return resolve(data);
      // The read is answered: from here on the socket hears what is written.
      const response = await handler(requestOf("POST /todos", { body: { title: "milk" } }));
      await response.body?.cancel();
    };
  });
  await new Promise((resolve) => socket.onopen = resolve);
  socket.send(JSON.stringify({ id: "1", event: "Todo:read" }));
  match(await heard, /milk/);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  await hub.close();
});

Deno.test("serveSync() serves a hub where the hub is, its SockJS too", async () => {
  const backend = memory();
  const models = [createModel(backend, Todo)];
  const hub = createSync(backend, { models, path: "/live/todos", sockjsPath: "/old" });
  const send = clientOf(createHandler([serveSync(hub), () => new Response("page")]));
  const body = [{ id: "1", event: "Todo:read" }];
  strictEqual((await send("POST /live/todos", { body })).status, 200);
  match((await send("GET /old/info")).text, /websocket/);
  strictEqual((await send("GET /live")).text, "page");
  strictEqual((await send("GET /sync")).text, "page");
  await hub.close();
});

Deno.test("serveSync() refuses what is no hub", () => {
  throws(() => serveSync({} as never), { code: "ERR_INVALID_ARGUMENT" });
});
