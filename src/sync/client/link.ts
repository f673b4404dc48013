/**
 * The way of a client to its hub, kept up: opens a road, asks and is answered, notices silence, and comes back after
 * every end, for as long as it is not closed.
 *
 * @module
 */

import { backoffMs } from "../../backoff.ts";
import type { Clock } from "../../clock.ts";
import { isJsonObject, type Json, type JsonObject } from "../../json.ts";
import type { Random } from "../../random.ts";
import {
  type FetchRoadOptions,
  openFetchRoad,
  openSocket,
  type Road,
  type SocketClass,
} from "./roads.ts";
import { type ClientMessage, CLOSE_CODES, HEARTBEAT_MS } from "../messages.ts";

/** The bounds of the waits before a client comes back, or sends a write again. Their number has none. */
export const RETRY = { firstMs: 500, ceilingMs: 30_000 } as const;
/** How long a request waits for its answer. */
export const ANSWER_MS = 10_000;
/** The most requests that wait for their answers. */
const REQUESTS_MAX = 1_000;

/** Where and how a client connects. */
export interface LinkOptions {
  /** Where the hub is: `ws:` and `wss:` by a WebSocket, `http:` and `https:` by an event stream and requests. */
  readonly url: string;
  /** Who connects; asked anew for every road. */
  readonly token: () => string | undefined | Promise<string | undefined>;
  /** The constructor of WebSockets. */
  readonly Socket: SocketClass | undefined;
  /** The host's `fetch`. */
  readonly fetch: typeof fetch;
  /** Time. */
  readonly clock: Clock;
  /** Dice. */
  readonly random: Random;
}

/** Who uses a link. */
export interface LinkListener {
  /** The client's name. */
  readonly client: string;
  /** What to hear of over an event stream. */
  models(): FetchRoadOptions["models"];
  /** Messages can be sent. */
  opened(): void;
  /** Messages cannot be sent, and no answer comes to those that were. */
  ended(code: number): void;
  /** A message that is nobody's answer. */
  arrived(message: JsonObject): void;
  /** The token could not be had, or no road begun. */
  failed(error: unknown): void;
}

/** Called with the answer to a request: the hub's, or one of our own with the code `ERR_TIMEOUT` or `ERR_CLOSED`. */
export type Answered = (reply: JsonObject) => void;

/** A connection that comes back. */
export class Link {
  /** Whether requests go by POST, each on its own. */
  readonly isFetch: boolean;
  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  readonly #waiting = new Map<string, Answered>();
  #road: Road | undefined;
  #isOpen = false;
  #isClosed = false;
  /** Counts roads, so that what a former one tells late is not heard. */
  #roads = 0;
  #attempt = 0;
  #asked = 0;
  #heartbeatMs = HEARTBEAT_MS;
  #heardAtMs = 0;
  #stopWaiting = (): void => {};
  #stopWatching = (): void => {};

  /** Makes a link, and does nothing yet. */
  constructor(options: LinkOptions, listener: LinkListener) {
    this.#options = options;
    this.#listener = listener;
    this.isFetch = options.url.startsWith("http");
  }

