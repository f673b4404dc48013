/**
 * The requests of one connection, one lane per model: they are carried out in turn, and while one of them writes, the
 * changes of its model are held back.
 *
 * @module
 */

import type { ClientMessage } from "./messages.ts";
import type { ModelEvent } from "./model_event.ts";
import { Outbox, type Waiting } from "./outbox.ts";

/** A request in its lane. */
export interface LaneRequest {
  /** What to do. */
  readonly verb: string;
  /** The message that asks for it. */
  readonly message: ClientMessage;
}

interface Lane {
  readonly waiting: LaneRequest[];
  isWriting: boolean;
  readonly held: Outbox;
}

/** What is held back is coalesced, and dropped for a reset past this size. */
const HELD_BYTES_MAX: number = 4 * 1024 * 1024;
const HELD_BOUNDS = {
  coalesceBytes: Infinity,
  resetBytes: HELD_BYTES_MAX,
  closeBytes: Infinity,
  resetMs: Infinity,
  closeMs: Infinity,
};

/** All lanes of one connection. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  /** Whether nothing is being carried out. */
  get isEmpty(): boolean {
    return this.#lanes.size === 0;
  }

  /** Whether something of this model is being carried out. */
  has(model: string): boolean {
    return this.#lanes.has(model);
  }

  /** Puts a request into its lane. Whether it may begin now. */
  enter(model: string, request: LaneRequest): boolean {
    const lane = this.#lanes.get(model);
    if (lane !== undefined) {
      lane.waiting.push(request);
      return false;
    }
    const isWriting = request.verb !== "read";
    this.#lanes.set(model, { waiting: [], isWriting, held: new Outbox(HELD_BOUNDS) });
    return true;
  }

  /** Holds a change back, if its model is being written. */
  holds(event: ModelEvent, text: string, nowMs: number): boolean {
    const lane = this.#lanes.get(event.model);
    if (!lane?.isWriting) return false;
    lane.held.add(text, event, nowMs);
    return true;
  }

  /** A request is done: what was held back meanwhile, and the request that begins now. */
  leave(model: string, nowMs: number): {
    readonly held: readonly Waiting[];
    readonly next: LaneRequest | undefined;
  } {
    const lane = this.#lanes.get(model);
    const held: Waiting[] = [];
    for (let one = lane?.held.take(0, nowMs); one !== undefined;) {
      held.push(one);
      one = lane?.held.take(0, nowMs);
    }
    const next = lane?.waiting.shift();
    if (lane === undefined || next === undefined) this.#lanes.delete(model);
    else lane.isWriting = next.verb !== "read";
    return { held, next };
  }
}
