/**
 * The hub: who may connect, by which road, and the end of it all.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { Bucket } from "./bucket.ts";
import { type Caller, callerOf } from "./caller.ts";
import type { Connection } from "./connection.ts";
import { credentialsOf } from "./credentials.ts";
import { Gathering, type NewConnection } from "./gathering.ts";
import { corsHeaders, isAllowedOrigin, preflight } from "./origin.ts";
import {
  type SyncBackend,
  type SyncOptions,
  type SyncSettings,
  syncSettings,
  type SyncSubject,
} from "./options.ts";
import type { Channel } from "./sender.ts";
import { SockjsServer } from "./sockjs/server.ts";
import { issueTicket, redeemTicket, TICKET_MS } from "./tickets.ts";
import { eventStream } from "./transport/event_stream.ts";
import { longPoll } from "./transport/long_poll.ts";
import { answeredPost } from "./transport/post.ts";
import { refusal } from "./transport/refusal.ts";
import { serveSocket } from "./transport/websocket.ts";
import type { HostUpgrade, SyncHub } from "./hub_face.ts";

/** Who asks, once it is known that they may. */
interface Admitted {
  readonly caller: Caller;
  readonly protocol: string | undefined;
}

/** How many users' POSTs are counted; the one that posted longest ago makes room. */
const POSTERS_MAX = 1_000;
/** How long clients stay away when the hub goes, in milliseconds, unless its owner says otherwise. */
const AWAY_MS = 1_000;

/**
 * A hub on a backend. Does no I/O and may be made at module scope.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` or `ERR_INVALID_OPTION`, before anything happens.
 *
 * @example
 * ```ts
 * import { createModel, defineModel } from "@holdfast/holdfast/models";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { createSync } from "@holdfast/holdfast/sync";
 * import { z } from "zod";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const backend = memory();
 * const todos = createModel(
 *   backend,
 *   defineModel({ key: "todo", name: "Todo", schema: z.object({ text: z.string() }) }),
 * );
 * const hub = createSync(backend, { models: [todos] });
 * const request = new Request("http://localhost/sync", {
 *   method: "POST",
 *   body: JSON.stringify({ id: 1, event: "Todo:upsert", data: { text: "tea" } }),
 * });
 * const [answer] = await (await hub.handle(request)).json();
 * deepStrictEqual([answer.id, answer.data.text], [1, "tea"]);
 * ```
 */
export function createSync<Subject extends SyncSubject = SyncSubject>(
  backend: SyncBackend,
  options: SyncOptions<Subject>,
): SyncHub<Subject> {
  // The owner's functions get back what the owner's `authenticate` gave.
  const hub = new Hub(backend, syncSettings(backend, options as unknown as SyncOptions));
  return {
    get size() {
      return hub.size;
    },
    serves: (request) => hub.serves(request),
    upgrade: (request, upgrade) => hub.upgrade(request, upgrade),
    accept: (socket, { subject }) => hub.accept(socket, subject),
    connect: (channel, { subject }) => hub.connect(channel, subject),
    handle: (request, { upgrade } = {}) => hub.handle(request, upgrade),
    ticket: (subject, { signal } = {}) => issueTicket(backend, subject, signal),
    drain: ({ afterMs = AWAY_MS } = {}) => hub.drain(afterMs),
    close: () => hub.drain(AWAY_MS),
    [Symbol.asyncDispose]: () => hub.drain(AWAY_MS),
  };
}

class Hub {
  readonly #backend: SyncBackend;
  readonly #settings: SyncSettings;
  readonly #gatherings = new Set<Gathering>();
  readonly #posters = new Map<string, Bucket>();
  readonly #sockjs: SockjsServer;
  #isDraining = false;

