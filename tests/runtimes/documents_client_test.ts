/**
 * The client over the host's own WebSockets.
 *
 * @module
 */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { memory } from "../../adapters/memory/mod.ts";
import { connectDocuments } from "../../src/documents/client/mod.ts";
import { createDocuments, type DocumentsOptions } from "../../src/documents/mod.ts";
import { eventually } from "../support/eventually.ts";

function served(options: DocumentsOptions = {}) {
  const documents = createDocuments(memory(), options);
  const sockets = new Set<WebSocket>();
  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    return documents.upgrade(request, () => {
      const upgraded = Deno.upgradeWebSocket(request);
      sockets.add(upgraded.socket);
      return upgraded;
    });
  });
  return {
    url: `ws://127.0.0.1:${http.addr.port}`,
    cut: () => {
      for (const socket of sockets) if (socket.readyState === 1) socket.close(4500, "cut");
    },
    end: async (...connections: readonly { close(): void }[]) => {
      for (const connection of connections) connection.close();
      await eventually(
        "all are gone",
        () => [...sockets].every((socket) => socket.readyState === 3),
      );
      documents.close();
      await http.shutdown();
    },
  };
}

Deno.test("connectDocuments() edits, is cut off, comes back and goes on", async () => {
  const { url, cut, end } = served();
  const [a, b] = [connectDocuments(url, { retry: 5 }), connectDocuments(url, { retry: 5 })];
  const [mine, theirs] = [a.get("posts", "1"), b.get("posts", "1")];
  await mine.create({ l: [] });
  await Promise.all([mine.subscribe(), theirs.subscribe()]);
  await mine.submit([{ p: ["l", 0], li: "a" }]);
  await eventually("the other sees it", () => theirs.version === 2);
  cut();
  await Promise.all([
    mine.submit([{ p: ["l", 0], li: "b" }]),
    theirs.submit([{ p: ["l", 0], li: "c" }]),
  ]);
  await eventually("both have both", () => mine.version === 4 && theirs.version === 4);
  deepStrictEqual(mine.data, theirs.data);
  await end(a, b);
});

Deno.test("connectDocuments() is told by the server that it may not come", async () => {
  const { url, end } = served({
    authenticate: ({ token }) => token === "right" ? "ada" : undefined,
  });
  const right = connectDocuments(url, { token: () => Promise.resolve("right") });
  await right.get("posts", "1").create({});
  const wrong = connectDocuments(url, { token: "wrong" });
  wrong.on("error", () => {});
  await rejects(wrong.get("posts", "1").fetch(), { code: "ERR_UNAUTHORIZED" });
  strictEqual(wrong.state, "closed");
  await end(right);
});

Deno.test("createDocuments() shows its rules the request that began a connection, after it became a socket", async () => {
  const { url, end } = served({
    authenticate: ({ request }) => request?.headers.has("host") === true ? "ada" : undefined,
    authorize: ({ session: { subject, request } }) =>
      subject === "ada" && request?.headers.get("host") === new URL(url).host,
  });
  const connection = connectDocuments(url);
  await connection.get("posts", "1").create({});
  await end(connection);
});