  /** Whether messages can be sent now. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Opens a road at once, unless there is one. */
  open(): void {
    if (this.#isClosed || this.#road !== undefined) return;
    this.#stopWaiting();
    void this.#open(++this.#roads);
  }

  /** Ends the road, if there is one, and opens another at once. */
  restart(): void {
    this.#end(CLOSE_CODES.done, 0);
    this.open();
  }

  /** Ends for good. */
  close(): void {
    this.#isClosed = true;
    this.#end(CLOSE_CODES.done, 0);
  }

  /** Sends a message that wants no answer, if it can be sent now. */
  tell(message: ClientMessage): void {
    const { id: _id, ...untold } = message;
    if (this.#isOpen) this.#road?.send(untold);
  }

  /** Sends a request now. The answer is told once, and not within this call. */
  ask(message: ClientMessage, answered: Answered): void {
    const id = String(++this.#asked);
    const refuse = (code: string): unknown =>
      this.#answer({ id, event: message.event, data: null, code });
    const stop = this.#options.clock.after(ANSWER_MS, () => refuse("ERR_TIMEOUT"));
    this.#waiting.set(id, (reply) => {
      stop();
      answered(reply);
    });
    if (!this.#isOpen || this.#waiting.size > REQUESTS_MAX) {
      queueMicrotask(() => refuse("ERR_CLOSED"));
    } else this.#road?.send({ ...message, id });
  }

  async #open(road: number): Promise<void> {
    const { url, token, Socket, fetch } = this.#options;
    const isCurrent = (): boolean => road === this.#roads;
    const listener = {
      opened: () => isCurrent() && this.#opened(),
      arrived: (message: Json | undefined) => isCurrent() && this.#arrived(message),
      ended: (code: number) => isCurrent() && this.#end(code, 0),
    };
    this.#watch();
    try {
      const bearer = await token();
      if (!isCurrent()) return;
      this.#road = Socket === undefined
        ? openFetchRoad({ url, token: bearer, models: this.#listener.models(), fetch }, listener)
        : openSocket(url, bearer, Socket, listener);
    } catch (error) {
      // The user's own function, or a page that may not connect: it may have better luck next time.
      if (!isCurrent()) return;
      this.#listener.failed(error);
      this.#end(CLOSE_CODES.done, 0);
    }
  }

  #opened(): void {
    this.#isOpen = true;
    if (!this.isFetch) {
      this.ask(
        { event: "$sync:hello", data: { version: 1, client: this.#listener.client } },
        ({ data }) => {
          const { heartbeatMs } = Object(data);
          if (heartbeatMs >= 1_000) this.#heartbeatMs = heartbeatMs;
        },
      );
    }
    this.#listener.opened();
  }

  #arrived(message: Json | undefined): void {
    this.#heardAtMs = this.#options.clock.monotonic();
    if (!isJsonObject(message)) return;
    this.#attempt = 0;
    // An answer that nobody waits for any more is no event: the same was asked again, or given up.
    if (this.#answer(message) || message.id !== undefined) return;
    if (message.event === "$sync:bye") {
      const { afterMs } = Object(message.data);
      return this.#end(CLOSE_CODES.going, afterMs > 0 ? Number(afterMs) : 0);
    }
    if (message.event === "$sync:ping" && !this.isFetch) this.tell({ event: "$sync:ping" });
    this.#listener.arrived(message);
  }

  /** Gives an answer to who waits for it. Says whether somebody does. */
  #answer(reply: JsonObject): boolean {
    const id = String(reply.id);
    const answered = this.#waiting.get(id);
    this.#waiting.delete(id);
    answered?.(reply);
    return answered !== undefined;
  }

  /** Ends a road that was silent for more than two heartbeats. */
  #watch(): void {
    const { clock } = this.#options;
    this.#heardAtMs = clock.monotonic();
    const look = (): void => {
      const silentMs = clock.monotonic() - this.#heardAtMs;
      // An event stream of nothing is never heard of, and need not be.
      const isNeeded = !this.isFetch || this.#listener.models().length > 0;
      if (isNeeded && silentMs > 2.5 * this.#heartbeatMs) this.#end(CLOSE_CODES.silent, 0);
      else this.#stopWatching = clock.after(this.#heartbeatMs, look);
    };
    this.#stopWatching();
    this.#stopWatching = clock.after(this.#heartbeatMs, look);
  }

  #end(code: number, afterMs: number): void {
    const { clock, random } = this.#options;
    this.#roads++;
    this.#road?.close();
    this.#road = undefined;
    this.#isOpen = false;
    this.#stopWatching();
    this.#stopWaiting();
    for (const id of [...this.#waiting.keys()]) {
      this.#answer({ id, event: "", data: null, code: "ERR_CLOSED" });
    }
    this.#listener.ended(code);
    if (this.#isClosed) return;
    // Who was told to stay away for its mistakes does not come back soon.
    if (code === CLOSE_CODES.strikes) this.#attempt = 99;
    const waitMs = Math.min(afterMs, 3_600_000) + backoffMs(this.#attempt++, RETRY, random);
    this.#stopWaiting = clock.after(waitMs, () => this.open());
  }
}
