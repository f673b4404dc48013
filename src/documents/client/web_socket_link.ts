/**
 * A way to a server over a WebSocket.
 *
 * @module
 */

import type { LinkListener, OpenLink } from "./link.ts";

/** What is used of a WebSocket: the host's own, or one from a package. */
export interface WebSocketLike {
  /** Called when texts may be sent. */
  onopen: ((event: never) => void) | null;
  /** Called with each message; `data` is its text. */
  onmessage: ((event: never) => void) | null;
  /** Called when something went wrong. */
  onerror: ((event: never) => void) | null;
  /** Called once, at the end, with `code` and `reason`. */
  onclose: ((event: never) => void) | null;
  /** Sends a text. */
  send(text: string): void;
  /** Ends it. */
  close(): void;
}

/** Makes a WebSocket. */
export type WebSocketMaker = new (url: string) => WebSocketLike;

/** Close codes that mean: do not come back. The server's own refusals are 4400 to 4499. */
const FINAL: readonly number[] = [1008, 1009];

/** Opens a WebSocket for each way. */
export function webSocketLink(url: string, maker: WebSocketMaker): OpenLink {
  return (listener) => {
    const socket = opened(url, maker);
    socket.onopen = () => listener.opened();
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (typeof data === "string") listener.received(data);
    };
    // What went wrong is told by the closing that follows, to nobody here.
    socket.onerror = () => {};
    socket.onclose = (end: { code: number; reason: string }) => closed(listener, end);
    let isOpen = true;
    return {
      send: (text) => {
        if (isOpen) socket.send(text);
      },
      close: () => {
        isOpen = false;
        socket.onclose = socket.onmessage = socket.onopen = null;
        socket.close();
      },
    };
  };
}

function opened(url: string, Maker: WebSocketMaker): WebSocketLike {
  return new Maker(url);
}

function closed(listener: LinkListener, { code, reason }: { code: number; reason: string }): void {
  listener.closed({ isFinal: FINAL.includes(code) || (code >= 4400 && code < 4500), reason });
}
