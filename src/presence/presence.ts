/**
 * Following a room: everybody first, then who comes and goes.
 *
 * A wake that carries the next change is applied without a read; anything else leads to one `list`, and so does silence:
 * that is what takes out those whose process crashed.
 *
 * @module
 */

import { type Random, randomToken } from "../random.ts";
import type { Clock } from "../clock.ts";
import { tail, type TailJournal } from "../wakes/tail.ts";
import type { JournalPosition, WakeFeed } from "../wakes/port.ts";
import { decodeChange, type PresenceChange } from "./change.ts";
import { NO_ROOM, presenceChannel, type PresenceMember, type PresenceStore } from "./port.ts";

/** What following a room takes of a backend. */
export interface PresenceBackend {
  /** Who is where. */
  readonly presence: PresenceStore;
  /** Hints that a room changed. */
  readonly wakes: WakeFeed;
  /** Where time is read. */
  readonly clock: Clock;
  /** Where dice are rolled. */
  readonly random: Random;
}

/** What a follower of a room is told. */
export type PresenceEvent =
  /** Everybody who is here now; whoever is not named is gone. First, and after an interruption. */
  | {
    readonly kind: "all";
    readonly version: number;
    readonly members: readonly PresenceMember[];
  }
  /** What changed. */
  | PresenceChange & { readonly kind: "change"; readonly version: number };

/** Options of {@linkcode followRoom}. */
export interface FollowRoomOptions {
  /** Ends the following; the iteration throws the signal's reason. */
  readonly signal: AbortSignal;
  /** How often it looks for those who crashed, in milliseconds, less up to a quarter; 10,000 by default. */
  readonly pollMs?: number | undefined;
}

/** A random name for a change. */
export function presenceTag(random: Random): string {
  return randomToken(random, 12);
}

/**
 * Who is in a room, and then who comes and goes, until the signal is aborted or the iteration is left.
 *
 * A member that nobody refreshes is told as gone within its time to live and `pollMs`.
 *
 * @throws The signal's reason when it is aborted.
 */
export async function* followRoom(
  { presence, wakes, clock, random }: PresenceBackend,
  room: string,
  { signal, pollMs = 10_000 }: FollowRoomOptions,
): AsyncGenerator<PresenceEvent, void, void> {
  const list = (signal: AbortSignal) => presence.list(room, { tag: presenceTag(random), signal });
  let known = await list(signal);
  yield { kind: "all", version: known.head.index, members: known.members };
  const journal: TailJournal<string> = {
    read: async (after, { signal }) => {
      const now = await list(signal);
      if (isSame(after, now.head)) return { kind: "entries", entries: [], head: after };
      known = now;
      return { kind: "reset", head: now.head };
    },
    decode: (entry) => entry,
    wakes,
    channel: presenceChannel(room),
  };
  for await (const event of tail(journal, { from: known.head, signal, clock, random, pollMs })) {
    if (event.kind === "reset") {
      yield { kind: "all", version: known.head.index, members: known.members };
      continue;
    }
    for (const { index, entry } of event.entries) {
      yield { kind: "change", version: index, ...decodeChange(entry, index) };
    }
  }
}

function isSame(a: JournalPosition, b: JournalPosition): boolean {
  if (a.epoch === NO_ROOM && b.epoch === NO_ROOM) return true;
  return a.epoch === b.epoch && a.index === b.index && a.tag === b.tag;
}
