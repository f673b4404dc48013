/**
 * A change of a room as one line of text, and the rules of what a room may hold.
 *
 * The line is `-member` for each who left, then `+member meta` for one who came or changed, joined by spaces; so a script
 * in a store can put it together by joining strings.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import {
  MEMBERS_PER_CALL_MAX,
  META_BYTES_MAX,
  type PresenceMember,
  ROOM_LENGTH_MAX,
  TTL_MS_MAX,
} from "./port.ts";

const MEMBER = /^[\x21-\x7e]{1,128}$/;
const TAG = /^[\w-]{1,32}$/;

/** What happened in one change of a room. */
export interface PresenceChange {
  /** Who came, or changed their meta. */
  readonly joined: readonly PresenceMember[];
  /** The names of those who left. */
  readonly left: readonly string[];
}

/** A change as text. */
export function encodeChange(left: readonly string[], member?: string, meta = ""): string {
  const parts = left.map((name) => `-${name}`);
  if (member !== undefined) parts.push(`+${member} ${meta}`);
  return parts.join(" ");
}

/** The change of a text that has this version. */
export function decodeChange(text: string, version: number): PresenceChange {
  const left: string[] = [];
  let from = 0;
  while (text[from] === "-") {
    const to = text.indexOf(" ", from);
    left.push(text.slice(from + 1, to < 0 ? undefined : to));
    if (to < 0) return { joined: [], left };
    from = to + 1;
  }
  const space = text.indexOf(" ", from);
  const member = text.slice(from + 1, space);
  return { joined: [{ member, meta: text.slice(space + 1), version }], left };
}

/** What a call wants of a room, for the check. */
export interface PresenceInput {
  /** The members. */
  readonly members?: readonly string[];
  /** The meta of a member. */
  readonly meta?: string;
  /** How long members live. */
  readonly ttlMs?: number;
  /** The change's own characters. */
  readonly tag?: string;
}

/**
 * Refuses what breaks the rules of the port.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT`.
 */
export function checkPresence(room: string, input: PresenceInput): void {
  const { members = [], meta = "", ttlMs = 1, tag = "t" } = input;
  if (!isRoom(room)) {
    throw refusal(`a room's name must have 1 to ${ROOM_LENGTH_MAX} characters of Unicode`);
  }
  if (members.length > MEMBERS_PER_CALL_MAX) {
    throw refusal(`one call may name ${MEMBERS_PER_CALL_MAX} members: it names ${members.length}`);
  }
  if (!members.every((member) => typeof member === "string" && MEMBER.test(member))) {
    throw refusal("a member's name must have 1 to 128 visible ASCII characters");
  }
  if (!isMeta(meta)) throw refusal(`meta must be one line of at most ${META_BYTES_MAX} bytes`);
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1 || ttlMs > TTL_MS_MAX) {
    throw refusal(`ttlMs must be a whole number from 1 to ${TTL_MS_MAX}`);
  }
  if (!TAG.test(tag)) throw refusal("a tag must have 1 to 32 characters of A-Z a-z 0-9 - _");
}

/** Whether a text is a name of a room. */
export function isRoom(room: unknown): room is string {
  return typeof room === "string" && room.length > 0 && room.length <= ROOM_LENGTH_MAX &&
    !/\p{Surrogate}/u.test(room);
}

function isMeta(meta: string): boolean {
  return typeof meta === "string" && meta.length <= META_BYTES_MAX &&
    !/[\r\n\p{Surrogate}]/u.test(meta) &&
    (meta.length * 3 <= META_BYTES_MAX ||
      new TextEncoder().encode(meta).length <= META_BYTES_MAX);
}

function refusal(rule: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_ARGUMENT", `Cannot use presence as ${rule}`);
}
