/**
 * One connection: the shell around its session. It reads and writes the socket, asks the rules and the core, and keeps
 * the time.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import { parseJson } from "../../json.ts";
import type { FollowEvent } from "../core.ts";
import type { DocumentSession } from "../middleware.ts";
import type { Caller, ConnectionGround } from "./caller.ts";
import type { Effect } from "./effects.ts";
import type { Hearer } from "./follows.ts";
import { RateGauge, ReaderGauge } from "./gauge.ts";
import type { Ground } from "./ground.ts";
import type { ConnectionLimits } from "./limits.ts";
import { envelopeOf, parseClientMessage, type Parsed } from "./parse.ts";
import type { ServerMessage } from "./replies.ts";
import { Session } from "./session.ts";
import type { Close, Outcome, Task } from "./tasks.ts";
import { work } from "./work.ts";

/** How often a slow reader is looked at, in milliseconds. */
const READER_LOOK_MS = 100;

/** The server's end of a socket, open. */
export interface ServerSocket {
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /** Sends a text; without effect once it is closed. */
  send(text: string): void;
  /** Sends a message as a value, of which, unless it may be shared, a copy arrives; only a socket within a process does. */
  readonly tell?: ((message: object, isShared?: boolean) => void) | undefined;
  /** Ends it; without effect the second time. */
  close(code: number, reason: string): void;
}

/** Who is at the other end of a socket. */
export interface AcceptOptions {
  /** Who was authenticated already; otherwise the server's `authenticate` is asked. */
  readonly subject?: string | undefined;
  /** The request that began it. */
  readonly request?: Request | undefined;
}

/** Who is at the other end of a connection. */
export interface ConnectionEnd extends AcceptOptions {
  /** Whether it is code of this process: then nobody counts its messages. */
  readonly isTrusted?: boolean;
}

/** One connection. */
export class Connection implements Hearer, Caller {
  readonly request: Request | undefined;
  readonly subject: string | undefined;
  readonly source: string;
  session: DocumentSession | undefined;
  id: string;
  knowsNoOps = false;
  readonly #ground: ConnectionGround;
  readonly #socket: ServerSocket;
  readonly #machine: Session;
  readonly #rate: RateGauge | undefined;
  /** Made when it is slow for the first time. */
  #reader: ReaderGauge | undefined;
  #over: AbortController | undefined;
  #isOver = false;
  readonly #onEnd: (connection: Connection) => void;
  #cancelTimer = NOTHING;
  #cancelLook = NOTHING;

  /** A connection over a socket that is open. */
  constructor(
    ground: ConnectionGround,
    socket: ServerSocket,
    { request, subject, isTrusted = false }: ConnectionEnd,
    onEnd: (connection: Connection) => void,
  ) {
    this.#onEnd = onEnd;
    const { limits, defaultType, clock } = ground;
    this.#ground = ground;
    this.#socket = socket;
    this.request = request;
    this.subject = subject;
    this.source = this.id = ground.identities.newSource();
    this.#machine = new Session({ source: this.source, defaultType, limits });
    this.#rate = isTrusted ? undefined : new RateGauge(limits, clock.monotonic());
  }

  // As the caller of what is done for it: no value of its own, as there are many (bench/documents_bench.ts).
  get hearer(): Hearer {
    return this;
  }

  isOver(): boolean {
    return this.#isOver;
  }

  over(): AbortSignal {
    if (this.#over === undefined) {
      this.#over = new AbortController();
      if (this.#isOver) this.#over.abort(closed());
    }
    return this.#over.signal;
  }

  isOwn(id: string): boolean {
    return id === this.source || id === this.#machine.who?.id;
  }

  isStale(collection: string, epoch: string, version: number): boolean {
    return this.#machine.isStale(collection, epoch, version);
  }

  headOf(collection: string, id: string): number | undefined {
    return this.#machine.headOf(collection, id);
  }

  act(act: (ground: Ground) => void): void {
    this.#perform(this.#machine.act(act));
  }

  finish(task: Task, outcome: Outcome): void {
    this.#perform(this.#machine.finish(task, outcome));
    if (outcome.kind === "greeted") this.#greeted();
  }

  tell(message: ServerMessage | string): void {
    if (typeof message === "string") this.#send(message);
    else this.#tell(message);
  }

  /** Says the first word, and waits for the client's. */
  open(): void {
    this.#cancelTimer = this.#ground.clock.after(
      this.#ground.limits.handshakeMsMax,
      () => this.close({ code: 4408, reason: "no handshake" }),
    );
    this.#perform(this.#machine.open());
  }

