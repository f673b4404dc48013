/**
 * Responses of SockJS: their headers, and those that carry frames.
 *
 * @module
 */

import type { Receiver, SockjsSession } from "./session.ts";

/** For answers that must reach the server each time. */
export const NO_CACHE: Readonly<Record<string, string>> = {
  "cache-control": "no-store, no-cache, no-transform, must-revalidate, max-age=0",
};
/** The content type of plain text. */
export const PLAIN = "text/plain; charset=UTF-8";

const YEAR_SECONDS = 31_536_000;
/** After so many bytes a streaming response ends, because clients of old keep all of it. */
const RESPONSE_BYTES_MAX = 131_072;

/** How a transport writes its frames; `prelude` makes browsers begin to read. */
interface Transport {
  readonly type: string;
  readonly prelude: string;
  /** After so many bytes of frames the response ends. */
  readonly bytesMax: number;
  readonly frame: (frame: string) => string;
}

const POLL: Transport = {
  type: "application/javascript; charset=UTF-8",
  prelude: "",
  bytesMax: 1,
  frame: (frame) => `${frame}\n`,
};
const STREAMS: Readonly<Record<string, Transport>> = {
  xhr_streaming: {
    type: "application/javascript; charset=UTF-8",
    prelude: `${"h".repeat(2_048)}\n`,
    bytesMax: RESPONSE_BYTES_MAX,
    frame: (frame) => `${frame}\n`,
  },
  eventsource: {
    type: "text/event-stream; charset=UTF-8",
    prelude: "\r\n",
    bytesMax: RESPONSE_BYTES_MAX,
    frame: (frame) => `data: ${frame}\r\n\r\n`,
  },
};

/** A plain answer. */
export function plain(text: string, status = 200): Response {
  return new Response(text, { status, headers: { "content-type": PLAIN } });
}

/** An answer that a page of another origin may read. */
export function responseOf(
  request: Request,
  body: BodyInit | null,
  type: string,
  headers: Readonly<Record<string, string>>,
  status = 200,
): Response {
  return new Response(body, {
    status,
    headers: { "content-type": type, ...headers, ...cors(request) },
  });
}

/** The answer to a browser that asks before it asks. */
export function shared(request: Request, method: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...cors(request),
      "cache-control": `public, max-age=${YEAR_SECONDS}`,
      "access-control-allow-methods": `OPTIONS, ${method}`,
      "access-control-max-age": String(YEAR_SECONDS),
    },
  });
}

/** A response that carries a session's frames until it has had enough, or the client goes. */
export function carrying(
  request: Request,
  session: SockjsSession,
  transport: string,
  heldBytesMax: number,
): Response {
  const { type, prelude, bytesMax, frame } = STREAMS[transport] ?? POLL;
  const encoder = new TextEncoder();
  let receiver: Receiver | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let left = bytesMax;
      if (prelude !== "") controller.enqueue(encoder.encode(prelude));
      receiver = {
        write: (text) => {
          const bytes = encoder.encode(frame(text));
          controller.enqueue(bytes);
          left -= bytes.length;
          return left > 0;
        },
        end: () => controller.close(),
      };
      session.attach(receiver);
    },
    cancel: () => {
      if (receiver !== undefined) session.interrupt(receiver);
    },
  }, { highWaterMark: heldBytesMax, size: (chunk) => chunk?.byteLength ?? 0 });
  return responseOf(request, body, type, NO_CACHE);
}

function cors(request: Request): Record<string, string> {
  const origin = request.headers.get("origin");
  const asked = request.headers.get("access-control-request-headers");
  return {
    "access-control-allow-origin": origin ?? "*",
    ...origin !== null && { "access-control-allow-credentials": "true", vary: "origin" },
    ...asked && { "access-control-allow-headers": asked },
  };
}
