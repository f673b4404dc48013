/**
 * Answers that are streams of events (server-sent events, WHATWG HTML §9.2).
 *
 * A stream belongs to its request and to nothing else: it reads its source only when its client takes what was sent, so
 * a slow client costs no memory; while the source says nothing it sends a comment, so that proxies keep it open and a
 * client that is gone is found out; and it ends with its client, its source and its place among the streams.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { sleep } from "../waiting.ts";
import type { Call } from "./part.ts";

/** One event. */
export interface ServerEvent {
  /** Its name; `message` if left out. */
  readonly event?: string;
  /** What a client that comes back says it has seen last. One line. */
  readonly id?: string;
  /** What it says; without it the event only moves the place to come back to. */
  readonly data?: string;
}

/** How long a stream says nothing before it sends a comment, in milliseconds. */
export const HEARTBEAT_MS = 15_000;

/** How long a client is told to wait before it comes back, in milliseconds. */
const RETRY_MS = 2_000;

/**
 * Answers a call by a stream of events.
 *
 * @param source Gives the events until its signal is aborted; called once, when the client begins to read. What it
 * throws ends the stream, and the client comes back with the last id that it saw.
 * @throws {Refusal} 503 if there are too many streams already.
 */
export function eventStream(
  { request, clock, takeStream, report }: Call,
  source: (signal: AbortSignal) => AsyncIterator<ServerEvent>,
): Response {
  const free = takeStream();
  const gone = new AbortController();
  const end = (): void => {
    request.signal.removeEventListener("abort", end);
    gone.abort();
    free();
  };
  request.signal.addEventListener("abort", end, { once: true });
  if (request.signal.aborted) end();
  const encoder = new TextEncoder();
  const reader = new EventReader(() => source(gone.signal), clock);
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const text = gone.signal.aborted ? undefined : await reader.next();
        if (text !== undefined && !gone.signal.aborted) {
          return controller.enqueue(encoder.encode(text));
        }
      } catch (error) {
        // The source failed, or ended with its client.
        if (!gone.signal.aborted) report(error);
      }
      end();
      if (!isCancelled) controller.close();
    },
    cancel: () => {
      isCancelled = true;
      end();
    },
  }, { highWaterMark: 0 });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      // Some proxies gather what they pass on unless they are told.
      "x-accel-buffering": "no",
    },
  });
}

/** An event as it is sent. */
export function eventText({ event, id, data }: ServerEvent): string {
  const lines = data?.split(/\r\n|[\r\n]/).map((line) => `data: ${line}\n`) ?? [];
  return [
    id === undefined ? "" : `id: ${id}\n`,
    event === undefined ? "" : `event: ${event}\n`,
    ...lines,
    "\n",
  ].join("");
}

/** What a stream sends next: its events, and comments while there are none. */
class EventReader {
  readonly #open: () => AsyncIterator<ServerEvent>;
  readonly #clock: Clock;
  #events: AsyncIterator<ServerEvent> | undefined;
  #isAsking = false;
  #answer:
    | { readonly result: IteratorResult<ServerEvent> }
    | { readonly error: unknown }
    | undefined;
  #wake = (): void => {};

  constructor(open: () => AsyncIterator<ServerEvent>, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  /** The next text; `undefined` at the end. */
  async next(): Promise<string | undefined> {
    if (this.#events === undefined) {
      this.#events = this.#open();
      return `retry: ${RETRY_MS}\n\n`;
    }
    if (!this.#isAsking) this.#ask(this.#events);
    if (this.#answer === undefined) await this.#wait();
    const answer = this.#answer;
    if (answer === undefined) return ":\n\n";
    [this.#isAsking, this.#answer] = [false, undefined];
    if ("error" in answer) throw answer.error;
    return answer.result.done === true ? undefined : eventText(answer.result.value);
  }

  /** Asks for one event, whose coming ends the waiting of then. */
  #ask(events: AsyncIterator<ServerEvent>): void {
    this.#isAsking = true;
    events.next().then((result) => ({ result }), (error: unknown) => ({ error })).then((answer) => {
      this.#answer = answer;
      this.#wake();
    });
  }

  async #wait(): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    // Woken, or the time is up: whoever waits looks what it was.
    await sleep(this.#clock, HEARTBEAT_MS, { signal: woken.signal }).catch(() => {});
  }
}
