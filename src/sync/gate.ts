/**
 * Whether changes may go straight from the feed to the transport: the way of nearly all of them. A connection that writes,
 * waits or ends shuts its gate, and its changes take the long way through the session and the sender.
 *
 * @module
 */

import type { ModelEvent } from "./model_event.ts";

/** What sends. */
export interface GateChannel {
  /** Sends a message. */
  send(text: string, event?: ModelEvent): void;
}

/** Why a gate is shut. */
export type GateReason = "writing" | "waiting" | "closed";

/** How many characters may be sent before the transport is asked again how many bytes it holds. */
const UNASKED_SIZE = 65_536;

/** The gate of one connection. One small object, because a broadcast looks at thousands of them. */
export class Gate {
  readonly #channel: GateChannel;
  #isOpen = true;
  #unasked = UNASKED_SIZE;
  readonly #reasons = new Set<GateReason>();

  /** Begins open. */
  constructor(channel: GateChannel) {
    this.#channel = channel;
  }

  /** Sends a change at once, if the gate is open. Whether it was. */
  pass(text: string, event: ModelEvent): boolean {
    if (!this.#isOpen || this.#unasked < text.length) return false;
    this.#unasked -= text.length;
    this.#channel.send(text, event);
    return true;
  }

  /** Shuts the gate for a reason, or lets go of it. */
  shut(reason: GateReason, isShut: boolean): void {
    if (isShut) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    this.#isOpen = this.#reasons.size === 0;
  }

  /** Whether the transport need not be asked yet for another message of this size. */
  spends(size: number): boolean {
    this.#unasked -= size;
    return this.#unasked > 0;
  }

  /** The transport was asked, and has room. */
  refill(): void {
    this.#unasked = UNASKED_SIZE;
  }
}
