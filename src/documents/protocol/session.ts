/**
 * One connection, as a state machine: what came in, what came of it, and what is to be sent and done.
 *
 * It waits for nothing and touches nothing outside: each call gives effects, in order, and its shell performs them. Every
 * request is answered exactly once, or the connection ends.
 *
 * @module
 */

import type { FollowEvent } from "../core.ts";
import { assertNever, type ErrorCode } from "../../errors.ts";
import { failureFor } from "./again.ts";
import type { Effect } from "./effects.ts";
import { Ground } from "./ground.ts";
import type { ConnectionLimits } from "./limits.ts";
import { HOLDFAST, PROTOCOL, type WireError } from "./messages.ts";
import { type Envelope, envelopeOf, type Parsed } from "./parse.ts";
import { hear } from "./hearing.ts";
import { failRead, finishRead, read, readOn, startLeave, startRead, unsubscribe } from "./reads.ts";
import { numbered } from "./read_replies.ts";
import type { InitMessage, ServerMessage } from "./replies.ts";
import type { ClientMessage, HandshakeRequest } from "./requests.ts";
import { failSubmit, finishSubmit, submit } from "./submits.ts";
import type { Close, GreetTask, Identity, Outcome, Task } from "./tasks.ts";

/** What a session must know. */
export interface SessionOptions {
  /** The connection's id for clients that do not shake hands. */
  readonly source: string;
  /** The URI of the type that goes without saying. */
  readonly defaultType: string;
  /** What the connection may ask. */
  readonly limits: ConnectionLimits;
}

/** Nothing to be done. Never added to. */
const NONE: Effect[] = [];

/** One connection. */
export class Session {
  readonly #options: SessionOptions;
  #effects: Effect[] = NONE;
  #state:
    | { readonly kind: "fresh" }
    | { readonly kind: "greeting"; readonly waiting: ClientMessage[] }
    | { readonly kind: "open"; readonly ground: Ground }
    | { readonly kind: "closed" } = { kind: "fresh" };

  /** A connection that nothing came over. */
  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Who the connection is, once it has said so. */
  get who(): Identity | undefined {
    return this.#state.kind === "open" ? this.#state.ground.who : undefined;
  }

  /** Whether the client knows our own additions to the protocol. */
  get isOurs(): boolean {
    return this.#state.kind === "open" && this.#state.ground.isOurs;
  }

  /** Whether what a client has that said no epoch may be of an earlier life of the data. */
  isStale(collection: string, epoch: string, version: number): boolean {
    return this.#state.kind === "open" && !this.#state.ground.isOurs &&
      this.#state.ground.isStale(collection, epoch, version);
  }

