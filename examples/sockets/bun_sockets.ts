/**
 * How a request becomes a WebSocket on Bun, whose server tells all sockets' events to one object: each of them as a
 * socket of the standard's kind, and Bun's call as the `upgrade` of a handler.
 *
 * @module
 */

import type { HostSocket, Upgrade } from "@holdfast/holdfast/http";

/** What is used of Bun's socket. */
interface BunSocket {
  readonly data: Socket;
  send(text: string): number;
  close(code?: number, reason?: string): void;
  getBufferedAmount(): number;
}

/** What is used of Bun's server. */
interface BunServer {
  upgrade(
    request: Request,
    options: { readonly data: Socket; readonly headers?: Readonly<Record<string, string>> },
  ): boolean;
}

/** Sockets on Bun. */
export interface BunSockets {
  /** For the options of a handler. */
  readonly upgrade: Upgrade;
  /** A handler as the `fetch` of a server. */
  fetch(
    handler: (request: Request) => Promise<Response>,
  ): (request: Request, server: BunServer) => Promise<Response | undefined>;
  /** The `websocket` of a server. */
  readonly websocket: {
    open(socket: BunSocket): void;
    message(socket: BunSocket, data: unknown): void;
    close(socket: BunSocket): void;
  };
}

/** One of Bun's sockets as one of the standard's kind. */
class Socket implements HostSocket {
  #bun: BunSocket | undefined;
  readonly #listeners = new Map<string, ((event: { readonly data?: unknown }) => void)[]>();
  readyState = 0;

  get bufferedAmount(): number {
    return this.#bun?.getBufferedAmount() ?? 0;
  }

  send(text: string): void {
    this.#bun?.send(text);
  }

  close(code?: number, reason?: string): void {
    this.readyState = 2;
    this.#bun?.close(code, reason);
  }

  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void {
    this.#listeners.set(type, [...this.#listeners.get(type) ?? [], listener]);
  }

  opened(bun: BunSocket): void {
    this.#bun = bun;
    if (this.readyState > 0) return bun.close();
    this.readyState = 1;
    this.tell("open");
  }

  closed(): void {
    this.readyState = 3;
    this.tell("close");
  }

  tell(type: string, data?: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data });
  }
}

/** Sockets of Bun's server. */
export function bunSockets(): BunSockets {
  const servers = new WeakMap<Request, BunServer>();
  const upgraded = new WeakSet<Request>();
  return {
    upgrade: (request, { protocol }) => {
      const socket = new Socket();
      const isMade = servers.get(request)?.upgrade(request, {
        data: socket,
        ...(protocol !== undefined && { headers: { "sec-websocket-protocol": protocol } }),
      });
      if (isMade !== true) throw new TypeError("Cannot upgrade as the handshake is none");
      upgraded.add(request);
      return { socket };
    },
    fetch: (handler) => async (request, server) => {
      servers.set(request, server);
      const response = await handler(request);
      // Bun has answered by itself.
      return upgraded.has(request) ? undefined : response;
    },
    websocket: {
      open: (bun) => bun.data.opened(bun),
      message: ({ data: socket }, data) => socket.tell("message", data),
      close: ({ data: socket }) => socket.closed(),
    },
  };
}
