/**
 * The server of documents: takes sockets of any host, and makes each a connection.
 *
 * It does nothing at its creation; a timer is set only while there are connections, and every one of them ends with its
 * connection.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import { ArgumentError, HoldfastError } from "../../errors.ts";
import { type Random, randomToken } from "../../random.ts";
import type { OpenLink } from "../client/link.ts";
import type { OnError } from "../asked.ts";
import type { DocumentCore } from "../core.ts";
import type { Rules } from "../rules.ts";
import {
  type AcceptOptions,
  Connection,
  type ConnectionEnd,
  type ServerSocket,
} from "./connection.ts";
import { Follows } from "./follows.ts";
import { Identities } from "./identity.ts";
import { type ConnectionLimits, CONNECTIONS_MAX } from "./limits.ts";
import { OpTexts } from "./op_texts.ts";
import { inProcessLink } from "./pair.ts";
import type { Answer, Authenticate, ConnectionGround } from "./caller.ts";

/** A socket of any host: the slice of the web's `WebSocket` that is used. */
export interface DocumentSocket {
  /** 0 while it is being opened, 1 while it is open. */
  readonly readyState: number;
  /** Bytes that wait to be sent, where the host tells. */
  readonly bufferedAmount?: number;
  /** Sends a text. */
  send(data: string): void;
  /** Ends the socket. */
  close(code?: number, reason?: string): void;
  /** workerd's sockets must be accepted before they say anything. */
  accept?(): void;
  /** Calls back on an event. */
  addEventListener(
    type: "open" | "message" | "close" | "error",
    listener: (event: { readonly data?: unknown }) => void,
  ): void;
}

/** What a host gives when a request becomes a socket. */
export interface UpgradedSocket {
  /** The server's end. */
  readonly socket: DocumentSocket;
  /** The response that makes it one. */
  readonly response: Response;
}

/** What a server needs. */
export interface DocumentServerOptions {
  /** The documents. */
  readonly core: DocumentCore;
  /** The owner's rules. */
  readonly rules: Rules;
  /** Where time is read and timers are set. */
  readonly clock: Clock;
  /** Where the dice are rolled. */
  readonly random: Random;
  /** Whether connections may share what follows the journal. */
  readonly sharesFollows: boolean;
  /** The secret under which ids are proved; without one, none that another process gave is known. */
  readonly secret: string | undefined;
  /** Whether other processes serve the same documents. */
  readonly isShared: boolean;
  /** What a connection may ask. */
  readonly limits: ConnectionLimits;
  /** The URI of the type that goes without saying. */
  readonly defaultType: string;
  /** Whether operations that have become nothing are left out. */
  readonly skipsEmpty: boolean;
  /** Who somebody is; without it, everybody is `""`. */
  readonly authenticate: Authenticate | undefined;
  /** Answers what touches no document's order. */
  readonly answer: Answer;
  /** Hears of what failed and was not a client's mistake. */
  readonly onError?: OnError;
}

/** Takes sockets and makes them connections. */
export class DocumentServer {
  readonly #options: DocumentServerOptions;
  readonly #connections = new Set<Connection>();
  readonly #ground: ConnectionGround;
  readonly #onEnd = (connection: Connection): void => {
    this.#connections.delete(connection);
  };
  #secret: string | undefined;
  readonly #stop = new AbortController();

  /** A server without connections. */
  constructor(options: DocumentServerOptions) {
    const { core, rules, clock, random, limits, defaultType, skipsEmpty, answer } = options;
    this.#options = options;
    const identities = new Identities({ clock, random, secret: () => this.#secretOrNew() });
    const texts = new OpTexts(core.types);
    this.#ground = {
      core,
      rules,
      clock,
      identities,
      limits,
      defaultType,
      skipsEmpty,
      answer,
      onError: options.onError,
      texts,
      follows: new Follows(core),
      signal: this.#stop.signal,
      authenticate: options.authenticate ?? (() => ""),
    };
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Makes a request a socket, and the socket a connection. `open` is the host's own way; it is not called if the
   * request asks for no socket, or there are too many.
   *
   * @throws {ArgumentError} `ERR_INVALID_OPTION` without a `secret` on a backend that processes share.
   */
  upgrade(request: Request, open: () => UpgradedSocket): Response {
    this.#checkSecret();
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return new Response("This is for sockets\n", {
        status: 426,
        headers: { upgrade: "websocket", connection: "upgrade" },
      });
    }
    if (this.#stop.signal.aborted || this.#connections.size >= CONNECTIONS_MAX) {
      return new Response("No more connections\n", { status: 503 });
    }
    // The rules ask for it later, and hosts such as Deno close a request that has become a socket.
    const kept = new Request(request.url, { headers: request.headers });
    const { socket, response } = open();
    this.accept(socket, { request: kept });
    return response;
  }

  /**
   * Makes a socket a connection.
   *
   * @throws {ArgumentError} `ERR_INVALID_OPTION` without a `secret` on a backend that processes share.
   */
  accept(socket: DocumentSocket, options: AcceptOptions = {}): void {
    this.#checkSecret();
    const connection = this.#connect(new HostSocket(socket), options);
    socket.addEventListener("message", ({ data }) => connection.receive(data));
    socket.addEventListener("close", () => connection.end());
    socket.addEventListener("error", () => connection.end());
    socket.accept?.();
    if (socket.readyState === 1) connection.open();
    else socket.addEventListener("open", () => connection.open());
  }

  /** A way for a client of this process, which is trusted to be who it says. */
  link(subject: string): OpenLink {
    return inProcessLink((socket) => this.#connect(socket, { subject, isTrusted: true }));
  }

  /** Ends every connection, so that their clients come back to another server; takes none any more. */
  close(): void {
    for (const connection of [...this.#connections]) {
      connection.close({ code: 4503, reason: "closing" });
    }
    this.#stop.abort(new HoldfastError("ERR_CLOSED", "The documents are closed"));
  }

  #connect(socket: ServerSocket, options: ConnectionEnd): Connection {
    const { core, sharesFollows } = this.#options;
    const ground = sharesFollows ? this.#ground : { ...this.#ground, follows: new Follows(core) };
    const connection = new Connection(ground, socket, options, this.#onEnd);
    this.#connections.add(connection);
    if (this.#stop.signal.aborted || this.#connections.size > CONNECTIONS_MAX) {
      connection.close({ code: 4503, reason: "no more connections" });
    }
    return connection;
  }

  #checkSecret(): void {
    if (this.#options.secret !== undefined || !this.#options.isShared) return;
    throw new ArgumentError(
      "ERR_INVALID_OPTION",
      "Cannot accept a connection as secret must be given on a backend that processes share",
    );
  }

  #secretOrNew(): string {
    return this.#secret ??= this.#options.secret ?? randomToken(this.#options.random, 32);
  }
}

/** A host's socket; of a class, as there are many (bench/documents_bench.ts). */
class HostSocket implements ServerSocket {
  readonly #socket: DocumentSocket;

  constructor(socket: DocumentSocket) {
    this.#socket = socket;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount ?? 0;
  }

  send(text: string): void {
    if (this.#socket.readyState !== 1) return;
    try {
      this.#socket.send(text);
    } catch {
      // A host's socket that is closed without having said so; it will.
    }
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
