/**
 * Carrying out control messages: who a connection is, what it hears, where it is present.
 *
 * @module
 */

import { ArgumentError, HoldfastError } from "../errors.ts";
import { positionOf } from "../models/mod.ts";
import { type Answer, controlText, failed, failureOf } from "./answers.ts";
import { type Caller, callerOf, checkAllowed, forbidden, sightOf } from "./caller.ts";
import type { Feed, Joined } from "./feed.ts";
import type { Gate } from "./gate.ts";
import {
  type ClientMessage,
  HEARTBEAT_MS,
  PROTOCOL_VERSION,
  ROOMS_MAX,
  SUBSCRIPTIONS_MAX,
} from "./messages.ts";
import type { ModelEvent } from "./model_event.ts";
import type { SyncSettings } from "./options.ts";
import type { RoomListener, Rooms } from "./rooms.ts";
import { Subscription } from "./subscription.ts";
import { parseHello, parsePresence, parseSubscription } from "./wire.ts";

/** What control messages are carried out with. */
export interface ControlOptions {
  /** The connection's name. */
  readonly name: string;
  /** What the owner said. */
  readonly settings: SyncSettings;
  /** Who is at the other end at first. */
  readonly caller: Caller;
  /** How the client showed who it is, for a hello that does so again. */
  readonly request: Request | undefined;
  /** The live changes, by model. */
  readonly feeds: ReadonlyMap<string, Feed>;
  /** The presence rooms. */
  readonly rooms: Rooms;
  /** Ends with the connection. */
  readonly signal: AbortSignal;
  /** Called when the client has said hello. */
  readonly onGreeted: (hasEcho: boolean, expiresAtMs: number | undefined) => void;
  /** The short way for changes. */
  readonly gate: Gate;
  /** Tells a change of a model the long way. */
  readonly tell: (event: ModelEvent, text: string) => void;
  /** Sends a message. */
  readonly send: (text: string) => void;
}

/** What a connection is, hears, and where it is present. */
export class Control implements RoomListener {
  readonly #options: ControlOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #rooms = new Set<string>();
  /** Its name in presence rooms. */
  readonly member: string;
  #caller: Caller;

  /** Hears nothing yet. */
  constructor(options: ControlOptions) {
    this.#options = options;
    this.#caller = options.caller;
    this.member = options.name;
  }

  /** Who is at the other end. */
  get caller(): Caller {
    return this.#caller;
  }

  /** The models that are heard. */
  get models(): readonly string[] {
    return [...this.#subscriptions.keys()];
  }

  /** Whether a model is heard. */
  hears(model: string): boolean {
    return this.#subscriptions.has(model);
  }

  /** Carries out a message. Calls `settle` once, with the answer; a subscription's comes before what was missed. */
  async carryOut(
    verb: string,
    { data }: ClientMessage,
    settle: (answer: Answer) => void,
  ): Promise<void> {
    try {
      if (verb === "hello") return settle(await this.#greet(data));
      if (verb === "presence") return settle(await this.#enter(data));
      const subscription = parseSubscription(data);
      if (subscription === undefined) throw unfit(verb, "data must name a model");
      const { model, after } = subscription;
      if (verb === "unsubscribe") {
        this.#leave(model);
        return settle({ body: { data: {} } });
      }
      await this.#join(model, after, ({ cursor, isReset }) => {
        const seq = positionOf(cursor).index;
        settle({ body: { data: { model, cursor, seq, reset: isReset } } });
      });
    } catch (error) {
      const told = failureOf(error);
      this.#report(told.code, error);
      const { body, code } = failed(told);
      const model = parseSubscription(data)?.model;
      settle({ body: model === undefined ? body : { ...body, data: { model } }, code });
    }
  }

  /** Hears a model without having been asked to, as the seed's clients expect. */
  async overhear(model: string): Promise<void> {
    try {
      await this.#join(model, undefined, () => {});
    } catch (error) {
      // One that may not be read is not heard.
      this.#report(failureOf(error).code, error);
    }
  }

  /** Stops hearing everything. */
  leaveAll(): void {
    for (const model of this.models) this.#leave(model);
  }

  /** Leaves everything. */
  end(): void {
    this.leaveAll();
    for (const room of this.#rooms) this.#options.rooms.forget(room, this);
    this.#rooms.clear();
  }

  /** A change of a room that it is in. */
  changed({ room, pv, joins, leaves }: Parameters<RoomListener["changed"]>[0]): void {
    if (!this.#rooms.has(room)) return;
    this.#options.send(controlText("presence", {
      room,
      pv,
      joins: joins.map(({ key, meta }) => ({ key, meta })),
      leaves: leaves.map(({ key }) => ({ key })),
    }));
  }

