/**
 * What the scripts of logs share: the layout of a log's keys, and Lua to read its head and to tell positions.
 *
 * A log has four keys. `head` is a hash, so that one HMGET reads and one HSET writes all that an append decides by:
 *
 * | field | what |
 * |---|---|
 * | `epoch` `index` `tag` | the position of the last entry |
 * | `base` `baseTag` | index and tag of the last entry that was trimmed |
 * | `bytes` `largest` | what the log counts against its bound; the longest element there ever was |
 * | `fence` `fences` `sealed` | the fence, the past ones, whether it was ended |
 * | `w<writer>` | the writer's last append: its sequence, first and last index, tag |
 * | `refused` | appends that met a full log |
 * | `snapshot` | where the snapshot stands: epoch, index, tag |
 * | `consumers` | name, epoch, index, tag and time of each |
 * | `marks` | indexes that the head had, and when |
 *
 * `entries` is a list; its element number k is the entry `base + k`: tag, writer (`-` but at the last entry of an append)
 * and text. `snapshot` is a text, and `fading` a list of writers whose last entry was trimmed, with the time.
 *
 * @module
 */

import { MARKS_MAX } from "../../src/log/port.ts";
import type { RedisScript } from "./scripts.ts";

/** Lua: the head, by a name for each field that was asked for. Positions are told by `placeOf`. */
const HEAD = `
local function digits(number) return string.format('%.0f', number) end
local function readHead(names, more)
  names[#names + 1] = more
  local values, head = redis.call('HMGET', KEYS[1], unpack(names)), {}
  for i = 1, #names do head[names[i]] = values[i] end
  head.index, head.base = tonumber(head.index or '0'), tonumber(head.base or '0')
  head.epoch, head.tag, head.baseTag = head.epoch or '0', head.tag or '', head.baseTag or ''
  return head
end
local function placeOf(head, epoch, index, tag)
  if (epoch ~= head.epoch and not (epoch == '0' and index == 0)) or index > head.index then return 'regressed' end
  if index < head.base then return 'trimmed' end
  local own = head.tag
  if index == head.base then own = head.baseTag
  elseif index < head.index then
    own = string.match(redis.call('LINDEX', KEYS[2], digits(index - head.base - 1)) or '', '^[^ ]*')
  end
  return own == tag and 'here' or 'regressed'
end
local function start(head, kind) return { kind, head.epoch, digits(head.base), head.baseTag } end
local function lastOf(text, count)
  local parts = {}
  for part in string.gmatch(text, '[^;]+') do parts[#parts + 1] = part end
  return #parts == 0 and '' or table.concat(parts, ';', math.max(1, #parts - count + 1)) .. ';'
end
`;

/** Lua: marks of the time by which entries age. */
export const MARK = (): string => `
local function marked(head, ageMs, nowMs)
  local index, atMs = string.match(head.marks or '', '(%d+) (%d+);$')
  local isDue = not index or (head.index > tonumber(index) and nowMs - atMs >= ageMs * 2 / ${MARKS_MAX})
  if ageMs < 0 or not isDue then return head.marks or '' end
  return lastOf((head.marks or '') .. digits(head.index) .. ' ' .. digits(nowMs) .. ';', ${MARKS_MAX})
end
`;

/** A script over the head. Its body is made by a function, so that a bundler drops what nobody runs. */
export function logScript(
  keys: readonly string[],
  kind: Omit<RedisScript, "keys" | "body">,
  body: () => string,
): RedisScript {
  return { keys, ...kind, body: HEAD + body() };
}
