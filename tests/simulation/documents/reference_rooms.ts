/**
 * The rooms of the smallest server: who is there is told to everybody who is there.
 *
 * @module
 */

import type { Message, Session } from "./reference_server.ts";

/** A message about a room, and who is around. */
export interface RoomMessage {
  readonly sessions: ReadonlySet<Session>;
  readonly session: Session;
  readonly message: Message;
  readonly reply: (rest: Message) => void;
  readonly hasNoPresence: boolean;
}

/** A message about a room came. */
export function hearPresence(
  { sessions, session, message, reply, hasNoPresence }: RoomMessage,
): void {
  const { a, ch, seq, id, p } = message;
  const { rooms, present } = session;
  if (a === "p" || a === "pr") {
    if (a === "p" && p === null) present.delete(id);
    else if (a === "p") present.set(id, message);
    return tellRoom(sessions, { ...message, src: session.id.split(".")[0] });
  }
  if (hasNoPresence) {
    return reply({ ch, seq, error: { code: "ERR_PRESENCE_DISABLED", message: "Refused" } });
  }
  if (a === "pu") rooms.delete(ch);
  else {
    tellRoom(sessions, { a: "pr", ch });
    rooms.add(ch);
  }
  reply({ ch, seq });
}

/** A session ended: what it was present with is gone. */
export function leaveRooms(sessions: ReadonlySet<Session>, session: Session): void {
  const src = session.id.split(".")[0];
  for (const [id, { ch, pv }] of session.present) {
    tellRoom(sessions, { a: "p", ch, id, p: null, pv: pv + 1, src });
  }
}

function tellRoom(sessions: ReadonlySet<Session>, message: Message): void {
  for (const { rooms, send } of sessions) if (rooms.has(message.ch)) send(message);
}
