/**
 * A server of the bench of sync on Node: `holdfast` or `ws`, or with frames of SockJS `holdfast-sockjs` or `sockjs`, on the
 * port that it is given.
 *
 * @module
 */

import { createServer } from "node:http";
import process from "node:process";
import sockjs from "sockjs";
import { WebSocketServer } from "ws";
import { bareText, type Broadcast, commanded, hubInMemory } from "./broadcast.ts";

/** What a bare server needs of a connection. */
interface Connection {
  send?(text: string): void;
  write?(text: string): void;
  on(event: "close", listener: () => void): void;
}

const [, , kind = "", port = "0"] = process.argv;
const connections = new Set<Connection>();
let seq = 0;
let broadcast: Broadcast = () => {
  const text = bareText(++seq);
  for (const one of connections) kind === "sockjs" ? one.write?.(text) : one.send?.(text);
};
const server = createServer((incoming, outgoing) => {
  if (incoming.url?.startsWith("/echo")) return;
  void commanded(incoming.url ?? "/", broadcast).then((told) => outgoing.end(JSON.stringify(told)));
});
const keep = (connection: Connection): void => {
  connections.add(connection);
  connection.on("close", () => connections.delete(connection));
};

if (kind === "sockjs") {
  const endpoint = sockjs.createServer({ log: () => {} });
  endpoint.on("connection", keep);
  endpoint.installHandlers(server, { prefix: "/echo" });
} else if (kind === "ws") {
  new WebSocketServer({ server }).on("connection", keep);
} else {
  const made = hubInMemory();
  broadcast = made.broadcast;
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (incoming, socket, head) => {
    const path = kind === "holdfast" ? "/sync" : `/sync/sockjs${incoming.url?.slice(5)}`;
    const request = new Request(`http://127.0.0.1${path}`, { headers: { upgrade: "websocket" } });
    const upgrade = () =>
      new Promise<{ socket: never }>((resolve) =>
        // The types of npm ws are its own; what a hub needs of a socket is there.
        sockets.handleUpgrade(
          incoming,
          socket,
          head,
          (opened: unknown) => resolve({ socket: opened as never }),
        )
      );
    void made.hub.handle(request, { upgrade });
  });
}
server.listen(Number(port), "127.0.0.1");
