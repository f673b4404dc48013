/**
 * Rooms, each a Durable Object that holds its notes, pages and journal in memory and streams their changes to all its
 * visitors over WebSockets and event streams:
 *
 * ```sh
 * deno bundle --platform browser --output examples/dist/rooms.mjs examples/durable-object/worker.ts
 * workerd serve examples/durable-object/config.capnp
 * ```
 *
 * `/rooms/kitchen/notes` are the notes of the kitchen, `/rooms/kitchen/sync` is its hub. There is one object of a name in
 * the whole world, so its memory is shared by all who come; it is gone when the object sleeps, so what must last belongs
 * into a store that lasts.
 *
 * @module
 */

import type { Handler, SocketUpgrade } from "@holdfast/holdfast/http";
import { createApp } from "../sockets/app.ts";

/** A room. */
export class Room {
  #handler: Handler | undefined;

  /** Answers a request to this room; the first one tells below which path it is. */
  async fetch(request: Request): Promise<Response> {
    // No request waits for what another has begun: the other may end first.
    this.#handler ??= createApp({}, {
      upgrade,
      basePath: pathOf(request),
      backend: { isolation: "request" },
    });
    return await this.#handler(request);
  }
}

/** workerd's two ends of a socket. */
declare const WebSocketPair: new () => readonly [client: WebSocket, server: WebSocket];

/** One end for the client, by the answer, and one for us. */
function upgrade(): SocketUpgrade {
  const { 0: client, 1: server } = new WebSocketPair();
  const init: ResponseInit & { webSocket: WebSocket } = { status: 101, webSocket: client };
  return { socket: server, response: new Response(null, init) };
}

/** The objects of a class, by name. */
interface Rooms {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(request: Request): Promise<Response> };
}

/** The path of a room; nothing if a request is to none. */
function pathOf({ url }: Request): string {
  return /^(\/rooms\/[\w-]{1,64})\//.exec(new URL(url).pathname)?.[1] ?? "";
}

export default {
  fetch: (request: Request, { rooms }: { readonly rooms: Rooms }): Response | Promise<Response> => {
    const room = pathOf(request);
    if (room === "") return new Response("Rooms are below /rooms/", { status: 404 });
    return rooms.get(rooms.idFromName(room)).fetch(request);
  },
};
