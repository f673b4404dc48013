/**
 * Presence over the protocol: channels of one's own, and places on documents that move with their operations.
 *
 * ShareDB's servers ask every client of a channel to say again where it is when somebody comes; here the room knows, and
 * whoever comes is told at once. A connection that ends leaves its rooms, and the others are told so with a version that
 * is later than everything it said.
 *
 * @module
 */

import { ArgumentError, HoldfastError } from "../../errors.ts";
import type { DocumentCore } from "../core.ts";
import type { Rules } from "../rules.ts";
import type { ConnectionLimits } from "./limits.ts";
import type {
  PresenceMessage,
  PresenceRequest as PresenceAgain,
  PresenceSubscription,
} from "./messages.ts";
import {
  checkChannelOf,
  goneState,
  memberOf,
  messageOf,
  movedBy,
  type PresenceState,
  roomOf,
  sourceOfMember,
  stateFrom,
  stateOf,
  stateText,
} from "./presence_wire.ts";
import { numbered } from "./read_replies.ts";
import type { ServerMessage } from "./replies.ts";
import type { Rooms } from "./rooms.ts";
import type { AskRequest } from "./tasks.ts";
import { type Caller, sessionOf } from "./caller.ts";

/** What presence needs. */
export interface PresenceOptions {
  /** The documents. */
  readonly core: DocumentCore;
  /** The owner's rules. */
  readonly rules: Rules;
  /** The rooms of a connection: one for all, or one each where they may share nothing. */
  readonly roomsOf: (caller: Caller) => Rooms;
  /** What a connection may ask. */
  readonly limits: ConnectionLimits;
}

/** What one connection has to do with a channel. */
interface Channel {
  /** The last wish to come or leave. */
  seq: number;
  /** Ends the hearing; `undefined` if it does not hear. */
  leave: (() => void) | undefined;
  /** Its own presences, by id. */
  readonly own: Map<string, PresenceState>;
  /** The document that the channel is of, once it has said so. */
  document: { readonly c: string; readonly d: string } | undefined;
  /** What was asked last: what is asked next waits for it. */
  turn: Promise<unknown>;
}

