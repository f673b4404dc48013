/**
 * Rooms of presence as a server keeps them: its own members alive, and one following of a room for all who hear it.
 *
 * @module
 */

import type { PresenceBackend } from "../../presence/presence.ts";
import { followRoom, presenceTag } from "../../presence/presence.ts";
import { HoldfastError } from "../../errors.ts";
import { MEMBERS_PER_CALL_MAX } from "../../presence/port.ts";

/** How long a member is there if its server falls silent, in milliseconds. */
export const PRESENCE_TTL_MS = 30_000;
/** How long a failed following waits before it begins anew, in milliseconds. */
const RETRY_MS = 1_000;

/** Who hears of a room: of each member what it tells, `undefined` once it is gone, with what it told before. */
export type RoomHearer = (
  member: string,
  meta: string | undefined,
  before: string | undefined,
) => void;

interface Heard {
  readonly hearers: Set<RoomHearer>;
  readonly known: Map<string, string>;
  readonly stop: AbortController;
  joining: number;
  stands: Promise<void>;
}

/** The rooms of each connection: the same for all, or, where they may share no stream and timer, its own. */
export function roomsOf(backend: PresenceBackend, areShared: boolean): (caller: object) => Rooms {
  const shared = new Rooms(backend);
  if (areShared) return () => shared;
  const own = new WeakMap<object, Rooms>();
  return (caller) => {
    const rooms = own.get(caller) ?? new Rooms(backend);
    own.set(caller, rooms);
    return rooms;
  };
}

/** Rooms, and what this server has in them. */
export class Rooms {
  readonly #backend: PresenceBackend;
  readonly #heard = new Map<string, Heard>();
  readonly #own = new Map<string, Map<string, string>>();
  #cancelRefresh: (() => void) | undefined;

  /** No rooms yet. */
  constructor(backend: PresenceBackend) {
    this.#backend = backend;
  }

  /**
   * Puts a member of this server's into a room, or lets it tell something else.
   *
   * @throws {HoldfastError} `ERR_LIMIT` if the room is full; what the store throws.
   */
  async put(room: string, member: string, meta: string): Promise<void> {
    const { presence, random } = this.#backend;
    const options = { ttlMs: PRESENCE_TTL_MS, tag: presenceTag(random) };
    const { kind } = await presence.put(room, member, meta, options);
    if (kind === "full") {
      throw new HoldfastError("ERR_LIMIT", "Cannot enter the room as it must not be full");
    }
    const own = this.#own.get(room) ?? new Map<string, string>();
    this.#own.set(room, own.set(member, meta));
    this.#cancelRefresh ??= this.#refreshLater();
  }

  /** Takes members of this server's out of a room. */
  async leave(room: string, members: readonly string[]): Promise<void> {
    const own = this.#own.get(room);
    for (const member of members) own?.delete(member);
    if (own?.size === 0) this.#own.delete(room);
    if (this.#own.size === 0) this.#stopRefresh();
    const { presence, random } = this.#backend;
    for (let from = 0; from < members.length; from += MEMBERS_PER_CALL_MAX) {
      const some = members.slice(from, from + MEMBERS_PER_CALL_MAX);
      await presence.leave(room, some, { tag: presenceTag(random) });
    }
  }

  /** Hears of a room; resolves with who is there, once what comes later is heard. */
  async join(room: string, hearer: RoomHearer): Promise<ReadonlyMap<string, string>> {
    const heard = this.#heard.get(room) ?? this.#follow(room);
    heard.joining++;
    try {
      await heard.stands;
    } finally {
      heard.joining--;
    }
    heard.hearers.add(hearer);
    return heard.known;
  }

  /** Hears no more of a room. */
  part(room: string, hearer: RoomHearer): void {
    const heard = this.#heard.get(room);
    heard?.hearers.delete(hearer);
    if (heard?.hearers.size === 0 && heard.joining === 0) this.#drop(room, heard);
  }

  /** Who is in a room that is heard. */
  membersOf(room: string): ReadonlyMap<string, string> {
    return this.#heard.get(room)?.known ?? new Map();
  }

  #follow(room: string): Heard {
    const heard: Heard = {
      hearers: new Set(),
      known: new Map(),
      stop: new AbortController(),
      joining: 0,
      stands: Promise.resolve(),
    };
    this.#heard.set(room, heard);
    heard.stands = new Promise((resolve, reject) => {
      this.#run(room, heard, resolve).catch((error) => {
        // Before the first answer it is whoever joined who is told; later it begins anew.
        reject(error);
        this.#retry(room, heard);
      });
    });
    heard.stands.catch(() => this.#drop(room, heard));
    return heard;
  }

  async #run(room: string, heard: Heard, onReady: () => void): Promise<void> {
    const { signal } = heard.stop;
    for await (const event of followRoom(this.#backend, room, { signal })) {
      if (event.kind === "all") {
        const now = new Map(event.members.map(({ member, meta }) => [member, meta]));
        for (const member of heard.known.keys()) if (!now.has(member)) tell(heard, member);
        for (const [member, meta] of now) tell(heard, member, meta);
        onReady();
        continue;
      }
      for (const member of event.left) tell(heard, member);
      for (const { member, meta } of event.joined) tell(heard, member, meta);
    }
  }

  #retry(room: string, heard: Heard): void {
    if (heard.stop.signal.aborted) return;
    const cancel = this.#backend.clock.after(RETRY_MS, () => {
      this.#run(room, heard, () => {}).catch(() => this.#retry(room, heard));
    });
    heard.stop.signal.addEventListener("abort", cancel, { once: true });
  }

  #drop(room: string, heard: Heard): void {
    if (this.#heard.get(room) === heard) this.#heard.delete(room);
    heard.stop.abort(new HoldfastError("ERR_CLOSED", "Nobody hears of the room any more"));
  }

  #refreshLater(): () => void {
    return this.#backend.clock.after(PRESENCE_TTL_MS / 3, () => {
      this.#cancelRefresh = this.#refreshLater();
      for (const [room, own] of this.#own) {
        // A store that is away now is asked again next time; members it forgot meanwhile come back then.
        this.#refresh(room, own).catch(() => {});
      }
    });
  }

  async #refresh(room: string, own: ReadonlyMap<string, string>): Promise<void> {
    const { presence } = this.#backend;
    const members = [...own.keys()];
    for (let from = 0; from < members.length; from += MEMBERS_PER_CALL_MAX) {
      const some = members.slice(from, from + MEMBERS_PER_CALL_MAX);
      for (const lost of await presence.refresh(room, some, { ttlMs: PRESENCE_TTL_MS })) {
        const meta = own.get(lost);
        if (meta !== undefined) await this.put(room, lost, meta);
      }
    }
  }

  #stopRefresh(): void {
    this.#cancelRefresh?.();
    this.#cancelRefresh = undefined;
  }
}

function tell(heard: Heard, member: string, meta?: string): void {
  const before = heard.known.get(member);
  if (before === meta) return;
  if (meta === undefined) heard.known.delete(member);
  else heard.known.set(member, meta);
  for (const hearer of heard.hearers) hearer(member, meta, before);
}
