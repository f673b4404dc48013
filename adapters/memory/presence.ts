/**
 * Presence within one process: the memory driver of the port.
 *
 * Expiry sets no timer: each call looks at the clock, and each birth of a room looks at two others, so that those which
 * nobody asks for any more go as well.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";
import { checkPresence, encodeChange, type PresenceInput } from "../../src/presence/change.ts";
import {
  MEMBERS_MAX,
  NO_ROOM,
  presenceChannel,
  type PresenceMember,
  type PresenceStore,
} from "../../src/presence/port.ts";
import type { WakeFeed } from "../../src/wakes/port.ts";

/** Options of {@linkcode memoryPresenceStore}. */
export interface MemoryPresenceOptions {
  /** Where time is read. */
  readonly clock: Clock;
  /** Where changes are told. */
  readonly wakes: WakeFeed;
}

/** A member as it is kept. */
interface Kept extends PresenceMember {
  readonly expiresAtMs: number;
  /** The change that put it there. */
  readonly tag: string;
}

/** A room as it is kept. */
interface Room {
  readonly epoch: string;
  index: number;
  tag: string;
  readonly members: Map<string, Kept>;
}

/** How many other rooms the birth of one looks at. */
const LOOKED_AT_PER_BIRTH = 2;

/** A store of its own: who shares the value shares the rooms. */
export function memoryPresenceStore({ clock, wakes }: MemoryPresenceOptions): PresenceStore {
  const rooms = new Map<string, Room>();
  let newest = 0;
  const nextBirth = (): number => newest = Math.max(newest + 1, Math.floor(clock.now()));

  const due = (room: Room): string[] =>
    [...room.members.values()].filter((kept) => !isLive(kept)).map(({ member }) => member);
  const isLive = (kept: Kept | undefined): kept is Kept =>
    kept !== undefined && kept.expiresAtMs > clock.now();

  const born = (name: string, epoch: string): Room => {
    let looks = LOOKED_AT_PER_BIRTH;
    for (const [other, room] of rooms) {
      if (looks-- === 0) break;
      rooms.delete(other);
      if (room.members.size > due(room).length) rooms.set(other, room);
    }
    const room = { epoch, index: nextBirth(), tag: epoch, members: new Map<string, Kept>() };
    rooms.set(name, room);
    return room;
  };

  /** One change: who goes, who comes, and what is told of it. */
  const change = (name: string, room: Room, tag: string, left: string[], put?: Kept): void => {
    const previousTag = room.tag;
    room.index++;
    room.tag = tag;
    newest = Math.max(newest, room.index);
    for (const member of left) room.members.delete(member);
    if (put !== undefined) room.members.set(put.member, { ...put, version: room.index });
    const { epoch, index } = room;
    const entry = encodeChange(left, put?.member, put?.meta);
    void wakes.publish(presenceChannel(name), { epoch, index, tag, previousTag, entry });
  };

  return {
    put: (name, member, meta, { ttlMs, tag, signal }) =>
      answer(name, { members: [member], meta, ttlMs, tag }, signal, () => {
        const room = rooms.get(name) ?? born(name, tag);
        const kept = room.members.get(member);
        const expiresAtMs = clock.now() + ttlMs;
        if (isLive(kept) && (kept.meta === meta || kept.tag === tag)) {
          room.members.set(member, { ...kept, expiresAtMs });
          return { kind: "present", version: kept.version };
        }
        const isNew = kept === undefined;
        const left = isNew && room.members.size >= MEMBERS_MAX ? due(room) : [];
        if (isNew && room.members.size - left.length >= MEMBERS_MAX) return { kind: "full" };
        change(name, room, tag, left, { member, meta, tag, expiresAtMs, version: 0 });
        return { kind: "present", version: room.index };
      }),

    refresh: (name, members, { ttlMs, signal }) =>
      answer(name, { members, ttlMs }, signal, () => {
        const room = rooms.get(name);
        return members.filter((member) => {
          const kept = room?.members.get(member);
          if (!isLive(kept)) return true;
          room?.members.set(member, { ...kept, expiresAtMs: clock.now() + ttlMs });
          return false;
        });
      }),

    leave: (name, members, { tag, signal }) =>
      answer(name, { members, tag }, signal, () => {
        const room = rooms.get(name);
        const there = [...new Set(members)].flatMap((member) => room?.members.get(member) ?? []);
        if (room === undefined || there.length === 0) return [];
        change(name, room, tag, there.map(({ member }) => member));
        const version = room.index;
        return there.filter(isLive).map(({ member, meta }) => ({ member, meta, version }));
      }),

    list: (name, { tag, signal }) =>
      answer(name, { tag }, signal, () => {
        const room = rooms.get(name);
        if (room === undefined) {
          return { head: { epoch: NO_ROOM, index: nextBirth(), tag: "" }, members: [] };
        }
        const left = due(room);
        if (left.length > 0) change(name, room, tag, left);
        const { epoch, index, tag: last } = room;
        return { head: { epoch, index, tag: last }, members: ordered(room.members.values()) };
      }),
  };
}

/** What the work gives, or why it was refused, told the way a server would: by the promise. */
function answer<T>(
  room: string,
  input: PresenceInput,
  signal: AbortSignal | undefined,
  work: () => T,
): Promise<T> {
  try {
    checkPresence(room, input);
    signal?.throwIfAborted();
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}

function ordered(members: Iterable<Kept>): PresenceMember[] {
  return [...members].sort((a, b) => a.member < b.member ? -1 : 1)
    .map(({ member, meta, version }) => ({ member, meta, version }));
}
