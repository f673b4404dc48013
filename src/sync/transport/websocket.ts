/**
 * WebSockets as a transport: any host's, if its sockets have the standard's events.
 *
 * @module
 */

import type { Channel } from "../sender.ts";

/** What a hub needs of a socket: the standard `WebSocket`, that of npm `ws`, and the server half of a `WebSocketPair`. */
export interface SyncSocket {
  /** 0 while it opens, 1 while it is open. */
  readonly readyState: number;
  /** How many bytes it holds that the network has not taken. */
  readonly bufferedAmount?: number;
  /** Sends a text frame. */
  send(text: string): void;
  /** Closes. */
  close(code?: number, reason?: string): void;
  /** workerd's sockets must be accepted before they say anything. */
  accept?(): void;
  /** Calls a listener with the events `open`, `message`, `close` and `error`. */
  addEventListener(
    // deno-lint-ignore no-explicit-any -- each host has event types of its own, none of which the others accept.
    type: any,
    // deno-lint-ignore no-explicit-any -- as above.
    listener: (event: any) => void,
  ): void;
}

/** What a socket's messages are handed to. */
export interface SocketEnd {
  /** A message came; `undefined` for one that is no text. */
  receive(text: string | undefined): void;
  /** The socket is gone. */
  end(): void;
}

/** The most messages that wait while a connection is being opened. */
const EARLY_MAX = 100;
const OPEN = 1;

/** A socket as a channel. A class, because a broadcast walks thousands of them: one object each and no closures. */
class SocketChannel implements Channel {
  readonly #socket: SyncSocket;

  constructor(socket: SyncSocket) {
    this.#socket = socket;
  }

  send(text: string): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(text);
  }

  heldBytes(): number {
    return this.#socket.bufferedAmount ?? 0;
  }

  close(code: number): void {
    if (this.#socket.readyState <= OPEN) this.#socket.close(code);
  }
}

/** Hands a socket's messages to the connection that `open` makes of it, once it is open. */
export function serveSocket(
  socket: SyncSocket,
  open: (channel: Channel) => SocketEnd | Promise<SocketEnd>,
): void {
  let connection: SocketEnd | undefined;
  let isGone = false;
  const early: (string | undefined)[] = [];
  const begin = async (): Promise<void> => {
    const opened = await open(new SocketChannel(socket));
    if (isGone) return opened.end();
    connection = opened;
    for (const text of early.splice(0)) opened.receive(text);
  };
  socket.addEventListener("message", ({ data }: { readonly data: unknown }) => {
    const text = typeof data === "string" ? data : undefined;
    if (connection !== undefined) connection.receive(text);
    else if (early.length < EARLY_MAX) early.push(text);
  });
  const end = (): void => {
    isGone = true;
    connection?.end();
  };
  socket.addEventListener("close", end);
  socket.addEventListener("error", end);
  socket.accept?.();
  if (socket.readyState === OPEN) void begin();
  else socket.addEventListener("open", () => void begin());
}
