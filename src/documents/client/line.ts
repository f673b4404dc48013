/**
 * The line of a connection: opens a way to the server, greets it, watches that it lives, and comes back when it does not.
 *
 * @module
 */

import { backoffMs, type BackoffOptions } from "../../backoff.ts";
import type { Clock } from "../../clock.ts";
import { assertNever, HoldfastError } from "../../errors.ts";
import type { Random } from "../../random.ts";
import { HOLDFAST, PROTOCOL } from "../protocol/messages.ts";
import { type HandshakeReply, readServerMessage, type ServerMessage } from "../protocol/replies.ts";
import { type ConnectionEffect, type ConnectionEvent, stepConnection } from "./connection_state.ts";
import { type ConnectionState, UNCONNECTED } from "./connection_state.ts";
import type { ConnectionPhase } from "./connection_face.ts";
import type { Eventual } from "./keeper.ts";
import type { Link, LinkEnd, OpenLink } from "./link.ts";
import { isTransient } from "./transient.ts";
import { errorFrom, type Sent } from "./wire.ts";

/** What a line is made of. */
export interface LineParts {
  readonly openLink: OpenLink;
  readonly clock: Clock;
  readonly random: Random;
  readonly backoff: BackoffOptions;
  /** How long the server may be silent before it is asked whether it is there. */
  readonly silenceMs: number;
  /** The credentials, asked for at each greeting. */
  readonly token?: (() => Eventual<string | undefined>) | undefined;
}

/** Who hears what comes over a line. */
export interface LineListener {
  /** It is at another point of its life; with the error that ended it, if it is closed for one. */
  moved(from: ConnectionPhase, error: Error | undefined): void;
  /** Messages came together; `undefined` for what is none, or none for the listener. */
  received(messages: readonly (ServerMessage | undefined)[]): void;
  /** The server says what goes without saying. */
  greeted(reply: HandshakeReply): void;
}

/** A line to a server. */
export class Line {
  readonly #parts: LineParts;
  readonly #listener: LineListener;
  #state: ConnectionState = UNCONNECTED;
  #link: Link | undefined;
  #error: Error | undefined;
  #cancelTick: () => void = () => {};
  #cancelAgain: () => void = () => {};

  constructor(parts: LineParts, listener: LineListener) {
    this.#parts = parts;
    this.#listener = listener;
  }

  /** Where it stands. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** Begins. */
  start(): void {
    this.#dispatch({ kind: "start" });
  }

  /** Ends it for good. */
  close(): void {
    // What failed on the way is not why it ends.
    this.#error = undefined;
    this.#dispatch({ kind: "close" });
  }

  /** Sends a message; without effect while there is no way. */
  send(message: Sent): void {
    const link = this.#link;
    if (link?.tell === undefined) link?.send(JSON.stringify(message));
    else link.tell(message);
  }

  /** Calls back after a random while that grows with the attempt. Returns what cancels it. */
  later(attempt: number, callback: () => void): () => void {
    const { clock, random, backoff } = this.#parts;
    return clock.after(backoffMs(attempt, backoff, random), callback);
  }

  #dispatch(event: ConnectionEvent): void {
    const { phase } = this.#state;
    const { state, effects } = stepConnection(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#do(effect);
    if (state.phase === "closed") this.#cancelTick();
    if (state.phase !== phase) this.#listener.moved(phase, this.#error);
  }

  #do(effect: ConnectionEffect): void {
    switch (effect.kind) {
      case "open":
        return this.#open();
      case "greet":
        return void this.#greet();
      case "ping":
        return this.send({ a: "pp" });
      case "drop":
        this.#cancelAgain();
        this.#cancelTick();
        this.#link?.close();
        this.#link = undefined;
        return;
      case "wait":
        this.#cancelAgain = this.later(effect.attempt, () => this.#dispatch({ kind: "again" }));
        return;
      default:
        return assertNever(effect, "an effect of a connection");
    }
  }

  #open(): void {
    this.#watch();
    this.#error = undefined;
    let link: Link | undefined;
    // What an earlier way still tells is no news of this one.
    const isCurrent = (): boolean => link !== undefined && this.#link === link;
    try {
      link = this.#parts.openLink({
        opened: () => isCurrent() && this.#dispatch({ kind: "opened" }),
        received: (text) => isCurrent() && this.#received([parsed(text)]),
        told: (messages) => isCurrent() && this.#received(messages),
        closed: (end) => isCurrent() && this.#lost(end),
      });
      this.#link = link;
    } catch (error) {
      // A host may refuse to open a socket, such as one without encryption from a page with it.
      this.#error = error instanceof Error ? error : undefined;
      this.#dispatch({ kind: "lost", isFinal: false });
    }
  }

  /** Looks at every interval whether anything came. */
  #watch(): void {
    this.#cancelTick();
    this.#cancelTick = this.#parts.clock.after(this.#parts.silenceMs, () => {
      this.#watch();
      this.#dispatch({ kind: "tick" });
    });
  }

  #greet(): void | Promise<void> {
    const { token } = this.#parts;
    return token === undefined ? this.#greetWith(undefined) : this.#greetBy(token);
  }

  async #greetBy(token: () => Eventual<string | undefined>): Promise<void> {
    const link = this.#link;
    try {
      const current = await token();
      if (this.#link === link) this.#greetWith(current);
    } catch (error) {
      // Where the token comes from is the user's: if it cannot be had now, perhaps later.
      this.#error = error instanceof Error ? error : undefined;
      if (this.#link === link) this.#dispatch({ kind: "lost", isFinal: false });
    }
  }

  #greetWith(token: string | undefined): void {
    const { id = null } = this.#state;
    this.send({ a: "hs", id, ...PROTOCOL, holdfast: HOLDFAST, ...(token && { token }) });
  }

  #received(values: readonly unknown[]): void {
    if (this.#state.silence > 0) this.#dispatch({ kind: "heard" });
    this.#listener.received(values.map((value) => this.#understood(value)));
  }

  /** What came, as far as it is for the listener. */
  #understood(value: unknown): ServerMessage | undefined {
    const message = readServerMessage(value);
    if (message?.a === "hs") this.#greeted(message);
    const isOwn = message?.a === "hs" || message?.a === "init";
    return isOwn || this.#state.phase !== "connected" ? undefined : message;
  }

  #greeted(reply: HandshakeReply): void {
    if (reply.error !== undefined || reply.protocol !== PROTOCOL.protocol) {
      const error = errorFrom(reply.error ?? UNSUPPORTED);
      this.#error = error;
      const isStranger = HoldfastError.is(error, "ERR_SOURCE_REFUSED");
      const isFinal = !isStranger && !isTransient(error.code);
      this.#dispatch({ kind: "lost", isFinal, isStranger });
      return;
    }
    this.#error = undefined;
    this.#listener.greeted(reply);
    this.#dispatch({ kind: "greeted", id: reply.id, isHoldfast: Boolean(reply.holdfast) });
  }

  #lost({ isFinal, reason }: LinkEnd): void {
    if (isFinal) {
      this.#error ??= new HoldfastError(
        "ERR_UNAUTHORIZED",
        `Cannot keep the connection as the server must want it${reason ? `: ${reason}` : ""}`,
      );
    }
    this.#dispatch({ kind: "lost", isFinal });
  }
}

const UNSUPPORTED = {
  code: "ERR_PROTOCOL_VERSION_NOT_SUPPORTED",
  message: "Cannot talk to the server as it must speak version 1 of the protocol",
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No message of ours: it is left, like any other that is not known here.
    return undefined;
  }
}
