/**
 * A sync hub beside other parts: everything under its path is the hub's.
 *
 * @module
 */

import { ArgumentError, checkOptions, shown } from "../errors.ts";
import type { Part, SocketUpgrade } from "./part.ts";

/** What is served: what `createSync` gives, reduced to what is used of it. */
export interface ServedHub {
  /** Answers every request under the hub's path. */
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

/** Options of {@linkcode serveSync}. */
export interface ServeSyncOptions {
  /** The hub's own path, and below it SockJS; `"/sync"` by default, as the hub's. It has no base path in front. */
  readonly path?: string;
}

/**
 * Serves a sync hub: WebSocket where the handler has an `upgrade`, event stream and POST everywhere.
 *
 * Who may connect, read and write is the hub's own affair, by its `authenticate` and `authorize`; the handler refuses
 * before it what a browser writes for an origin that `cors` does not name.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if it is no hub, `ERR_INVALID_OPTION` for a path that is none.
 */
export function serveSync(hub: ServedHub, options: ServeSyncOptions = {}): Part {
  checkOptions("serve a sync hub", options, ["path"]);
  const { path = "/sync" } = options;
  if (typeof hub?.handle !== "function") {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      `Cannot serve a sync hub as it must be one that createSync made: it is ${shown(hub)}`,
    );
  }
  if (typeof path !== "string" || !/^(\/[\w.~-]+)+$/.test(path)) {
    throw new ArgumentError(
      "ERR_INVALID_OPTION",
      `Cannot serve a sync hub as path must be one such as "/sync": current value is ${
        shown(path)
      }`,
    );
  }
  return {
    name: "sync",
    gauges: () => ({ connections: hub.size }),
    handle: async (request, { upgrade }, next) => {
      const { pathname } = new URL(request.url);
      if (pathname !== path && !pathname.startsWith(`${path}/`)) return await next();
      if (upgrade === undefined) return await hub.handle(request);
      return await hub.handle(request, {
        upgrade: ({ protocol }) => upgrade(request, protocol === undefined ? {} : { protocol }),
      });
    },
  };
}
