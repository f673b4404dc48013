/**
 * The scripts of the presence store. A room is one hash: the field `" "` has `epoch index tag count`, and each member's
 * field `expires version tag meta`. Versions begin with the server's time in milliseconds, so they grow from one life of
 * a room to the next. The hash outlives every member, and goes when nobody came for a day.
 *
 * Each answer ends with the time and with what `wake` gave (or `1` where nobody is woken), as `scripts.ts` has it.
 *
 * @module
 */

import { type RedisScript, WAKES } from "./scripts.ts";

/** Lua: the state of a room, the members of a reply that are no longer live, and one change. */
const ROOM = `
local room, at, tag = KEYS[1], now(), ARGV[1]
local epoch, index, last, count
local function state(held)
  epoch, index, last, count = string.match(held or '', '^(%S+) (%d+) (%S+) (%d+)$')
end
local function parsed(value)
  return string.match(value or '', '^(%d+) (%d+) (%S+) (.*)$')
end
local function isLive(expires) return expires and tonumber(expires) > tonumber(at) end
local function due(all)
  local names = {}
  for i = 1, #all, 2 do
    if all[i] ~= ' ' and not isLive(parsed(all[i + 1])) then names[#names + 1] = all[i] end
  end
  return names
end
local function whole(n) return string.format('%.0f', n) end
local function bump(by) index, count = whole(index + 1), whole(count + by) end
local function head() return epoch .. ' ' .. index .. ' ' .. tag .. ' ' .. count end
local function leaving(names, rest)
  if #names > 0 then redis.call('HDEL', room, unpack(names)) end
  local parts = {}
  for i, name in ipairs(names) do parts[i] = '-' .. name end
  if rest then parts[#parts + 1] = rest end
  return wake(epoch, index, tag, last, table.concat(parts, ' '))
end
`;

/** How long a room is kept after its last change, in milliseconds: longer than any member may live. */
const KEPT_MS = "90000000";

/**
 * Puts a member. ARGV: tag, member, meta, ttl, the most members. Answers its version, or `full`.
 *
 * Calls: TIME, HMGET, HSET, PEXPIRE, PUBLISH; without PUBLISH if nothing changed; HGETALL and HDEL if the room is full.
 */
export const PUT_PRESENCE: RedisScript = {
  keys: ["room"],
  effect: "repeatable",
  tellsTime: true,
  wakes: WAKES,
  body: `${ROOM}
local member, meta, ttl = ARGV[2], ARGV[3], ARGV[4]
local held = redis.call('HMGET', room, ' ', member)
state(held[1])
if not epoch then epoch, index, last, count = tag, at, tag, '0' end
local until_ = whole(at + ttl)
local expires, version, own, old = parsed(held[2])
local isSame = isLive(expires) and (old == meta or own == tag)
local names = {}
if not isSame and not held[2] and tonumber(count) >= tonumber(ARGV[5]) then
  names = due(redis.call('HGETALL', room))
  if count - #names >= tonumber(ARGV[5]) then return {'full', now(), '1'} end
end
if isSame then
  redis.call('HSET', room, member, until_ .. ' ' .. version .. ' ' .. own .. ' ' .. old)
  redis.call('PEXPIRE', room, '${KEPT_MS}')
  return {version, now(), '1'}
end
bump((held[2] and 0 or 1) - #names)
redis.call('HSET', room, member, until_ .. ' ' .. index .. ' ' .. tag .. ' ' .. meta, ' ', head())
redis.call('PEXPIRE', room, '${KEPT_MS}')
return {index, now(), leaving(names, '+' .. member .. ' ' .. meta)}
`,
};

/** Prolongs members. ARGV: ttl, members. Answers the places of those that are not there. Calls: TIME, HMGET, HSET, PEXPIRE. */
export const REFRESH_PRESENCE: RedisScript = {
  keys: ["room"],
  effect: "repeatable",
  tellsTime: true,
  body: `local at = now()
local held = redis.call('HMGET', KEYS[1], unpack(ARGV, 2))
local until_ = string.format('%.0f', at + ARGV[1])
local writes, answer = {}, {}
for i, value in ipairs(held) do
  local expires, rest = string.match(value or '', '^(%d+)( .*)$')
  if expires and tonumber(expires) > tonumber(at) then
    writes[#writes + 1] = ARGV[i + 1]
    writes[#writes + 1] = until_ .. rest
  else
    answer[#answer + 1] = string.format('%.0f', i - 1)
  end
end
if #writes > 0 then
  redis.call('HSET', KEYS[1], unpack(writes))
  redis.call('PEXPIRE', KEYS[1], '${KEPT_MS}')
end
answer[#answer + 1] = now()
return answer
`,
};

/**
 * Takes members out. ARGV: tag, members. Answers the version, then name and meta of each that was live.
 *
 * Calls: TIME, HMGET, HSET, HDEL, PUBLISH; only the first two if none of them is there.
 */
export const LEAVE_PRESENCE: RedisScript = {
  keys: ["room"],
  effect: "repeatable",
  tellsTime: true,
  wakes: WAKES,
  body: `${ROOM}
local held = redis.call('HMGET', room, ' ', unpack(ARGV, 2, #ARGV - 1))
state(held[1])
local names, answer = {}, {'0'}
for i = 2, #ARGV - 1 do
  if held[i] then
    names[#names + 1] = ARGV[i]
    local expires, _, _, meta = parsed(held[i])
    if isLive(expires) then
      answer[#answer + 1] = ARGV[i]
      answer[#answer + 1] = meta
    end
  end
end
local woken = '1'
if #names > 0 and epoch then
  bump(-#names)
  answer[1] = index
  redis.call('HSET', room, ' ', head())
  woken = leaving(names)
end
answer[#answer + 1] = now()
answer[#answer + 1] = woken
return answer
`,
};

/**
 * Lists a room, and takes out who is due. ARGV: tag. Answers epoch, index, tag, then name, version and meta of each.
 *
 * Calls: TIME, HGETALL; HSET, HDEL, PUBLISH if somebody is due.
 */
export const LIST_PRESENCE: RedisScript = {
  keys: ["room"],
  effect: "repeatable",
  tellsTime: true,
  wakes: WAKES,
  body: `${ROOM}
local all = redis.call('HGETALL', room)
local answer = {'', '', ''}
for i = 1, #all, 2 do
  if all[i] == ' ' then
    state(all[i + 1])
  else
    local expires, version, _, meta = parsed(all[i + 1])
    if isLive(expires) then
      answer[#answer + 1] = all[i]
      answer[#answer + 1] = version
      answer[#answer + 1] = meta
    end
  end
end
if not epoch then return {'', at, '', now(), '1'} end
local names, woken = due(all), '1'
if #names > 0 then
  bump(-#names)
  redis.call('HSET', room, ' ', head())
  woken = leaving(names)
  last = tag
end
answer[1], answer[2], answer[3] = epoch, index, last
answer[#answer + 1] = now()
answer[#answer + 1] = woken
return answer
`,
};
