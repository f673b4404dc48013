/**
 * One node's use of a transport that has connections: it dials to send, is dialled to receive, and keeps both within
 * bounds.
 *
 * @module
 */

import { type Duration, durationMs } from "../../duration.ts";
import { ArgumentError, checkOptions, HoldfastError } from "../../errors.ts";
import { randomToken } from "../../random.ts";
import { checkWhole } from "../core/whole.ts";
import type { PeerCodec } from "./codec.ts";
import { Connection } from "./connection.ts";
import { Counting } from "./counting.ts";
import { Dialling } from "./dialling.ts";
import { FRAME_BYTES_MAX } from "./frames.ts";
import { challengeFrame, type Hello, readHello, welcomeFrame } from "./greeting.ts";
import type { OpenPipe } from "./pipe.ts";
import type { PeerMessage, TransportCounters, TransportHost, TransportLink } from "./port.ts";

/** Options that all transports with connections share. */
export interface LinkOptions {
  /**
   * What every node of the cluster knows and nobody else, at least 8 characters. Without it, whoever reaches the address
   * is believed.
   */
  readonly secret?: string;
  /** The longest frame that is taken, in bytes; 8 MiB by default. All nodes should agree. */
  readonly frameBytesMax?: number;
  /** Most bytes that wait to be sent to one node; 16 MiB by default. */
  readonly queueBytesMax?: number;
  /** Connections that are taken at once, and nodes that are dialled; 256 by default. */
  readonly connectionsMax?: number;
  /** How long connecting and greeting may take; 5 seconds by default. */
  readonly greetingTimeout?: Duration;
}

/** The same, complete. */
export interface LinkSettings {
  readonly secret: string;
  readonly frameBytesMax: number;
  readonly queueBytesMax: number;
  readonly connectionsMax: number;
  readonly greetingMs: number;
}

const KNOWN: readonly string[] = [
  "secret",
  "frameBytesMax",
  "queueBytesMax",
  "connectionsMax",
  "greetingTimeout",
];

/** Checks and completes options; `more` are known as well. @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION` */
export function linkSettings(
  action: string,
  options: LinkOptions,
  more: readonly string[] = [],
): LinkSettings {
  checkOptions(action, options, [...KNOWN, ...more]);
  const { secret = "", greetingTimeout = "5s" } = options;
  const {
    frameBytesMax = FRAME_BYTES_MAX,
    queueBytesMax = 16 * 1024 * 1024,
    connectionsMax = 256,
  } = options;
  checkSecret(action, options.secret);
  checkWhole(action, "frameBytesMax", frameBytesMax, 1_024);
  checkWhole(action, "queueBytesMax", queueBytesMax, 1);
  checkWhole(action, "connectionsMax", connectionsMax, 1);
  const greetingMs = durationMs(greetingTimeout, "greetingTimeout");
  return { secret, frameBytesMax, queueBytesMax, connectionsMax, greetingMs };
}

