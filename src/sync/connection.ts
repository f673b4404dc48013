/**
 * One connection, whatever its transport: carries out what its session asks for, and sends what there is to tell.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { HoldfastError } from "../errors.ts";
import { type Answer, controlText } from "./answers.ts";
import type { Bucket } from "./bucket.ts";
import type { Caller } from "./caller.ts";
import { Control } from "./control.ts";
import type { Feed } from "./feed.ts";
import { Gate } from "./gate.ts";
import { type ClientMessage, CLOSE_CODES, CONTROL } from "./messages.ts";
import type { ModelEvent } from "./model_event.ts";
import { outboxBounds, type SyncSettings } from "./options.ts";
import { carriedOut } from "./requests.ts";
import type { Rooms } from "./rooms.ts";
import { type Channel, Sender } from "./sender.ts";
import type { Tasks } from "./tasks.ts";
import { Session, type SessionEffect } from "./session.ts";

/** What a connection is made of. */
export interface ConnectionOptions {
  /** Its name: visible ASCII characters. */
  readonly name: string;
  /** What the owner said. */
  readonly settings: SyncSettings;
  /** Who is at the other end. */
  readonly caller: Caller;
  /** How the client showed who it is; for a hello that does so again. */
  readonly request: Request | undefined;
  /** Its transport. */
  readonly channel: Channel;
  /** The live changes, by model. */
  readonly feeds: ReadonlyMap<string, Feed>;
  /** The presence rooms. */
  readonly rooms: Rooms;
  /** How much may be done. */
  readonly buckets: readonly Bucket[];
  /** Where time is read. */
  readonly clock: Clock;
  /** Where its work is noted. */
  readonly tasks: Tasks;
  /** Whether the client is known to speak this protocol before it says hello. */
  readonly speaksSync: boolean;
  /** Whether the client cannot say anything here. */
  readonly isOneWay: boolean;
  /** Called when something waits for the transport. */
  readonly onWaiting: () => void;
  /** Called once, when it is over. */
  readonly onEnd: () => void;
}

/** A connection that is open. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #session: Session;
  readonly #gate: Gate;
  readonly #sender: Sender;
  readonly #control: Control;
  readonly #stop = new AbortController();
  #isClosed = false;

  /** Opens it. */
  constructor(options: ConnectionOptions) {
    const { settings, clock, caller, buckets, speaksSync, isOneWay, channel } = options;
    const nowMs = (): number => clock.monotonic();
    const gate = this.#gate = new Gate(channel);
    this.#options = options;
    this.#sender = new Sender({ channel, gate, bounds: outboxBounds(settings.limits), clock });
    this.#session = new Session({
      models: settings.models,
      gate,
      buckets,
      speaksSync,
      isOneWay,
      expiresAtMs: caller.subject?.expiresAtMs,
      nowMs: clock.monotonic(),
    });
    this.#control = new Control({
      ...options,
      gate,
      signal: this.#stop.signal,
      onGreeted: (hasEcho, expiresAtMs) => {
        if (!this.#session.isNew) this.#control.leaveAll();
        this.#session.greeted(hasEcho, expiresAtMs);
      },
      tell: (event, text) => {
        const told = this.#session.hear(event, text, nowMs);
        if (told !== undefined) this.#send(told, event);
      },
      send: (text) => this.#send(text),
    });
    if (!speaksSync) {
      for (const model of settings.models.keys()) {
        this.#options.tasks.add(this.#control.overhear(model));
      }
    }
  }

  /** A message came; `undefined` for one that is no text. */
  receive(text: string | undefined): void {
    if (!this.#isClosed) this.#carry(this.#session.receive(text, this.#nowMs()));
  }

  /** Subscribes as a message would; for transports whose request says all. */
  subscribe(model: string, after: string | undefined): void {
    const data = after === undefined ? { model } : { model, after };
    this.receive(JSON.stringify({ id: "", event: `${CONTROL}:subscribe`, data }));
  }

  /** The transport is gone. */
  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#gate.shut("closed", true);
    this.#control.end();
    this.#stop.abort(new HoldfastError("ERR_CLOSED", "Cannot go on as the connection is closed"));
    this.#options.onEnd();
  }

  /** Sends what waits, closes the transport and ends. */
  close(code: number): void {
    if (this.#isClosed) return;
    this.#sender.flush();
    this.#options.channel.close(code);
    this.end();
  }

  /** Says that the hub goes, and closes. */
  bye(afterMs: number): void {
    this.#send(controlText("bye", { afterMs, code: "going" }));
    this.close(CLOSE_CODES.going);
  }

  /** Time passed; `wallMs` is the time of day. */
  tick(wallMs: number): void {
    this.#carry(this.#session.tick(this.#nowMs(), wallMs, () => this.#cursors()));
  }

  /** Sends what waits, as far as the transport takes it. Whether something still waits. */
  drain(): boolean {
    if (this.#isClosed) return false;
    this.#sender.flush();
    this.#giveUpIfHopeless();
    return !this.#isClosed && !this.#sender.isEmpty;
  }

  #carry(effects: readonly SessionEffect[]): void {
    for (const effect of effects) {
      if (this.#isClosed) return;
      if (effect.kind === "send") this.#send(effect.text, effect.event);
      else if (effect.kind === "close") this.close(effect.code);
      else if (effect.kind === "run") this.#options.tasks.add(this.#run(effect));
      else {
        const { verb, message } = effect;
        const settle = (answer: Answer): void => this.#settle(message, answer);
        this.#options.tasks.add(this.#control.carryOut(verb, message, settle));
      }
    }
  }

  async #run(
    { model, verb, message }: Extract<SessionEffect, { readonly kind: "run" }>,
  ): Promise<void> {
    const { settings } = this.#options;
    const context = { settings, caller: this.#control.caller, signal: this.#stop.signal };
    const answer = await carriedOut(context, model, verb, message);
    if (this.#isClosed) return;
    const how = { isHeard: this.#control.hears(model), nowMs: this.#nowMs() };
    this.#carry(this.#session.answered(model, message, answer, how));
  }

  #settle(message: ClientMessage, answer: Answer): void {
    if (!this.#isClosed) this.#carry(this.#session.settled(message, answer, this.#nowMs()));
  }

  #cursors(): Record<string, string> {
    // What waits is behind the feeds.
    if (!this.#sender.isEmpty) return {};
    const cursors: Record<string, string> = {};
    for (const model of this.#control.models) {
      const cursor = this.#options.feeds.get(model)?.cursor;
      if (cursor !== undefined) cursors[model] = cursor;
    }
    return cursors;
  }

  #send(text: string, event?: ModelEvent): void {
    if (this.#isClosed) return;
    this.#sender.send(text, event);
    if (this.#sender.isEmpty) return;
    this.#giveUpIfHopeless();
    if (!this.#isClosed) this.#options.onWaiting();
  }

  #giveUpIfHopeless(): void {
    if (!this.#sender.isHopeless) return;
    this.#options.channel.close(CLOSE_CODES.slow);
    this.end();
  }

  #nowMs(): number {
    return this.#options.clock.monotonic();
  }
}
