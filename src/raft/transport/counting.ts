/**
 * Counters that every transport keeps alike.
 *
 * @module
 */

import type { TransportCounters } from "./port.ts";

/** Counts what a transport does. */
export class Counting {
  sent = 0;
  received = 0;
  bytesSent = 0;
  bytesReceived = 0;
  dropped = 0;
  readonly #refused = new Map<string, number>();

  /** Something was refused. */
  refuse(reason: string): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  /** The figures as they are now. */
  read(): TransportCounters {
    const { sent, received, bytesSent, bytesReceived, dropped } = this;
    const refused = Object.fromEntries(this.#refused);
    return { sent, received, bytesSent, bytesReceived, dropped, refused };
  }
}
