/**
 * Rooms in which clients tell each other where they are: a room by name, or a document's own, whose places move with the
 * edits.
 *
 * @module
 */

import { ArgumentError } from "../../errors.ts";
import { Emitter, type EventSource, type OnOptions } from "../../events.ts";
import type { Json } from "../../json.ts";
import type { WaitOptions } from "../../waiting.ts";
import type { PresenceMessage, PresenceRequest } from "../protocol/messages.ts";
import type { PresenceSubscription } from "../protocol/messages.ts";
import type { Connection } from "./connection_face.ts";
import type { Doc } from "./face.ts";
import { led, NOBODY, type PresenceState, told, toldAnew, withLocal } from "./presence_state.ts";
import { withRemote } from "./presence_state.ts";
import { Waiters } from "./waiters.ts";
import { errorFrom, type Tenant, type Wire } from "./wire.ts";

/** What a room tells. */
export interface PresenceEvents {
  /** Somebody else is somewhere, or (`null`) no longer is. */
  change: { readonly id: string; readonly value: Json };
  /** The server refused what was said. */
  error: Error;
}

/** A room. */
export interface Presence extends EventSource<PresenceEvents> {
  /** The others, by the id of their presence. */
  readonly others: ReadonlyMap<string, Json>;
  /** Says where one is, under an id that is nobody else's; `null` for no longer here. */
  set(id: string, value: Json): void;
  /**
   * Hears of the others from now on, over lost connections.
   *
   * @throws {HoldfastError} `ERR_PRESENCE_DISABLED`, and what else the server has against it.
   */
  join(options?: WaitOptions): Promise<void>;
  /** Says good-bye, and hears of nobody any more. */
  leave(): void;
}

/**
 * The presence of a room by name, or of a document: there a value is a place that the document's type knows how to move
 * (for JSON an object with a path `p`), and is led past every edit.
 *
 * @example
 * ```ts
 * import { connectDocuments, openPresence } from "@holdfast/holdfast/documents/client";
 * import { strictEqual } from "node:assert/strict";
 *
 * const connection = connectDocuments("wss://example.com/documents");
 * const room = openPresence(connection, "room");
 * room.set("ada", { typing: true }); // told as soon as there is a connection
 * strictEqual(room.others.size, 0);
 * connection.close();
 * ```
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if the room has no name.
 */
export function openPresence(connection: Connection, room: string | Doc): Presence {
  // Every connection of ours has one, and there are no others.
  const wire = connection.wire as Wire;
  const doc = typeof room === "string" ? undefined : room;
  const channel = typeof room === "string" ? room : `${room.collection}.${room.id}`;
  if (channel === "") {
    throw new ArgumentError("ERR_INVALID_ARGUMENT", "Cannot open a room as it must have a name");
  }
  const name = JSON.stringify(doc === undefined ? [channel] : [doc.collection, doc.id]);
  const known = wire.rooms.get(name);
  if (known instanceof Room) return known;
  const opened = new Room(wire, channel, doc, () => wire.rooms.delete(name));
  wire.rooms.set(name, opened);
  return opened;
}

class Room implements Presence, Tenant {
  isTouched = false;
  readonly channel: string;
  readonly #wire: Wire;
  readonly #doc: Doc | undefined;
  readonly #events = new Emitter<PresenceEvents>();
  readonly #waiters = new Waiters();
  readonly #ends: (() => void)[];
  #state: PresenceState = NOBODY;
  #isWanted = false;
  #isAsked = false;
  #sequence = 0;
  #attempt = 0;
  #endAsking: () => void = () => {};
  #endAgain: (() => void) | undefined;

