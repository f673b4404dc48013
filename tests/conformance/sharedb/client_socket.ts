/**
 * The socket that npm `sharedb`'s client is given in its suites: to our server, within the process, with what its
 * middleware has to say in between.
 *
 * @module
 */
// Messages are what the suites and the client make of them.
// deno-lint-ignore-file no-explicit-any

import process from "node:process";
import type { OpenLink } from "../../../src/documents/client/link.ts";

/**
 * ShareDB's own server shakes hands without waiting for anything, and some cases count on it: so nothing else is
 * delivered to anybody while somebody is being greeted.
 */
export class Greetings {
  readonly #greeted = new Set<ClientSocket>();
  #waiting: (() => void)[] = [];

  begin(socket: ClientSocket): void {
    this.#greeted.add(socket);
  }

  end(socket: ClientSocket): void {
    this.#greeted.delete(socket);
    if (this.#greeted.size > 0) return;
    for (const deliver of this.#waiting.splice(0)) process.nextTick(deliver);
  }

  deliver(deliver: () => void): void {
    if (this.#greeted.size > 0) this.#waiting.push(deliver);
    else process.nextTick(deliver);
  }
}

/** The socket that the real client is given. */
export class ClientSocket {
  readyState = 0;
  onmessage: (event: { data: string }) => void = () => {};
  onclose: (reason: string) => void = () => {};
  onerror: (error: unknown) => void = () => {};
  onopen: () => void = () => {};
  readonly #link: { send(text: string): void; close(): void };
  readonly #greetings: Greetings;
  readonly #onSend: (message: any, send: () => void, tell: (message: any) => void) => void;
  #id = "";

  constructor(
    open: OpenLink,
    greetings: Greetings,
    onSend: (message: any, send: () => void, tell: (message: any) => void) => void,
    reply: (message: any, source: string, tell: (message: any) => void) => void,
  ) {
    this.#onSend = onSend;
    this.#greetings = greetings;
    greetings.begin(this);
    this.#link = open({
      opened: () => {},
      received: (text) => {
        const message = JSON.parse(text);
        if (message.a === "hs") this.#id = message.id;
        reply(message, this.#id, (told) => this.#deliver(told));
      },
      closed: () => this.#over("stopped"),
    });
  }

  open(): void {
    this.readyState = 1;
    this.onopen();
  }

  send(text: string): void {
    if (this.readyState !== 1) return;
    this.#onSend(JSON.parse(text), () => this.#link.send(text), (told) => this.#deliver(told));
  }

  close(reason?: string): void {
    if (this.readyState === 3) return;
    this.#link.close();
    this.#over(reason ?? "closed");
  }

  #deliver(message: any): void {
    const tell = (): void => {
      if (this.readyState === 1) this.onmessage({ data: JSON.stringify(message) });
    };
    const { a: action } = message;
    if (action === "hs" || action === "init") process.nextTick(tell);
    else this.#greetings.deliver(tell);
    if (action === "hs") this.#greetings.end(this);
  }

  #over(reason: string): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#greetings.end(this);
    this.onclose(reason);
  }
}