  /** Something came over the socket. */
  receive(data: unknown): void {
    if (this.#isOver) return;
    const { messageLengthMax } = this.#ground.limits;
    if (typeof data === "string" && data.length > messageLengthMax) {
      return this.close({ code: 4413, reason: "message too large" });
    }
    this.take(valueOf(data));
  }

  /** A message came, as a value. */
  take(value: unknown): void {
    if (this.#isOver) return;
    const { limits, clock } = this.#ground;
    const verdict = this.#rate?.count(clock.monotonic()) ?? "fine";
    if (verdict === "flood") return this.close({ code: 4429, reason: "too many messages" });
    const parsed = parseClientMessage(value, limits.bulkMax);
    this.#perform(this.#machine.receive(verdict === "fine" ? parsed : tooMany(parsed, limits)));
  }

  /** The journal tells of a document. */
  hear(collection: string, event: FollowEvent): void {
    this.#perform(this.#machine.hear(collection, event));
  }

  /** Ends the connection. */
  close({ code, reason }: Close): void {
    if (this.#isOver) return;
    this.end();
    this.#socket.close(code, reason);
  }

  /** The socket is closed. */
  end(): void {
    if (this.#isOver) return;
    this.#cancelTimer();
    this.#cancelLook();
    this.#isOver = true;
    this.#over?.abort(closed());
    this.#perform(this.#machine.close());
    this.#onEnd(this);
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case "send":
          this.#tell(effect.message);
          break;
        case "sendOp":
          if (this.#socket.tell === undefined) this.#send(this.#ground.texts.textOf(effect));
          else if (!this.#isOver) this.#ground.texts.tell(effect, this.#socket.tell);
          break;
        case "start":
          work(this.#ground, this, effect.task);
          break;
        case "part":
          this.#ground.follows.part(effect.collection, effect.ids, this);
          break;
        case "close":
          this.close(effect.close);
      }
    }
  }

  #tell(message: ServerMessage): void {
    if (this.#socket.tell === undefined) this.#send(JSON.stringify(message));
    else if (!this.#isOver) this.#socket.tell(message);
  }

  #send(text: string): void {
    if (this.#isOver) return;
    this.#socket.send(text);
    // The hot path: whether anything is to be looked at costs one comparison.
    if (
      this.#socket.bufferedAmount > this.#ground.limits.backlogBytesMax && !this.#reader?.isSlow
    ) {
      this.#look();
    }
  }

  /** Looks how much waits to be sent; again and again, as long as that is too much. */
  #look(): void {
    const { clock, limits } = this.#ground;
    const reader = this.#reader ??= new ReaderGauge(limits);
    const wasSlow = reader.isSlow;
    const verdict = reader.look(this.#socket.bufferedAmount, clock.monotonic());
    if (verdict === "fine") return;
    if (verdict === "lost") return this.close({ code: 4503, reason: "too slow a reader" });
    if (verdict === "slow") {
      this.#cancelLook = clock.after(READER_LOOK_MS, () => this.#look());
    }
    if (wasSlow !== reader.isSlow) this.#perform(this.#machine.pause(reader.isSlow));
  }

  #greeted(): void {
    if (this.#isOver) return;
    this.#cancelTimer();
    if (this.#machine.isOurs) this.#beat();
  }

  #beat(): void {
    this.#cancelTimer = this.#ground.clock.after(this.#ground.limits.heartbeatMs, () => {
      this.#perform(this.#machine.beat());
      this.#beat();
    });
  }
}

const NOTHING = (): void => {};

function closed(): HoldfastError {
  return new HoldfastError("ERR_CLOSED", "The connection is closed");
}

function tooMany(parsed: Parsed, { messagesPerSecondMax }: ConnectionLimits): Parsed {
  const envelope = parsed.kind === "refused" ? parsed.envelope : envelopeOf(parsed.message);
  return {
    kind: "refused",
    envelope,
    error: {
      code: "ERR_RATE_LIMITED",
      message: `Cannot take the message as ${messagesPerSecondMax} may come in a second`,
    },
  };
}

function valueOf(data: unknown): unknown {
  if (typeof data !== "string") return undefined;
  try {
    return parseJson(data, "a message");
  } catch {
    // Refused like anything else that is no message.
    return undefined;
  }
}
