/**
 * A session of SockJS over HTTP: what waits for the client, and the one response that may carry it now.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { ModelEvent } from "../model_event.ts";
import type { Channel } from "../sender.ts";
import { closeFrame, HEARTBEAT_FRAME, messagesFrame, OPEN_FRAME, type Quote } from "./frames.ts";

/** A response that carries frames. */
export interface Receiver {
  /** Writes a frame. Whether there is room for another. */
  write(frame: string): boolean;
  /** Ends the response. */
  end(): void;
}

/** How often a session shows a sign of life, in milliseconds. */
const HEARTBEAT_MS = 25_000;
/** How long a session lives without a response to write to, in milliseconds. */
const ALONE_MS = 5_000;

/** A session. */
export class SockjsSession implements Channel {
  readonly #clock: Clock;
  readonly #quote: Quote;
  readonly #onOver: () => void;
  #waiting: string[] = [];
  #size = 0;
  #receiver: Receiver | undefined;
  #isOpened = false;
  #closing: string | undefined;
  #cancel = (): void => {};

  /** Begins with nobody to write to; `onOver` is called once nobody has come for too long. */
  constructor(clock: Clock, quote: Quote, onOver: () => void) {
    this.#clock = clock;
    this.#quote = quote;
    this.#onOver = onOver;
  }

  /** Whether it is closed, and only says so. */
  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** A response that can carry frames came. */
  attach(receiver: Receiver): void {
    if (this.#receiver !== undefined) {
      receiver.write(closeFrame(2010, "Another connection still open"));
      return receiver.end();
    }
    this.#cancel();
    this.#receiver = receiver;
    if (!this.#isOpened) {
      this.#isOpened = true;
      if (!this.#write(OPEN_FRAME)) return;
    }
    this.#flush();
    if (this.#receiver !== undefined) this.#beat();
  }

  /** The response ended before its time: the client may have lost what was in it. */
  interrupt(receiver: Receiver): void {
    if (this.#receiver !== receiver) return;
    this.#closing ??= closeFrame(1002, "Connection interrupted");
    this.#detach();
  }

  /** Lets a message wait, or writes it at once. */
  send(text: string, event?: ModelEvent): void {
    const message = this.#quote(text, event);
    this.#waiting.push(message);
    this.#size += message.length;
    this.#flush();
  }

  /** How much waits. */
  heldBytes(): number {
    return this.#size;
  }

  /** Closes: whoever comes from now on is told. */
  close(code: number): void {
    this.#flush();
    this.#closing ??= code === 1000
      ? closeFrame(3000, "Go away!")
      : closeFrame(code, "Closed by the hub");
    this.#flush();
  }

  /** Forgets everything at once. */
  end(): void {
    this.#cancel();
    this.#receiver?.end();
    this.#receiver = undefined;
  }

  #flush(): void {
    if (this.#receiver === undefined) return;
    if (this.#waiting.length > 0) {
      const frame = messagesFrame(this.#waiting);
      this.#waiting = [];
      this.#size = 0;
      if (!this.#write(frame)) return;
    }
    if (this.#closing === undefined) return;
    this.#receiver.write(this.#closing);
    this.#receiver.end();
    this.#detach();
  }

  #write(frame: string): boolean {
    if (this.#receiver?.write(frame)) return true;
    this.#receiver?.end();
    this.#detach();
    return false;
  }

  #beat(): void {
    this.#cancel = this.#clock.after(HEARTBEAT_MS, () => {
      if (this.#write(HEARTBEAT_FRAME)) this.#beat();
    });
  }

  #detach(): void {
    this.#cancel();
    this.#receiver = undefined;
    this.#cancel = this.#clock.after(ALONE_MS, this.#onOver);
  }
}
