/**
 * A hub served by Deno on a free port.
 *
 * @module
 */

import type { SyncHub, SyncSubject } from "../../../src/sync/mod.ts";

/** A hub that is listening. */
export interface ServedHub extends AsyncDisposable {
  /** Its address: `http://127.0.0.1:port`. */
  readonly url: string;
  /** Stops listening at once, as a crash would. */
  kill(): Promise<void>;
}

/** Serves what `handle` gives: one hub, or a fresh one for each request. */
export function serveHub<Subject extends SyncSubject>(
  hubOf: () => SyncHub<Subject>,
  port = 0,
): ServedHub {
  const stop = new AbortController();
  const server = Deno.serve(
    { port, hostname: "127.0.0.1", signal: stop.signal, onListen: () => {} },
    (request) => hubOf().handle(request, { upgrade: denoUpgrade(request) }),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    kill: async () => {
      stop.abort();
      await server.finished;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await server.finished;
    },
  };
}

/** Deno's own way to make a socket of a request. */
export function denoUpgrade(
  request: Request,
): (options: { readonly protocol: string | undefined }) => Deno.WebSocketUpgrade {
  return ({ protocol }) =>
    Deno.upgradeWebSocket(request, protocol === undefined ? {} : { protocol });
}
