/**
 * Connections that share what they can: one reader per model, one follower per room, one timer for all. Where a host binds
 * everything to a request, each connection is a gathering of its own.
 *
 * @module
 */

import { randomToken } from "../random.ts";
import { Bucket } from "./bucket.ts";
import type { Caller } from "./caller.ts";
import { Connection } from "./connection.ts";
import { Feed } from "./feed.ts";
import type { SyncBackend, SyncSettings } from "./options.ts";
import { PRESENCE_REFRESH_MS, Rooms } from "./rooms.ts";
import type { Channel } from "./sender.ts";
import { Tasks } from "./tasks.ts";

/** Who connects, and how. */
export interface NewConnection {
  /** Who is at the other end. */
  readonly caller: Caller;
  /** How the client showed who it is. */
  readonly request?: Request | undefined;
  /** Its transport. */
  readonly channel: Channel;
  /** Whether the client is known to speak this protocol before it says hello. */
  readonly speaksSync: boolean;
  /** Whether the client cannot say anything here. */
  readonly isOneWay?: boolean;
}

/** How often connections are looked after, in milliseconds. */
const TICK_MS = 1_000;
/** How often those are looked after for whom something waits, in milliseconds. */
const DRAIN_MS = 50;

/** Connections of one process. */
export class Gathering {
  readonly #backend: SyncBackend;
  readonly #settings: SyncSettings;
  readonly #feeds: ReadonlyMap<string, Feed>;
  readonly #rooms: Rooms;
  readonly #tasks = new Tasks();
  readonly #connections = new Set<Connection>();
  readonly #waiting = new Set<Connection>();
  readonly #buckets = new Map<string, { readonly bucket: Bucket; count: number }>();
  #cancelTick: (() => void) | undefined;
  #cancelDrain: (() => void) | undefined;
  #refreshedMs = 0;

  /** Holds nothing yet. */
  constructor(backend: SyncBackend, settings: SyncSettings) {
    const { models, onError } = settings;
    this.#backend = backend;
    this.#settings = settings;
    const { clock } = backend;
    const tasks = this.#tasks;
    this.#rooms = new Rooms(backend, { tasks, onError });
    this.#feeds = new Map(
      [...models].map(([name, model]) => [name, new Feed({ model, clock, tasks, onError })]),
    );
  }

  /** How many connections are open. */
  get size(): number {
    return this.#connections.size;
  }

  /** All connections. */
  get connections(): Iterable<Connection> {
    return [...this.#connections];
  }

  /** Settles when nothing is under way any more. */
  settled(): Promise<void> {
    return this.#tasks.settled();
  }

  /** Opens a connection. */
  add({ caller, request, channel, speaksSync, isOneWay = false }: NewConnection): Connection {
    const { clock, random } = this.#backend;
    const nowMs = clock.monotonic();
    const { messagesPerSecond, messagesBurst } = this.#settings.limits;
    const own = new Bucket({ perSecond: messagesPerSecond, burst: messagesBurst }, nowMs);
    const connection = new Connection({
      name: `${caller.key}.${randomToken(random, 12)}`,
      settings: this.#settings,
      caller,
      request,
      channel,
      feeds: this.#feeds,
      rooms: this.#rooms,
      buckets: [own, ...this.#sharedBucket(caller, nowMs)],
      clock,
      tasks: this.#tasks,
      speaksSync,
      isOneWay,
      onWaiting: () => {
        this.#waiting.add(connection);
        this.#cancelDrain ??= clock.after(DRAIN_MS, () => this.#drain());
      },
      onEnd: () => this.#remove(connection, caller),
    });
    this.#connections.add(connection);
    this.#cancelTick ??= clock.after(TICK_MS, () => this.#tick());
    return connection;
  }

  /** One bucket for all connections of a user. */
  #sharedBucket({ subject, key }: Caller, nowMs: number): readonly Bucket[] {
    if (subject === undefined) return [];
    const { messagesPerSecond, messagesBurst, connectionsWorth } = this.#settings.limits;
    const shared = this.#buckets.get(key) ?? {
      bucket: new Bucket({
        perSecond: messagesPerSecond * connectionsWorth,
        burst: messagesBurst * connectionsWorth,
      }, nowMs),
      count: 0,
    };
    shared.count++;
    this.#buckets.set(key, shared);
    return [shared.bucket];
  }

  #remove(connection: Connection, { key }: Caller): void {
    this.#connections.delete(connection);
    this.#waiting.delete(connection);
    const shared = this.#buckets.get(key);
    if (shared !== undefined && --shared.count === 0) this.#buckets.delete(key);
    if (this.#connections.size > 0) return;
    this.#cancelTick?.();
    this.#cancelDrain?.();
    this.#cancelTick = this.#cancelDrain = undefined;
  }

  #tick(): void {
    const { clock } = this.#backend;
    this.#cancelTick = clock.after(TICK_MS, () => this.#tick());
    for (const connection of this.connections) connection.tick(clock.now());
    if (clock.monotonic() - this.#refreshedMs < PRESENCE_REFRESH_MS) return;
    this.#refreshedMs = clock.monotonic();
    // What fails now is tried again at the next turn, which comes before anybody expires.
    this.#tasks.add(this.#rooms.refresh().catch((error) => this.#settings.onError?.(error)));
  }

  #drain(): void {
    this.#cancelDrain = undefined;
    for (const connection of [...this.#waiting]) {
      if (!connection.drain()) this.#waiting.delete(connection);
    }
    if (this.#waiting.size === 0) return;
    this.#cancelDrain = this.#backend.clock.after(DRAIN_MS, () => this.#drain());
  }
}
