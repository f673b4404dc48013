/**
 * Sockets from clients to hubs within the process, slow and easily cut.
 *
 * @module
 */

import type { Clock } from "../../../src/clock.ts";
import type { SocketClass, SocketLike } from "../../../src/sync/client/roads.ts";
import type { SyncConnection, SyncHub, SyncSubject } from "../../../src/sync/mod.ts";
import type { Dice } from "../../src/queries/draw.ts";

/** What sockets need. */
export interface WireOptions {
  readonly dice: Dice;
  readonly clock: Clock;
  /** The hub that a new socket comes to. */
  readonly hub: () => SyncHub<SyncSubject>;
  /** Who connects. */
  readonly subject: SyncSubject;
  /** What cuts each open socket. */
  readonly cuts: Set<() => void>;
}

/** A constructor of sockets. */
export function socketsOf(options: WireOptions): SocketClass {
  return class implements SocketLike {
    onopen: unknown;
    onmessage: unknown;
    onclose: unknown;
    onerror: unknown;
    readonly #up = new Lane(options);
    readonly #down = new Lane(options);
    readonly #cut = (): void => this.#over(1006);
    #connection: SyncConnection | undefined;
    #isOver = false;

    constructor() {
      options.cuts.add(this.#cut);
      const channel = {
        send: (data: string) => this.#down.send(() => call(this.onmessage, { data })),
        heldBytes: () => 0,
        close: (code: number) => this.#down.send(() => this.#over(code)),
      };
      options.hub().connect(channel, { subject: options.subject }).then((connection) => {
        this.#connection = connection;
        if (this.#isOver) connection.end();
        else this.#down.send(() => call(this.onopen, {}));
      }, () => this.#over(1013));
    }

    send(text: string): void {
      this.#up.send(() => this.#connection?.receive(text));
    }

    close(): void {
      this.#over(1000);
    }

    #over(code: number): void {
      if (this.#isOver) return;
      this.#isOver = true;
      options.cuts.delete(this.#cut);
      this.#up.end();
      this.#down.end();
      this.#connection?.end();
      call(this.onclose, { code });
    }
  };
}

/** A `fetch` of the hubs, whose answers are easily cut. */
export function fetchOf({ dice, hub, cuts }: Omit<WireOptions, "subject">): typeof fetch {
  return async (input, init) => {
    const stop = new AbortController();
    const gone = new Promise<never>((_, reject) => {
      stop.signal.onabort = () => reject(new TypeError("The way was cut"));
    });
    gone.catch(() => {});
    const cut = (): void => stop.abort();
    cuts.add(cut);
    try {
      const response = await Promise.race([hub().handle(new Request(input, init)), gone]);
      // What was done is not always told.
      if (dice(0, 30) === 0) stop.abort();
      stop.signal.throwIfAborted();
      const body = response.body?.pipeThrough(new TransformStream(), { signal: stop.signal });
      return new Response(body ?? null, response);
    } catch (error) {
      cuts.delete(cut);
      throw error;
    }
  };
}

/** One way of a socket: what is sent arrives in its order, soon or late, or not at all once the socket is over. */
class Lane {
  readonly #options: WireOptions;
  #dueMs = 0;
  #waiting = 0;
  #isOver = false;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  send(arrive: () => void): void {
    const { clock, dice } = this.#options;
    const nowMs = clock.monotonic();
    this.#dueMs = Math.max(this.#dueMs, nowMs + (dice(0, 6) === 0 ? dice(1, 60) : 0));
    const isSoon = this.#dueMs === nowMs && this.#waiting === 0;
    this.#waiting++;
    const arrived = (): void => {
      this.#waiting--;
      if (!this.#isOver) arrive();
    };
    if (isSoon) queueMicrotask(arrived);
    else clock.after(this.#dueMs - nowMs, arrived);
  }

  end(): void {
    this.#isOver = true;
  }
}

function call(listener: unknown, event: object): void {
  if (typeof listener === "function") listener(event);
}
