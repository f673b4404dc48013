/**
 * One connection as a state machine: what it said, what it waits for, what it may hear. Takes events, gives effects, waits
 * for nothing.
 *
 * Invariants:
 * 1. The requests of one model are carried out one after the other, in the order in which they came.
 * 2. While one of them is a write, the model's changes are held back; they follow the answer. So an echo never comes
 *    before its acknowledgement, and what was written by others in between keeps its order.
 * 3. Whatever a message holds, the connection lives on, until its strikes are used up.
 *
 * @module
 */

import {
  type Answer,
  answerText,
  controlText,
  failure,
  isMistake,
  unreadableText,
} from "./answers.ts";
import type { Bucket } from "./bucket.ts";
import { Echoes } from "./echoes.ts";
import type { Gate } from "./gate.ts";
import { Lanes } from "./lanes.ts";
import {
  type ClientMessage,
  CLOSE_CODES,
  CONTROL,
  CONTROL_VERBS,
  HEARTBEAT_MS,
  IN_FLIGHT_MAX,
  splitEvent,
  VERBS,
} from "./messages.ts";
import { type ModelEvent, withTx } from "./model_event.ts";
import { Strikes } from "./strikes.ts";
import { isTooLarge, parseMessage } from "./wire.ts";

/** What a session asks of its shell. */
export type SessionEffect =
  /** Send a message; one that tells of a change may be coalesced with others. */
  | { readonly kind: "send"; readonly text: string; readonly event?: ModelEvent }
  /** Carry out a request of a model, then call `answered`. */
  | {
    readonly kind: "run";
    readonly model: string;
    readonly verb: string;
    readonly message: ClientMessage;
  }
  /** Carry out a control message, then call `settled`. */
  | { readonly kind: "control"; readonly verb: string; readonly message: ClientMessage }
  /** Send what waits, then close. */
  | { readonly kind: "close"; readonly code: number };

/** What a session works with. */
export interface SessionOptions {
  /** The models that are served, by name. */
  readonly models: { has(name: string): boolean };
  /** The gate that is shut while something is written or an echo is awaited. */
  readonly gate: Gate;
  /** How much its user may do, over all connections, and this connection alone. */
  readonly buckets: readonly Bucket[];
  /** Whether the client is known to speak this protocol, or may be of the seed's kind. */
  readonly speaksSync: boolean;
  /** Whether the client cannot say anything here, so that its silence means nothing. */
  readonly isOneWay: boolean;
  /** When its user's time is over, in milliseconds since 1970. */
  readonly expiresAtMs: number | undefined;
  /** The present time. */
  readonly nowMs: number;
}

/** How many heartbeats a client may say nothing. */
const SILENT_HEARTBEATS = 2.5;

/** The state of one connection. */
export class Session {
  readonly #models: { has(name: string): boolean };
  readonly #gate: Gate;
  readonly #buckets: readonly Bucket[];
  readonly #lanes = new Lanes();
  readonly #echoes = new Echoes();
  readonly #strikes = new Strikes();
  #hasEcho = true;
  readonly #isOneWay: boolean;
  #isNew: boolean;
  #inFlight = 0;
  #heardMs: number;
  #pingedMs: number;
  #expiresAtMs: number | undefined;

  /** Begins with the connection. */
  constructor({ models, gate, buckets, speaksSync, isOneWay, expiresAtMs, nowMs }: SessionOptions) {
    this.#models = models;
    this.#gate = gate;
    this.#buckets = buckets;
    this.#isNew = speaksSync;
    this.#isOneWay = isOneWay;
    this.#heardMs = this.#pingedMs = nowMs;
    this.#expiresAtMs = expiresAtMs;
  }

