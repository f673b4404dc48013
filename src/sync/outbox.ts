/**
 * What waits for a connection that reads more slowly than it is told: coalesced, then dropped for a reset, then the
 * connection is given up. So a reader that has stopped costs a bounded amount of memory and nobody else's time.
 *
 * Invariants:
 * 1. What is taken out is in the order in which it came, but for a change that a later one of the same record replaced:
 *    that one takes the place of the later one.
 * 2. An answer is never dropped. Changes are dropped for all models at once, and each model whose changes were dropped
 *    gets one reset, with the cursor of the last that was dropped.
 *
 * @module
 */

import type { ModelEvent } from "./model_event.ts";
import { CONTROL } from "./messages.ts";

/** The bounds of one connection's outbox. */
export interface OutboxBounds {
  /** How many bytes the transport may hold before messages wait here and are coalesced. */
  readonly coalesceBytes: number;
  /** How many bytes may wait here before changes are dropped for a reset. */
  readonly resetBytes: number;
  /** How many bytes may wait here and in the transport before the connection is closed. */
  readonly closeBytes: number;
  /** How long the oldest message may wait, in milliseconds, before changes are dropped for a reset. */
  readonly resetMs: number;
  /** How long nothing may move, in milliseconds, before the connection is closed. */
  readonly closeMs: number;
}

/** One message that waits. */
export interface Waiting {
  /** The message. */
  readonly text: string;
  /** The change it tells of; `undefined` for an answer. */
  readonly event: ModelEvent | undefined;
}

/** What waits for one connection. Sizes are counted in UTF-16 units, a lower bound of bytes. */
export class Outbox {
  #waiting = new Map<string, Waiting>();
  #order = 0;
  #size = 0;
  #sinceMs = 0;
  #movedMs = 0;
  readonly #bounds: OutboxBounds;

  /** Begins empty. */
  constructor(bounds: OutboxBounds) {
    this.#bounds = bounds;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** How much waits. */
  get size(): number {
    return this.#size;
  }

  /** Whether a transport that holds so much takes more. */
  hasRoom(heldBytes: number): boolean {
    return heldBytes < this.#bounds.coalesceBytes;
  }

  /** Adds a message, or a change that may replace an earlier one of its record. */
  add(text: string, event: ModelEvent | undefined, nowMs: number): void {
    if (this.isEmpty) this.#sinceMs = this.#movedMs = nowMs;
    this.#put(text, event);
    const isLate = nowMs - this.#sinceMs > this.#bounds.resetMs;
    if (this.#size > this.#bounds.resetBytes || isLate) this.#reset(nowMs);
  }

  /** Takes the next message, if the transport has room for it. */
  take(heldBytes: number, nowMs: number): Waiting | undefined {
    if (!this.hasRoom(heldBytes)) return undefined;
    const [next] = this.#waiting;
    if (next === undefined) return undefined;
    this.#remove(next[0]);
    this.#movedMs = nowMs;
    return next[1];
  }

  /** Whether the connection is to be given up: too much waits, or for too long. */
  isHopeless(heldBytes: number, nowMs: number): boolean {
    if (this.isEmpty) return false;
    const { closeBytes, closeMs } = this.#bounds;
    return this.#size + heldBytes > closeBytes || nowMs - this.#movedMs > closeMs;
  }

  /** Puts one reset per model in the place of all changes. */
  #reset(nowMs: number): void {
    const last = new Map<string, ModelEvent>();
    for (const [key, { event }] of this.#waiting) {
      if (event === undefined) continue;
      const known = last.get(event.model);
      if (known === undefined || known.seq < event.seq) last.set(event.model, event);
      this.#remove(key);
    }
    this.#sinceMs = nowMs;
    for (const event of last.values()) {
      // No record is called so: a reset is replaced by a later reset alone.
      const reset = { ...event, record: "" };
      this.#put(resetText(event.model, event.cursor, event.seq), reset);
    }
  }

  #put(text: string, event: ModelEvent | undefined): void {
    const key = event === undefined
      ? `#${this.#order++}`
      : `${event.model.length}:${event.model}${event.record}`;
    this.#remove(key);
    this.#waiting.set(key, { text, event });
    this.#size += text.length;
  }

  #remove(key: string): void {
    const known = this.#waiting.get(key);
    if (known === undefined) return;
    this.#waiting.delete(key);
    this.#size -= known.text.length;
  }
}

/** The message that says: read this model anew. */
export function resetText(model: string, cursor: string, seq: number): string {
  return JSON.stringify({ event: `${CONTROL}:reset`, data: { model, cursor, seq } });
}
