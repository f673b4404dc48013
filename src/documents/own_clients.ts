/**
 * The clients that a process makes for itself. They end with its documents: a client elsewhere comes back to another
 * server, but in this process there is none.
 *
 * @module
 */

import type { Connection } from "./client/connection_face.ts";

/** Clients of one server in its own process. */
export class OwnClients {
  readonly #clients = new Set<Connection>();
  #isClosed = false;

  /** Takes one in, which ends with the others; at once, if they have ended. */
  add(client: Connection): Connection {
    if (this.#isClosed) client.close();
    else {
      this.#clients.add(client);
      client.on("state", (state) => {
        if (state === "closed") this.#clients.delete(client);
      });
    }
    return client;
  }

  /** Ends all, also those to come. */
  close(): void {
    this.#isClosed = true;
    for (const client of [...this.#clients]) client.close();
  }
}
