/**
 * A cluster whose nodes are served over HTTP (`serveNode`), used from a function, a browser, or another program.
 *
 * @module
 */

import { type Clock, systemClock } from "../clock.ts";
import { type Duration, durationMs } from "../duration.ts";
import { ArgumentError, checkOptions, HoldfastError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../json.ts";
import { type Random, systemRandom } from "../random.ts";
import { ask, checkedUrl, type Remote } from "../remote.ts";
import { eventReader } from "../remote_events.ts";
import type { SessionStamp } from "./core/message.ts";
import { checkWhole } from "./core/whole.ts";
import type { Proposed, Read } from "./node_face.ts";

/** Options of {@linkcode connectNode}. */
export interface ConnectNodeOptions {
  /** Headers of every request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The host's `fetch`, or one like it. Default: the global one. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** The most attempts of one call, from 1 to 20. Default 5. */
  readonly attemptsMax?: number;
  /** How long one attempt may take. Default 10 seconds. */
  readonly attemptTimeout?: Duration;
  /** Where it reads the time. Default: the host's clock. */
  readonly clock?: Clock;
  /** Where it rolls the dice. Default: the host's generator. */
  readonly random?: Random;
}

/** Options of a call over HTTP. */
export interface RemoteCallOptions {
  /** Ends the waiting when aborted; a write may still happen. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a proposal over HTTP. */
export interface RemoteProposeOptions extends RemoteCallOptions {
  /** The stamp of a session of your own. */
  readonly session?: SessionStamp | undefined;
  /** Names the proposal instead (`Idempotency-Key`), also for a later process of yours: 1 to 255 visible characters. */
  readonly key?: string | undefined;
}

/** A cluster over HTTP. */
export interface RemoteNode<Command, Reply extends Json, Query, Answer> {
  /**
   * Has a command applied, once: the call is one of a session of its own, which is opened with the first, if it brings
   * neither a session nor a key.
   *
   * @throws {HoldfastError} As a node does; `ERR_OUTCOME_UNKNOWN` if no answer came for good; `ERR_SESSION_EXPIRED` if
   * the session has ended, whereupon the next call opens another.
   */
  propose(
    command: Command,
    options?: RemoteProposeOptions,
  ): Promise<Proposed<Reply>>;
  /** Reads; with `minIndex` of a proposal, on any node, what that wrote. */
  read(
    query: Query,
    options?: RemoteCallOptions & {
      readonly minIndex?: number | undefined;
      readonly stale?: boolean | undefined;
    },
  ): Promise<Read<Answer>>;
  /** How the node at the first URL is. */
  status(options?: RemoteCallOptions): Promise<JsonObject>;
  /** Makes a node a member. */
  join(url: string, meta?: Json, options?: RemoteCallOptions): Promise<void>;
  /** Makes a node no member any more. */
  leave(url: string, options?: RemoteCallOptions): Promise<void>;
  /** Hands leadership to another node. */
  transfer(url: string, options?: RemoteCallOptions): Promise<void>;
  /** What happens at the node at the first URL, from now until its stream ends; single messages are left out. */
  events(
    options?: RemoteCallOptions,
  ): AsyncGenerator<{ readonly name: string; readonly event: Json }, void, void>;
}

/** A session and its proposals that have no answer yet. */
interface OpenSession {
  readonly session: number;
  readonly pending: Set<number>;
  next: number;
}

/**
 * A cluster at the URLs of some of its nodes. Sends nothing yet.
 *
 * Where a node says that another leads, the call goes on there; where none answers, at another after a wait at random.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`.
 */
export function connectNode<
  Command = unknown,
  Reply extends Json = Json,
  Query = unknown,
  Answer = Json,
>(
  urls: readonly string[],
  options: ConnectNodeOptions = {},
): RemoteNode<Command, Reply, Query, Answer> {
  return new Client(remoteOf(urls, options));
}

function remoteOf(urls: readonly string[], options: ConnectNodeOptions): Remote {
  const action = "connect to a node";
  const known = ["headers", "fetch", "attemptsMax", "attemptTimeout", "clock", "random"];
  checkOptions(action, options, known);
  const { attemptsMax = 5 } = options;
  checkWhole(action, "attemptsMax", attemptsMax, 1);
  const [first, ...others] = Array.isArray(urls) ? urls : [];
  if (first === undefined) {
    throw new ArgumentError(
      "ERR_INVALID_OPTION",
      `Cannot ${action} as urls must have one at least`,
    );
  }
  return {
    urls: [checkedUrl(action, first), ...others.map((url) => checkedUrl(action, url))],
    headers: options.headers,
    // Called late and without a receiver: a host may replace its `fetch`, and workerd refuses another `this`.
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    attemptsMax,
    attemptMs: durationMs(options.attemptTimeout ?? 10_000, "attemptTimeout"),
    clock: options.clock ?? systemClock(),
    random: options.random ?? systemRandom(),
  };
}

class Client<Command, Reply extends Json, Query, Answer>
  implements RemoteNode<Command, Reply, Query, Answer> {
  readonly #remote: Remote;
  /** A value, never a promise: requests of one process may share it. */
  #session: OpenSession | undefined;

  constructor(remote: Remote) {
    this.#remote = remote;
  }

  async propose(
    command: Command,
    { session: given, key, signal }: RemoteProposeOptions = {},
  ): Promise<Proposed<Reply>> {
    if (given !== undefined || key !== undefined) {
      return await this.#proposed(command, given, signal, key);
    }
    const own = this.#session ?? await this.#open(signal);
    const sequence = own.next++;
    own.pending.add(sequence);
    // Every earlier proposal has its answer, and this one has not.
    const acknowledged = Math.min(...own.pending) - 1;
    try {
      return await this.#proposed(
        command,
        { session: own.session, sequence, acknowledged },
        signal,
      );
    } catch (error) {
      // The session has ended: whoever comes next has another.
      if (HoldfastError.is(error, "ERR_SESSION_EXPIRED") && this.#session === own) {
        this.#session = undefined;
      }
      throw error;
    } finally {
      own.pending.delete(sequence);
    }
  }

  async read(
    query: Query,
    { minIndex, stale, signal }: Parameters<RemoteNode<Command, Reply, Query, Answer>["read"]>[1] =
      {},
  ): Promise<Read<Answer>> {
    const { answer, index } = await this.#asked("read", { query, minIndex, stale }, signal);
    // What the state machine of the other side answers.
    return { answer: answer as Answer, index: Number(index) };
  }

  async status({ signal }: RemoteCallOptions = {}): Promise<JsonObject> {
    return await this.#asked("status", undefined, signal);
  }

  async join(url: string, meta?: Json, { signal }: RemoteCallOptions = {}): Promise<void> {
    await this.#asked("join", { url, meta }, signal);
  }

  async leave(url: string, { signal }: RemoteCallOptions = {}): Promise<void> {
    await this.#asked("leave", { url }, signal);
  }

  async transfer(url: string, { signal }: RemoteCallOptions = {}): Promise<void> {
    await this.#asked("transfer", { url }, signal);
  }

  async *events(
    { signal }: RemoteCallOptions = {},
  ): AsyncGenerator<{ readonly name: string; readonly event: Json }, void, void> {
    const call = { method: "GET", path: ":events", mayRepeat: true, signal } as const;
    const response = await ask(this.#remote, call);
    const reader = response.body?.getReader();
    const stop = (): void => void reader?.cancel(signal?.reason).catch(() => {});
    signal?.addEventListener("abort", stop, { once: true });
    const eventsOf = eventReader();
    try {
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
        for (const { event: name, data } of eventsOf(part.value)) {
          if (data !== undefined) yield { name, event: parseJson(data, "an event") };
        }
      }
      signal?.throwIfAborted();
    } finally {
      signal?.removeEventListener("abort", stop);
      stop();
    }
  }

  async #open(signal: AbortSignal | undefined): Promise<OpenSession> {
    const { session } = await this.#asked("session", {}, signal);
    return this.#session ??= { session: Number(session), pending: new Set(), next: 1 };
  }

  async #proposed(
    command: Command,
    session: SessionStamp | undefined,
    signal: AbortSignal | undefined,
    key?: string,
  ): Promise<Proposed<Reply>> {
    const headers: Readonly<Record<string, string>> = key === undefined
      ? {}
      : { "idempotency-key": key };
    const answer = await this.#asked("propose", { command, session }, signal, headers);
    return {
      reply: answer.reply as Reply,
      index: Number(answer.index),
      term: Number(answer.term),
      isRepeat: answer.isRepeat === true,
    };
  }

  /** Everything here may be made again: it reads, brings a stamp or a key, or (a session, a member) does no harm twice. */
  async #asked(
    action: string,
    body: Readonly<Record<string, unknown>> | undefined,
    signal: AbortSignal | undefined,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<JsonObject> {
    const response = await ask(this.#remote, {
      headers,
      method: body === undefined ? "GET" : "POST",
      path: `:${action}`,
      ...(body && { body: JSON.stringify(body) }),
      mayRepeat: true,
      isRead: action === "read",
      signal,
    });
    const answer: unknown = await response.json();
    if (isJsonObject(answer)) return answer;
    throw new HoldfastError("ERR_MALFORMED", "Cannot read the answer as it must be an object");
  }
}
