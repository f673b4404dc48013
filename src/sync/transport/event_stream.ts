/**
 * The event stream: what the hub has to say, to a client that answers by POST. Its event ids are the cursors of all models,
 * so that a browser's own reconnection resumes by `Last-Event-ID`.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { Connection } from "../connection.ts";
import type { Channel } from "../sender.ts";
import { Place, requestedPlace } from "./place.ts";
import { refusal } from "./refusal.ts";

/** What a stream is made with. */
export interface EventStreamOptions {
  /** Opens the connection. */
  readonly open: (channel: Channel) => Connection;
  /** How many bytes the stream may hold. */
  readonly heldBytesMax: number;
  /** How long it may live, in milliseconds. */
  readonly streamMs: number;
  /** Where time is read. */
  readonly clock: Clock;
}

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  // Fronts that collect answers before they send them on are told not to.
  "x-accel-buffering": "no",
};

/** Answers a request with a stream of events. */
export function eventStream(request: Request, options: EventStreamOptions): Response {
  const models = requestedPlace(request);
  if (models === undefined) return refusal(400, "ERR_INVALID_ARGUMENT");
  const { open, heldBytesMax, streamMs, clock } = options;
  const encoder = new TextEncoder();
  const place = new Place();
  let end = (): void => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let isOpen = true;
      let cancel = (): void => {};
      const write = (text: string): void => {
        if (isOpen) controller.enqueue(encoder.encode(text));
      };
      const close = (): void => {
        isOpen = false;
        cancel();
      };
      const connection = open({
        send: (text, event) => write(`data: ${place.note(text, event)}\nid: ${place.id}\n\n`),
        heldBytes: () => isOpen ? heldBytesMax - (controller.desiredSize ?? heldBytesMax) : 0,
        close: () => {
          if (isOpen) controller.close();
          close();
        },
      });
      if (streamMs !== Infinity) cancel = clock.after(streamMs, () => connection.bye(0));
      end = () => {
        close();
        connection.end();
      };
      write("retry: 1000\n\n");
      for (const [model, after] of models) connection.subscribe(model, after);
    },
    cancel: () => end(),
  }, { highWaterMark: heldBytesMax, size: (chunk) => chunk?.byteLength ?? 0 });
  return new Response(body, { headers: HEADERS });
}
