/**
 * The transport itself: it listens, dials, and keeps both within bounds.
 *
 * @module
 */

import { connect, createServer, type Server, type Socket } from "node:net";
import { type Duration, durationMs } from "../../src/duration.ts";
import { ArgumentError, checkOptions, HoldfastError, shown } from "../../src/errors.ts";
import { randomToken } from "../../src/random.ts";
import { binaryCodec, type PeerCodec } from "../../src/raft/transport/codec.ts";
import { Counting } from "../../src/raft/transport/counting.ts";
import { FRAME_BYTES_MAX } from "../../src/raft/transport/frames.ts";
import type {
  PeerMessage,
  Transport,
  TransportHost,
  TransportLink,
} from "../../src/raft/transport/port.ts";
import { Connection } from "./connection.ts";
import { Dialling } from "./dialling.ts";
import { challengeFrame, type Hello, readHello, welcomeFrame } from "./greeting.ts";
import { msgpackCodec } from "./msgpack.ts";

/** Options of {@linkcode tcp}. */
export interface TcpOptions {
  /** What every node of the cluster knows and nobody else. Without it, whoever reaches the port is believed. */
  readonly secret?: string;
  /** Where to listen, if not at the node's URL: behind a translated address, or at all addresses. */
  readonly listen?: { readonly hostname?: string; readonly port?: number };
  /** The longest frame that is taken, in bytes; 8 MiB by default. All nodes should agree. */
  readonly frameBytesMax?: number;
  /** Most bytes that wait to be sent to one node; 16 MiB by default. */
  readonly queueBytesMax?: number;
  /** Connections that are taken at once; 256 by default. */
  readonly connectionsMax?: number;
  /** How long connecting and greeting may take; 5 seconds by default. */
  readonly greetingTimeout?: Duration;
  /** After how long without a byte a connection ends; a minute by default. */
  readonly idleTimeout?: Duration;
}

interface Settings {
  readonly secret: string;
  readonly listen: TcpOptions["listen"];
  readonly frameBytesMax: number;
  readonly queueBytesMax: number;
  readonly connectionsMax: number;
  readonly greetingMs: number;
  readonly idleMs: number;
}

const ACTION = "make a TCP transport";
const CODECS: Readonly<Record<string, PeerCodec>> = {
  "tcp:": binaryCodec,
  "tcp+msgpack:": msgpackCodec,
};

/**
 * A transport over TCP, for URLs such as `tcp://10.0.0.1:8081` and `tcp+msgpack://10.0.0.1:8081`. Does nothing before a
 * node opens it; may serve several nodes of one process.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`
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
  const settings = settingsOf(options);
  return {
    protocols: Object.keys(CODECS),
    async open(host) {
      const link = new TcpLink(settings, host);
      await link.listen();
      return link;
    },
  };
}

function settingsOf(options: TcpOptions): Settings {
  checkOptions(ACTION, options, [
    "secret",
    "listen",
    "frameBytesMax",
    "queueBytesMax",
    "connectionsMax",
    "greetingTimeout",
    "idleTimeout",
  ]);
  const { secret = "", listen, greetingTimeout = "5s", idleTimeout = "1m" } = options;
  if (typeof secret !== "string" || (options.secret !== undefined && secret.length < 8)) {
    throw new ArgumentError(
      "ERR_INVALID_OPTION",
      `Cannot ${ACTION} as secret must be a text of at least 8 characters`,
    );
  }
  const whole = (name: "frameBytesMax" | "queueBytesMax" | "connectionsMax", other: number) => {
    const value = options[name] ?? other;
    if (Number.isSafeInteger(value) && value > 0) return value;
    throw new ArgumentError(
      "ERR_INVALID_OPTION",
      `Cannot ${ACTION} as ${name} must be a whole number above 0: current value is ${
        shown(value)
      }`,
    );
  };
  return {
    secret,
    listen,
    frameBytesMax: whole("frameBytesMax", FRAME_BYTES_MAX),
    queueBytesMax: whole("queueBytesMax", 16 * 1024 * 1024),
    connectionsMax: whole("connectionsMax", 256),
    greetingMs: durationMs(greetingTimeout, "greetingTimeout"),
    idleMs: durationMs(idleTimeout, "idleTimeout"),
  };
}

/** One node's use of the transport. */
class TcpLink implements TransportLink {
  readonly #settings: Settings;
  readonly #host: TransportHost;
  readonly #counting = new Counting();
  readonly #ways = new Map<string, Dialling>();
  readonly #incoming = new Set<Connection>();
  #server: Server | undefined;
  #isClosed = false;

