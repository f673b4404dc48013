/**
 * The scripts of logs that keep what consumers have passed, and drop what nobody needs.
 *
 * @module
 */

import {
  CONSUMER_LEASE_MS,
  CONSUMERS_MAX,
  ENTRY_COST_BYTES,
  TRIM_ENTRIES_MAX,
  WRITER_COST_BYTES,
  WRITER_MEMORY_MS,
  WRITERS_MAX,
} from "../../src/log/port.ts";
import { logScript, MARK } from "./log_base_script.ts";
import type { RedisScript } from "./scripts.ts";

/**
 * ARGV: consumer; epoch, index (`''` to forget it) and tag; the age of entries (-1 for none). Where it stands.
 */
export const COMMIT_SCRIPT: RedisScript = /* @__PURE__ */ logScript(
  ["head", "entries"],
  { effect: "repeatable", tellsTime: true },
  () =>
    `${MARK()}
local name, epoch, tag = ARGV[1], ARGV[2], ARGV[4]
local index, nowMs = tonumber(ARGV[3]), tonumber(now())
local head = readHead({ 'epoch', 'index', 'tag', 'base', 'baseTag', 'marks' }, 'consumers')
local function answer(list) list[#list + 1] = now() return list end
local others, count, before = {}, 0, nil
for one, where, at, own, atMs in string.gmatch(head.consumers or '', '([^ ;]+) ([^ ]+) (%d+) ([^ ]*) (%d+);') do
  if one == name then before = { where, tonumber(at), own }
  else
    count = count + 1
    others[count] = table.concat({ one, where, at, own, atMs }, ' ') .. ';'
  end
end
if not index then
  redis.call('HSET', KEYS[1], 'consumers', table.concat(others))
  return answer({ 'done', '', '', '' })
end
local place = placeOf(head, epoch, index, tag)
if place == 'regressed' then return answer({ place }) end
local isBehind = before and before[2] > index
if place == 'trimmed' and not isBehind then return answer(start(head, place)) end
if not before and count >= ${CONSUMERS_MAX} then return answer({ 'full' }) end
if isBehind then epoch, index, tag = unpack(before) end
others[count + 1] = table.concat({ name, epoch, digits(index), tag, digits(nowMs) }, ' ') .. ';'
redis.call('HSET', KEYS[1], 'consumers', table.concat(others), 'marks', marked(head, tonumber(ARGV[5]), nowMs))
return answer({ 'done', epoch, digits(index), tag })
`,
);

/**
 * ARGV: epoch, index and tag of a snapshot (`''` for none) and its text; epoch, index and tag up to which to go
 * (`''` for as far as may be); whether it is forced; the age of entries (-1 for none). The start, and whether it is done.
 * Writers that have been gone for long enough, or are too many, are forgotten.
 */
export const TRIM_SCRIPT: RedisScript = /* @__PURE__ */ logScript(
  ["head", "entries", "snapshot", "fading"],
  { effect: "repeatable", tellsTime: true },
  () =>
    `${MARK()}
local head = readHead({ 'epoch', 'index', 'tag', 'base', 'baseTag', 'bytes', 'snapshot', 'marks' }, 'consumers')
local made, upTo, ageMs, nowMs = tonumber(ARGV[2]), tonumber(ARGV[6]), tonumber(ARGV[9]), tonumber(now())
local function answer(list) list[#list + 1] = now() return list end
if made then
  local place = placeOf(head, ARGV[1], made, ARGV[3])
  if place ~= 'here' then return answer(start(head, place)) end
end
if upTo and placeOf(head, ARGV[5], upTo, ARGV[7]) == 'regressed' then return answer({ 'regressed' }) end
local epoch, index, tag = string.match(head.snapshot or '', '^([^ ]*) (%d+) ([^ ]*)$')
if made and index and tonumber(index) > made then return answer({ 'behind', epoch, index, tag }) end

local covered, aged = made or tonumber(index or '0'), 0
for at, atMs in string.gmatch(head.consumers or '', '[^ ;]+ [^ ]+ (%d+) [^ ]* (%d+);') do
  if nowMs - atMs < ${CONSUMER_LEASE_MS} then covered = math.min(covered, at) end
end
for at, atMs in string.gmatch(ageMs >= 0 and head.marks or '', '(%d+) (%d+);') do
  if nowMs - atMs >= ageMs then aged = tonumber(at) end
end
local goal = math.min(upTo or head.index, head.index)
if ARGV[8] ~= '1' then goal = math.min(goal, math.max(covered, aged)) end
local count = math.max(0, math.min(goal, head.base + ${TRIM_ENTRIES_MAX}) - head.base)
local bytes, writers, faded = tonumber(head.bytes or '0'), {}, {}
for from = 0, count - 1, 1000 do
  local lines = redis.call('LRANGE', KEYS[2], digits(from), digits(math.min(from + 999, count - 1)))
  for i = 1, #lines do
    local own, writer = string.match(lines[i], '^([^ ]*) ([^ ]*) ')
    bytes = bytes - (#lines[i] - #own - #writer - 2) - ${ENTRY_COST_BYTES}
    head.baseTag = own
    if writer ~= '-' then writers[#writers + 1] = writer end
  end
end
head.base = head.base + count
local function lastIndexes(names)
  local fields, indexes = {}, {}
  for i = 1, #names do fields[i] = 'w' .. names[i] end
  for from = 1, #fields, 1000 do
    local some = redis.call('HMGET', KEYS[1], unpack(fields, from, math.min(from + 999, #fields)))
    for i = 1, #some do indexes[from + i - 1] = some[i] and tonumber(string.match(some[i], '^%d+ %d+ (%d+)')) or false end
  end
  return indexes
end
local last = lastIndexes(writers)
for i = 1, #writers do
  if last[i] and last[i] <= head.base then faded[#faded + 1] = digits(nowMs) .. ' ' .. writers[i] end
end
local old, gone = redis.call('LRANGE', KEYS[4], '0', '999'), {}
local spare = (#old == 1000 or #faded > 0) and redis.call('LLEN', KEYS[4]) + #faded - ${WRITERS_MAX} or 0
for i = 1, #old do
  local sinceMs, writer = string.match(old[i], '^(%d+) (.*)$')
  if i > spare and nowMs - sinceMs < ${WRITER_MEMORY_MS} then break end
  gone[i] = writer
end
local lost, seen = {}, {}
last = lastIndexes(gone)
for i = 1, #gone do
  if last[i] and last[i] <= head.base and not seen[gone[i]] then lost[#lost + 1] = 'w' .. gone[i] end
  seen[gone[i]] = true
end

if made then
  redis.call('SET', KEYS[3], ARGV[1] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3] .. '\\n' .. ARGV[4])
  head.snapshot = ARGV[1] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3]
end
if count > 0 then redis.call('LTRIM', KEYS[2], digits(count), '-1') end
for from = 1, #faded, 1000 do
  redis.call('RPUSH', KEYS[4], unpack(faded, from, math.min(from + 999, #faded)))
end
if #gone > 0 then redis.call('LTRIM', KEYS[4], digits(#gone), '-1') end
if #lost > 0 then redis.call('HDEL', KEYS[1], unpack(lost)) end
redis.call('HSET', KEYS[1], 'base', digits(head.base), 'baseTag', head.baseTag,
  'bytes', digits(math.max(0, bytes - #lost * ${WRITER_COST_BYTES})),
  'snapshot', head.snapshot or '', 'marks', marked(head, ageMs, nowMs))
local list = start(head, 'done')
list[#list + 1] = goal <= head.base and '1' or '0'
return answer(list)
`,
);
