/**
 * What a message about an operation says to a document.
 *
 * @module
 */

import type { OpMessage, OpRefusal } from "../protocol/replies.ts";
import type { DocEvent } from "./doc_state.ts";
import { changeFrom, errorFrom, positionOf } from "./wire.ts";

/** The event that a message is. `isAnswer`: it names what was sent on this connection and is not answered. */
export function eventFrom(message: OpMessage | OpRefusal, isAnswer: boolean): DocEvent {
  if ("error" in message && message.error !== undefined) {
    return { kind: "refused", error: errorFrom(message.error), sequence: message.seq };
  }
  // What is no refusal has version, source and sequence: readServerMessage() has seen to that.
  const told = message as OpMessage;
  const at = positionOf(told);
  const identity = { source: told.src, sequence: told.seq };
  const change = changeFrom(told);
  // An answer has no change; nor has somebody's operation that does nothing.
  if (!isAnswer || change.kind !== "none") return { kind: "op", at, identity, change };
  const fixups = (told.fixup ?? []).map(({ op }) => ({ kind: "op", op }) as const);
  return { kind: "ack", at, identity, fixups };
}
