/**
 * What messages about operations say to a document.
 *
 * @module
 */

import type { OpMessage, OpRefusal } from "../protocol/replies.ts";
import type { DocEvent, DocOperation } from "./doc_state.ts";
import { answeredBy, type Unanswered, withoutAt } from "./unanswered.ts";
import { changeFrom, errorFrom, positionOf } from "./wire.ts";

/** A message about an operation: one's own or somebody's. */
export type OperationMessage = OpMessage | OpRefusal;

/** What messages that came together are to a document, and what it has no answer to then. */
export interface DocNews {
  /** One for each message; `undefined` for one that is part of an earlier. */
  readonly events: readonly (DocEvent | undefined)[];
  readonly unanswered: Unanswered;
}

/** The events that messages are. Edits of others which follow each other are one, unless somebody hears each of them. */
export function newsFrom(
  messages: readonly OperationMessage[],
  sent: Unanswered,
  isHeard: boolean,
): DocNews {
  const [only] = messages;
  if (only !== undefined && messages.length === 1) {
    // Mostly one came, and it is the answer (bench/documents_bench.ts).
    const answered = answeredBy(sent, only);
    const events = [eventFrom(only, answered !== -1)];
    return { events, unanswered: withoutAt(sent, answered) };
  }
  let unanswered = sent;
  let edits: DocOperation[] | undefined;
  const events = messages.map((message): DocEvent | undefined => {
    const answered = answeredBy(unanswered, message);
    const isAnswer = answered !== -1;
    unanswered = withoutAt(unanswered, answered);
    const event = eventFrom(message, isAnswer);
    if (isHeard || isAnswer || event.kind !== "op") {
      edits = undefined;
      return event;
    }
    if (edits !== undefined) return void edits.push(event);
    edits = [event];
    return { kind: "ops", ops: edits };
  });
  return { events, unanswered };
}

/** The event that a message is. `isAnswer`: it names what was sent on this connection and is not answered. */
export function eventFrom(message: OperationMessage, isAnswer: boolean): DocEvent {
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
