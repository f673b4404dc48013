/**
 * What strangers bring about at will, and what they get for it: a refusal, of which the owner hears nothing.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
import { createHandler, serveDocuments, serveModels, serveSync } from "../../../src/http/mod.ts";
import { createModel } from "../../../src/models/mod.ts";
import { createSync } from "../../../src/sync/mod.ts";
import { User } from "../../support/models/users.ts";

const request = (path = "/", init?: RequestInit) => new Request(`http://localhost${path}`, init);

/** Users on a backend of their own, a hub of them, and what the owner of their handler hears. */
function served() {
  const backend = memory();
  const users = createModel(backend, User);
  const hub = serveSync(createSync(backend, { models: [users] }));
  const heard: unknown[] = [];
  return { backend, users, hub, heard, onError: (error: unknown) => heard.push(error) };
}

Deno.test("createHandler() refuses a body that breaks off by 400, and tells nobody", async () => {
  const { users, hub, heard, onError } = served();
  const handler = createHandler([serveModels({ users }), hub], { onError });
  for (const path of ["/users", "/users:batch", "/sync"]) {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"email":')),
      pull: (controller) => controller.error(new Error("The client is gone")),
    });
    const headers = { "content-type": "application/json" };
    const response = await handler(request(path, { method: "POST", body, headers }));
    strictEqual(response.status, 400, path);
    await response.body?.cancel();
  }
  deepStrictEqual(heard, []);
});

Deno.test("createHandler() refuses a Host that is none of a URL by 400", async () => {
  const { users, hub, heard, onError } = served();
  const handler = createHandler([serveModels({ users }), hub], { onError });
  const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(listen, handler);
  for (const [path, host] of [["/users", "a b"], ["/users", "x:99999"], ["/sync", "[::1"]]) {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    const asked = `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(asked));
    const answer = await new Response(connection.readable).text();
    strictEqual(answer.split("\r\n")[0], "HTTP/1.1 400 Bad Request", host);
  }
  deepStrictEqual(heard, []);
});

Deno.test("createHandler() refuses half a handshake of a WebSocket by 400", async () => {
  const { backend, hub, heard, onError } = served();
  await using documents = createDocuments(backend);
  const parts = [serveDocuments(documents), hub];
  const handler = createHandler(parts, { onError, upgrade: Deno.upgradeWebSocket });
  const headers = { upgrade: "websocket" };
  for (const path of ["/documents", "/sync"]) {
    const response = await handler(request(path, { headers }));
    strictEqual(response.status, 400, path);
    strictEqual((await response.json()).code, "ERR_MALFORMED");
  }
  deepStrictEqual(heard, []);
  const failure = new Error("The host's own");
  const broken = createHandler(parts, {
    onError,
    upgrade: () => {
      throw failure;
    },
  });
  strictEqual((await broken(request("/sync", { headers }))).status, 500);
  deepStrictEqual(heard, [failure]);
});
