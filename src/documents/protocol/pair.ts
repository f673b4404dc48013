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
    const toClient = new Pipe((text) => listener.received(text));
    const toServer = new Pipe((text) => server.receive(text));
    const server = accept(serverSocket(toClient, toServer, listener));
    toClient.push(() => listener.opened());
    toServer.push(() => server.open());
    return clientLink(toClient, toServer, server);
  };
}

function serverSocket(toClient: Pipe, toServer: Pipe, listener: LinkListener): ServerSocket {
  return {
    get bufferedAmount() {
      return toClient.length;
    },
    send: (text) => toClient.push(text),
    close: (code, reason) => {
      toServer.stop();
      toClient.push(() => listener.closed({ isFinal: isFinalCode(code), reason }));
      toClient.end();
    },
  };
}

function clientLink(toClient: Pipe, toServer: Pipe, server: ServerEnd): Link {
  return {
    send: (text) => toServer.push(text),
    close: () => {
      toClient.stop();
      toServer.push(() => server.end());
      toServer.end();
    },
  };
}

/** One direction: texts and events in order, in a microtask of a later turn than their sending. */
class Pipe {
  /** Characters that are on their way. */
  length = 0;
  readonly #receive: (text: string) => void;
  #waiting: (string | (() => void))[] = [];
  #isScheduled = false;
  #state: "open" | "ending" | "stopped" = "open";
  readonly #flushed = (): void => this.#flush();

  constructor(receive: (text: string) => void) {
    this.#receive = receive;
  }

  /** A text to be received, or an event to happen, after all that was pushed before. */
  push(next: string | (() => void)): void {
    if (this.#state !== "open") return;
    if (typeof next === "string") this.length += next.length;
    // A list for one is as small as can be: mostly there is one.
    if (this.#waiting.length === 0) this.#waiting = [next];
    else this.#waiting.push(next);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(this.#flushed);
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
    for (const next of waiting) {
      if (this.#state === "stopped") return;
      if (typeof next === "string") {
        this.length -= next.length;
        this.#receive(next);
      } else next();
    }
  }
}
