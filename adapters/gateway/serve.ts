/**
 * The HTTP server under the gateway: Deno's own where there is one, else that of node:http.
 *
 * @module
 */

import type { AddressInfo } from "node:net";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { systemClock } from "../../src/clock.ts";
import { HoldfastError } from "../../src/errors.ts";
import { withDeadline } from "../../src/waiting.ts";
import type { Gateway } from "./gateway.ts";

/** Where to listen. */
export interface ServeOptions {
  /** The host name or address to listen on. Default: 127.0.0.1. */
  readonly hostname?: string;
  /** The port to listen on; 0 takes a free one. Default: 8079. */
  readonly port?: number;
}

/** What answers requests, and is closed when no more come. */
export type Served = Pick<Gateway, "fetch" | "close">;

/** A gateway that is listening. */
export interface ServedGateway extends AsyncDisposable {
  /** Its address: `http://host:port`. */
  readonly url: string;
  /** Stops listening, answers what is in flight, ends event streams, then ends the gateway's connections. */
  stop(): Promise<void>;
}

/** The slice of `Deno` that is used here; the core knows no such global. */
interface DenoHost {
  serve(
    options: { hostname: string; port: number; onListen: () => void },
    handler: (request: Request) => Promise<Response>,
  ): {
    readonly addr: { readonly port: number };
    shutdown(): Promise<void>;
  };
}

/**
 * Serves a gateway over HTTP; stopping it closes the gateway as well.
 *
 * @throws {HoldfastError} `ERR_UNAVAILABLE` if the port is taken or may not be listened on.
 */
export async function serveGateway(
  gateway: Served,
  options: ServeOptions = {},
): Promise<ServedGateway> {
  const { hostname = "127.0.0.1", port = 8079 } = options;
  const deno = (globalThis as { Deno?: DenoHost }).Deno; // Absent in Node and Bun.
  try {
    const server = deno === undefined
      ? await listenByNode(gateway, hostname, port)
      : listenByDeno(deno, gateway, hostname, port);
    let stopped: Promise<void> | undefined;
    const stop = () => stopped ??= stopServing(gateway, server);
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    return { url: `http://${host}:${server.port}`, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    throw new HoldfastError(
      "ERR_UNAVAILABLE",
      `Cannot listen on port ${port} as it is taken or not allowed`,
      { cause: error },
    );
  }
}

/** A server of either kind. */
interface Server {
  readonly port: number;
  /** Takes no more connections; resolves when the last is done. */
  shutdown(): Promise<void>;
  /** Ends connections that are kept open for a next request. */
  endIdle(): void;
}

/** How long connections may take to end after the last answer was given to them. */
const LINGER_MS_MAX = 1_000;

async function stopServing(gateway: Served, server: Server): Promise<void> {
  const done = server.shutdown();
  await gateway.close();
  server.endIdle();
  // What is still open then is a reader that leaves its answer unread.
  await withDeadline(systemClock(), LINGER_MS_MAX, done, () => new Error()).catch(() => {});
}

function listenByDeno(
  deno: DenoHost,
  gateway: Served,
  hostname: string,
  port: number,
): Server {
  const server = deno.serve(
    { hostname, port, onListen: () => {} },
    (request) => gateway.fetch(request),
  );
  return { port: server.addr.port, shutdown: () => server.shutdown(), endIdle: () => {} };
}

async function listenByNode(
  gateway: Served,
  hostname: string,
  port: number,
): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    // It fails if the request makes no URL, or the other side has left.
    answerByNode(gateway, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, () => resolve());
  });
  const address = server.address() as AddressInfo; // Not a pipe: it was given a port.
  const shutdown = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  return { port: address.port, shutdown, endIdle: () => server.closeIdleConnections() };
}

async function answerByNode(
  gateway: Served,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new Request(`http://${headers.host ?? "localhost"}${url}`, {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]),
    // Node's and the Web's streams are one thing here, but their types are not.
    ...(hasBody ? { body: Readable.toWeb(incoming) as unknown as BodyInit, duplex: "half" } : {}),
  });
  const response = await gateway.fetch(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null || method === "HEAD") {
    outgoing.end();
    return;
  }
  const reader = response.body.getReader();
  outgoing.once("close", () => reader.cancel().catch(() => {}));
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    if (!outgoing.write(chunk.value)) {
      await new Promise((resolve) => outgoing.once("drain", resolve).once("close", resolve));
    }
  }
  outgoing.end();
}