  /** Whether the client has said hello, or was known to from the start. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** A message came; `undefined` stands for one that is no text. */
  receive(text: string | undefined, nowMs: number): readonly SessionEffect[] {
    this.#heardMs = nowMs;
    if (text === undefined) return this.#unreadable(undefined, "it must be text", nowMs);
    if (isTooLarge(text)) {
      const error = "Cannot read a message as it is too large";
      return [
        { kind: "send", text: unreadableText(undefined, "ERR_TOO_LARGE", error) },
        { kind: "close", code: CLOSE_CODES.tooLarge },
      ];
    }
    const parsed = parseMessage(text);
    if (parsed.kind === "unreadable") {
      return this.#unreadable(parsed.id, "it must be an object with an event", nowMs);
    }
    const { message } = parsed;
    const waitMs = this.#waitMs(nowMs);
    if (waitMs > 0) {
      const refusal = failure("ERR_RATE_LIMITED", "Cannot serve so many requests at once", {
        retryAfterMs: waitMs,
      });
      return this.#refused(message, refusal, "excess", nowMs);
    }
    return this.#routed(message, nowMs);
  }

  /** A request of a model was carried out; `isHeard` says whether the connection is subscribed to it. */
  answered(
    model: string,
    message: ClientMessage,
    answer: Answer,
    { isHeard, nowMs }: { readonly isHeard: boolean; readonly nowMs: number },
  ): SessionEffect[] {
    this.#inFlight--;
    const effects = this.#told(message, answer, nowMs);
    const { version } = answer;
    if (isHeard && version !== undefined && message.tx !== undefined) {
      this.#echoes.expect(model, version, message.tx);
    }
    const { held, next } = this.#lanes.leave(model, nowMs);
    for (const { event, text } of held) {
      const told = event === undefined ? text : this.#echo(event, text);
      if (told !== undefined) effects.push({ kind: "send", text: told, ...event && { event } });
    }
    if (next !== undefined) effects.push({ kind: "run", model, ...next });
    this.#minds();
    return effects;
  }

  /** A control message was carried out. */
  settled(message: ClientMessage, answer: Answer, nowMs: number): SessionEffect[] {
    this.#inFlight--;
    return this.#told(message, answer, nowMs);
  }

  /** The client introduced itself. */
  greeted(hasEcho: boolean, expiresAtMs: number | undefined): void {
    this.#isNew = true;
    this.#hasEcho = hasEcho;
    this.#expiresAtMs = expiresAtMs;
  }

