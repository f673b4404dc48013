/**
 * A WebSocket that speaks in frames of SockJS.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { Connection } from "../connection.ts";
import type { Channel } from "../sender.ts";
import type { SocketEnd } from "../transport/websocket.ts";
import {
  closeFrame,
  HEARTBEAT_FRAME,
  messagesFrame,
  messagesOf,
  OPEN_FRAME,
  type Quote,
} from "./frames.ts";

/** How often it shows a sign of life, in milliseconds. */
const HEARTBEAT_MS = 25_000;

/** Opens a connection whose messages travel in frames over a socket's channel. */
export function framedSocket(
  channel: Channel,
  { clock, quote }: { readonly clock: Clock; readonly quote: Quote },
  open: (framed: Channel) => Connection,
): SocketEnd {
  channel.send(OPEN_FRAME);
  let cancel = (): void => {};
  const beat = (): void => {
    cancel = clock.after(HEARTBEAT_MS, () => {
      channel.send(HEARTBEAT_FRAME);
      beat();
    });
  };
  beat();
  const connection = open({
    send: (text, event) => channel.send(messagesFrame([quote(text, event)])),
    heldBytes: () => channel.heldBytes(),
    close: (code) => {
      cancel();
      channel.send(
        code === 1000 ? closeFrame(3000, "Go away!") : closeFrame(code, "Closed by the hub"),
      );
      channel.close(code);
    },
  });
  const end = (): void => {
    cancel();
    connection.end();
  };
  return {
    receive: (text) => {
      const messages = text === undefined ? undefined : messagesOf(text);
      if (messages === undefined) {
        // The protocol wants such a client cut off without a word.
        end();
        return channel.close(1000);
      }
      for (const message of messages) connection.receive(message);
    },
    end,
  };
}
