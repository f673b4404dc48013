/**
 * What a client hears: the live records of its models, and who is in its rooms.
 *
 * @module
 */

import { backoffMs } from "../../backoff.ts";
import type { Emitter } from "../../events.ts";
import type { Json, JsonObject } from "../../json.ts";
import type { LiveCollection } from "./live_collection.ts";
import { errorOf } from "./sync_error.ts";
import type { ClientEvents } from "./face.ts";
import { type Link, type LinkOptions, RETRY } from "./link.ts";
import { LivePresence } from "./live_presence.ts";
import type { FeedEffect } from "./write_queue.ts";
import { isPassing } from "./writes.ts";
import { recordsOf } from "./collection_state.ts";
import { READ_MAX, splitEvent } from "../messages.ts";
import { isRecordId } from "./queue_entry.ts";
import type { Replica, ReplicaEvent } from "./replica.ts";

/** Parts of a message that nobody has checked. */
type Parts = Readonly<Record<string, Json | undefined>>;

/** How often in a row a model was refused for a while, for the wait before it is asked for again. */
const AGAIN_ATTEMPT = 3;

/** What one client hears. */
export class Feeds {
  /** The live collections by their models. */
  readonly collections: Map<string, LiveCollection> = new Map();
  readonly #rooms = new Map<string, LivePresence>();
  readonly #options: LinkOptions;
  readonly #link: Link;
  readonly #replica: Replica;
  readonly #events: Emitter<ClientEvents>;
  readonly #step: (event: ReplicaEvent) => void;
  /** The models that this connection was told it hears: what it is told of another, it may not go on from. */
  readonly #heard = new Set<string>();
  /** The last reading of each model that is being read anew, so that only this one goes on. */
  readonly #readings = new Map<string, symbol>();
  /** What ends the waits for asking again. */
  readonly #waits = new Map<string, () => void>();

  constructor(
    options: LinkOptions,
    link: Link,
    replica: Replica,
    events: Emitter<ClientEvents>,
    step: (event: ReplicaEvent) => void,
  ) {
    this.#options = options;
    this.#link = link;
    this.#replica = replica;
    this.#events = events;
    this.#step = step;
  }

  /** The models, and where each goes on. */
  get cursors(): readonly (readonly [model: string, cursor: string | null])[] {
    return [...this.collections.keys()].map((model) => [model, this.#cursorOf(model) ?? null]);
  }

  /** Does what a step of the replica brings. */
  do(effect: FeedEffect): void {
    if (effect.kind === "resubscribe") this.subscribe(effect.model);
    else this.collections.get(effect.model)?.changed(effect.ids);
  }

  /** Asks for everything, on a new connection. */
  opened(): void {
    if (!this.#link.isFetch) {
      for (const model of this.collections.keys()) this.subscribe(model);
    }
    for (const room of this.#rooms.values()) room.join();
  }

  /** Nothing is heard any more, for now. */
  ended(): void {
    for (const stop of this.#waits.values()) stop();
    this.#waits.clear();
    this.#heard.clear();
  }

  /** Asks for a model, if somebody can be asked. */
  subscribe(model: string): void {
    if (!this.#link.isOpen) return;
    if (this.#link.isFetch) return this.#link.restart();
    const after = this.#cursorOf(model);
    const data: JsonObject = after === undefined ? { model } : { model, after };
    this.#link.ask({ event: "$sync:subscribe", data }, (reply) => {
      if (isRefusal(reply)) this.#refused(model, reply, () => this.subscribe(model));
      else this.#subscribed(Object(reply.data), model);
    });
  }

  /** Is in a room. */
  join(room: string, meta: Json): LivePresence {
    const live = this.#rooms.get(room) ?? new LivePresence((meta) => {
      if (meta === null) this.#rooms.delete(room);
      if (!this.#link.isOpen) return;
      this.#link.ask({ event: "$sync:presence", data: { room, meta } }, (reply) => {
        if (!isRefusal(reply)) live.arrived(Object(reply.data));
        else if (!isPassing(reply)) this.#events.emit("error", errorOf(reply));
      });
    });
    this.#rooms.set(room, live);
    live.set(meta);
    return live;
  }

  /** Takes a message that is nobody's answer. */
  arrived(message: JsonObject): void {
    const [model, verb] = splitEvent(String(message.event)) ?? ["", ""];
    const data: Parts = Object(message.data);
    if (model !== "$sync") return this.#happened(model, verb, data, message);
    if (verb === "subscribe" && isRefusal(message)) {
      const refused = String(data.model);
      return this.#refused(refused, message, () => this.subscribe(refused));
    }
    if (verb === "subscribe") return this.#subscribed(data, String(data.model));
    if (verb === "reset" && this.#heard.has(String(data.model))) {
      return this.#subscribed({ ...data, reset: true }, String(data.model));
    }
    if (verb === "presence") return this.#rooms.get(String(data.room))?.arrived(data);
    if (verb === "ping") this.#passed(Object(data.cursors));
  }

  /** Where a model goes on: nowhere while it is read anew, which the replica may hear of only later. */
  #cursorOf(model: string): string | undefined {
    return this.#readings.has(model) ? undefined : this.#replica.collection(model).cursor;
  }