  /** A change of a subscribed model: the message to send now; `undefined` if it is held back or none of its business. */
  hear(event: ModelEvent, text: string, nowMs: () => number): string | undefined {
    if (!this.#lanes.isEmpty && this.#lanes.holds(event, text, nowMs())) return undefined;
    return this.#echo(event, text);
  }

  /** Time passed. `cursors` gives where the connection's models are. */
  tick(nowMs: number, wallMs: number, cursors: () => Record<string, string>): SessionEffect[] {
    if (this.#expiresAtMs !== undefined && wallMs >= this.#expiresAtMs) {
      return [{ kind: "close", code: CLOSE_CODES.expired }];
    }
    const silentMs = this.#isNew && !this.#isOneWay ? nowMs - this.#heardMs : 0;
    if (silentMs > SILENT_HEARTBEATS * HEARTBEAT_MS) {
      return [{ kind: "close", code: CLOSE_CODES.silent }];
    }
    if (nowMs - this.#pingedMs < HEARTBEAT_MS) return [];
    this.#pingedMs = nowMs;
    const moved = Object.fromEntries(
      Object.entries(cursors()).filter(([model]) => !this.#lanes.has(model)),
    );
    return [{ kind: "send", text: controlText("ping", { cursors: moved }) }];
  }

  #routed(message: ClientMessage, nowMs: number): readonly SessionEffect[] {
    const [model, verb] = splitEvent(message.event) ?? [];
    if (model === undefined || verb === undefined) {
      return this.#unreadable(message.id, "its event must be Model:verb", nowMs);
    }
    if (model === CONTROL) return this.#control(verb, message, nowMs);
    const refusal = this.#refusal(model, verb);
    if (refusal !== undefined) return this.#refused(message, refusal, "refused", nowMs);
    if (this.#inFlight >= IN_FLIGHT_MAX) return this.#busy(message, nowMs);
    this.#inFlight++;
    const begins = this.#lanes.enter(model, { verb, message });
    this.#minds();
    return begins ? [{ kind: "run", model, verb, message }] : [];
  }

  #refusal(model: string, verb: string): Answer | undefined {
    if (!this.#models.has(model)) {
      // In the seed's own words, which name nothing but what the client sent.
      return failure("ERR_NOT_FOUND", `Unable to locate model handler for: ${model}`);
    }
    return VERBS.some((known) => known === verb)
      ? undefined
      : failure("ERR_INVALID_ARGUMENT", `Cannot serve the verb as it must be ${VERBS.join(", ")}`);
  }

  #control(verb: string, message: ClientMessage, nowMs: number): readonly SessionEffect[] {
    if (!CONTROL_VERBS.some((known) => known === verb)) {
      const refusal = failure("ERR_INVALID_ARGUMENT", "Cannot serve an unknown control message");
      return this.#refused(message, refusal, "refused", nowMs);
    }
    if (verb === "bye") return [{ kind: "close", code: CLOSE_CODES.done }];
    if (verb === "ping") return this.#told(message, { body: { data: {} } }, nowMs);
    if (this.#inFlight >= IN_FLIGHT_MAX) return this.#busy(message, nowMs);
    this.#inFlight++;
    return [{ kind: "control", verb, message }];
  }

  /** The message of a change, with the name of the write if it was this connection's. */
  #echo(event: ModelEvent, text: string): string | undefined {
    if (this.#echoes.isEmpty) return text;
    const tx = this.#echoes.take(event);
    this.#minds();
    if (tx === undefined) return text;
    return this.#hasEcho ? withTx(text, tx) : undefined;
  }

  /** Changes go the long way while they may have to wait for an answer, or may be an echo. */
  #minds(): void {
    this.#gate.shut("writing", !this.#lanes.isEmpty || !this.#echoes.isEmpty);
  }

  #told(message: ClientMessage, answer: Answer, nowMs: number): SessionEffect[] {
    const effects: SessionEffect[] = [];
    const text = answerText(message, answer);
    if (text !== undefined) effects.push({ kind: "send", text });
    if (isMistake(answer.code) && this.#strikes.add("refused", nowMs)) {
      effects.push({ kind: "close", code: CLOSE_CODES.strikes });
    }
    return effects;
  }

  #refused(
    message: ClientMessage,
    answer: Answer,
    kind: "refused" | "excess",
    nowMs: number,
  ): readonly SessionEffect[] {
    const text = answerText(message, answer);
    const effects: SessionEffect[] = text === undefined ? [] : [{ kind: "send", text }];
    return this.#strikes.add(kind, nowMs)
      ? [...effects, { kind: "close", code: CLOSE_CODES.strikes }]
      : effects;
  }

  #busy(message: ClientMessage, nowMs: number): readonly SessionEffect[] {
    const error = `Cannot serve more than ${IN_FLIGHT_MAX} requests at once`;
    const refusal = failure("ERR_RATE_LIMITED", error, { retryAfterMs: 1_000 });
    return this.#refused(message, refusal, "excess", nowMs);
  }

  #unreadable(
    id: string | number | undefined,
    rule: string,
    nowMs: number,
  ): readonly SessionEffect[] {
    const text = unreadableText(id, "ERR_MALFORMED", `Cannot read a message as ${rule}`);
    const told: SessionEffect = { kind: "send", text };
    return this.#strikes.add("unreadable", nowMs)
      ? [told, { kind: "close", code: CLOSE_CODES.strikes }]
      : [told];
  }

  #waitMs(nowMs: number): number {
    for (const bucket of this.#buckets) {
      const waitMs = bucket.take(nowMs);
      if (waitMs > 0) return waitMs;
    }
    return 0;
  }
}
