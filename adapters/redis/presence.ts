/**
 * Presence on Redis: the driver of the port. Each operation is one script on one hash, the room.
 *
 * @module
 */

import { checkPresence, type PresenceInput } from "../../src/presence/change.ts";
import {
  MEMBERS_MAX,
  NO_ROOM,
  presenceChannel,
  type PresenceMember,
  type PresenceStore,
} from "../../src/presence/port.ts";
import type { RedisConnection } from "./connection.ts";
import { presenceKey } from "./keys.ts";
import {
  LEAVE_PRESENCE,
  LIST_PRESENCE,
  PUT_PRESENCE,
  REFRESH_PRESENCE,
} from "./presence_scripts.ts";
import type { RedisReply } from "./reply.ts";
import type { RedisScript } from "./scripts.ts";

export * from "./connection.ts";

/** A store of presence on a Redis. Holds nothing between calls. */
export function redisPresenceStore({ client, namespace }: RedisConnection): PresenceStore {
  const run = async (
    script: RedisScript,
    room: string,
    input: PresenceInput,
    args: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<readonly string[]> => {
    checkPresence(room, input);
    const channel = script.wakes ? presenceChannel(room) : undefined;
    const keys = [presenceKey(namespace, room)];
    return texts(await client.run(script, { keys, args, channel, signal }));
  };

  return {
    async put(room, member, meta, { ttlMs, tag, signal }) {
      const args = [tag, member, meta, String(ttlMs), String(MEMBERS_MAX)];
      const input = { members: [member], meta, ttlMs, tag };
      const [version = ""] = await run(PUT_PRESENCE, room, input, args, signal);
      return version === "full" ? { kind: "full" } : {
        kind: "present",
        version: Number(version),
      };
    },

    async refresh(room, members, { ttlMs, signal }) {
      checkPresence(room, { members, ttlMs });
      if (members.length === 0) return [];
      const args = [String(ttlMs), ...members];
      const missing = await run(REFRESH_PRESENCE, room, { members, ttlMs }, args, signal);
      return missing.flatMap((at) => members[Number(at)] ?? []);
    },

    async leave(room, members, { tag, signal }) {
      const distinct = [...new Set(members)];
      const args = [tag, ...distinct];
      const [version, ...pairs] = await run(LEAVE_PRESENCE, room, { members, tag }, args, signal);
      return grouped(pairs, 2).map(([member = "", meta = ""]) => (
        { member, meta, version: Number(version) }
      ));
    },

    async list(room, { tag, signal }) {
      const [epoch, index, last = "", ...rest] = await run(
        LIST_PRESENCE,
        room,
        { tag },
        [tag],
        signal,
      );
      const head = { epoch: epoch || NO_ROOM, index: Number(index), tag: last };
      const members = grouped(rest, 3).map(([member = "", version, meta = ""]): PresenceMember => (
        { member, meta, version: Number(version) }
      ));
      return { head, members: members.sort((a, b) => a.member < b.member ? -1 : 1) };
    },
  };
}

function grouped(values: readonly string[], size: number): readonly (readonly string[])[] {
  return values.flatMap((_, at) => at % size === 0 ? [values.slice(at, at + size)] : []);
}

function texts(reply: RedisReply): readonly string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}