  /** A model is not told of: now, and it is asked for again later; or ever. */
  #refused(model: string, reply: JsonObject, again: () => void): void {
    // Where the connection has ended, the next one begins anew.
    if (reply.code === "ERR_CLOSED" && !this.#link.isOpen) return;
    if (isPassing(reply)) {
      const { clock, random } = this.#options;
      this.#waits.get(model)?.();
      this.#waits.set(model, clock.after(backoffMs(AGAIN_ATTEMPT, RETRY, random), again));
      return;
    }
    const error = errorOf(reply);
    this.#events.emit("error", error);
    this.collections.get(model)?.failed(error);
  }

  /** Events go on; where they do not go on from what is known, that is read. */
  #subscribed({ seq, cursor, reset }: Parts, model: string): void {
    if (!this.collections.has(model) || typeof cursor !== "string") return;
    this.#heard.add(model);
    const isReset = reset !== false;
    const event = { kind: "subscribed", seq: Number(seq) || 0, cursor, isReset } as const;
    this.#step({ kind: "feed", model, event });
    if (isReset) this.#read(model, Symbol(model));
  }

  /** Reads all records of a model, page by page, unless that has begun anew meanwhile. */
  #read(model: string, reading: symbol, after?: string): void {
    this.#readings.set(model, reading);
    const data = { limit: READ_MAX, ...after !== undefined && { after } };
    this.#link.ask({ event: `${model}:read`, data }, (reply) => {
      if (this.#readings.get(model) !== reading) return;
      if (isRefusal(reply)) {
        return this.#refused(model, reply, () => {
          if (this.#readings.get(model) === reading) this.#read(model, reading, after);
        });
      }
      const { next } = reply;
      const isLast = typeof next !== "string";
      if (isLast) this.#readings.delete(model);
      const event = { kind: "page", records: recordsOf(reply.data), isLast } as const;
      this.#step({ kind: "feed", model, event });
      if (!isLast) this.#read(model, reading, next);
    });
  }

  /** Somebody wrote. */
  #happened(model: string, verb: string, data: Parts, { seq, cursor }: JsonObject): void {
    const isKnown = this.#heard.has(model) && (verb === "upsert" || verb === "delete");
    const { id } = data;
    if (!isKnown || !isRecordId(id) || typeof seq !== "number" || !(seq > 0)) return;
    const [record] = verb === "upsert" ? recordsOf([data]) : [];
    const place = { seq, cursor: typeof cursor === "string" ? cursor : undefined };
    this.#step({ kind: "feed", model, event: { kind: "event", id, record, ...place } });
  }

  /** What is not for this client's eyes has passed. */
  #passed(cursors: Parts): void {
    for (const [model, cursor] of Object.entries(cursors)) {
      if (typeof cursor !== "string" || !this.#heard.has(model)) continue;
      this.#step({ kind: "feed", model, event: { kind: "passed", cursor } });
    }
  }
}

function isRefusal({ code, error }: JsonObject): boolean {
  return code !== undefined || error !== undefined;
}
