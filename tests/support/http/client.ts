/**
 * A client of a handler, without a network between them.
 *
 * @module
 */

import type { Handler } from "../../../src/http/mod.ts";

/** What was answered. */
export interface Answer {
  /** Its status. */
  readonly status: number;
  /** Its headers. */
  readonly headers: Headers;
  /** Its body as text. */
  readonly text: string;
  /** Its body as JSON; `undefined` if it has none. */
  // deno-lint-ignore no-explicit-any -- what a test expects of it, it says itself.
  readonly body: any;
}

/** What is sent beside method and path. */
export interface Sent {
  /** Sent as JSON; bytes, streams and texts as they are. */
  readonly body?: unknown;
  /** Headers; `content-type` is JSON's unless said otherwise. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the client's interest. */
  readonly signal?: AbortSignal;
}

/** Sends requests to a handler. */
export type Send = (line: string, sent?: Sent) => Promise<Answer>;

/** A client of a handler: `send("GET /users")`. */
export function clientOf(handler: Handler, origin = "http://localhost"): Send {
  return async (line, sent) => {
    const response = await handler(requestOf(line, sent, origin));
    const text = await response.text();
    const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
    const body = isJson && text !== "" ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, body };
  };
}

/** A request: `requestOf("POST /users", { body })`. */
export function requestOf(
  line: string,
  { body, headers, signal }: Sent = {},
  origin = "http://localhost",
): Request {
  const [method = "GET", path = "/"] = line.split(" ");
  const isRaw = typeof body === "string" || body instanceof Uint8Array ||
    body instanceof ReadableStream;
  return new Request(origin + path, {
    method,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: isRaw ? body as BodyInit : JSON.stringify(body) }),
    ...(body instanceof ReadableStream && { duplex: "half" }),
    ...(signal && { signal }),
  });
}

/** Reads a stream of events, one block at a time, without the blank line that ends it. */
export async function* blocksOf(response: Response): AsyncGenerator<string, void, void> {
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      yield text.slice(0, end);
      text = text.slice(end + 2);
    }
  }
}
