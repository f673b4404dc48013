/**
 * A socket within the process: what one end sends, the other hears later, in order.
 *
 * @module
 */

import type { Link, LinkListener, OpenLink } from "../client/link.ts";
import type { ServerSocket } from "./connection.ts";

/** What hears the server's end. */
export interface ServerEnd {
  /** The socket stands. */
  open(): void;
  /** A text came. */
  receive(text: string): void;
  /** The other side is gone. */
  end(): void;
}

/** Close codes after which nobody comes back. */
export function isFinalCode(code: number): boolean {
  return code === 1008 || (code >= 4400 && code < 4500);
}

/** Ways to a server of this process, each accepted by `accept`, which is given the socket's own end. */
export function inProcessLink(accept: (socket: ServerSocket) => ServerEnd): OpenLink {
  return (listener) => {
    const toClient = new Pipe();
    const toServer = new Pipe();
    const server = accept(serverSocket(toClient, toServer, listener));
    toClient.push(0, () => listener.opened());
    toServer.push(0, () => server.open());
    return clientLink(toClient, toServer, server);
  };
}

function serverSocket(toClient: Pipe, toServer: Pipe, listener: LinkListener): ServerSocket {
  return {
    get bufferedAmount() {
      return toClient.length;
    },
    send: (text) => toClient.push(text.length, () => listener.received(text)),
    close: (code, reason) => {
      toServer.stop();
      toClient.push(0, () => listener.closed({ isFinal: isFinalCode(code), reason }));
      toClient.end();
    },
  };
}

function clientLink(toClient: Pipe, toServer: Pipe, server: ServerEnd): Link {
  return {
    send: (text) => toServer.push(text.length, () => server.receive(text)),
    close: () => {
      toClient.stop();
      toServer.push(0, () => server.end());
      toServer.end();
    },
  };
}

/** One direction: deliveries in order, in a microtask of a later turn than their sending. */
class Pipe {
  /** Characters that are on their way. */
  length = 0;
  #waiting: (() => void)[] = [];
  #isScheduled = false;
  #state: "open" | "ending" | "stopped" = "open";

  push(length: number, deliver: () => void): void {
    if (this.#state !== "open") return;
    this.length += length;
    this.#waiting.push(() => {
      this.length -= length;
      deliver();
    });
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#flush());
  }

  /** Takes nothing more; what is on its way still arrives. */
  end(): void {
    if (this.#state === "open") this.#state = "ending";
  }

  /** Takes nothing more, and nothing more arrives. */
  stop(): void {
    this.#state = "stopped";
    this.#waiting = [];
    this.length = 0;
  }

  #flush(): void {
    this.#isScheduled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const deliver of waiting) if (this.#state !== "stopped") deliver();
  }
}