/** Answers what is about presence. */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #callers = new WeakMap<Caller, Map<string, Channel>>();

  /** Knows nobody yet. */
  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Answers a request, after those about the same channel that came before it. */
  async answer(request: AskRequest, caller: Caller): Promise<ServerMessage> {
    const { a } = request;
    if ((a !== "ps" && a !== "pu" && a !== "p" && a !== "pr") || request.ch === undefined) {
      throw new ArgumentError("ERR_MESSAGE_BADLY_FORMED", "Cannot answer as ch must be given");
    }
    const channel = this.#channel(caller, request.ch);
    const answer = channel.turn.then(() => this.#answer(request, caller, channel));
    // Its failure is its own; the next one's turn comes all the same.
    channel.turn = answer.catch(() => {});
    return await answer;
  }

  async #answer(
    request: PresenceSubscription | PresenceMessage | PresenceAgain,
    caller: Caller,
    channel: Channel,
  ): Promise<ServerMessage> {
    switch (request.a) {
      case "ps":
      case "pu":
        return await this.#wish(request, caller, channel);
      case "p":
        return await this.#say(request, caller, channel);
      case "pr": {
        const { ch = "" } = request;
        const members = this.#options.roomsOf(caller).membersOf(roomOf(ch));
        await this.#tellAll(caller, ch, channel, members);
        return { a: "pr", ...numbered(request) };
      }
    }
  }

  async #wish(
    request: PresenceSubscription,
    caller: Caller,
    channel: Channel,
  ): Promise<PresenceSubscription> {
    const { a, ch, seq } = request;
    const reply = { a, ch, seq, ...numbered(request) };
    if (seq < channel.seq) return reply;
    if (a === "pu") channel.leave?.();
    else if (channel.leave === undefined) await this.#join(request, caller, channel);
    channel.seq = seq;
    return reply;
  }

  async #join(
    { ch }: PresenceSubscription,
    caller: Caller,
    channel: Channel,
  ): Promise<void> {
    const { rules, limits, roomsOf } = this.#options;
    await this.#admit(caller, { collection: ch, id: undefined });
    const heard = [...this.#callers.get(caller)?.values() ?? []].filter(({ leave }) => leave);
    if (heard.length >= limits.roomsMax) throw tooMany(`${limits.roomsMax} channels`);
    const rooms = roomsOf(caller);
    const hearer = (member: string, meta: string | undefined, before: string | undefined) => {
      const state = meta === undefined ? stateOf(before ?? "") : stateOf(meta);
      if (state === undefined) return;
      const told = meta === undefined ? goneState(state) : state;
      this.#tell(rules, caller, ch, channel, member, told);
    };
    const members = await rooms.join(roomOf(ch), hearer);
    const leave = (): void => {
      channel.leave = undefined;
      rooms.part(roomOf(ch), hearer);
    };
    if (caller.isOver()) return leave();
    channel.leave = leave;
    await this.#tellAll(caller, ch, channel, members);
  }

  async #say(
    request: PresenceMessage,
    caller: Caller,
    channel: Channel,
  ): Promise<PresenceMessage> {
    const { ch, id, c, d, pv = 0 } = request;
    const session = sessionOf(caller);
    if (c !== undefined && d !== undefined) {
      checkChannelOf(ch, c, d);
      channel.document = { c, d };
    }
    await this.#admit(caller, { collection: c ?? ch, id: d });
    const known = channel.own.get(id);
    const reply = { a: "p" as const, ch, id, src: caller.id, ...numbered(request) };
    if (known !== undefined && pv <= (known.pv ?? 0)) return { ...reply, ...stateFrom(request) };
    const state = await this.#atHead(caller, session.source, stateFrom(request));
    if (!caller.isOver()) await this.#keep(caller, channel, ch, id, state);
    return { ...reply, ...state };
  }

  /** Lets the room know where somebody is, or that it is gone. */
  async #keep(
    caller: Caller,
    channel: Channel,
    ch: string,
    id: string,
    state: PresenceState,
  ): Promise<void> {
    const { roomsOf, limits } = this.#options;
    const member = memberOf(sessionOf(caller).source, id);
    const isGone = state.p === null || state.p === undefined;
    if (isGone) {
      if (channel.own.delete(id)) await roomsOf(caller).leave(roomOf(ch), [member]);
      return;
    }
    if (!channel.own.has(id) && channel.own.size >= limits.presencesMax) {
      throw tooMany(`${limits.presencesMax} presences`);
    }
    channel.own.set(id, state);
    await roomsOf(caller).put(roomOf(ch), member, stateText(state));
    // The connection may have ended meanwhile, and left before it had come.
    if (caller.isOver()) await roomsOf(caller).leave(roomOf(ch), [member]);
  }

  /** Where somebody is on the document as it is now. */
  async #atHead(caller: Caller, source: string, state: PresenceState): Promise<PresenceState> {
    const { c, d, v, p } = state;
    if (c === undefined || d === undefined || typeof v !== "number" || p === null) return state;
    if (caller.headOf(c, d) === v) return state;
    const { core } = this.#options;
    const [result] = await core.read(c, [{ id: d, after: { version: v } }]);
    if (result?.kind === "refused") throw result.error;
    if (result?.kind === "ops") return movedBy(core.types, source, state, result.ops);
    return { ...state, p: null };
  }

  async #tellAll(
    caller: Caller,
    ch: string,
    channel: Channel,
    members: ReadonlyMap<string, string>,
  ): Promise<void> {
    for (const [member, meta] of [...members]) {
      const state = stateOf(meta);
      if (state === undefined || sourceOfMember(member) === caller.session?.source) continue;
      const now = await this.#atHead(caller, sourceOfMember(member), state).catch(() => state);
      this.#tell(this.#options.rules, caller, ch, channel, member, now);
    }
  }

  /** Tells of a member, unless it is the hearer's own, or of a document whose channel merely has the same name. */
  #tell(
    rules: Rules,
    caller: Caller,
    ch: string,
    { document }: Channel,
    member: string,
    state: PresenceState,
  ): void {
    const { session } = caller;
    if (session === undefined || sourceOfMember(member) === session.source) return;
    const { c, d } = state;
    const isOther = document !== undefined && (document.c !== c || document.d !== d);
    if (isOther) return;
    if (c === undefined || !rules.judgesPresence) {
      return caller.tell(messageOf(ch, member, state));
    }
    this.#admit(caller, { collection: c, id: d }).then(
      () => caller.tell(messageOf(ch, member, state)),
      // Who may not see the document hears of nobody on it.
      () => {},
    );
  }

  async #admit(
    caller: Caller,
    place: { readonly collection: string; readonly id: string | undefined },
  ): Promise<void> {
    const session = sessionOf(caller);
    await this.#options.rules.admit({ action: "presence", session, change: undefined, ...place });
  }

  #channel(caller: Caller, ch: string): Channel {
    let channels = this.#callers.get(caller);
    if (channels === undefined) {
      this.#callers.set(caller, channels = new Map());
      caller.over().addEventListener("abort", () => this.#end(caller), { once: true });
    }
    let channel = channels.get(ch);
    if (channel === undefined) {
      const { roomsMax } = this.#options.limits;
      if (channels.size >= roomsMax) forgetIdle(channels);
      if (channels.size >= roomsMax) throw tooMany(`${roomsMax} channels`);
      const turn = Promise.resolve();
      channel = { seq: -1, leave: undefined, own: new Map(), document: undefined, turn };
      channels.set(ch, channel);
    }
    return channel;
  }

  /** A connection is over: it leaves all of its rooms. */
  #end(caller: Caller): void {
    const source = caller.session?.source ?? "";
    for (const [ch, channel] of this.#callers.get(caller) ?? []) {
      channel.leave?.();
      const members = [...channel.own.keys()].map((id) => memberOf(source, id));
      channel.own.clear();
      if (members.length === 0) continue;
      // If the store is away, their time runs out.
      this.#options.roomsOf(caller).leave(roomOf(ch), members).catch(() => {});
    }
  }
}

function forgetIdle(channels: Map<string, Channel>): void {
  for (const [ch, { leave, own }] of channels) {
    if (leave === undefined && own.size === 0) channels.delete(ch);
  }
}

function tooMany(bound: string): HoldfastError {
  return new HoldfastError("ERR_LIMIT", `Cannot answer as a connection may have ${bound}`);
}
