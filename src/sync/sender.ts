/**
 * The way out of one connection: at once while its transport keeps up, else through its outbox.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Gate } from "./gate.ts";
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

/** What a sender is made of. */
export interface SenderOptions {
  /** The transport. */
  readonly channel: Channel;
  /** The gate that is shut while something waits. */
  readonly gate: Gate;
  /** How much may wait. */
  readonly bounds: OutboxBounds;
  /** Where time is read. */
  readonly clock: Clock;
}

/** Sends the messages of one connection. */
export class Sender {
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  readonly #gate: Gate;

  /** Sends nothing yet. */
  constructor({ channel, gate, bounds, clock }: SenderOptions) {
    this.#channel = channel;
    this.#gate = gate;
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
    if (this.isEmpty && this.#hasRoom(text.length)) return this.#channel.send(text, event);
    this.#outbox.add(text, event, this.#clock.monotonic());
    this.#gate.shut("waiting", true);
  }

  /** Sends what waits, as far as the transport takes it. */
  flush(): void {
    while (!this.isEmpty) {
      const next = this.#outbox.take(this.#channel.heldBytes(), this.#clock.monotonic());
      if (next === undefined) return;
      this.#channel.send(next.text, next.event);
    }
    this.#gate.shut("waiting", false);
  }

  #hasRoom(size: number): boolean {
    if (this.#gate.spends(size)) return true;
    if (!this.#outbox.hasRoom(this.#channel.heldBytes())) return false;
    this.#gate.refill();
    return true;
  }
}
