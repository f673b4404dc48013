/**
 * Who is where on a channel, as members of a room: names, texts, messages, and where somebody is after operations.
 *
 * A member is `<source>/<presence id>`, so that nobody can speak for a presence of another connection. What it tells of
 * itself is the message without what the room knows already.
 *
 * @module
 */

import { ArgumentError, HoldfastError } from "../../errors.ts";
import { isJsonObject, parseJson } from "../../json.ts";
import { findType, type OtType } from "../../ot/mod.ts";
import type { Op } from "../change.ts";
import type { PresenceMessage } from "./messages.ts";

/** What a member tells of itself. */
export type PresenceState = Pick<PresenceMessage, "p" | "pv" | "c" | "d" | "v" | "t">;

/** The room of a channel. */
export function roomOf(channel: string): string {
  return `documents:${channel}`;
}

/** The name of a presence as a member. */
export function memberOf(source: string, id: string): string {
  return `${source}/${encodeURIComponent(id)}`;
}

/** The source of a member. */
export function sourceOfMember(member: string): string {
  return member.split("/", 1)[0] ?? "";
}

/** What a member tells of itself, as text. */
export function stateText({ p, pv, c, d, v, t }: PresenceState): string {
  return JSON.stringify({ p, pv, c, d, v, t });
}

/** What somebody's text tells; nothing if it is none of ours. */
export function stateOf(meta: string): PresenceState | undefined {
  try {
    const state = parseJson(meta, "presence");
    // Who may write to the room is a server like this one.
    return isJsonObject(state) ? state as unknown as PresenceState : undefined;
  } catch {
    // Somebody else's room, or somebody else's member.
    return undefined;
  }
}

/** What a message tells of its presence. */
export function stateFrom({ p, pv, c, d, v, t }: PresenceMessage): PresenceState {
  return {
    p: p ?? null,
    pv: pv ?? 0,
    ...(c === undefined ? {} : { c }),
    ...(d === undefined ? {} : { d }),
    ...(v === undefined ? {} : { v }),
    ...(t === undefined ? {} : { t }),
  };
}

/** What is told of a member. */
export function messageOf(channel: string, member: string, state: PresenceState): PresenceMessage {
  const source = sourceOfMember(member);
  const id = decodeURIComponent(member.slice(source.length + 1));
  return { a: "p", ch: channel, src: source, id, ...state };
}

/** What is told of a member that is gone: later than everything that it said. */
export function goneState(state: PresenceState): PresenceState {
  return { ...state, p: null, pv: (state.pv ?? 0) + 1 };
}

/**
 * Where somebody is after operations.
 *
 * @throws {HoldfastError} `ERR_UNKNOWN_TYPE`; `ERR_NOT_SUPPORTED` if the type knows no places; what the type says of a place
 * that is none.
 */
export function movedBy(
  types: readonly OtType[],
  source: string,
  state: PresenceState,
  ops: readonly Op[],
): PresenceState {
  let { p, v } = state;
  for (const op of ops) {
    if (typeof v === "number" && op.version < v) continue;
    if (op.kind === "create" || op.kind === "del") p = null;
    if (op.kind === "op" && p !== null && p !== undefined) {
      const type = findType(types, state.t ?? "");
      if (type.transformPresence === undefined) throw noPlaces();
      // What a type makes of a place that is JSON is JSON.
      p = type.transformPresence(p, op.op, op.source === source) as PresenceState["p"];
    }
    v = op.version + 1;
  }
  return { ...state, p, v };
}

function noPlaces(): HoldfastError {
  return new HoldfastError(
    "ERR_NOT_SUPPORTED",
    "Cannot take the presence as its document's type must be able to transform it",
  );
}

/**
 * Refuses a place on a document on another channel than the document's.
 *
 * @throws {ArgumentError} `ERR_MESSAGE_BADLY_FORMED`.
 */
export function checkChannelOf(channel: string, collection: string, id: string): void {
  if (channel === `${collection}.${id}`) return;
  throw new ArgumentError(
    "ERR_MESSAGE_BADLY_FORMED",
    "Cannot take the presence as the channel of a document must be its collection, a dot and its id",
  );
}