  constructor(backend: SyncBackend, settings: SyncSettings) {
    this.#backend = backend;
    this.#settings = settings;
    this.#sockjs = new SockjsServer({
      clock: backend.clock,
      random: backend.random,
      path: settings.sockjsPath,
      open: (channel, caller) => this.#opened({ caller, channel, speaksSync: false }),
      heldBytesMax: settings.limits.coalesceBytes,
    });
  }

  get size(): number {
    return [...this.#gatherings].reduce((sum, { size }) => sum + size, 0);
  }

  async upgrade(request: Request, upgrade: HostUpgrade): Promise<Response> {
    const admitted = await this.#admitted(request, true);
    if (admitted instanceof Response) return admitted;
    const { caller, protocol } = admitted;
    // A request weighs more than a connection, so it is kept only where a hello may need it; and as a copy, because
    // hosts such as Deno close a request that has become a socket.
    const kept = this.#settings.authenticate &&
      new Request(request.url, { headers: request.headers });
    const { socket, response } = await upgrade({ protocol });
    const speaksSync = protocol !== undefined;
    serveSocket(
      socket,
      (channel) => this.#opened({ caller, request: kept, channel, speaksSync }),
    );
    // Where the host answers by itself there is nothing to give back.
    return response ?? new Response(null, { status: 204 });
  }

  accept(socket: Parameters<typeof serveSocket>[0], subject: SyncSubject | undefined): void {
    serveSocket(socket, async (channel) => {
      const caller = await callerOf(subject);
      return this.#opened({ caller, channel, speaksSync: false });
    });
  }

  async connect(channel: Channel, subject: SyncSubject | undefined): Promise<Connection> {
    return this.#opened({ caller: await callerOf(subject), channel, speaksSync: false });
  }

  serves(request: Request): boolean {
    const { pathname } = new URL(request.url);
    const { path, sockjsPath } = this.#settings;
    return isUnder(path, pathname) || isUnder(sockjsPath, pathname);
  }

  async handle(request: Request, upgrade: HostUpgrade | undefined): Promise<Response> {
    const { origins, sockjsPath, path } = this.#settings;
    const { pathname } = new URL(request.url);
    if (isUnder(sockjsPath, pathname)) {
      return await this.#sockjs.handle(request, {
        admit: () => this.#admitted(request, isUpgrade(request)),
        upgrade,
      });
    }
    if (pathname !== path && pathname !== `${path}/ticket`) return refusal(404, "ERR_NOT_FOUND");
    if (isUpgrade(request)) {
      return upgrade === undefined
        ? refusal(426, "ERR_INVALID_ARGUMENT", { upgrade: "websocket" })
        : await this.upgrade(request, upgrade);
    }
    if (request.method === "OPTIONS") return preflight(request, origins);
    const response = await this.#answered(request, pathname);
    for (const [name, value] of Object.entries(corsHeaders(request, origins))) {
      response.headers.set(name, value);
    }
    return response;
  }

  async drain(afterMs: number): Promise<void> {
    this.#isDraining = true;
    const { random } = this.#backend;
    for (const { connections } of this.#gatherings) {
      // Each comes back at a time of its own within as long again.
      for (const connection of connections) {
        connection.bye(Math.round(afterMs * (1 + random.float())));
      }
    }
    this.#sockjs.close();
    await Promise.all([...this.#gatherings].map((gathering) => gathering.settled()));
  }

  async #answered(request: Request, pathname: string): Promise<Response> {
    const { method } = request;
    const isTicket = pathname !== this.#settings.path;
    if (method !== "POST" && (method !== "GET" || isTicket)) {
      return refusal(405, "ERR_INVALID_ARGUMENT", { allow: isTicket ? "POST" : "GET, POST" });
    }
    const admitted = await this.#admitted(request, method === "GET");
    if (admitted instanceof Response) return admitted;
    const { caller } = admitted;
    const { clock } = this.#backend;
    const heldBytesMax = this.#settings.limits.coalesceBytes;
    const open = (channel: Channel): Connection =>
      this.#opened({ caller, request, channel, speaksSync: true, isOneWay: true });
    if (method === "GET") {
      const { streamMs } = this.#settings.limits;
      return request.headers.get("accept")?.includes("text/event-stream")
        ? eventStream(request, { open, heldBytesMax, streamMs, clock })
        : await longPoll(request, { open, heldBytesMax, clock });
    }
    if (isTicket) return await this.#ticket(caller, request.signal);
    return await answeredPost(request, {
      context: { settings: this.#settings, caller, signal: request.signal },
      bucket: this.#posterBucket(caller),
      nowMs: () => clock.monotonic(),
    });
  }

  async #ticket({ subject }: Caller, signal: AbortSignal): Promise<Response> {
    try {
      const ticket = await issueTicket(this.#backend, subject, signal);
      const headers = { "cache-control": "no-store" };
      return Response.json({ ticket, expiresInMs: TICKET_MS }, { headers });
    } catch (error) {
      this.#settings.onError?.(error);
      return HoldfastError.is(error, "ERR_LIMIT")
        ? refusal(429, "ERR_LIMIT", { "retry-after": "1" })
        : refusal(503, "ERR_UNAVAILABLE", { "retry-after": "1" });
    }
  }

  /** Whether a request may go on, and who asks; else the answer that refuses it. */
  async #admitted(request: Request, opensConnection: boolean): Promise<Admitted | Response> {
    const { origins, authenticate, limits, onError } = this.#settings;
    if (!isAllowedOrigin(request, origins)) return refusal(403, "ERR_FORBIDDEN");
    if (opensConnection && (this.#isDraining || this.size >= limits.connectionsMax)) {
      return refusal(503, "ERR_UNAVAILABLE", { "retry-after": "1" });
    }
    const { token, ticket, protocol } = credentialsOf(request);
    try {
      if (ticket !== undefined) {
        const redeemed = await redeemTicket(this.#backend, ticket);
        if (redeemed === undefined) return refusal(401, "ERR_UNAUTHORIZED");
        return { caller: await callerOf(redeemed.subject), protocol };
      }
      if (authenticate === undefined) return { caller: await callerOf(undefined), protocol };
      const subject = await authenticate(request, { token });
      if (subject === undefined || subject === null || typeof subject.id !== "string") {
        return refusal(401, "ERR_UNAUTHORIZED");
      }
      return { caller: await callerOf(subject), protocol };
    } catch (error) {
      // The owner's function or the store failed: nobody is let in by that.
      onError?.(error);
      return refusal(503, "ERR_UNAVAILABLE", { "retry-after": "1" });
    }
  }

  #opened(connection: NewConnection): Connection {
    const [shared] = this.#gatherings;
    const isShared = this.#backend.isolation === "process" && shared !== undefined;
    const gathering = isShared ? shared : new Gathering(this.#backend, this.#settings);
    this.#gatherings.add(gathering);
    for (const other of this.#gatherings) {
      if (other !== gathering && other.size === 0) this.#gatherings.delete(other);
    }
    return gathering.add(connection);
  }

  #posterBucket({ key }: Caller): Bucket {
    const { messagesPerSecond: perSecond, messagesBurst: burst } = this.#settings.limits;
    const bucket = this.#posters.get(key) ??
      new Bucket({ perSecond, burst }, this.#backend.clock.monotonic());
    this.#posters.delete(key);
    this.#posters.set(key, bucket);
    const [oldest] = this.#posters.keys();
    if (this.#posters.size > POSTERS_MAX && oldest !== undefined) this.#posters.delete(oldest);
    return bucket;
  }
}

function isUpgrade(request: Request): boolean {
  return request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

function isUnder(path: string, pathname: string): boolean {
  return pathname === path || pathname.startsWith(`${path}/`);
}
