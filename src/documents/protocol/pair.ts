/**
 * A socket within the process: what one end sends, the other hears later, in order. Messages go as values where both
 * ends know them, and texts as texts.
 *
 * @module
 */

import type { Link, LinkListener, OpenLink } from "../client/link.ts";
import { carriedMessage } from "./carried.ts";
import type { ServerSocket } from "./connection.ts";

/** What hears the server's end. */
export interface ServerEnd {
  /** The socket stands. */
  open(): void;
  /** A text came. */
  receive(text: string): void;
  /** A message came, as a value. */
  take(message: unknown): void;
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
    const toClient = new Pipe({
      text: (text) => listener.received(text),
      values: (messages) => listener.told?.(messages),
    });
    const toServer = new Pipe({
      text: (text) => server.receive(text),
      values: (messages) => {
        for (const message of messages) server.take(message);
      },
    });
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
    // Who wants texts gets texts.
    tell: listener.told &&
      ((message, isShared) => toClient.push(isShared ? message : carriedMessage(message))),
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
    tell: (message) => toServer.push(carriedMessage(message)),
    close: () => {
      toClient.stop();
      toServer.push(() => server.end());
      toServer.end();
    },
  };
}

/** What came through a pipe. */
interface Mouth {
  readonly text: (text: string) => void;
  /** Messages that came together. */
  readonly values: (messages: readonly unknown[]) => void;
}

/** One direction: texts, messages and events in order, in a microtask of a later turn than their sending. */
class Pipe {
  /** Characters that are on their way. */
  length = 0;
  readonly #mouth: Mouth;
  #waiting: (string | object | (() => void))[] = [];
  #isScheduled = false;
  #state: "open" | "ending" | "stopped" = "open";
  readonly #flushed = (): void => this.#flush();

  constructor(mouth: Mouth) {
    this.#mouth = mouth;
  }

  /** A text or message to be received, or an event to happen, after all that was pushed before. */
  push(next: string | object | (() => void)): void {
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
    // Mostly there is nothing else.
    if (waiting.every(isValue)) return this.#mouth.values(waiting);
    for (const next of waiting) {
      if (this.#state === "stopped") return;
      if (typeof next === "string") {
        this.length -= next.length;
        this.#mouth.text(next);
      } else if (typeof next === "function") next();
      else this.#mouth.values([next]);
    }
  }
}

function isValue(next: unknown): boolean {
  return typeof next === "object";
}
