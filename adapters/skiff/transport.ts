/**
 * Transports of the abstract-skiff-transport shape, made to carry this library's messages.
 *
 * The ancestor made calls and took the next response for the answer to its last one. Here a message is sent as a call
 * whose answer nobody looks at: what it answers stands in the message itself, so a late answer is never taken for another's.
 *
 * @module
 */

import { fromBase64, toBase64 } from "../../src/bytes.ts";
import { HoldfastError } from "../../src/errors.ts";
import { binaryCodec } from "../../src/raft/transport/codec.ts";
import type {
  PeerMessage,
  Transport,
  TransportHost,
  TransportLink,
} from "../../src/raft/transport/port.ts";

/** A connection between two nodes. */
export interface SkiffConnection {
  /** Makes a call. */
  send(type: string, args: unknown, callback: (error?: unknown, ...reply: unknown[]) => void): void;
  /** Says who answers calls. */
  receive(answer: (type: string, args: unknown, reply: (...args: unknown[]) => void) => void): void;
  /** Ends it. */
  close(callback?: (error?: unknown) => void): void;
  /** Told when it ends, if it is an emitter of events. */
  on?(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** A transport as skiff took it. */
export interface SkiffTransport {
  /** The protocols of its URLs, such as `"tcp+msgpack:"`; any by default. */
  readonly protocols?: readonly string[];
  /** Opens a connection to a node. */
  connect(localId: string, localMeta: unknown, address: string, meta?: unknown): SkiffConnection;
  /** Listens for connections of others. */
  listen(
    localId: string,
    url: string,
    listener: (peerId: string, meta: unknown, connection: SkiffConnection) => void,
    callback: (error?: unknown, server?: unknown) => void,
  ): unknown;
  /** Stops listening, if it can. */
  close?(callback?: (error?: unknown) => void): unknown;
}

/** The name of the one call there is. */
const CALL = "Message";

/** The most calls of one connection that are not answered; more messages are dropped, as on any full way. */
export const CALLS_MAX = 256;

/** A transport over one of the ancestor's. */
export function skiffTransport(transport: SkiffTransport): Transport {
  return {
    protocols: transport.protocols ??
      ["tcp+msgpack:", "tcp:", "tcp-msgpack:", "http:", "ws:", "local:"],
    open: async (host) => {
      const link = new ShimLink(transport, host);
      await link.listen();
      return link;
    },
  };
}

/** A connection that this node opened, and how many calls wait on it. */
interface Outgoing {
  readonly connection: SkiffConnection;
  calls: number;
}

class ShimLink implements TransportLink {
  readonly #transport: SkiffTransport;
  readonly #host: TransportHost;
  readonly #outgoing = new Map<string, Outgoing>();
  readonly #incoming = new Set<SkiffConnection>();
  readonly #counts = { sent: 0, received: 0, bytesSent: 0, bytesReceived: 0, dropped: 0 };
  readonly #refused: Record<string, number> = {};
  #server: unknown;
  #isClosed = false;

  constructor(transport: SkiffTransport, host: TransportHost) {
    this.#transport = transport;
    this.#host = host;
  }

  async listen(): Promise<void> {
    const { url } = this.#host;
    await new Promise<void>((resolve, reject) => {
      const done = (error?: unknown, server?: unknown): void => {
        this.#server ??= server;
        if (error === undefined || error === null) resolve();
        else reject(listenError(error));
      };
      const accept = (_peer: string, _meta: unknown, connection: SkiffConnection): void => {
        this.#incoming.add(connection);
        connection.on?.("close", () => this.#incoming.delete(connection));
        connection.receive((type, args, reply) => {
          this.#received(type, args);
          reply();
        });
      };
      this.#server = this.#transport.listen(url, url, accept, done);
    });
  }

  send(message: PeerMessage): void {
    const bytes = binaryCodec.encode(message);
    const outgoing = this.#isClosed ? undefined : this.#to(message.to);
    if (outgoing === undefined || outgoing.calls >= CALLS_MAX) {
      this.#counts.dropped += 1;
      return;
    }
    outgoing.calls += 1;
    this.#counts.sent += 1;
    this.#counts.bytesSent += bytes.length;
    try {
      // Text, because no transport spoils it, whatever it encodes with.
      outgoing.connection.send(CALL, { message: toBase64(bytes) }, (error) => {
        outgoing.calls -= 1;
        if (error !== undefined && error !== null) this.#lost(message.to, outgoing, "failed");
      });
    } catch {
      // A transport that throws instead of telling.
      this.#lost(message.to, outgoing, "failed");
    }
  }

  counters(): ReturnType<TransportLink["counters"]> {
    return { ...this.#counts, refused: { ...this.#refused } };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const connections = [
      ...[...this.#outgoing.values()].map(({ connection }) => connection),
      ...this.#incoming,
    ];
    for (const connection of connections) connection.close(() => {});
    this.#outgoing.clear();
    const closing = [this.#server, this.#transport].find((one) =>
      typeof Object(one).close === "function"
    );
    if (closing === undefined) return;
    await new Promise<void>((resolve) => Object(closing).close(() => resolve()));
  }

  #to(peer: string): Outgoing | undefined {
    const known = this.#outgoing.get(peer);
    if (known !== undefined) return known;
    try {
      this.#host.happened({ kind: "connecting", peer });
      const connection = this.#transport.connect(this.#host.url, null, peer, null);
      const outgoing = { connection, calls: 0 };
      this.#outgoing.set(peer, outgoing);
      connection.on?.("close", () => this.#lost(peer, outgoing, "closed"));
      connection.on?.("error", () => this.#lost(peer, outgoing, "failed"));
      this.#host.happened({ kind: "connected", peer });
      return outgoing;
    } catch {
      // Nobody there: the core tries again by itself.
      this.#host.unreachable(peer);
      return undefined;
    }
  }

  #lost(peer: string, outgoing: Outgoing, reason: string): void {
    if (this.#outgoing.get(peer) !== outgoing) return;
    this.#outgoing.delete(peer);
    outgoing.connection.close(() => {});
    this.#host.happened({ kind: "disconnected", peer, reason });
    this.#host.unreachable(peer);
  }

  #received(type: string, args: unknown): void {
    const text = Object(args).message;
    try {
      if (type !== CALL || typeof text !== "string") throw new TypeError("another protocol");
      const bytes = fromBase64(text);
      const message = binaryCodec.decode(bytes);
      this.#counts.received += 1;
      this.#counts.bytesReceived += bytes.length;
      this.#host.receive(message);
    } catch {
      // What is no message of ours is counted and dropped.
      this.#refused.malformed = (this.#refused.malformed ?? 0) + 1;
    }
  }
}

function listenError(cause: unknown): HoldfastError {
  const isInUse = Object(cause).code === "EADDRINUSE";
  return new HoldfastError(
    isInUse ? "ERR_ADDRESS_IN_USE" : "ERR_UNAVAILABLE",
    "Cannot listen at the node's URL",
    { cause },
  );
}
