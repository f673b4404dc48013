/**
 * The two roads from a client to its hub: a WebSocket, or an event stream down and requests up.
 *
 * A road is opened once, tells what arrives, and ends once. Coming back is the client's affair.
 *
 * @module
 */

import { toBase64Url } from "../../bytes.ts";
import type { Json, JsonObject } from "../../json.ts";
import type { ClientMessage } from "../messages.ts";

/** The most characters of one message of the hub, or of one answer to a request. */
export const ARRIVAL_LENGTH_MAX = 8_388_608;

/** An open road. */
export interface Road {
  /** Sends a message. What cannot be sent is answered with a code, or the road ends. */
  send(message: ClientMessage & { readonly id?: string }): void;
  /** Ends the road without telling. */
  close(): void;
}

/** What a road tells. */
export interface RoadListener {
  /** Messages can be sent. */
  opened(): void;
  /** Something arrived; what it is, nobody has checked. `undefined`: nothing but a sign of life. */
  arrived(message: Json | undefined): void;
  /** The road has ended: with a socket's close code, or the status of a refusal. */
  ended(code: number): void;
}

/** The part of a WebSocket that a client uses. Its listeners are set, and are as the Web's. */
export interface SocketLike {
  /** Sends text. */
  send(text: string): void;
  /** Closes it. */
  close(code?: number): void;
  /** Called when it is open. */
  onopen: unknown;
  /** Called with each message. */
  onmessage: unknown;
  /** Called when it is closed. */
  onclose: unknown;
  /** Called before it is closed for a failure. */
  onerror: unknown;
}

/** A constructor of WebSockets: the host's, or that of `ws`. */
export type SocketClass = new (url: string, protocols: string[]) => SocketLike;

/** Opens a WebSocket. */
export function openSocket(
  url: string,
  token: string | undefined,
  Socket: SocketClass,
  listener: RoadListener,
): Road {
  const protocols = ["holdfast"];
  if (token !== undefined) protocols.push(`holdfast.token.${toBase64Url(token)}`);
  const socket = new Socket(url, protocols);
  let isOver = false;
  const over = (): void => {
    isOver = true;
    socket.onopen = socket.onmessage = socket.onclose = null;
  };
  socket.onopen = () => listener.opened();
  socket.onmessage = ({ data }: { readonly data: unknown }) => {
    listener.arrived(typeof data === "string" ? parsed(data) : undefined);
  };
  // What comes of it, the close tells; but `ws` throws where nobody listens.
  socket.onerror = () => {};
  socket.onclose = ({ code }: { readonly code: number }) => {
    over();
    listener.ended(code);
  };
  return {
    send: (message) => {
      if (!isOver) socket.send(JSON.stringify(message));
    },
    close: () => {
      over();
      socket.close(1000);
    },
  };
}

/** What a road of requests is opened with. */
export interface FetchRoadOptions {
  /** Where the hub is. */
  readonly url: string;
  /** Who asks. */
  readonly token: string | undefined;
  /** The models to hear of, and where each goes on; none if nothing is to be heard. */
  readonly models: readonly (readonly [model: string, cursor: string | null])[];
  /** The host's `fetch`. */
  readonly fetch: typeof fetch;
}

/** Opens an event stream, if there is something to hear, and sends by POST. */
export function openFetchRoad(options: FetchRoadOptions, listener: RoadListener): Road {
  const stop = new AbortController();
  const end = (code: number): void => {
    if (stop.signal.aborted) return;
    stop.abort();
    listener.ended(code);
  };
  void hear(options, listener, stop.signal).then(end, () => end(1006));
  return {
    send: (message) => void post(options, message, { ...listener, ended: end }, stop.signal),
    close: () => stop.abort(),
  };
}

/** Reads the event stream to its end. Gives the status it was refused with, or 1000. */
async function hear(
  { url, token, models, fetch }: FetchRoadOptions,
  listener: RoadListener,
  signal: AbortSignal,
): Promise<number> {
  if (models.length === 0) {
    // Not before the caller has the road in hand.
    await Promise.resolve();
    if (!signal.aborted) listener.opened();
    return await new Promise(() => {});
  }
  const at = new URL(url);
  at.searchParams.set("models", JSON.stringify(models));
  const headers = { ...authorization(token), accept: "text/event-stream" };
  const response = await fetch(at, { headers, signal });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    return response.status;
  }
  listener.opened();
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  // A fetch of the user's own may leave the body to whoever reads it.
  signal.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return 1000;
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    if (rest.length > ARRIVAL_LENGTH_MAX) throw new Error("The line has no end");
    listener.arrived(undefined);
    // Every message is one line.
    for (const line of lines) {
      if (line.startsWith("data:") && !signal.aborted) listener.arrived(parsed(line.slice(5)));
    }
  }
}

/** Sends one message, and tells the answers to it; a failure is told as an answer as well. */
async function post(
  { url, token, fetch }: FetchRoadOptions,
  message: ClientMessage & { readonly id?: string },
  listener: RoadListener,
  signal: AbortSignal,
): Promise<void> {
  const { id, event } = message;
  const failed = (code: string): JsonObject => ({
    ...id !== undefined && { id },
    event,
    data: null,
    error: "The request failed",
    code,
  });
  let answers: Json | undefined;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...authorization(token), "content-type": "application/json" },
      body: JSON.stringify(message),
      signal,
    });
    const text = await response.text();
    // Who asks is not known (any more): the next road asks for a token anew, and what was sent is sent again.
    if (response.status === 401 || response.status === 403) return listener.ended(response.status);
    answers = response.ok
      ? parsed(text)
      : [failed(response.status === 413 ? "ERR_TOO_LARGE" : "ERR_UNAVAILABLE")];
  } catch {
    // Whatever kept the answer away: the message may have arrived.
    answers = [failed("ERR_UNAVAILABLE")];
  }
  if (signal.aborted) return;
  for (const answer of Array.isArray(answers) ? answers : [answers]) listener.arrived(answer);
}

function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** A message as an object; `undefined` for what is none. */
function parsed(text: string): Json | undefined {
  if (text.length > ARRIVAL_LENGTH_MAX) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Garbage is a sign of life, and nothing else.
    return undefined;
  }
}