  /** How far the client was sent the operations of a document that it is subscribed to. */
  headOf(collection: string, id: string): number | undefined {
    if (this.#state.kind !== "open") return undefined;
    return this.#state.ground.lineIfAny(collection, id)?.stream?.next;
  }

  /** The connection stands. */
  open(): readonly Effect[] {
    const { source, defaultType } = this.#options;
    const message: InitMessage = {
      a: "init",
      ...PROTOCOL,
      id: source,
      type: defaultType,
      holdfast: HOLDFAST,
    };
    return [{ kind: "send", message }];
  }

  /** A message came. */
  receive(parsed: Parsed): readonly Effect[] {
    if (parsed.kind === "refused") this.#refuse(parsed.envelope, parsed.error);
    else this.#receive(parsed.message);
    return this.#taken();
  }

  /** Something came of a task. */
  finish(task: Task, outcome: Outcome): readonly Effect[] {
    if (this.#state.kind === "greeting" && task.kind === "greet") {
      this.#greeted(task, outcome, this.#state.waiting);
    } else if (this.#state.kind === "open") this.#finish(this.#state.ground, task, outcome);
    return this.#taken();
  }

  /** The journal tells of a document. */
  hear(collection: string, event: FollowEvent): readonly Effect[] {
    if (this.#state.kind === "open") hear(this.#state.ground, collection, event);
    return this.#taken();
  }

  /** Something is done to the documents of the connection, as long as it lives. */
  act(act: (ground: Ground) => void): readonly Effect[] {
    if (this.#state.kind === "open") act(this.#state.ground);
    return this.#taken();
  }

  /** It is time for a sign of life; none for a client that would not understand it. */
  beat(): readonly Effect[] {
    if (this.#state.kind !== "open" || !this.#state.ground.isOurs) return [];
    return [{ kind: "send", message: this.#state.ground.streams.beat() }];
  }

  /** The reader is slow (or has caught up): operations of others are left out (and then read). */
  pause(isPaused: boolean): readonly Effect[] {
    if (this.#state.kind !== "open") return [];
    const { streams } = this.#state.ground;
    if (isPaused) streams.pause();
    else streams.resume(this.#state.ground.allLines());
    return this.#taken();
  }

  /** The connection ended: nothing is heard from now on, and nothing has any effect. */
  close(): readonly Effect[] {
    const parts: Effect[] = [];
    if (this.#state.kind === "open") {
      for (const { collection, id, stream } of this.#state.ground.allLines()) {
        if (stream?.isSubscribed) parts.push({ kind: "part", collection, ids: [id] });
      }
    }
    this.#state = { kind: "closed" };
    return parts;
  }

  #taken(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = NONE;
    return effects;
  }

  #emit(effect: Effect): void {
    // A list for one is as small as can be: mostly there is one.
    if (this.#effects.length === 0) this.#effects = [effect];
    else this.#effects.push(effect);
  }

  #receive(message: ClientMessage): void {
    const state = this.#state;
    if (message.a === "hs" && !this.#speaks(message)) return;
    switch (state.kind) {
      case "fresh":
        this.#state = { kind: "greeting", waiting: message.a === "hs" ? [] : [message] };
        this.#start({ kind: "greet", request: message.a === "hs" ? message : undefined });
        return;
      case "greeting":
        if (state.waiting.length < this.#options.limits.requestsMax) state.waiting.push(message);
        else this.#refuseFor(message, "ERR_LIMIT", "it must first know who asks");
        return;
      case "open":
        return this.#dispatch(state.ground, message);
      case "closed":
    }
  }

  /** Whether a handshake is of a version that is spoken here. */
  #speaks(message: HandshakeRequest): boolean {
    const { protocol = PROTOCOL.protocol } = message;
    if (protocol === null || Number(protocol) === PROTOCOL.protocol) return true;
    const rule = `protocol must be ${PROTOCOL.protocol}`;
    this.#refuseFor(message, "ERR_PROTOCOL_VERSION_NOT_SUPPORTED", rule);
    return false;
  }

  #greeted({ request }: GreetTask, outcome: Outcome, waiting: readonly ClientMessage[]): void {
    if (outcome.kind !== "greeted") {
      if (outcome.kind === "failed") this.#turnAway(request, outcome.error, outcome.close);
      return;
    }
    const ground: Ground = new Ground(
      {
        who: outcome.identity,
        isOurs: request?.holdfast !== undefined,
        defaultType: this.#options.defaultType,
        emit: (effect) => this.#emit(effect),
      },
      (task) => {
        if (task.kind === "read") startRead(ground, task);
        else if (task.kind === "leave") startLeave(ground, task);
        else this.#start(task);
      },
      (line) => readOn(ground, line),
    );
    this.#state = { kind: "open", ground };
    if (request !== undefined) this.#dispatch(ground, request);
    for (const message of waiting) this.#dispatch(ground, message);
  }

  #turnAway(request: HandshakeRequest | undefined, error: WireError, close?: Close): void {
    this.#refuse({ ...(request === undefined ? {} : envelopeOf({ a: "hs" })) }, error);
    this.#state = { kind: "fresh" };
    if (close !== undefined) this.#emit({ kind: "close", close });
  }

  #dispatch(ground: Ground, message: ClientMessage): void {
    const rule = this.#excess(ground, message);
    if (rule !== undefined) return this.#refuseFor(message, "ERR_LIMIT", rule);
    switch (message.a) {
      case "hs":
        return this.#send({
          a: "hs",
          ...PROTOCOL,
          id: ground.who.id,
          type: this.#options.defaultType,
          ...(ground.isOurs ? { holdfast: HOLDFAST } : {}),
        });
      case "pp":
        return this.#send({ a: "pp", ...numbered(message) });
      case "f":
      case "s":
      case "bf":
      case "bs":
        return read(ground, message);
      case "u":
      case "bu":
        return unsubscribe(ground, message);
      case "op":
        return submit(ground, message);
      default: {
        ground.requests++;
        return this.#start({ kind: "ask", request: message });
      }
    }
  }

  /** The rule of a bound that this message would break. */
  #excess(ground: Ground, message: ClientMessage): string | undefined {
    const { requestsMax, subscriptionsMax } = this.#options.limits;
    if (ground.requests >= requestsMax) return `${requestsMax} requests may wait`;
    if (message.a !== "s" && message.a !== "bs") return undefined;
    const wanted = "d" in message ? 1 : Object.keys(message.b).length;
    if (ground.streams.count + wanted <= subscriptionsMax) return undefined;
    return `${subscriptionsMax} documents may be subscribed to`;
  }

  #finish(ground: Ground, task: Task, outcome: Outcome): void {
    switch (task.kind) {
      case "read":
        if (outcome.kind === "read") finishRead(ground, task, outcome.results);
        if (outcome.kind === "failed") failRead(ground, task, outcome.error);
        return;
      case "submit":
        if (outcome.kind === "submitted") finishSubmit(ground, task, outcome.result);
        if (outcome.kind === "failed") failSubmit(ground, task, failureFor(ground, outcome.error));
        return;
      case "ask":
        ground.requests--;
        if (outcome.kind === "answered" && outcome.reply) this.#send(outcome.reply);
        if (outcome.kind === "failed") this.#refuseFor(task.request, outcome.error);
        return;
      case "greet":
        return;
      default:
        return assertNever(task, "a task");
    }
  }

  #start(task: Task): void {
    this.#emit({ kind: "start", task });
  }

  #send(message: ServerMessage): void {
    this.#emit({ kind: "send", message });
  }

  #refuseFor(message: ClientMessage, error: WireError): void;
  #refuseFor(message: ClientMessage, code: ErrorCode, rule: string): void;
  #refuseFor(message: ClientMessage, error: WireError | ErrorCode, rule?: string): void {
    const told = typeof error === "string"
      ? { code: error, message: `Cannot answer the message as ${rule}` }
      : error;
    this.#refuse(envelopeOf(message), told);
  }

  #refuse(envelope: Envelope, error: WireError): void {
    // An envelope holds what the request had; its action is not always one that has such a reply.
    this.#send({ ...envelope, error } as unknown as ServerMessage);
  }
}
