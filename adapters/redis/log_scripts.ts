/**
 * The scripts of logs that write and read entries, and end them. What they share stands in `log_base_script.ts`.
 *
 * @module
 */

import {
  ENTRY_COST_BYTES,
  FENCES_MAX,
  LOG_REFUSALS_MAX,
  READ_BYTES_MAX,
  WRITER_COST_BYTES,
} from "../../src/log/port.ts";
import { logScript } from "./log_base_script.ts";
import { type RedisScript, WAKES } from "./scripts.ts";

/**
 * ARGV: writer, sequence, tag, fence, epoch, index and tag that are expected (`''` for none), the most entries and
 * bytes, the elements. What became of it, then positions. If one of the two keys was lost without the other, the
 * length is not what it must be: then everything is as it was.
 */
export const APPEND_SCRIPT: RedisScript = /* @__PURE__ */ logScript(
  ["head", "entries"],
  { effect: "repeatable", wakes: WAKES },
  () => `
local writer, sequence, tag, fence, epoch, index, expected, entriesMax, bytesMax = unpack(ARGV, 1, 9)
local count = #ARGV - 10
local head = readHead({ 'epoch', 'index', 'tag', 'base', 'baseTag', 'bytes', 'largest', 'fence', 'sealed', 'refused' }, 'w' .. writer)
local known, refused = head['w' .. writer], head.refused or ''
if known then
  local last, place = string.match(known, '^(%d+) (.*)$')
  if last == sequence then return { 'repeat', head.epoch, place, '1' } end
  if tonumber(last) > tonumber(sequence) then return { 'unknown', '1' } end
end
local name = writer .. ' ' .. sequence .. ';'
if string.find(';' .. refused, ';' .. name, 1, true) then return { 'full', '1' } end
if not known and sequence ~= '1' then return { 'unknown', '1' } end
if head.sealed then return { 'sealed', '1' } end
if (head.fence or '') ~= fence then return { 'fenced', '1' } end
if index ~= '' then
  if placeOf(head, epoch, tonumber(index), expected) == 'regressed' then return { 'regressed', '1' } end
  if tonumber(index) ~= head.index then return { 'conflict', head.epoch, digits(head.index), head.tag, '1' } end
end
local bytes, largest = tonumber(head.bytes or '0'), tonumber(head.largest or '0')
if not known then bytes = bytes + ${WRITER_COST_BYTES} end
local size = #tag + 3
for i = 10, 9 + count do
  local length = #ARGV[i]
  bytes = bytes + length - size + ${ENTRY_COST_BYTES}
  if length > largest then largest = length end
end
bytes = bytes - (#writer - 1)
if head.index - head.base + count > tonumber(entriesMax) or bytes > tonumber(bytesMax) then
  redis.call('HSET', KEYS[1], 'refused', lastOf(refused .. name, ${LOG_REFUSALS_MAX}))
  return { 'full', '1' }
end
local length = redis.call('RPUSH', KEYS[2], unpack(ARGV, 10, 9 + count))
if length ~= head.index - head.base + count then
  redis.call('LTRIM', KEYS[2], '0', digits(-count - 1))
  return { 'regressed', '1' }
end
local previous = count == 1 and head.tag or tag
local first, last = digits(head.index + 1), digits(head.index + count)
if head.index == 0 then head.epoch = tag end
redis.call('HSET', KEYS[1], 'epoch', head.epoch, 'index', last, 'tag', tag, 'bytes', digits(bytes), 'largest', digits(largest),
  'w' .. writer, sequence .. ' ' .. first .. ' ' .. last .. ' ' .. tag)
local entry = count == 1 and string.sub(ARGV[10], size + #writer)
return { 'done', head.epoch, first .. ' ' .. last .. ' ' .. tag, wake(head.epoch, last, tag, previous, entry) }
`,
);

/**
 * ARGV: epoch, index and tag of a position (`''` for the start), the most entries. The head, then the elements: as many
 * at once as cannot be too many, so that a log of small entries costs one call.
 */
export const READ_SCRIPT: RedisScript = /* @__PURE__ */ logScript(
  ["head", "entries"],
  { effect: "read" },
  () => `
local head = readHead({ 'epoch', 'index', 'tag', 'base', 'baseTag', 'largest' }, 'sealed')
local index, limit = tonumber(ARGV[2]) or head.base, tonumber(ARGV[4])
if ARGV[2] ~= '' then
  local place = placeOf(head, ARGV[1], index, ARGV[3])
  if place ~= 'here' then return start(head, place) end
end
local list = { 'entries', head.epoch, digits(head.index), head.tag, head.sealed and '1' or '0', digits(index) }
local bytes, from, last = 0, index - head.base, math.min(index + limit, head.index) - head.base - 1
local step = math.max(16, math.floor(${READ_BYTES_MAX * 4} / tonumber(head.largest or '1')))
while from <= last and bytes < ${READ_BYTES_MAX} do
  local upTo = math.min(from + math.min(step, 1000) - 1, last)
  local found = redis.call('LRANGE', KEYS[2], digits(from), digits(upTo))
  if #found < upTo - from + 1 then return start(head, 'regressed') end
  for i = 1, #found do
    if bytes >= ${READ_BYTES_MAX} then return list end
    bytes = bytes + #found[i]
    list[#list + 1] = found[i]
  end
  from = upTo + 1
end
return list
`,
);

/** ARGV: the fence. The head, or `fenced` if it was replaced before. */
export const FENCE_SCRIPT: RedisScript = /* @__PURE__ */ logScript(
  ["head"],
  { effect: "repeatable" },
  () => `
local head = readHead({ 'epoch', 'index', 'tag', 'fence' }, 'fences')
local past = head.fences or ''
if string.find(';' .. past, ';' .. ARGV[1] .. ';', 1, true) then return { 'fenced' } end
if head.fence ~= ARGV[1] then
  if head.fence then past = lastOf(past .. head.fence .. ';', ${FENCES_MAX}) end
  redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'fences', past)
end
return { 'done', head.epoch, digits(head.index), head.tag }
`,
);

/** ARGV: the fence. The head, or `fenced`. The hint tells of an entry that does not come, so that readers look. */
export const SEAL_SCRIPT: RedisScript = /* @__PURE__ */ logScript(
  ["head"],
  { effect: "repeatable", wakes: WAKES },
  () => `
local head = readHead({ 'epoch', 'index', 'tag' }, 'fence')
if (head.fence or '') ~= ARGV[1] then return { 'fenced', '1' } end
redis.call('HSET', KEYS[1], 'sealed', '1')
return { 'done', head.epoch, digits(head.index), head.tag, wake(head.epoch, digits(head.index + 1), 'sealed', head.tag, false) }
`,
);
