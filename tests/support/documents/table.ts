/**
 * Clients at a table with the smallest server, for tests that say who does what when.
 *
 * @module
 */

import type { HoldfastError } from "../../../src/errors.ts";
import type { Doc } from "../../../src/documents/client/face.ts";
import { json, text } from "../../../src/ot/mod.ts";
import {
  type Message,
  ReferenceServer,
  type ServerRules,
} from "../../simulation/documents/reference_server.ts";
import { type Guest, type GuestOptions, Table } from "../../simulation/documents/table.ts";

/** A table, with the hands to move it. */
export interface Seats {
  readonly server: ReferenceServer;
  /** Seats a client. */
  seat(options?: GuestOptions): Guest;
  /** Lets everything arrive, or so much time pass. */
  run(ms?: number): void;
  /** Lets everything arrive, and then waits for what was promised. */
  done<T>(promise: Promise<T>): Promise<T>;
  /** The code with which a promise is refused, once everything has arrived; `"none"` if it is not. */
  codeOf(promise: Promise<unknown>): Promise<string>;
  /** The document `posts/1` of a new client, who follows it. */
  follower(options?: GuestOptions): Promise<Seated>;
  /** Tells all clients a message of the server's. */
  say(message: Message): void;
}

/** A client and its document. */
export interface Seated {
  readonly guest: Guest;
  readonly doc: Doc;
}

/** Lays a table. */
export function seats(rules: ServerRules = {}): Seats {
  const server = new ReferenceServer([json, text], rules);
  const table = new Table(server);
  const seats: Seats = {
    server,
    seat: (options) => table.seat(options),
    run: (ms) => table.run(ms),
    done: (promise) => {
      promise.catch(() => {});
      table.run();
      return promise;
    },
    codeOf: async (promise) => {
      try {
        await seats.done(promise);
        return "none";
      } catch (error) {
        return (error as HoldfastError).code;
      }
    },
    follower: async (options) => {
      const guest = table.seat(options);
      const doc = guest.connection.get("posts", "1");
      await seats.done(doc.subscribe());
      return { guest, doc };
    },
    say: (message) => {
      for (const { send } of server.sessions) send(message);
    },
  };
  return seats;
}

/** Breaks the ways of a client. */
export function cut({ ways }: Guest): void {
  for (const way of [...ways]) way.cut();
}
