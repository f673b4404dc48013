/**
 * A client of a sync hub: what it knows, how it is connected, what it writes and what it hears.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import { Emitter, type OnOptions } from "../../events.ts";
import type { Json, JsonObject } from "../../json.ts";
import { LiveCollection } from "./live_collection.ts";
import { closed, errorOf, failed, unknown } from "./sync_error.ts";
import { deferred } from "./deferred.ts";
import type {
  ClientEvents,
  CollectionOptions,
  ConnectOptions,
  ReadAnswer,
  RequestOptions,
  SyncClient,
  SyncCollection,
  SyncPresence,
  SyncState,
} from "./face.ts";
import { Feeds } from "./feeds.ts";
import { Link } from "./link.ts";
import { type ClientPlan, planOf } from "./options.ts";
import { WriteQueue } from "./write_queue.ts";
import { Replica } from "./replica.ts";

/**
 * Makes a client of a sync hub. It connects when it is used first, and from then on whenever it can.
 *
 * `ws:` and `wss:` speak by a WebSocket, `http:` and `https:` by an event stream and requests, which any function host
 * serves.
 *
 * Writes are seen at once and sent in their order, each once, whatever becomes of connections and pages: those of one model
 * one after the other, those that name a record which the server has not numbered yet after it. What the server refuses
 * is taken back.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if an option is unknown or cannot work.
 *
 * @example
 * ```ts
 * import { connectSync } from "@holdfast/holdfast/sync/client";
 * import { rejects, strictEqual } from "node:assert/strict";
 *
 * const client = connectSync("wss://todo.example.org/sync");
 * const todos = client.collection<{ text: string }>("Todo");
 * todos.on("upsert", ({ record }) => strictEqual(record.text, "milk"));
 *
 * const saved = todos.upsert({ text: "milk" });
 * strictEqual(todos.records.length, 1); // at once, and on the server as soon as it can be
 * strictEqual(client.pending, 1);
 *
 * await client.close();
 * await rejects(saved, { code: "ERR_CLOSED" });
 * ```
 */
export function connectSync(url: string, options: ConnectOptions = {}): SyncClient {
  return new Client(planOf(url, options));
}

class Client implements SyncClient {
  readonly #link: Link;
  readonly #replica: Replica;
  readonly #queue: WriteQueue;
  readonly #feeds: Feeds;
  readonly #events = new Emitter<ClientEvents>();
  /** Who waits to be online. */
  readonly #waiting = new Set<() => void>();
  #state: SyncState = "offline";

  constructor(plan: ClientPlan) {
    const replica = this.#replica = new Replica();
    this.#link = new Link(plan.link, {
      get client() {
        return replica.client;
      },
      models: () => this.#feeds.cursors,
      opened: () => this.#opened(),
      ended: (code) => this.#ended(code),
      arrived: (message) => this.#feeds.arrived(message),
      failed: (error) => this.#events.emit("error", failed("Cannot connect", error)),
    });
    const feed: ConstructorParameters<typeof WriteQueue>[4] = (effect) => this.#feeds.do(effect);
    this.#queue = new WriteQueue(plan, this.#link, this.#replica, this.#events, feed);
    this.#feeds = new Feeds(plan.link, this.#link, this.#replica, this.#events, (event) => {
      this.#queue.step(event);
    });
  }

  get state(): SyncState {
    return this.#state;
  }

  get pending(): number {
    return this.#replica.entries.length;
  }

  connect(): void {
    void this.#queue.start().then(() => this.#link.open());
  }

  collection<Fields extends object = JsonObject>(
    model: string,
    options: CollectionOptions<Fields> = {},
  ): SyncCollection<Fields> {
    const { collections } = this.#feeds;
    let live = collections.get(model);
    if (live === undefined) {
      // What the fields are, only the user knows: what the wire brings is not checked.
      const untyped = options as unknown as CollectionOptions<JsonObject>;
      live = new LiveCollection(model, this.#replica, untyped, (...write) => {
        this.connect();
        return this.#queue.write(model, ...write);
      });
      collections.set(model, live);
      if (this.#state === "closed") live.failed(closed());
      this.#feeds.subscribe(model);
    }
    this.connect();
    return live as unknown as SyncCollection<Fields>;
  }

  async read(
    model: string,
    query: JsonObject = {},
    options: RequestOptions = {},
  ): Promise<ReadAnswer> {
    const { signal } = options;
    signal?.throwIfAborted();
    this.connect();
    while (!this.#link.isOpen) await this.#online(signal);
    const { promise, resolve, reject } = deferred<ReadAnswer>();
    this.#link.ask({ event: `${model}:read`, data: query }, (reply) => {
      const { code, error, data = null, next } = reply;
      if (code !== undefined || error !== undefined) reject(errorOf(reply));
      else resolve({ data, next: typeof next === "string" ? next : undefined });
    });
    return await until(promise, reject, signal);
  }

  presence(room: string, meta: Json): SyncPresence {
    if (this.#link.isFetch) {
      throw new HoldfastError(
        "ERR_NOT_SUPPORTED",
        "Cannot enter a room as url must be ws: or wss:",
      );
    }
    this.connect();
    return this.#feeds.join(room, meta);
  }

  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (event: ClientEvents[Name]) => void,
    options?: OnOptions,
  ): () => void {
    return this.#events.on(name, listener, options);
  }

  async close(): Promise<void> {
    this.#become("closed");
    this.#link.close();
    for (const live of this.#feeds.collections.values()) live.failed(closed());
    for (const wake of this.#waiting) wake();
    await this.#queue.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #opened(): void {
    this.#feeds.opened();
    this.#queue.step({ kind: "online" });
    this.#become("online");
    for (const wake of this.#waiting) wake();
  }

  #ended(code: number): void {
    if (code === 401 || code === 403) this.#events.emit("error", unknown());
    this.#feeds.ended();
    this.#queue.ended(code);
    this.#become("offline");
  }

  async #online(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = deferred<void>();
    const wake = (): void => this.#state === "closed" ? reject(closed()) : resolve();
    if (this.#state === "closed") wake();
    this.#waiting.add(wake);
    try {
      await until(promise, reject, signal);
    } finally {
      this.#waiting.delete(wake);
    }
  }

  #become(state: SyncState): void {
    if (this.#state === state || this.#state === "closed") return;
    this.#state = state;
    this.#events.emit("state", state);
  }
}

/** Waits for a promise, or until the signal is aborted. */
async function until<Value>(
  promise: Promise<Value>,
  reject: (reason: unknown) => void,
  signal: AbortSignal | undefined,
): Promise<Value> {
  const abort = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
