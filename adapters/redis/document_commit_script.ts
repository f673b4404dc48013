/**
 * The script that commits operations to a document. The layout stands in `document_log_script.ts`.
 *
 * @module
 */

import { LOG } from "./document_log_script.ts";
import { type RedisScript, WAKES } from "./scripts.ts";

/** Lua: an answer that publishes nothing. */
export const ANSWER = `
local function answer(list)
  list[#list + 1], list[#list + 2] = now(), '1'
  return list
end
`;

/** Lua: what speaks against a commit, read before anything is written. */
const CHECK = `
local base, baseEpoch, baseTag, id, idText = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local opsMax, bytesMax, ageMsMax = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local identitiesMax, identityMsMax = tonumber(ARGV[9]), tonumber(ARGV[10])
local snapshot, isMilestone, milestonesMax = ARGV[11], ARGV[12] == '1', tonumber(ARGV[13])
local answerOps, answerBytes, travelBytes = tonumber(ARGV[14]), tonumber(ARGV[15]), tonumber(ARGV[16])
local journalMax, journalBytesMax, journalMsMax = tonumber(ARGV[17]), tonumber(ARGV[18]), tonumber(ARGV[19])
local creates, entryCount, count, BLOCK = ARGV[20] == '1', tonumber(ARGV[21]), tonumber(ARGV[22]), 64
local nowMs = tonumber(now())
local function lose() redis.pcall('HINCRBY', KEYS[1], 'w', '1') end
local function op(i) local at = 24 + 4 * (i - 1) return ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4] end
local settled, wipes, createdAt, missed = nil, false, nil, {}
local commutes, isNew = ARGV[23] == '1', ARGV[24] == '1'
${ANSWER}
local names = { 'v', 'tag', 'e', 'f', 'ft', 'sv', 'c', 'at', 'fa', 'b', 'rf', 'ra', 'ms', 'en', 'w' }
for i = 1, count do
  local tag, source, sequence = op(i)
  names[15 + i] = 'q' .. sequence .. ' ' .. source
end
local got = redis.call('HMGET', KEYS[1], unpack(names))
local log = logOf(KEYS[1], got)
if not log then return answer({ 'corrupt' }) end
local known = {}
for i = 1, count do
  if got[15 + i] then append(known, { digits(i - 1), got[15 + i] }) end
end
if #known > 0 then
  local list = append(append(headOf('duplicate', log), { digits(#known / 2) }), known)
  if isOwnEpoch(log, base, baseEpoch) and base >= log.first and base <= log.version then
    local lines, isOwn = linesAfter(log, base, baseTag, answerOps, answerBytes)
    if lines and isOwn then append(list, lines) end
  end
  return answer(list)
end
if not isOwnEpoch(log, base, baseEpoch) then return answer(headOf('foreign', log)) end
if base > log.version then return answer(headOf('ahead', log)) end
if base < log.first then
  local list = headOf('trimmed', log)
  list[#list + 1] = (tonumber(got[11] or '') or log.first) > base and '1' or '0'
  return answer(list)
end
local lines, isOwn = linesAfter(log, base, baseTag, answerOps, answerBytes)
if not lines then return answer({ 'corrupt' }) end
if not isOwn then
  if isNew then lose() end
  return answer(headOf('foreign', log))
end
if base < log.version then
  if not commutes or log.snapshot > base or #lines < log.version - base then
    lose()
    return answer(append(headOf('behind', log), lines))
  end
  missed, base, snapshot, isMilestone = lines, log.version, '', false
end
local jot = redis.call('HMGET', KEYS[3], 'seq', 'tag', 'epoch', 'first', 'firstAt', 'bytes')
`;

/**
 * Lua: everything that a commit writes, or that writes what another store has settled (`settled`: the snapshot's
 * version and the time of the last operation), over what is there or from nothing (`wipes`).
 */
