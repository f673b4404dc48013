/**
 * The long poll: what an event stream would say, collected until there is something, as one JSON array.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import { isJsonObject, type Json, parseJson } from "../../json.ts";
import { sleep } from "../../waiting.ts";
import type { Connection } from "../connection.ts";
import type { Channel } from "../sender.ts";
import { Place, requestedPlace } from "./place.ts";
import { refusal } from "./refusal.ts";

/** What a poll is made with. */
export interface LongPollOptions {
  /** Opens the connection. */
  readonly open: (channel: Channel) => Connection;
  /** How many bytes may be collected. */
  readonly heldBytesMax: number;
  /** Where time is read. */
  readonly clock: Clock;
}

/** The longest that a poll waits, in milliseconds, and what it waits by default. */
const WAIT_MS_MAX = 55_000;
const WAIT_MS = 25_000;
/** How long it waits for more once there is something, in milliseconds. */
const GATHER_MS = 5;

/** Answers a request when there is something to say, or when it has waited long enough. */
export async function longPoll(request: Request, options: LongPollOptions): Promise<Response> {
  const models = requestedPlace(request);
  const wait = Number(new URL(request.url).searchParams.get("wait") ?? WAIT_MS);
  if (models === undefined || !(wait >= 0)) return refusal(400, "ERR_INVALID_ARGUMENT");
  const { open, heldBytesMax, clock } = options;
  const place = new Place();
  const messages: string[] = [];
  let size = 0;
  const woken = new AbortController();
  const connection = open({
    send: (text, event) => {
      const noted = place.note(text, event);
      messages.push(noted);
      size += noted.length;
      if (event !== undefined || isNews(noted)) woken.abort();
    },
    heldBytes: () => size > heldBytesMax ? size : 0,
    close: () => woken.abort(),
  });
  const leave = (): void => woken.abort();
  if (request.signal.aborted) leave();
  request.signal.addEventListener("abort", leave, { once: true });
  for (const [model, after] of models) connection.subscribe(model, after);
  // Something came, the client left, or the time is over.
  await sleep(clock, Math.min(wait, WAIT_MS_MAX), { signal: woken.signal }).catch(() => {});
  if (woken.signal.aborted) await sleep(clock, GATHER_MS);
  request.signal.removeEventListener("abort", leave);
  connection.end();
  return new Response(`[${messages.join(",")}]`, {
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}

/** Whether a client wants to know at once: all but the word that it goes on where it was. */
function isNews(text: string): boolean {
  const message: Json = parseJson(text, "a message of the hub");
  return !(isJsonObject(message) && isJsonObject(message.data) && message.data.reset === false);
}
