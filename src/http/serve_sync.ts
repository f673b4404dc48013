/**
 * A sync hub beside other parts: everything under its paths is the hub's.
 *
 * @module
 */

import { ArgumentError, shown } from "../errors.ts";
import type { Part, SocketUpgrade } from "./part.ts";

/** What is served: what `createSync` gives, reduced to what is used of it. */
export interface ServedHub {
  /** Whether a request is under one of the hub's paths. */
  serves(request: Request): boolean;
  /** Answers every request that it serves. */
  handle(
    request: Request,
    options?: {
      readonly upgrade?: (
        options: { readonly protocol: string | undefined },
      ) => Pick<SocketUpgrade, "socket" | "response">;
    },
  ): Promise<Response>;
  /** How many connections are open. */
  readonly size: number;
}

/**
 * Serves a sync hub under the paths that it has (`path` and `sockjsPath` of `createSync`; the handler's base path does not
 * stand before them): WebSocket where the handler has an `upgrade`, event stream and POST everywhere.
 *
 * Who may connect, read and write is the hub's own affair, by its `authenticate` and `authorize`: the handler's are not
 * asked. The handler refuses before it what a browser writes for an origin that `cors` does not name.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if it is no hub.
 */
export function serveSync(hub: ServedHub): Part {
  if (typeof hub?.serves !== "function" || typeof hub.handle !== "function") {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      `Cannot serve a sync hub as it must be one that createSync made: it is ${shown(hub)}`,
    );
  }
  return {
    name: "sync",
    gauges: () => ({ connections: hub.size }),
    handle: async (request, { upgrade }, next) => {
      if (!hub.serves(request)) return await next();
      if (upgrade === undefined) return await hub.handle(request);
      return await hub.handle(request, {
        upgrade: ({ protocol }) => upgrade(request, protocol === undefined ? {} : { protocol }),
      });
    },
  };
}
