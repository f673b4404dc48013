/**
 * The way out of one connection: at once while its transport keeps up, else through its outbox.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { ModelEvent } from "./model_event.ts";
import { Outbox, type OutboxBounds } from "./outbox.ts";

/** The transport's side of a connection. */
export interface Channel {
  /** Sends a message, in order; with the change it tells of. Must not throw after the other side is gone. */
  send(text: string, event?: ModelEvent): void;
  /** How many bytes it holds that the other side has not taken. */
  heldBytes(): number;
  /** Closes, after what was sent. Called once. */
  close(code: number): void;
}

/** How many bytes may be sent before the transport is asked again how many it holds. */
const UNASKED_SIZE = 65_536;

/** Sends the messages of one connection. */
export class Sender {
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  #unasked = UNASKED_SIZE;

  /** Sends nothing yet. */
  constructor(channel: Channel, bounds: OutboxBounds, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
    this.#outbox = new Outbox(bounds);
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#outbox.isEmpty;
  }

  /** Whether the other side does not read, so that the connection is to be given up. */
  get isHopeless(): boolean {
    return !this.isEmpty &&
      this.#outbox.isHopeless(this.#channel.heldBytes(), this.#clock.monotonic());
  }

  /** Sends a message, or lets it wait. */
  send(text: string, event?: ModelEvent): void {
    if (this.isEmpty && this.#hasRoom(text.length)) this.#channel.send(text, event);
    else this.#outbox.add(text, event, this.#clock.monotonic());
  }

  /** Sends what waits, as far as the transport takes it. */
  flush(): void {
    while (!this.isEmpty) {
      const next = this.#outbox.take(this.#channel.heldBytes(), this.#clock.monotonic());
      if (next === undefined) return;
      this.#channel.send(next.text, next.event);
    }
  }

  /** Drops what waits of one model. */
  drop(model: string): void {
    this.#outbox.drop(model);
  }

  #hasRoom(size: number): boolean {
    this.#unasked -= size;
    if (this.#unasked > 0) return true;
    if (!this.#outbox.hasRoom(this.#channel.heldBytes())) return false;
    this.#unasked = UNASKED_SIZE;
    return true;
  }
}
