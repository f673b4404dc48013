/**
 * Operations as text: written once, however many sockets they leave through.
 *
 * @module
 */

import type { Op } from "../change.ts";
import type { Effect } from "./effects.ts";
import { opOnWire } from "./wire.ts";

/** Writes operations, each of which is one object for all who hear of it; what is remembered of it goes when it does. */
export class OpTexts {
  readonly #texts = new WeakMap<Op, OpText>();
  #last: OpText | undefined;

  /** The text of an operation. Its author gets one of its own, with the id that it knows itself by. */
  textOf({ collection, id, epoch, op, source }: Extract<Effect, { kind: "sendOp" }>): string {
    if (source !== undefined) {
      return JSON.stringify({ ...opOnWire(collection, id, epoch, op), src: source });
    }
    // Whoever hears of it hears of it in one go, so that it is nearly always the last.
    const known = this.#last?.op === op ? this.#last : this.#texts.get(op);
    // The same operation may be shown as one of several collections.
    if (known?.collection === collection) return known.text;
    const text = JSON.stringify(opOnWire(collection, id, epoch, op));
    this.#last = { op, collection, text };
    this.#texts.set(op, this.#last);
    return text;
  }
}

interface OpText {
  readonly op: Op;
  readonly collection: string;
  readonly text: string;
}
