/**
 * A stream of bytes that carries frames: what comes in is cut into frames, and ends the connection where it cannot be.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import { HoldfastError } from "../../errors.ts";
import type { Counting } from "./counting.ts";
import { framed, FrameError, FrameReader } from "./frames.ts";
import { GREETING_BYTES_MAX } from "./greeting.ts";
import type { OpenPipe, Pipe } from "./pipe.ts";

/** What a connection needs. */
export interface ConnectionParts {
  readonly open: OpenPipe;
  readonly clock: Clock;
  readonly counting: Counting;
  /** How long a greeting may take, in milliseconds. */
  readonly greetingMs: number;
}

/** One connection: first the greeting, frame by frame, then messages. */
export class Connection {
  readonly #parts: ConnectionParts;
  #frames = new FrameReader(GREETING_BYTES_MAX);
  #next: { resolve(frame: Uint8Array): void; reject(error: unknown): void } | undefined;
  #greeted: Uint8Array[] = [];
  #onMessage: ((bytes: Uint8Array) => void) | undefined;
  #onEnd: ((reason: string) => void) | undefined;
  #ended: string | undefined;
  #onDrained = (): void => {};
  readonly #cancelGreeting: () => void;
  readonly #pipe: Pipe;

  /** Opens a pipe, or takes one over. */
  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#cancelGreeting = parts.clock.after(parts.greetingMs, () => this.end("silent"));
    this.#pipe = parts.open({
      data: (chunk) => this.#take(chunk),
      drained: () => this.#onDrained(),
      // What ends within a frame was cut off.
      ended: (reason) => {
        this.end(reason === "closed" && this.#frames.isWithin ? "truncated" : reason);
      },
    });
  }

  /** Why it ended, if it has. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** The next frame of the greeting. @throws if the connection ends before. */
  greeting(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const frame = this.#greeted.shift();
      if (frame !== undefined) resolve(frame);
      else if (this.#ended !== undefined) reject(endedError(this.#ended));
      else this.#next = { resolve, reject };
    });
  }

  /** The greeting is over: from now on there are messages of at most so many bytes. */
  begin(bytesMax: number, onMessage: (bytes: Uint8Array) => void): void {
    this.#cancelGreeting();
    this.#frames = new FrameReader(bytesMax);
    this.#onMessage = onMessage;
    // Nobody may speak before it was welcomed.
    if (this.#greeted.length > 0) this.refuse("malformed");
  }

  /** Calls back when it ends, or at once if it has. */
  whenEnded(callback: (reason: string) => void): void {
    if (this.#ended === undefined) this.#onEnd = callback;
    else callback(this.#ended);
  }

  /** Sends one frame. False: it is not taken on at once, so wait for {@linkcode Connection.whenDrained}. */
  send(message: Uint8Array): boolean {
    return this.write(framed(message));
  }

  /** Sends frames that are ready. */
  write(bytes: Uint8Array): boolean {
    if (this.#ended !== undefined) return true;
    this.#parts.counting.bytesSent += bytes.length;
    return this.#pipe.write(bytes);
  }

  /** Calls back when more may be sent. */
  whenDrained(callback: () => void): void {
    this.#onDrained = callback;
  }

  /** Ends it for a reason that is counted. */
  refuse(reason: string): void {
    if (this.#ended === undefined) this.#parts.counting.refuse(reason);
    this.end(reason);
  }

  /** Ends it. */
  end(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#cancelGreeting();
    this.#pipe.close();
    if (reason === "truncated" || reason === "silent") this.#parts.counting.refuse(reason);
    this.#next?.reject(endedError(reason));
    this.#next = undefined;
    this.#onEnd?.(reason);
  }

  #take(chunk: Uint8Array): void {
    if (this.#ended !== undefined) return;
    this.#parts.counting.bytesReceived += chunk.length;
    try {
      for (const frame of this.#frames.push(chunk)) this.#frame(frame);
    } catch (error) {
      // A frame that cannot be, or a message that is none: the stream is of no use any more.
      const isOurs = HoldfastError.is(error, "ERR_MALFORMED");
      if (!isOurs) throw error;
      this.refuse(error instanceof FrameError ? error.fault : "malformed");
    }
  }

  #frame(frame: Uint8Array): void {
    if (this.#ended !== undefined) return;
    if (this.#onMessage !== undefined) return this.#onMessage(frame);
    if (this.#next === undefined) {
      this.#greeted.push(frame);
      if (this.#greeted.length > 1) this.refuse("malformed");
      return;
    }
    this.#next.resolve(frame);
    this.#next = undefined;
  }
}

function endedError(reason: string): HoldfastError {
  return new HoldfastError("ERR_UNAVAILABLE", `Cannot connect as the connection is ${reason}`);
}
