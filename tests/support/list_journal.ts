/**
 * A small journal with epoch, index and tag, in memory and on Redis: the shape that the rooms' journals have, kept
 * where tests of tails and of the client can use it.
 *
 * @module
 */

import { type RedisConnection, redisWakes } from "../../adapters/redis/mod.ts";
import { unitPrefix } from "../../adapters/redis/keys.ts";
import { type RedisScript, WAKES } from "../../adapters/redis/scripts.ts";
import { type Random, randomToken } from "../../src/random.ts";
import type { TailJournal } from "../../src/wakes/tail.ts";
import type { JournalEntry, JournalPosition, JournalRead, WakeFeed } from "../../src/wakes/port.ts";

/** A journal that can be written as well. */
export interface ListJournal extends TailJournal<string> {
  /** Adds an entry; the tag is its proof of identity, so a second arrival answers like the first. */
  append(entry: string, tag: string): Promise<JournalPosition>;
  /** Where it ends now. */
  head(): Promise<JournalPosition>;
}

/** Bounds of a journal. */
export interface ListJournalOptions {
  /** The most entries that are kept. */
  readonly lengthMax?: number;
  /** The most entries in one answer. */
  readonly answerMax?: number;
}

const LENGTH_MAX = 10_000;
const ANSWER_MAX = 200;

/** A journal in memory, and the power to lose and refill its tail. */
export function memoryJournal(
  wakes: WakeFeed,
  { lengthMax = LENGTH_MAX, answerMax = ANSWER_MAX }: ListJournalOptions = {},
): ListJournal & { truncate(index: number): void; reads: number } {
  const epoch = "e1";
  let entries: JournalEntry<string>[] = [];
  let trimmed = 0;
  const headNow = (): JournalPosition => {
    const last = entries.at(-1);
    return last ? { epoch, index: last.index, tag: last.tag } : { epoch, index: trimmed, tag: "" };
  };
  const journal = {
    wakes,
    channel: "list",
    reads: 0,
    decode: (entry: string) => entry,
    truncate: (index: number) => {
      entries = entries.filter((entry) => entry.index <= index);
    },
    head: () => Promise.resolve(headNow()),
    read: (after: JournalPosition): Promise<JournalRead<string>> => {
      journal.reads++;
      const head = headNow();
      const at = entries.find(({ index }) => index === after.index);
      const stands = after.epoch === epoch &&
        (after.index === 0 ? trimmed === 0 : at?.tag === after.tag);
      if (!stands) return Promise.resolve({ kind: "reset", head });
      const next = entries.filter(({ index }) => index > after.index).slice(0, answerMax);
      return Promise.resolve({ kind: "entries", entries: next, head });
    },
    append: async (entry: string, tag: string): Promise<JournalPosition> => {
      const { index, tag: previousTag } = headNow();
      const added = { epoch, index: index + 1, tag };
      entries.push({ index: index + 1, tag, entry });
      if (entries.length > lengthMax) trimmed = entries.shift()?.index ?? trimmed;
      await wakes.publish("list", { ...added, previousTag, entry });
      return added;
    },
  };
  return journal;
}

/** Adds an entry: 2 commands to look, 3 to write, 1 to wake. */
const APPEND: RedisScript = {
  keys: ["head", "entries", "tags"],
  effect: "repeatable",
  wakes: WAKES,
  body: `
local tag, entry, lengthMax = ARGV[1], ARGV[2], tonumber(ARGV[3])
local head = redis.call('HMGET', KEYS[1], 'epoch', 'index', 'tag')
local seen = redis.call('HGET', KEYS[3], tag)
if seen then return {head[1], seen, tag, '1'} end
local index = string.format('%.0f', head[2] + 1)
local length = redis.call('RPUSH', KEYS[2], tag .. ' ' .. entry)
if length > lengthMax then redis.call('LTRIM', KEYS[2], length - lengthMax, -1) end
redis.call('HSET', KEYS[3], tag, index)
redis.call('HSET', KEYS[1], 'index', index, 'tag', tag)
return {head[1], index, tag, wake(head[1], index, tag, head[3], entry)}
`,
};

/** Reads from the cursor's own entry on, which must have the cursor's tag. */
const READ: RedisScript = {
  keys: ["head", "entries"],
  effect: "read",
  body: `
local epoch, index, tag, limit = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local head = redis.call('HMGET', KEYS[1], 'epoch', 'index', 'tag')
local before = tonumber(head[2]) - redis.call('LLEN', KEYS[2])
local from = index - before - 1
if index == 0 and before == 0 then from = 0 end
local reset = {head[1], head[2], head[3], 'reset'}
if epoch ~= head[1] or index > tonumber(head[2]) or from < 0 then return reset end
local rows = redis.call('LRANGE', KEYS[2], from, from + limit)
if index > 0 then
  local first = table.remove(rows, 1)
  if not first or string.sub(first, 1, #tag + 1) ~= tag .. ' ' then return reset end
end
local answer = {head[1], head[2], head[3], 'entries'}
for i = 1, #rows do answer[4 + i] = rows[i] end
return answer
`,
};

/** A journal on Redis. */
export async function redisJournal(
  connection: RedisConnection,
  name: string,
  { lengthMax = LENGTH_MAX, answerMax = ANSWER_MAX }: ListJournalOptions = {},
  wakes: WakeFeed = redisWakes(connection),
): Promise<ListJournal> {
  const { client, random } = connection;
  const prefix = unitPrefix(connection.namespace, "journal", name);
  const [head, list, tags] = [`${prefix}head`, `${prefix}entries`, `${prefix}tags`];
  await begin(connection, head, random);
  return {
    wakes,
    channel: name,
    decode: (entry) => entry,
    head: async () => {
      const answer = await client.command(["HMGET", head, "epoch", "index", "tag"], {
        effect: "read",
      });
      return positionOf(texts(answer));
    },
    append: async (entry, tag) => {
      const answer = await client.run(APPEND, {
        keys: [head, list, tags],
        args: [tag, entry, String(lengthMax)],
        channel: name,
      });
      return positionOf(texts(answer));
    },
    read: async ({ epoch, index, tag }, { signal }) => {
      const answer = texts(
        await client.run(READ, {
          keys: [head, list],
          args: [epoch, String(index), tag, String(answerMax)],
          signal,
        }),
      );
      const now = positionOf(answer);
      if (answer[3] === "reset") return { kind: "reset", head: now };
      const entries = answer.slice(4).map((row, i) => ({
        index: index + 1 + i,
        tag: row.slice(0, row.indexOf(" ")),
        entry: row.slice(row.indexOf(" ") + 1),
      }));
      return { kind: "entries", entries, head: now };
    },
  };
}

/** Gives a journal that has none its epoch; with a fresh one, so that an emptied store is another journal. */
async function begin({ client }: RedisConnection, head: string, random: Random): Promise<void> {
  await client.run(BEGIN, { keys: [head], args: [randomToken(random, 8)] });
}

const BEGIN: RedisScript = {
  keys: ["head"],
  effect: "repeatable",
  body: `
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'index', '0', 'tag', '')
end
return {}
`,
};

function texts(answer: unknown): string[] {
  return Array.isArray(answer) ? answer.map(String) : [];
}

function positionOf([epoch = "", index = "", tag = ""]: string[]): JournalPosition {
  return { epoch, index: Number(index), tag };
}
