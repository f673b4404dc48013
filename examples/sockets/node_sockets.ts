/**
 * How a request becomes a WebSocket on Node: what npm `ws` does with an upgrade, as the `upgrade` of a handler.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { HostSocket, SocketUpgrade, Upgrade } from "@holdfast/holdfast/http";
import { requestOf } from "../node_http.ts";

/** What is used of npm `ws`: its `WebSocketServer`. */
export type SocketServerClass = new (
  options: {
    readonly noServer: true;
    readonly handleProtocols: (
      offered: Set<string>,
      incoming: IncomingMessage,
    ) => string | false;
  },
) => {
  handleUpgrade(
    incoming: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    opened: (socket: HostSocket) => void,
  ): void;
};

/** Sockets on Node. */
export interface NodeSockets {
  /** For the options of a handler. */
  readonly upgrade: Upgrade;
  /** What listens to the `upgrade` of a server: hands the request to the handler, and sends a refusal. */
  listener(
    handler: (request: Request) => Promise<Response>,
  ): (incoming: IncomingMessage, socket: Duplex, head: Uint8Array) => Promise<void>;
}

/** A request that asks for a socket, with what it came on. */
interface Arrival {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Uint8Array;
  isTaken: boolean;
}

/** Sockets made by npm `ws`, whose `WebSocketServer` is handed in. */
export function nodeSockets(SocketServer: SocketServerClass): NodeSockets {
  const arrivals = new WeakMap<Request, Arrival>();
  const protocols = new WeakMap<IncomingMessage, string>();
  const server = new SocketServer({
    noServer: true,
    // Which of the offered ones is the handler's to say: ws would take the first, which may be a token.
    handleProtocols: (_offered, incoming) => protocols.get(incoming) ?? false,
  });

  const upgrade = (request: Request, { protocol }: { readonly protocol?: string }) => {
    const arrival = arrivals.get(request);
    if (arrival === undefined) throw new TypeError("Cannot upgrade what did not come by upgrade");
    const { incoming, socket, head } = arrival;
    arrival.isTaken = true;
    if (protocol !== undefined) protocols.set(incoming, protocol);
    const made: SocketUpgrade[] = [];
    // ws calls back at once, or has answered the handshake by a 400 of its own.
    server.handleUpgrade(incoming, socket, head, (opened) => made.push({ socket: opened }));
    const [first] = made;
    if (first === undefined) throw new TypeError("Cannot upgrade as the handshake is none");
    return first;
  };

  const listener: NodeSockets["listener"] = (handler) => async (incoming, socket, head) => {
    const gone = new AbortController();
    socket.once("close", () => gone.abort());
    // Until ws listens, nobody does: a client that breaks off meanwhile is no failure of the process.
    socket.on("error", () => socket.destroy());
    try {
      const request = requestOf(incoming, gone.signal);
      const arrival: Arrival = { incoming, socket, head, isTaken: false };
      arrivals.set(request, arrival);
      const response = await handler(request);
      if (!arrival.isTaken) await refuse(response, socket);
    } catch {
      // The handler answers its own failures; what comes here is a request that is none.
      socket.destroy();
    }
  };
  return { upgrade, listener };
}

/** An answer that is no socket, in HTTP's own words. */
async function refuse(response: Response, socket: Duplex): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.set("content-length", String(body.length));
  headers.set("connection", "close");
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.write(`HTTP/1.1 ${response.status} ${response.statusText}\r\n${lines}\r\n`);
  socket.end(body);
}
