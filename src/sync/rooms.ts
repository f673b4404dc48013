/**
 * Presence rooms for the connections of one process: who is in them, told to those who are.
 *
 * Each connection is a member of its own in the store, so the death of a process takes out exactly its own; the hub
 * refreshes them together, one request per room.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Json } from "../json.ts";
import { followRoom, type PresenceBackend, presenceTag } from "../presence/presence.ts";
import { sleep } from "../waiting.ts";
import { HoldfastError } from "../errors.ts";
import type { PresentMember } from "./messages.ts";
import type { Tasks } from "./tasks.ts";
import { presenceMeta, type RoomChange, RoomView } from "./room_view.ts";

/** How long a member lives in the store without a sign of life, in milliseconds. */
export const PRESENCE_TTL_MS = 20_000;
/** How often members are refreshed, and crashed ones looked for, in milliseconds: together a leave within 30 s. */
export const PRESENCE_REFRESH_MS = 8_000;

/** A connection in a room. */
export interface RoomListener {
  /** Its name in the store: visible ASCII characters. */
  readonly member: string;
  /** Hears of who comes and goes. */
  changed(change: RoomChange & { readonly room: string; readonly pv: number }): void;
}

interface Room {
  readonly view: RoomView;
  readonly here: Map<RoomListener, string>;
  readonly stop: AbortController;
  /** Settles when the view has everybody. */
  readonly ready: Promise<void>;
}

/** All rooms that connections of this process are in. */
export class Rooms {
  readonly #backend: PresenceBackend;
  readonly #tasks: Tasks;
  readonly #onError: (error: unknown) => void;
  readonly #rooms = new Map<string, Room>();

  /** Follows nothing yet. */
  constructor(
    backend: PresenceBackend,
    { tasks, onError = () => {} }: {
      readonly tasks: Tasks;
      readonly onError?: ((error: unknown) => void) | undefined;
    },
  ) {
    this.#backend = backend;
    this.#tasks = tasks;
    this.#onError = onError;
  }

  /** Puts a connection into a room, or gives it another meta. Gives everybody who is there. */
  async enter(
    name: string,
    listener: RoomListener,
    user: { readonly key: string; readonly meta: Json },
    signal: AbortSignal,
  ): Promise<{ readonly pv: number; readonly members: readonly PresentMember[] }> {
    const meta = presenceMeta(user.key, user.meta);
    const { presence, random } = this.#backend;
    const options = { ttlMs: PRESENCE_TTL_MS, tag: presenceTag(random), signal };
    const put = await presence.put(storedName(name), listener.member, meta, options);
    if (put.kind === "full") {
      throw new HoldfastError(
        "ERR_LIMIT",
        "Cannot enter a room as it has as many members as it can",
      );
    }
    const room = this.#rooms.get(name) ?? this.#opened(name);
    room.here.set(listener, meta);
    await room.ready;
    const { view } = room;
    // The view may not have heard of the own coming yet.
    const members = view.members.filter(({ key }) => key !== user.key);
    return { pv: Math.max(view.version, put.version), members: [...members, user] };
  }

  /** Takes a connection out of a room. */
  async leave(name: string, listener: RoomListener): Promise<void> {
    const room = this.#rooms.get(name);
    if (room === undefined || !room.here.delete(listener)) return;
    if (room.here.size === 0) {
      room.stop.abort();
      this.#rooms.delete(name);
    }
    const { presence, random } = this.#backend;
    await presence.leave(storedName(name), [listener.member], { tag: presenceTag(random) });
  }

  /** Takes a connection that is gone out of a room. What cannot be told now, the time to live tells. */
  forget(name: string, listener: RoomListener): void {
    this.#tasks.add(this.leave(name, listener).catch(this.#onError));
  }

  /** Prolongs everybody of this process; puts in anew whom the store has forgotten. */
  async refresh(): Promise<void> {
    const { presence, random } = this.#backend;
    for (const [name, { here }] of this.#rooms) {
      const metas = new Map([...here].map(([{ member }, meta]) => [member, meta]));
      const members = [...metas.keys()];
      for (let at = 0; at < members.length; at += 500) {
        const some = members.slice(at, at + 500);
        const missing = await presence.refresh(storedName(name), some, { ttlMs: PRESENCE_TTL_MS });
        for (const member of missing) {
          const tag = presenceTag(random);
          await presence.put(storedName(name), member, metas.get(member) ?? "", {
            ttlMs: PRESENCE_TTL_MS,
            tag,
          });
        }
      }
    }
  }

  #opened(name: string): Room {
    const stop = new AbortController();
    const view = new RoomView();
    let isReady = (): void => {};
    const ready = new Promise<void>((resolve) => isReady = resolve);
    const room: Room = { view, here: new Map(), stop, ready };
    this.#rooms.set(name, room);
    stop.signal.addEventListener("abort", () => isReady(), { once: true });
    this.#tasks.add(this.#follow(name, room, isReady));
    return room;
  }

  async #follow(name: string, { view, here, stop: { signal } }: Room, isReady: () => void) {
    const options = { signal, pollMs: PRESENCE_REFRESH_MS };
    const clock: Clock = this.#backend.clock;
    while (!signal.aborted) {
      try {
        for await (const event of followRoom(this.#backend, storedName(name), options)) {
          const change = view.apply(event);
          isReady();
          if (change.joins.length + change.leaves.length === 0) continue;
          const told = { room: name, pv: view.version, ...change };
          for (const listener of here.keys()) listener.changed(told);
        }
      } catch (error) {
        // Its own end; anything else is the store's, whose client has tried again already.
        if (signal.aborted) return;
        this.#onError(error);
        isReady();
        await sleep(clock, 1_000, { signal }).catch(() => {});
      }
    }
  }
}

/** A room's name in the store, apart from the rooms of other parts. */
function storedName(name: string): string {
  return `sync/${name}`;
}
