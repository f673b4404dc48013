/**
 * What a user sees of a hub: its methods and their options, and no code.
 *
 * @module
 */

import type { SyncSubject } from "./options.ts";
import type { SyncSocket } from "./transport/websocket.ts";

/**
 * The host's own way to make a socket of a request, called once the request is admitted: `Deno.upgradeWebSocket`, a
 * `WebSocketPair`, npm `ws`. `protocol` is the subprotocol to answer with. Where the host answers by itself, it gives no
 * response.
 */
export type HostUpgrade = (
  options: { readonly protocol: string | undefined },
) => UpgradedSocket | Promise<UpgradedSocket>;

/** What a host made of a request. */
export interface UpgradedSocket {
  /** The server's half of the socket. */
  readonly socket: SyncSocket;
  /** What the host wants to be answered. */
  readonly response?: Response | undefined;
}

/** A transport of the user's own. */
export interface SyncChannel {
  /** Sends a message, in order. Must not throw after the other side is gone. */
  send(text: string): void;
  /** How many bytes it holds that the other side has not taken. */
  heldBytes(): number;
  /** Closes, after what was sent. Called once. */
  close(code: number): void;
}

/** A connection on a transport of the user's own. */
export interface SyncConnection {
  /** Takes a message of the client; `undefined` for one that is no text. */
  receive(text: string | undefined): void;
  /** The transport is gone. */
  end(): void;
}

/**
 * A hub: everything that is written to its models, by whomever and in whichever process, to everybody who may see it.
 */
export interface SyncHub<Subject extends SyncSubject = SyncSubject> extends AsyncDisposable {
  /** How many connections are open in this process. */
  readonly size: number;

  /**
   * Admits a request and makes a connection of it: checks the origin (403), whether the hub takes any (503) and who asks
   * (401), and only then calls the host's own upgrade.
   */
  upgrade(request: Request, upgrade: HostUpgrade): Promise<Response>;
  /** Serves a socket whose user is known already. */
  accept(socket: SyncSocket, options: { readonly subject: Subject | undefined }): void;
  /** Serves a transport that is no socket of the standard's kind, such as Bun's. */
  connect(
    channel: SyncChannel,
    options: { readonly subject: Subject | undefined },
  ): Promise<SyncConnection>;
  /** Whether a request is under the hub's `path` or `sockjsPath`, for who serves other things as well. */
  serves(request: Request): boolean;
  /**
   * Answers every request under the hub's path: WebSocket (with `upgrade`; without it 426), event stream, long poll, POST,
   * tickets and SockJS. What is not under it is 404.
   */
  handle(request: Request, options?: { readonly upgrade?: HostUpgrade }): Promise<Response>;
  /**
   * A ticket that opens one connection for this user within 30 seconds, for pages that cannot send what shows who they are.
   *
   * @throws {HoldfastError} `ERR_LIMIT` if too many are unused.
   */
  ticket(
    subject: Subject | undefined,
    options?: { readonly signal?: AbortSignal },
  ): Promise<string>;
  /**
   * Takes no more connections, and says bye to those that are open: to come back after `afterMs` (1,000 by default) and up
   * to as much more.
   */
  drain(options?: { readonly afterMs?: number }): Promise<void>;
  /** Drains, and ends. */
  close(): Promise<void>;
}