  async #greet(data: unknown): Promise<Answer> {
    const hello = parseHello(data);
    if (hello === undefined) throw unfit("say hello", "data must be what a hello has");
    const { token, echo = true } = hello;
    if (token !== undefined) this.#caller = await this.#renewed(token);
    this.#options.onGreeted(echo, this.#caller.subject?.expiresAtMs);
    const session = this.member;
    return { body: { data: { version: PROTOCOL_VERSION, session, heartbeatMs: HEARTBEAT_MS } } };
  }

  /** The same user for longer. */
  async #renewed(token: string): Promise<Caller> {
    const { settings, request } = this.#options;
    if (settings.authenticate === undefined) return this.#caller;
    const subject = request && await settings.authenticate(request, { token });
    const caller = await callerOf(subject);
    if (subject === undefined || caller.key !== this.#caller.key) throw forbidden("go on");
    return caller;
  }

  async #join(
    model: string,
    after: string | undefined,
    onJoined: (joined: Joined) => void,
  ): Promise<void> {
    const { settings, feeds, gate, tell, signal } = this.#options;
    const feed = feeds.get(model);
    if (feed === undefined) {
      throw new HoldfastError("ERR_NOT_FOUND", `Unable to locate model handler for: ${model}`);
    }
    await checkAllowed(settings, this.#caller, { model, verb: "read" });
    this.#leave(model);
    if (this.#subscriptions.size >= SUBSCRIPTIONS_MAX) {
      throw new HoldfastError("ERR_LIMIT", `Cannot hear more than ${SUBSCRIPTIONS_MAX} models`);
    }
    const sight = sightOf(settings, this.#caller, model);
    const subscription = new Subscription({ model, sight, onJoined, gate, tell });
    this.#subscriptions.set(model, subscription);
    try {
      await feed.join(subscription, after, signal);
      // It left, or subscribed anew, while this was under way.
      if (this.#subscriptions.get(model) !== subscription) feed.leave(subscription);
    } catch (error) {
      if (this.#subscriptions.get(model) === subscription) this.#subscriptions.delete(model);
      throw error;
    }
  }

  #leave(model: string): void {
    const subscription = this.#subscriptions.get(model);
    if (subscription === undefined) return;
    this.#subscriptions.delete(model);
    this.#options.feeds.get(model)?.leave(subscription);
  }

  async #enter(data: unknown): Promise<Answer> {
    const { settings, rooms, signal } = this.#options;
    const asked = parsePresence(data);
    if (asked === undefined) throw unfit("enter a room", "data must have room and meta");
    const { room, meta } = asked;
    if (meta === null) {
      this.#rooms.delete(room);
      await rooms.leave(room, this);
      return { body: { data: { room, members: [] } } };
    }
    const { subject } = this.#caller;
    if (settings.enter !== undefined && await settings.enter({ subject, room }) !== true) {
      throw forbidden("enter a room");
    }
    if (this.#rooms.size >= ROOMS_MAX && !this.#rooms.has(room)) {
      throw new HoldfastError("ERR_LIMIT", `Cannot enter more than ${ROOMS_MAX} rooms`);
    }
    this.#rooms.add(room);
    const user = { key: subject?.id ?? this.member, meta };
    const { pv, members } = await rooms.enter(room, this, user, signal);
    return {
      body: { data: { room, pv, members: members.map(({ key, meta }) => ({ key, meta })) } },
    };
  }

  #report(code: string, error: unknown): void {
    const { settings, signal } = this.#options;
    if (code === "ERR_FAILED" && !signal.aborted) settings.onError?.(error);
  }
}

function unfit(action: string, rule: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_ARGUMENT", `Cannot ${action} as ${rule}`);
}
