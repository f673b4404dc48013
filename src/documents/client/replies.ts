/**
 * Which reply belongs to which request: by the number where the server gives it back, else by what it names, in order.
 *
 * @module
 */

import type { ServerMessage } from "../protocol/replies.ts";
import type { Sent } from "./wire.ts";

/** What is done with a reply. */
type Reply = (message: ServerMessage) => void;

/** The requests of a connection that are not answered. */
export class Replies {
  #number = 0;
  #waiting: { readonly number: number; readonly key: string; readonly reply: Reply }[] = [];

  /** How many requests are not answered. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Gives a request its number, and keeps who waits for the reply. */
  expect(message: Sent, reply: Reply): Sent {
    const number = ++this.#number;
    this.#waiting.push({ number, key: keyOf(message), reply });
    return { ...message, n: number };
  }

  /** Hands a reply to who waits for it. False if nobody does. */
  take(message: ServerMessage): boolean {
    if (this.#waiting.length === 0) return false;
    const key = keyOf(message);
    const number = "n" in message ? message.n : undefined;
    const at = this.#waiting.findIndex((waiting) =>
      number === undefined ? waiting.key === key : waiting.number === number
    );
    const [found] = at === -1 ? [] : this.#waiting.splice(at, 1);
    found?.reply(message);
    return found !== undefined;
  }

  /** Forgets them all: their connection is gone. */
  clear(): void {
    this.#waiting = [];
  }
}

function keyOf(message: Sent | ServerMessage): string {
  const { a, c, d, ch, seq, id } = message as Sent;
  if (a === "ps" || a === "pu") return JSON.stringify([a, ch, seq]);
  return JSON.stringify(id === undefined ? [a, c, d] : [a, id]);
}
