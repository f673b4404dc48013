/**
 * The port of presence: who is in a room, with expiry by the store's clock.
 *
 * A member is a name with a small text (its meta) and a time to live, which whoever speaks for the member prolongs; one
 * whose process crashed is gone when its time is over. A room counts its changes: each one has a greater version than all
 * before it, also those of an earlier life of the room, so a reader can tell that a leave is newer than what it knows. What
 * is here is bounded and disposable; what must not be lost belongs into a model.
 *
 * Every change publishes a wake of the room (`presenceChannel`) that carries the change itself (`change.ts`). Versions are
 * contiguous while a room lives, so a reader that has seen the one before applies it without a read.
 *
 * Names of rooms have 1 to {@linkcode ROOM_LENGTH_MAX} characters of well-formed Unicode. Every method rejects with
 * `ERR_INVALID_ARGUMENT` for a room, member, meta or time that breaks its rule, before anything happens, and with
 * `ERR_UNAVAILABLE`, `ERR_TIMEOUT` or `ERR_OUTCOME_UNKNOWN` as a server's client does.
 *
 * @module
 */

import type { JournalPosition } from "../wakes/port.ts";

/** The most characters of a room's name. */
export const ROOM_LENGTH_MAX = 200;
/** The most members of a room. */
export const MEMBERS_MAX = 1_000;
/** The most members of one call. */
export const MEMBERS_PER_CALL_MAX = 500;
/** The most bytes of one member's meta. */
export const META_BYTES_MAX = 4_096;
/** The longest time that a member may live without being refreshed, in milliseconds: a day. */
export const TTL_MS_MAX = 86_400_000;

/** The epoch of a room that is not known. */
export const NO_ROOM = "none";

/** A member of a room. */
export interface PresenceMember {
  /** Its name: 1 to 128 visible ASCII characters. */
  readonly member: string;
  /** What it tells of itself: text on one line, well-formed, at most {@linkcode META_BYTES_MAX} bytes of UTF-8. */
  readonly meta: string;
  /** The version of the room in which it came, or last changed its meta. */
  readonly version: number;
}

/** Options of every call. */
export interface PresenceCallOptions {
  /** Ends the waiting when aborted; the change may still happen. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of every change. */
export interface PresenceChangeOptions extends PresenceCallOptions {
  /** Random characters, 1 to 32 of `A-Z a-z 0-9 - _`: the change's own, by which it is known when it arrives again. */
  readonly tag: string;
}

/** Options of what gives a member time. */
export interface PresenceTtlOptions {
  /** How long members live from now on, in whole milliseconds from 1 to {@linkcode TTL_MS_MAX}. */
  readonly ttlMs: number;
}

/** What became of a {@linkcode PresenceStore.put}. */
export type PresencePut =
  /** The member is here, with this version. */
  | { readonly kind: "present"; readonly version: number }
  /** The room has {@linkcode MEMBERS_MAX} members, and this is none of them. */
  | { readonly kind: "full" };

/** Everybody in a room. */
export interface PresenceRoom {
  /**
   * The room's last change; its index is the room's version. For a room that is not known (any more), the epoch is
   * {@linkcode NO_ROOM} and the index a version greater than all that it had.
   */
  readonly head: JournalPosition;
  /** The members, in the order of their names. */
  readonly members: readonly PresenceMember[];
}

/** A store of presence. Each method is one atom of one room, and on a server one request. */
export interface PresenceStore {
  /**
   * Puts a member into a room, or gives it this meta and time. Is no change, and wakes nobody, if it is there with this
   * meta already: then it only prolongs. Sent again with its tag it answers like the first.
   */
  put(
    room: string,
    member: string,
    meta: string,
    options: PresenceTtlOptions & PresenceChangeOptions,
  ): Promise<PresencePut>;

  /**
   * Prolongs members. No change, and wakes nobody. Gives those that are not there (any more), in the order given: put
   * them in anew.
   */
  refresh(
    room: string,
    members: readonly string[],
    options: PresenceTtlOptions & PresenceCallOptions,
  ): Promise<readonly string[]>;

  /**
   * Takes members out, in one change. Gives those that were there and have not expired, with the version in which they
   * left, so that of two calls for one member only one gets it. Sent again after its answer was lost, it gives none.
   */
  leave(
    room: string,
    members: readonly string[],
    options: PresenceChangeOptions,
  ): Promise<readonly PresenceMember[]>;

  /** Everybody in a room. Takes out, as one change, those whose time is over. */
  list(room: string, options: PresenceChangeOptions): Promise<PresenceRoom>;
}

/** The channel of a room's wakes. */
export function presenceChannel(room: string): string {
  return `presence:${room}`;
}