export const WRITE = `
local set, gone, size = {}, {}, tonumber(got[10] or '0')
local atMs = settled and settled.atMs or math.max(nowMs, tonumber(got[8] or '0'))
local at, texts, textBytes = digits(atMs), {}, 0
local function put(name, value) set[#set + 1] = name set[#set + 1] = value end
for i = 1, count do
  local tag, source, sequence, text, opAt = op(i)
  local line = tag .. ' ' .. (opAt or at) .. ' ' .. source .. ' ' .. sequence .. ' ' .. text
  put('o' .. digits(base + i - 1), line)
  put('q' .. sequence .. ' ' .. source, digits(base + i - 1))
  texts[i], textBytes, log.tag = line, textBytes + #line, tag
end
local before = log.version
log.version, size = base + count, size + textBytes
local epoch = jot[3] or (digits(nowMs) .. '-' .. log.tag)
if log.epoch == '' then log.epoch = epoch .. '.' .. log.tag end
if log.epoch ~= got[3] then put('e', log.epoch) end
local created = createdAt or creates and at or got[7] or '0'
if created ~= got[7] then put('c', created) end
local milestone, oldMilestone
if snapshot ~= '' then
  log.snapshot = settled and settled.version or log.version
  local tag, time = log.tag, at
  if settled then tag, time = string.match(settled.place, '^(.*) (%d+)$') end
  local line = digits(log.snapshot) .. ' ' .. tag .. ' ' .. created .. ' ' .. time .. ' ' .. snapshot
  put('s', line)
  put('sv', digits(log.snapshot))
  if isMilestone then
    milestone = line
    local list, marks = (got[13] or '') .. digits(log.version) .. ':' .. at .. ';', 0
    for mark in string.gmatch(list, ';') do marks = marks + 1 end
    if marks > milestonesMax then oldMilestone, list = string.match(list, '^(%d+):%d+;(.*)$') end
    put('ms', list)
  end
end

-- What is past the bounds of the log goes in blocks: read now, dropped with the writes below.
local kept, firstAt = log.version - log.first, tonumber(got[9] or at)
if kept >= opsMax + BLOCK or size > bytesMax or firstAt < nowMs - ageMsMax then
  local last = math.min(log.snapshot, before, log.first + BLOCK + count)
  local block = linesBetween(KEYS[1], log.first, last, 1e15)
  if not block then return answer({ 'corrupt' }) end
  for i = 1, #block do
    local tag, time, source, sequence = string.match(block[i], '^([^ ]*) (%d+) ([^ ]*) (%d+) ')
    if not tag then return answer({ 'corrupt' }) end
    firstAt = tonumber(time)
    if log.version - log.first <= opsMax and size <= bytesMax and firstAt >= nowMs - ageMsMax then break end
    gone[#gone + 1] = 'o' .. digits(log.first)
    put('r' .. digits(log.first), time .. ' ' .. sequence .. ' ' .. source)
    if not got[11] then got[11], got[12] = digits(log.first), time end
    size, log.first, log.firstTag = size - #block[i], log.first + 1, tag
  end
end
local rest, restAt = tonumber(got[11] or digits(log.first)), tonumber(got[12] or at)
if log.first - rest >= identitiesMax + BLOCK or (rest < log.first and restAt < nowMs - identityMsMax) then
  local left = {}
  for version = rest, math.min(tonumber(got[4] or '0'), rest + BLOCK + count) - 1 do left[#left + 1] = 'r' .. digits(version) end
  local found = #left > 0 and redis.call('HMGET', KEYS[1], unpack(left)) or {}
  for i = 1, #found do
    local time, name = string.match(found[i] or '0 ', '^(%d+) (.*)$')
    restAt = tonumber(time or '0')
    if log.first - rest <= identitiesMax and restAt >= nowMs - identityMsMax then break end
    append(gone, { left[i], 'q' .. (name or '') })
    rest = rest + 1
  end
end
if rest < log.first or got[11] then put('rf', digits(rest)) put('ra', digits(restAt)) end
append(set, { 'v', digits(log.version), 'tag', log.tag, 'at', at, 'b', digits(size),
  'f', digits(log.first), 'ft', log.firstTag, 'fa', digits(firstAt) })
local losers = got[15] or '0'
if losers ~= '0' then put('w', '0') end

local add, remove = {}, {}
if entryCount >= 0 then
  local old, new, start = {}, {}, 24 + 4 * count
  for entry in string.gmatch(got[14] or '', '[^\\n]+') do old[entry] = true end
  for i = 1, entryCount do
    local entry = ARGV[start + i]
    new[i] = entry
    if not old[entry] then append(add, { '0', entry .. '\\0' .. id }) end
    old[entry] = nil
  end
  for entry in pairs(old) do remove[#remove + 1] = entry .. '\\0' .. id end
  if #add + #remove > 0 then put('en', table.concat(new, '\\n')) end
end

local seq, first, jotBytes = tonumber(jot[1] or '0') + 1, tonumber(jot[4] or '1'), tonumber(jot[6] or '0')
local jotAt, jotGone, previous = tonumber(jot[5] or digits(nowMs)), {}, jot[2] or ''
local text = log.epoch .. ' ' .. digits(base) .. ' ' .. digits(log.version) .. ' ' .. log.tag .. ' ' .. idText
if textBytes <= travelBytes and count > 0 then text = text .. '\\t' .. table.concat(texts, '\\t') end
local entry = log.tag .. ' ' .. previous .. ' ' .. digits(nowMs) .. ' ' .. text
jotBytes = jotBytes + #entry
if seq - first >= journalMax + BLOCK or jotBytes > journalBytesMax or jotAt < nowMs - journalMsMax then
  local fields = {}
  for index = first, math.min(first + BLOCK, seq - 1) do fields[#fields + 1] = 'j' .. digits(index) end
  local found = #fields > 0 and redis.call('HMGET', KEYS[3], unpack(fields)) or {}
  for i = 1, #found do
    jotAt = tonumber(string.match(found[i] or '', '^[^ ]* [^ ]* (%d+) ') or '0')
    if seq - first < journalMax and jotBytes <= journalBytesMax and jotAt >= nowMs - journalMsMax then break end
    jotGone[#jotGone + 1] = fields[i]
    first, jotBytes = first + 1, jotBytes - #(found[i] or '')
  end
end

local function inChunks(command, key, list)
  for from = 1, #list, 1000 do redis.call(command, key, unpack(list, from, math.min(from + 999, #list))) end
end
if wipes then redis.call('DEL', KEYS[1], KEYS[2]) end
inChunks('HSET', KEYS[1], set)
if milestone then redis.call('HSET', KEYS[2], 'm' .. digits(log.version), milestone) end
redis.call('HSET', KEYS[3], 'seq', digits(seq), 'tag', log.tag, 'epoch', epoch, 'first', digits(first),
  'firstAt', digits(jotAt), 'bytes', digits(jotBytes), 'j' .. digits(seq), entry)
inChunks('ZADD', KEYS[4], add)
inChunks('ZREM', KEYS[4], remove)
inChunks('HDEL', KEYS[1], gone)
inChunks('HDEL', KEYS[3], jotGone)
if oldMilestone then redis.call('HDEL', KEYS[2], 'm' .. oldMilestone) end
return append(append(append(headOf('done', log), { at, losers }), missed), { now(), wake(epoch, digits(seq), log.tag, previous, text) })
`;

/**
 * KEYS: the document, its milestones, the journal, the order. ARGV: base version, epoch and tag (`*` for any), id, id as
 * JSON, bounds, snapshot or nothing, … (see `commitArgs`), then four parts of each operation, then the entries.
 */
export const COMMIT_SCRIPT: RedisScript = {
  keys: ["document", "milestones", "journal", "order"],
  effect: "repeatable",
  tellsTime: true,
  wakes: WAKES,
  body: /* @__PURE__ */ [LOG, CHECK, WRITE].join(""),
};
