/**
 * Operations as messages and as text: written once, however many sockets they leave through.
 *
 * Within the process an edit goes to everybody as one value where nobody could change it: types that are made here
 * change no operation, clients tell their listeners copies, and what it inserts is no object.
 *
 * @module
 */

import { isJsonObject } from "../../json.ts";
import type { OtType } from "../../ot/mod.ts";
import type { Op } from "../change.ts";
import { isOwnType } from "../document_state.ts";
import type { Effect } from "./effects.ts";
import type { OpMessage } from "./replies.ts";
import { opOnWire } from "./wire.ts";

type SendOp = Extract<Effect, { kind: "sendOp" }>;

/** Of so many operations it is remembered how they were written: those that many who edit at once miss of each other. */
export const WRITTEN_MAX = 64;
/** The most characters of a text that is remembered when another operation is written. */
const KEPT_TEXT_MAX = 8_192;

/** Writes operations, each of which is one object for all who hear of it. */
export class OpTexts {
  /** By version, as those that are written at once follow each other. */
  readonly #written: Written[] = [];
  readonly #mayShare: boolean;
  #last: Written | undefined;

  /** Of documents of these types. */
  constructor(types: readonly OtType[]) {
    this.#mayShare = types.every(isOwnType);
  }

  /** The text of an operation. Its author gets one of its own, with the id that it knows itself by. */
  textOf(effect: SendOp): string {
    if (effect.source !== undefined) return JSON.stringify(messageOf(this.#of(effect), effect));
    const written = this.#of(effect);
    const text = written.text ?? JSON.stringify(written.message);
    if (written === this.#last || text.length <= KEPT_TEXT_MAX) written.text = text;
    return text;
  }

  /** Tells an operation as a message; with whether who gets it may share it with others. */
  tell(effect: SendOp, tell: (message: OpMessage, isShared: boolean) => void): void {
    const written = this.#of(effect);
    tell(messageOf(written, effect), written.isShared);
  }

  #of({ collection, id, epoch, op }: SendOp): Written {
    const place = op.version % WRITTEN_MAX;
    const known = this.#written[place];
    // The same operation may be shown as one of several collections.
    if (known?.op === op && known.message.c === collection) return known;
    const before = this.#last?.text;
    if (this.#last && before && before.length > KEPT_TEXT_MAX) this.#last.text = undefined;
    const message = opOnWire(collection, id, epoch, op);
    const isShared = this.#mayShare && op.kind === "op" && isFlat(op.op);
    return this.#last = this.#written[place] = { op, message, isShared, text: undefined };
  }
}

interface Written {
  readonly op: Op;
  readonly message: OpMessage;
  readonly isShared: boolean;
  text: string | undefined;
}

function messageOf({ message }: Written, { source }: SendOp): OpMessage {
  return source === undefined ? message : { ...message, src: source };
}

/** Whether the steps of an edit hold, but for their paths, only what JSON carries as it is and nobody can change. */
function isFlat(edit: unknown): boolean {
  return Array.isArray(edit) &&
    edit.every((step) => isJsonObject(step) ? isFlatStep(step) : isScalar(step));
}

function isFlatStep(step: Readonly<Record<string, unknown>>): boolean {
  for (const field in step) {
    const value = step[field];
    const isPath = field === "p" && Array.isArray(value);
    if (isPath ? !value.every(isScalar) : !isScalar(value)) return false;
  }
  return true;
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean" || value === null ||
    (Number.isFinite(value) && !Object.is(value, -0));
}