  constructor(wire: Wire, channel: string, doc: Doc | undefined, left: () => void) {
    this.#wire = wire;
    this.channel = channel;
    this.#doc = doc;
    this.#ends = [
      wire.join(this),
      wire.hear("p", (message) => this.#told(message as PresenceMessage)),
      wire.hear("pr", (message) => {
        if ((message as PresenceRequest).ch === channel) this.#tellAnew();
      }),
      left,
    ];
    if (doc === undefined) return;
    const gone = () => this.#becomes({ locals: new Map(), remotes: new Map() });
    this.#ends.push(
      doc.on("op", ({ op, isLocal, source }) => {
        if (doc.type === undefined) return;
        this.#becomes(led(this.#state, doc.type, op, isLocal ? undefined : source ?? ""));
      }),
      doc.on("create", gone),
      doc.on("del", gone),
      doc.on("load", gone),
    );
  }

  get others(): ReadonlyMap<string, Json> {
    return new Map([...this.#state.remotes].map(([id, { value }]) => [id, value]));
  }

  get hasPending(): boolean {
    return this.#waiters.size > 0;
  }

  on<Name extends keyof PresenceEvents>(
    name: Name,
    listener: (event: PresenceEvents[Name]) => void,
    options?: OnOptions,
  ): () => void {
    return this.#events.on(name, listener, options);
  }

  set(id: string, value: Json): void {
    this.#state = withLocal(this.#state, id, value);
    this.#wire.touch(this);
  }

  join(options: WaitOptions = {}): Promise<void> {
    const ticket = this.#waiters.ticket();
    const waiting = this.#waiters.wait(ticket, options);
    const { closedBy } = this.#wire;
    if (closedBy !== undefined) this.#waiters.settle([ticket], closedBy);
    this.#isWanted = true;
    this.#wire.touch(this);
    return waiting;
  }

  leave(): void {
    for (const [id, { value }] of this.#state.locals) if (value !== null) this.set(id, null);
    this.flush();
    if (this.#wire.isOnline && this.#isWanted) {
      this.#wire.send({ a: "pu", ch: this.channel, seq: ++this.#sequence });
    }
    this.#isWanted = false;
    this.#endAsking();
    this.#endAgain?.();
    this.#waiters.settleAll();
    for (const end of this.#ends) end();
  }

  connected(isOnline: boolean): void {
    this.#isAsked = false;
    this.#endAsking();
    if (isOnline) this.#state = toldAnew(this.#state);
    // Who was here may be gone, and nobody tells: who is still here says so.
    else this.#becomes({ ...this.#state, remotes: new Map() });
    this.#wire.touch(this);
  }

  closed(error: Error): void {
    this.#endAgain?.();
    this.#waiters.settleAll(error);
  }

  flush(): void {
    if (!this.#wire.isOnline) return;
    if (this.#isWanted && !this.#isAsked) this.#ask();
    const doc = this.#doc;
    if (doc?.hasWritePending) {
      // A place counts at a version, so it is told when the server has all that it was said after.
      doc.whenNothingPending().then(() => this.#wire.touch(this), () => {});
      return;
    }
    const [state, dirty] = told(this.#state);
    this.#state = state;
    for (const [id, { value: p, count: pv }] of dirty) {
      this.#wire.send({ a: "p", ch: this.channel, id, p, pv, ...this.#place() });
    }
  }

  #place(): { c?: string; d?: string; v?: number | undefined; t?: string | undefined } {
    const doc = this.#doc;
    if (doc === undefined) return {};
    return { c: doc.collection, d: doc.id, v: doc.version, t: doc.type?.uri };
  }

  #ask(): void {
    this.#isAsked = true;
    const message = { a: "ps", ch: this.channel, seq: ++this.#sequence };
    this.#endAsking = this.#wire.inquire(message, (reply) => {
      const { error } = reply as PresenceSubscription;
      if (error !== undefined) this.#isWanted = false;
      this.#waiters.settleAll(error && errorFrom(error));
      this.#wire.check();
    });
  }

  #tellAnew(): void {
    this.#state = toldAnew(this.#state);
    this.#wire.touch(this);
  }

  #told(message: PresenceMessage): void {
    const { id, error, ch } = message;
    if (ch !== this.channel) return;
    if (error !== undefined) return this.#events.emit("error", errorFrom(error));
    if (this.#state.locals.has(id)) return;
    const placed = this.#placed(message);
    if (placed !== undefined) this.#becomes(withRemote(this.#state, placed));
  }

  /** A place as it is in what is seen here; `undefined` if that cannot be told. */
  #placed(message: PresenceMessage): PresenceMessage | undefined {
    const doc = this.#doc;
    const { p = null, v } = message;
    if (doc === undefined || p === null) return message;
    if (doc.type?.transformPresence === undefined || v !== doc.version) {
      // It was said at another version than this one: everybody says it again, by then at this one.
      if (doc.version !== undefined && this.#endAgain === undefined) {
        this.#endAgain = this.#wire.later(this.#attempt++, () => this.#again());
      }
      return undefined;
    }
    this.#attempt = 0;
    const { type } = doc;
    const moved = doc.pending.reduce<unknown>(
      (place, op) => place === null ? null : type.transformPresence?.(place, op, false) ?? null,
      p,
    );
    return { ...message, p: moved as Json };
  }

  #again(): void {
    this.#endAgain = undefined;
    if (this.#isWanted && this.#wire.isOnline) this.#wire.send({ a: "pr", ch: this.channel });
  }

  #becomes(state: PresenceState): void {
    const before = this.#state.remotes;
    this.#state = state;
    for (const [id, { value }] of state.remotes) {
      if (before.get(id)?.value !== value) this.#events.emit("change", { id, value });
    }
    for (const id of before.keys()) {
      if (!state.remotes.has(id)) this.#events.emit("change", { id, value: null });
    }
  }
}
