/**
 * Operations as messages and as text: written once, however many sockets they leave through.
 *
 * @module
 */

import type { Op } from "../change.ts";
import type { Effect } from "./effects.ts";
import type { OpMessage } from "./replies.ts";
import { opOnWire } from "./wire.ts";

type SendOp = Extract<Effect, { kind: "sendOp" }>;

/** Writes operations, each of which is one object for all who hear of it; what is remembered of it goes when it does. */
export class OpTexts {
  readonly #written = new WeakMap<Op, Written>();
  #last: Written | undefined;

  /** The text of an operation. Its author gets one of its own, with the id that it knows itself by. */
  textOf(effect: SendOp): string {
    if (effect.source !== undefined) return JSON.stringify(this.messageOf(effect));
    const written = this.#of(effect);
    return written.text ??= JSON.stringify(written.message);
  }

  /** An operation as a message: one for all, and nobody's to change. */
  messageOf(effect: SendOp): OpMessage {
    const { message } = this.#of(effect);
    return effect.source === undefined ? message : { ...message, src: effect.source };
  }

  #of({ collection, id, epoch, op }: SendOp): Written {
    // Whoever hears of it hears of it in one go, so that it is nearly always the last.
    const known = this.#last?.op === op ? this.#last : this.#written.get(op);
    // The same operation may be shown as one of several collections.
    if (known?.message.c === collection) return known;
    this.#last = { op, message: opOnWire(collection, id, epoch, op), text: undefined };
    this.#written.set(op, this.#last);
    return this.#last;
  }
}

interface Written {
  readonly op: Op;
  readonly message: OpMessage;
  text: string | undefined;
}
