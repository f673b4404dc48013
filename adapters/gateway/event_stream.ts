/**
 * Subscriptions as event streams (WHATWG HTML, "Server-sent events"): one `data:` line per message.
 *
 * A comment every 15 seconds shows both sides that the connection still stands. A reader that does not keep up is let
 * go at 1 MiB of unread messages, because waiting for it would hold everybody's messages in memory.
 *
 * @module
 */

import type { Listener, Subscriptions, Topic } from "./subscriptions.ts";

/** The open streams of a gateway. */
export interface EventStreams {
  /** Opens a stream on a topic. Rejects with a refusal if Redis is away. */
  open(topic: Topic): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /** How many streams are open. */
  readonly size: number;
  /** Ends all of them. */
  close(): void;
}

const UNREAD_BYTES_MAX = 1_048_576;
const HEARTBEAT_MS = 15_000;

interface OpenStream {
  readonly controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  stop: () => void;
}

/** Makes an empty set of streams. A timer runs only while there is one. */
export function eventStreams(subscriptions: Subscriptions): EventStreams {
  const streams = new Set<OpenStream>();
  const encoder = new TextEncoder();
  let heartbeat: ReturnType<typeof setInterval> | undefined;

  const forget = (stream: OpenStream) => {
    if (!streams.delete(stream)) return false;
    if (streams.size === 0) clearInterval(heartbeat);
    stream.stop();
    return true;
  };
  const end = (stream: OpenStream) => {
    if (forget(stream)) stream.controller.close();
  };
  const write = (stream: OpenStream, text: string) => {
    if (!streams.has(stream)) return;
    stream.controller.enqueue(encoder.encode(text));
    if ((stream.controller.desiredSize ?? 0) <= 0) end(stream);
  };
  const remember = (stream: OpenStream) => {
    streams.add(stream);
    if (streams.size > 1) return;
    heartbeat = setInterval(() => {
      for (const each of streams) write(each, ": ping\n\n");
    }, HEARTBEAT_MS);
  };

  return {
    get size() {
      return streams.size;
    },
    open: async (topic) => {
      const { body, stream } = newStream((cancelled) => forget(cancelled));
      remember(stream);
      const listener: Listener = {
        line: (text) => write(stream, toEvent(text)),
        end: () => end(stream),
      };
      try {
        const stop = await subscriptions.add(topic, listener);
        // The reader may have gone while Redis confirmed.
        if (streams.has(stream)) stream.stop = stop;
        else stop();
      } catch (error) {
        forget(stream);
        throw error;
      }
      return body;
    },
    close: () => {
      for (const stream of streams) end(stream);
    },
  };
}

function newStream(cancelled: (stream: OpenStream) => void) {
  let opened: OpenStream | undefined;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: (controller) => {
        opened = { controller, stop: () => {} };
      },
      cancel: () => {
        if (opened !== undefined) cancelled(opened);
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: UNREAD_BYTES_MAX }),
  );
  // A stream calls `start` before its constructor returns.
  return { body, stream: opened as unknown as OpenStream };
}

/** A message with line breaks takes one `data:` line for each of its lines. */
function toEvent(text: string): string {
  return `data: ${text.replaceAll(/\r\n|\r|\n/g, "\ndata: ")}\n\n`;
}