  constructor(settings: Settings, host: TransportHost) {
    this.#settings = settings;
    this.#host = host;
  }

  /** Listens. @throws {HoldfastError} `ERR_ADDRESS_IN_USE`, `ERR_UNAVAILABLE` */
  listen(): Promise<void> {
    const { hostname, port } = placeOf(this.#host.url);
    const { listen } = this.#settings;
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once("error", (error: { readonly code?: string }) => {
        const isTaken = error.code === "EADDRINUSE";
        reject(
          new HoldfastError(
            isTaken ? "ERR_ADDRESS_IN_USE" : "ERR_UNAVAILABLE",
            `Cannot listen as the address ${isTaken ? "is in use" : "cannot be listened on"}`,
          ),
        );
      });
      server.listen(listen?.port ?? port, listen?.hostname ?? hostname, () => resolve());
    });
  }

  send(message: PeerMessage): void {
    if (this.#isClosed) return;
    const channel = message.kind === "installSnapshot" ? "snapshots" : "messages";
    const key = `${channel} ${message.to}`;
    let way = this.#ways.get(key);
    if (way === undefined) this.#ways.set(key, way = this.#wayTo(message.to, channel));
    way.send(message);
  }

  counters(): ReturnType<TransportLink["counters"]> {
    return this.#counting.read();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const way of this.#ways.values()) way.close();
    for (const connection of this.#incoming) connection.end("closed");
    const server = this.#server;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }

  #wayTo(peer: string, channel: Hello["channel"]): Dialling {
    const { hostname, port, codec } = placeOf(peer);
    const { secret, queueBytesMax } = this.#settings;
    return new Dialling({
      host: this.#host,
      peer,
      channel,
      codec,
      secret,
      queueBytesMax,
      counting: this.#counting,
      connect: () => this.#connection(connect({ host: hostname, port })),
    });
  }

  #connection(socket: Socket): Connection {
    const { greetingMs, idleMs } = this.#settings;
    const { clock } = this.#host;
    return new Connection({ socket, clock, counting: this.#counting, greetingMs, idleMs });
  }

  #accept(socket: Socket): void {
    const connection = this.#connection(socket);
    if (this.#isClosed || this.#incoming.size >= this.#settings.connectionsMax) {
      return connection.refuse("too-many");
    }
    this.#incoming.add(connection);
    connection.whenEnded(() => this.#incoming.delete(connection));
    // It never fails: what goes wrong ends the connection.
    void this.#welcome(connection);
  }

  async #welcome(connection: Connection): Promise<void> {
    const { secret, frameBytesMax } = this.#settings;
    const challenge = randomToken(this.#host.random);
    try {
      connection.send(challengeFrame(challenge));
      const { hello, nonce } = await readHello(await connection.greeting(), secret, challenge);
      const codec = Object.values(CODECS).find(({ name }) => name === hello.codec);
      if (codec === undefined) return connection.refuse("codec");
      connection.begin(frameBytesMax, (bytes) => this.#receive(connection, hello, codec, bytes));
      connection.send(await welcomeFrame(hello, secret, { challenge, nonce }));
    } catch (error) {
      // A dialler that knows another secret, or speaks something else; or the connection ended by itself.
      const isSecret = HoldfastError.is(error, "ERR_UNAUTHORIZED");
      connection.refuse(isSecret ? "unauthenticated" : "malformed");
    }
  }

  #receive(connection: Connection, hello: Hello, codec: PeerCodec, bytes: Uint8Array): void {
    const message = codec.decode(bytes);
    // Nobody speaks for another.
    if (message.from !== hello.from) return connection.refuse("stranger");
    this.#counting.received += 1;
    this.#host.receive(message);
  }
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
