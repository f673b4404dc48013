/**
 * A program: a hub on Node, by node:http and npm `ws`, on the port that it is given.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage } from "node:http";
import process from "node:process";
import { Readable } from "node:stream";
import { WebSocketServer } from "ws";
import { memory } from "../../../adapters/memory/mod.ts";
import { createSync } from "../../../src/sync/mod.ts";
import { todosOn } from "./todos.ts";

const backend = memory();
const hub = createSync(backend, { models: [todosOn(backend)] });
const sockets = new WebSocketServer({ noServer: true });

const server = createServer(async (incoming, outgoing) => {
  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  const response = await hub.handle(requestOf(incoming, gone.signal), {
    upgrade: () => Promise.reject(new Error("Cannot upgrade here")),
  });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  const reader = response.body?.getReader();
  outgoing.on("close", () => void reader?.cancel().catch(() => {}));
  for (let read = await reader?.read(); read !== undefined && !read.done;) {
    outgoing.write(read.value);
    read = await reader?.read();
  }
  outgoing.end();
});

server.on("upgrade", (incoming, socket, head) => {
  let isUpgraded = false;
  const upgrade = () =>
    new Promise<{ socket: never }>((resolve) => {
      isUpgraded = true;
      // The types of npm ws are its own; what a hub needs of a socket is there.
      sockets.handleUpgrade(incoming, socket, head, (opened: unknown) =>
        resolve({ socket: opened as never }));
    });
  void hub.handle(requestOf(incoming, new AbortController().signal), { upgrade })
    .then(({ status }) => {
      if (!isUpgraded) socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\n\r\n`);
    });
});

server.listen(Number(process.argv[2]), "127.0.0.1");

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = method === "POST";
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Buffer.from(String(value)).toString()] as [string, string]]
  );
  const init = { method, headers: new Headers(pairs), signal };
  return new Request(
    `http://${headers.host}${url}`,
    hasBody
      ? { ...init, body: Readable.toWeb(incoming) as never, duplex: "half" } as RequestInit
      : init,
  );
}
