/**
 * A presence room as its members see it: users, not connections. Pure: from what the store tells of connections to who
 * came, changed and went.
 *
 * @module
 */

import { isJsonObject, type Json } from "../json.ts";
import type { PresenceEvent } from "../presence/presence.ts";
import type { PresentMember } from "./messages.ts";

/** What changed for those who look. */
export interface RoomChange {
  /** Users who came, or told something else of themselves. */
  readonly joins: readonly PresentMember[];
  /** Users whose last connection went. */
  readonly leaves: readonly { readonly key: string }[];
}

/** A connection in the room. */
interface Present extends PresentMember {
  readonly version: number;
}

/** What a connection is stored with. */
export function presenceMeta(key: string, meta: Json): string {
  return JSON.stringify([key, meta]);
}

/** All connections in a room, and the users that they belong to. */
export class RoomView {
  readonly #connections = new Map<string, Present>();
  #users = new Map<string, Present>();
  #version = 0;

  /** The version of the room that is seen. */
  get version(): number {
    return this.#version;
  }

  /** Everybody. */
  get members(): readonly PresentMember[] {
    return [...this.#users.values()].map(({ key, meta }) => ({ key, meta }));
  }

  /** Takes note of what the store told. */
  apply(event: PresenceEvent): RoomChange {
    if (event.kind === "all") this.#connections.clear();
    else for (const member of event.left) this.#connections.delete(member);
    for (const { member, meta, version } of event.kind === "all" ? event.members : event.joined) {
      const present = parsed(meta, version);
      if (present !== undefined) this.#connections.set(member, present);
    }
    this.#version = event.version;
    return this.#compared();
  }

  #compared(): RoomChange {
    const before = this.#users;
    this.#users = new Map();
    for (const present of this.#connections.values()) {
      const known = this.#users.get(present.key);
      // What a user told last, on whichever connection.
      if (known === undefined || known.version < present.version) {
        this.#users.set(present.key, present);
      }
    }
    const joins = [...this.#users.values()].filter(({ key, meta }) => {
      const known = before.get(key);
      return known === undefined || JSON.stringify(known.meta) !== JSON.stringify(meta);
    });
    const leaves = [...before.keys()].filter((key) => !this.#users.has(key));
    return {
      joins: joins.map(({ key, meta }) => ({ key, meta })),
      leaves: leaves.map((key) => ({ key })),
    };
  }
}

/** What a member's meta says; `undefined` for a stranger's. */
function parsed(text: string, version: number): Present | undefined {
  try {
    const value: Json = JSON.parse(text);
    if (isJsonObject(value) || !Array.isArray(value)) return undefined;
    const [key, meta = null] = value;
    return typeof key === "string" ? { key, meta, version } : undefined;
  } catch {
    // Not JSON: put there by somebody else.
    return undefined;
  }
}
