/**
 * What a script is, and what is put before it on its way.
 *
 * A script is a constant of plain strings, so that a bundler drops those that nobody runs; whatever it shares with
 * others is put together at run time. One body has two headers: Upstash locks the whole database for a script unless
 * its first line asks to lock only the declared keys, and Redis itself refuses that line.
 *
 * Rules for bodies: every key comes in KEYS; all reads and checks come before the first write; numbers stay strings;
 * the answer is a flat array of strings; no cjson on users' data; `unpack` of at most 1,000. Remarks stand above the
 * constant: what is in the text is in every bundle, and at the server.
 *
 * @module
 */

import { wakeChannel } from "./keys.ts";
import type { Effect } from "./retry.ts";

/** A script, declared once as a constant. */
export interface RedisScript {
  /** The keys in their order, for readers and for a check; a last name with `…` stands for any number. */
  readonly keys: readonly string[];
  /** What it does to the store: `"repeatable"` if it proves its identity. */
  readonly effect: Effect;
  /** The Lua text, without a header. */
  readonly body: string;
  /**
   * Whether it calls `now()`, which gives the server's time in milliseconds. Its answer then ends with `now()` (before
   * what `wake` gave), and the client measures the server's clock by it.
   */
  readonly tellsTime?: boolean;
  /**
   * `WAKES` if it calls `wake(epoch, index, tag, previousTag, entry)` as the last thing it does, and ends its answer with
   * what that gave. The entry may be `false`.
   */
  readonly wakes?: Waking;
}

/** What a script needs that wakes; only such a script brings it along. */
export interface Waking {
  /** The Lua of `wake`. */
  readonly lua: string;
  /** The name at the server of a channel. */
  readonly channelOf: (namespace: string, channel: string) => string;
}

/** How a server takes scripts: with the flag that locks keys only, or without. */
export type Dialect = "key-locking" | "plain";

/** Lua: the server's time. `%.0f` because engines print large numbers each in its own way. */
const TIME = `local clock = redis.call('TIME')
local function now() return string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000)) end
`;

/**
 * For scripts that wake. The Lua gives the hint to readers, in the form of `src/wakes/wake.ts`. By `pcall`, because a server may refuse PUBLISH in
 * scripts, and a write must not fail for a hint: the answer says `"0"` then. The channel is the last argument.
 */
export const WAKES: Waking = {
  lua: `local function wake(epoch, index, tag, previousTag, entry)
  local line = epoch .. ' ' .. index .. ' ' .. tag .. ' ' .. previousTag
  if entry and #entry <= 8192 and not string.find(entry, '\\n', 1, true) and not string.find(entry, '\\r', 1, true) then line = line .. ' ' .. entry end
  local told = redis.pcall('PUBLISH', ARGV[#ARGV], line)
  if type(told) == 'table' and told.err then return '0' end
  return '1'
end
`,
  channelOf: wakeChannel,
};

/** The whole text of a script in a dialect. */
export function scriptText({ body, tellsTime, wakes }: RedisScript, dialect: Dialect): string {
  const header = dialect === "key-locking" ? "#!lua flags=allow-key-locking\n" : "";
  return `${header}${tellsTime ? TIME : ""}${wakes?.lua ?? ""}${body}`;
}

/** The name by which EVALSHA knows a text. */
export async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether so many keys are what a script declares. */
export function takesKeys({ keys }: RedisScript, count: number): boolean {
  return keys.at(-1)?.includes("…") ? count >= keys.length - 1 : count === keys.length;
}