/** Refuses what is no secret. The message does not show it. @throws {ArgumentError} `ERR_INVALID_OPTION` */
export function checkSecret(action: string, secret: unknown): void {
  if (secret === undefined || (typeof secret === "string" && secret.length >= 8)) return;
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot ${action} as secret must be a text of at least 8 characters`,
  );
}

/** How a transport reaches nodes. */
export interface Reach {
  /** Every codec that a dialler may ask for. */
  readonly codecs: readonly PeerCodec[];
  /** How messages to this URL are written. */
  codecOf(url: string): PeerCodec;
  /** A pipe to a node. */
  dial(url: string): OpenPipe;
}

/** The ways to all nodes, and from them. */
export class PeerLink implements TransportLink {
  readonly #settings: LinkSettings;
  readonly #reach: Reach;
  readonly #host: TransportHost;
  readonly #onClose: () => Promise<void>;
  readonly #counting = new Counting();
  readonly #ways = new Map<string, Dialling>();
  readonly #incoming = new Set<Connection>();
  #closing: Promise<void> | undefined;

  /** Begins without any connection; `onClose` stops listening. */
  constructor(
    settings: LinkSettings,
    reach: Reach,
    host: TransportHost,
    onClose: () => Promise<void>,
  ) {
    this.#settings = settings;
    this.#reach = reach;
    this.#host = host;
    this.#onClose = onClose;
  }

  send(message: PeerMessage): void {
    if (this.#closing !== undefined) return;
    try {
      this.#wayOf(message).send(message);
    } catch {
      // A URL that nobody can dial, as whoever asked gave it as its own; or one too many.
      this.#counting.dropped += 1;
    }
  }

  counters(): TransportCounters {
    return this.#counting.read();
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Somebody dialled. */
  accept(open: OpenPipe): void {
    const connection = this.#connection(open);
    if (this.#closing !== undefined || this.#incoming.size >= this.#settings.connectionsMax) {
      return connection.refuse("too-many");
    }
    this.#incoming.add(connection);
    connection.whenEnded(() => this.#incoming.delete(connection));
    // It never fails: what goes wrong ends the connection.
    void this.#welcome(connection);
  }

  async #close(): Promise<void> {
    for (const way of this.#ways.values()) way.close();
    for (const connection of [...this.#incoming]) connection.end("closed");
    await this.#onClose();
  }

  /** Snapshots have a connection of their own, so that they hold up no heartbeat. */
  #wayOf({ kind, to }: PeerMessage): Dialling {
    const channel = kind === "installSnapshot" ? "snapshots" : "messages";
    const key = wayName(channel, to);
    const known = this.#ways.get(key);
    if (known !== undefined) return known;
    this.#makeRoom();
    const way = this.#wayTo(to, channel);
    this.#ways.set(key, way);
    return way;
  }

  /** Whoever comes names itself, so names must not add up: those go that nobody is connected to. @throws if all are used */
  #makeRoom(): void {
    const waysMax = CHANNELS.length * this.#settings.connectionsMax;
    if (this.#ways.size < waysMax) return;
    for (const [key, way] of this.#ways) if (!way.isInUse) this.#ways.delete(key);
    if (this.#ways.size < waysMax) return;
    throw new HoldfastError("ERR_LIMIT", `Cannot send as there must be at most ${waysMax} ways`);
  }

  #wayTo(peer: string, channel: Hello["channel"]): Dialling {
    const { secret, queueBytesMax } = this.#settings;
    return new Dialling({
      host: this.#host,
      peer,
      channel,
      codec: this.#reach.codecOf(peer),
      secret,
      queueBytesMax,
      counting: this.#counting,
      connect: () => this.#connection(this.#reach.dial(peer)),
    });
  }

  #connection(open: OpenPipe): Connection {
    const { greetingMs } = this.#settings;
    return new Connection({
      open,
      clock: this.#host.clock,
      counting: this.#counting,
      greetingMs,
    });
  }

  async #welcome(connection: Connection): Promise<void> {
    const { secret, frameBytesMax } = this.#settings;
    const challenge = randomToken(this.#host.random);
    try {
      connection.send(challengeFrame(challenge));
      const { hello, nonce } = await readHello(await connection.greeting(), secret, challenge);
      const codec = this.#reach.codecs.find(({ name }) => name === hello.codec);
      if (codec === undefined) return connection.refuse("codec");
      const welcome = await welcomeFrame(hello, secret, { challenge, nonce });
      const ways = CHANNELS.map((channel) => wayName(channel, hello.from));
      connection.begin(frameBytesMax, (bytes) => {
        this.#receive(connection, hello, codec, bytes);
        for (const way of ways) this.#ways.get(way)?.heard();
      });
      connection.send(welcome);
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

const CHANNELS: readonly Hello["channel"][] = ["messages", "snapshots"];

function wayName(channel: Hello["channel"], peer: string): string {
  return `${channel} ${peer}`;
}
