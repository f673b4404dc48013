/**
 * Sockets of node:net as pipes for nodes.
 *
 * @module
 */

import { connect, createServer, type Server, type Socket } from "node:net";
import { type Duration, durationMs } from "../../src/duration.ts";
import { HoldfastError } from "../../src/errors.ts";
import { binaryCodec, type PeerCodec } from "../../src/raft/transport/codec.ts";
import { type LinkOptions, linkSettings, PeerLink } from "../../src/raft/transport/links.ts";
import type { OpenPipe } from "../../src/raft/transport/pipe.ts";
import type { Transport } from "../../src/raft/transport/port.ts";
import { msgpackCodec } from "./msgpack.ts";

/** Options of {@linkcode tcp}. */
export interface TcpOptions extends LinkOptions {
  /** Where to listen, if not at the node's URL: behind a translated address, or at all addresses. */
  readonly listen?: { readonly hostname?: string; readonly port?: number };
  /** After how long without a byte a connection ends; a minute by default. */
  readonly idleTimeout?: Duration;
}

const CODECS: Readonly<Record<string, PeerCodec>> = {
  "tcp:": binaryCodec,
  "tcp+msgpack:": msgpackCodec,
};

/**
 * A transport over TCP, for URLs such as `tcp://10.0.0.1:8081` and `tcp+msgpack://10.0.0.1:8081`. Does nothing before a
 * node opens it; may serve several nodes of one process.
 *
 * The secret proves who speaks; what is said is not encrypted. Use a private network, or a tunnel.
 *
 * @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION`
 *
 * @example
 * ```ts
 * import { tcp } from "@holdfast/holdfast/tcp";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * deepStrictEqual(tcp({ secret: "only nodes know" }).protocols, ["tcp:", "tcp+msgpack:"]);
 * ```
 */
export function tcp(options: TcpOptions = {}): Transport {
  const settings = linkSettings("make a TCP transport", options, ["listen", "idleTimeout"]);
  const { listen } = options;
  const idleMs = durationMs(options.idleTimeout ?? "1m", "idleTimeout");
  const reach = {
    codecs: Object.values(CODECS),
    codecOf: (url: string) => placeOf(url).codec,
    dial(url: string): OpenPipe {
      const { hostname, port } = placeOf(url);
      return pipeOf(connect({ host: hostname, port }), idleMs);
    },
  };
  return {
    protocols: Object.keys(CODECS),
    async open(host) {
      const { hostname, port } = placeOf(host.url);
      const server = createServer((socket) => link.accept(pipeOf(socket, idleMs)));
      const link = new PeerLink(settings, reach, host, () => closed(server));
      await listening(server, listen?.hostname ?? hostname, listen?.port ?? port);
      return link;
    },
  };
}

function pipeOf(socket: Socket, idleMs: number): OpenPipe {
  return (events) => {
    socket.setNoDelay(true);
    socket.setTimeout(idleMs, () => events.ended("idle"));
    socket.on("data", (chunk: Uint8Array) => events.data(chunk));
    socket.on("drain", () => events.drained());
    socket.on("end", () => events.ended("closed"));
    socket.on("error", (error: { readonly code?: string }) => {
      events.ended(error.code === "ECONNREFUSED" ? "refused" : "broken");
    });
    socket.on("close", () => events.ended("closed"));
    return {
      write: (bytes) => socket.write(bytes),
      close: () => void socket.destroy(),
    };
  };
}

/** Listens. @throws {HoldfastError} `ERR_ADDRESS_IN_USE`, `ERR_UNAVAILABLE` */
function listening(server: Server, hostname: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: { readonly code?: string }) => {
      const isTaken = error.code === "EADDRINUSE";
      const rule = `the address ${isTaken ? "is in use" : "cannot be listened on"}`;
      const code = isTaken ? "ERR_ADDRESS_IN_USE" : "ERR_UNAVAILABLE";
      reject(new HoldfastError(code, `Cannot listen as ${rule}`));
    });
    server.listen(port, hostname, () => resolve());
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

interface Place {
  readonly hostname: string;
  readonly port: number;
  readonly codec: PeerCodec;
}

function placeOf(url: string): Place {
  const { protocol, hostname, port } = new URL(url);
  const codec = CODECS[protocol];
  if (codec === undefined || hostname === "" || port === "") {
    throw new HoldfastError(
      "ERR_UNSUPPORTED_PROTOCOL",
      "Cannot use a URL as it must be tcp://host:port or tcp+msgpack://host:port",
    );
  }
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port), codec };
}
