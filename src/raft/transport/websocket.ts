/**
 * Nodes that reach each other by WebSocket: where there is no TCP, such as at an edge.
 *
 * A node dials by the host's `WebSocket`. To be dialled, the program upgrades a request as its host does that, and hands
 * the socket to {@linkcode WebSocketTransport.accept}. What is carried is the same stream of frames as over TCP.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import { binaryCodec } from "./codec.ts";
import { type LinkOptions, linkSettings, PeerLink } from "./links.ts";
import type { OpenPipe } from "./pipe.ts";
import type { Transport } from "./port.ts";

/** The slice of a `WebSocket` that is used. */
export interface PeerSocket {
  /** How messages come: set to `"arraybuffer"`. */
  binaryType: string;
  /** 0 while it is connecting, 1 when it is open. */
  readonly readyState: number;
  /** Bytes that were sent and not taken on yet. */
  readonly bufferedAmount?: number;
  /** Sends bytes. */
  send(data: Uint8Array): void;
  /** Ends it. */
  close(): void;
  /** Listens. */
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
}

/** Options of {@linkcode webSocketTransport}. */
export interface WebSocketOptions extends LinkOptions {
  /** Opens a socket; by default the host's `WebSocket`. */
  readonly connect?: (url: string) => PeerSocket;
}

/** A transport over WebSockets, which serves one node. */
export interface WebSocketTransport extends Transport {
  /**
   * Takes a socket that another node opened, from an upgraded request. One that comes before the node is open, or after
   * it is closed, is ended.
   */
  accept(socket: PeerSocket): void;
}

const CONNECTING = 0;

/** Most bytes that a socket keeps for who does not read: it cannot tell when it has room again, so it ends. */
const BUFFERED_BYTES_MAX = 16 * 1024 * 1024;

/**
 * A transport over WebSockets, for URLs such as `wss://a.example/raft`. Does nothing before a node opens it.
 *
 * @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION`
 */
export function webSocketTransport(options: WebSocketOptions = {}): WebSocketTransport {
  const settings = linkSettings("make a WebSocket transport", options, ["connect"]);
  const { connect = (url) => new WebSocket(url) as unknown as PeerSocket } = options; // it has more
  const reach = {
    codecs: [binaryCodec],
    codecOf: () => binaryCodec,
    dial: (url: string) => pipeOf(connect(url)),
  };
  let link: PeerLink | undefined;
  return {
    protocols: ["ws:", "wss:"],
    accept(socket) {
      if (link === undefined) socket.close();
      else link.accept(pipeOf(socket));
    },
    open(host) {
      if (link !== undefined) {
        const message = "Cannot listen as this transport serves another node";
        return Promise.reject(new HoldfastError("ERR_ADDRESS_IN_USE", message));
      }
      link = new PeerLink(settings, reach, host, () => {
        link = undefined;
        return Promise.resolve();
      });
      return Promise.resolve(link);
    },
  };
}

function pipeOf(socket: PeerSocket): OpenPipe {
  return (events) => {
    // What is written before the socket is open.
    const early: Uint8Array[] = [];
    let hasEnded = false;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      for (const bytes of early.splice(0)) socket.send(bytes);
    });
    socket.addEventListener("message", ({ data }) => {
      if (data instanceof ArrayBuffer) events.data(new Uint8Array(data));
      else events.ended("malformed");
    });
    const end = (reason: string) => () => {
      hasEnded = true;
      events.ended(reason);
    };
    socket.addEventListener("error", end("broken"));
    socket.addEventListener("close", end("closed"));
    return {
      write(bytes) {
        if (socket.readyState === CONNECTING) early.push(bytes);
        else if ((socket.bufferedAmount ?? 0) > BUFFERED_BYTES_MAX) end("full")();
        else if (!hasEnded) socket.send(bytes);
        return true;
      },
      close() {
        hasEnded = true;
        socket.close();
      },
    };
  };
}
