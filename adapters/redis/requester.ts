/**
 * One HTTP request in Upstash's REST protocol: sent once, answered once, never repeated here.
 *
 * Answers are plain JSON (the base64 form costs twice the time for the same text). The `error` in a body counts
 * whatever the status: live servers answer 200 with an error inside.
 *
 * Source: Upstash's REST API documentation; the shape is the `Requester` that `@upstash/redis` takes.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";
import { malformed, RequestError, statusFailure } from "./failures.ts";

/** A request as `@upstash/redis` makes it. */
export interface RedisRequest {
  /** The parts of the path; none for a single command. */
  readonly path?: string[];
  /** A command, or a list of them. */
  readonly body?: unknown;
  /** Further headers. */
  readonly headers?: Record<string, string>;
  /** Whether the answer is an event stream. */
  readonly isStreaming?: boolean;
  /** Called with each line of data of a stream, and with `""` for any other sign of life. */
  readonly onMessage?: (data: string) => void;
  /** How the answer is read by a requester that has a `Response`: brought along, so that who never listens lacks it. */
  readonly readStream?: (response: Response) => Promise<unknown>;
  /** Gives the request up when aborted. */
  readonly signal?: AbortSignal;
}

/** Sends requests, each once; any `Requester` that `@upstash/redis` takes is one. */
export interface Requester {
  /**
   * Sends a request and gives the body of its answer: an object with `result` or `error`, or for a pipeline a list of
   * them. A streaming request stays pending while its stream lives.
   */
  request(request: RedisRequest): Promise<unknown>;
}

/** The part of `fetch` that a requester needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Options of {@linkcode restRequester}, checked before. */
export interface RestRequesterOptions {
  /** Where the REST front is, with no slash at its end. */
  readonly url: string;
  /** The bearer token. */
  readonly token: string;
  /** The host's `fetch`, or one like it. */
  readonly fetch: Fetch;
  /** Where round trips are measured. */
  readonly clock: Clock;
  /** Told when an answer says the time of day at the server, to the second. */
  readonly onDate?: (dateMs: number, sentMs: number, receivedMs: number) => void;
  /** The most bytes of an answer that are read. */
  readonly answerBytesMax?: number;
}

/** The most bytes of one request; servers take at least this much. */
export const REQUEST_BYTES_MAX = 10_000_000;

/** The most bytes of an answer that are read, by default. */
export const ANSWER_BYTES_MAX = 64_000_000;

/**
 * A requester that speaks to a REST front by `fetch`.
 *
 * A streaming request (`isStreaming`) is read by its own `readStream`, and so stays pending while the stream lives.
 */
export function restRequester(options: RestRequesterOptions): Requester {
  const { clock, fetch, answerBytesMax = ANSWER_BYTES_MAX } = options;
  const sync = syncTokens();
  const exchange = async (request: RedisRequest): Promise<unknown> => {
    const order = sync.next();
    const sentMs = clock.monotonic();
    const response = await fetch(urlOf(options.url, request), {
      method: "POST",
      headers: headersOf(options.token, sync.latest(), request),
      body: bodyOf(request),
      // A redirected POST becomes a GET and loses its body; and a token is not for another host.
      redirect: "manual",
      ...request.signal !== undefined && { signal: request.signal },
    });
    sync.seen(order, response.headers.get("upstash-sync-token"));
    if (request.readStream !== undefined && response.ok) return await request.readStream(response);
    const text = await boundedText(response, answerBytesMax);
    const dateMs = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(dateMs)) options.onDate?.(dateMs, sentMs, clock.monotonic());
    return answerOf(response, text);
  };
  return { request: exchange };
}

function urlOf(url: string, { path = [] }: RedisRequest): string {
  // A colon is plain in a path, and servers that compare names undecoded find it as it is.
  return [url, ...path.map((part) => encodeURIComponent(part).replaceAll("%3A", ":"))].join("/");
}

function headersOf(
  token: string,
  syncToken: string,
  { isStreaming, headers }: RedisRequest,
): Record<string, string> {
  return {
    "authorization": `Bearer ${token}`,
    "content-type": "application/json",
    ...isStreaming && { accept: "text/event-stream" },
    ...syncToken !== "" && { "upstash-sync-token": syncToken },
    ...headers,
  };
}

/** The body as text, refused before it is sent if the server would refuse it after. */
function bodyOf({ body }: RedisRequest): string | null {
  if (body === undefined) return null;
  const text = JSON.stringify(body);
  const fits = text.length * 3 <= REQUEST_BYTES_MAX ||
    (text.length <= REQUEST_BYTES_MAX &&
      new TextEncoder().encode(text).length <= REQUEST_BYTES_MAX);
  if (fits) return text;
  throw new RequestError("ERR_TOO_LARGE", `a request must have at most ${REQUEST_BYTES_MAX} bytes`);
}

/** The body of an answer, or the failure that its status says. A refused command is explained by a 400's body. */
function answerOf(response: Response, text: string): unknown {
  if (!response.ok && response.status !== 400) {
    throw statusFailure(response.status, retryAfterMs(response));
  }
  const body = jsonOf(text);
  if (body === undefined) throw malformed("its answer is not JSON");
  return body;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A SyntaxError, whose message quotes the text.
    return undefined;
  }
}

/** The wait that a server asks for, in milliseconds; the form with a date is taken against the server's own date. */
function retryAfterMs({ headers }: Response): number {
  const value = headers.get("retry-after") ?? "";
  const seconds = /^\d{1,6}$/.test(value)
    ? Number(value)
    : (Date.parse(value) - Date.parse(headers.get("date") ?? "")) / 1_000;
  return seconds > 0 ? seconds * 1_000 : 0;
}

/** The whole text of a response, but not more than the bound: an answer of a stranger may never end. */
async function boundedText(response: Response, bytesMax: number): Promise<string> {
  const { body, headers } = response;
  const length = Number(headers.get("content-length") ?? Infinity);
  if (body === null || (length <= bytesMax && !headers.has("content-encoding"))) {
    return await response.text();
  }
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  const reader = body.getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    bytes += chunk.value.length;
    if (bytes > bytesMax) {
      await reader.cancel();
      throw new RequestError("ERR_TOO_LARGE", `its answer has more than ${bytesMax} bytes`, {
        mayHaveHappened: true,
      });
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * Read your own writes: each answer names a state, and a request that names it back sees at least that state. Answers
 * overtake each other, so the token of the request that was sent last is kept, and not the one that came last.
 */
function syncTokens(): {
  next(): number;
  latest(): string;
  seen(order: number, token: string | null): void;
} {
  let sent = 0;
  let newest = 0;
  let kept = "";
  return {
    next: () => ++sent,
    latest: () => kept,
    seen: (order, token) => {
      if (token === null || token === "" || order < newest) return;
      newest = order;
      kept = token;
    },
  };
}
