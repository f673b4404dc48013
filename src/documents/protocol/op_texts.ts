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
  readonly #texts = new WeakMap<Op, { readonly collection: string; readonly text: string }>();

  /** The text of an operation. Its author gets one of its own, with the id that it knows itself by. */
  textOf({ collection, id, epoch, op, source }: Extract<Effect, { kind: "sendOp" }>): string {
    if (source !== undefined) {
      return JSON.stringify({ ...opOnWire(collection, id, epoch, op), src: source });
    }
    const known = this.#texts.get(op);
    // The same operation may be shown as one of several collections.
    if (known?.collection === collection) return known.text;
    const text = JSON.stringify(opOnWire(collection, id, epoch, op));
    this.#texts.set(op, { collection, text });
    return text;
  }
}
