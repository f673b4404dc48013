/**
 * What the writing scripts of models share: Lua for the layout of a model's keys, its head, and its journal.
 *
 * A model of M state keys and N shards has the keys `state` 1 to M, `records` 1 to N and `order` 1 to N, in this order
 * in KEYS. The first state key holds, besides unique values, the head and the journal, so that one HMGET reads and one
 * HSET writes all of them:
 *
 * | field | what |
 * |---|---|
 * | `seq` `tag` `epoch` | the head's position |
 * | `next` `count` | the highest number used as an id; records that are not hidden |
 * | `j<index>` | an entry: tag, previous tag, token or `-`, text |
 * | `t<token>` | a commit: its digest, and a line of what each write did |
 * | `refused` | commits that failed, the oldest first: token, digest, and what they met |
 * | `open` `closed` | parts of the journal: first index, entries, bytes (and when it was closed) |
 * | `turn` | the shard in which the next write looks for what is due |
 * | `s<group>` | positions of the sources of a group, the idlest first; each with its group before its name |
 * | `u<claim>` | the owner's shard and id |
 *
 * A record is one field of its shard's `records`: a line of its version, expiry, state, shape, scopes, claims and
 * entries, and then its JSON. A shard's `order` is a sorted set of all entries of its records, all with score 0.
 *
 * @module
 */

const HELPERS = `
local M, hasSets, ageMsMax = string.match(ARGV[1], '(%S+) (%S+) (%S+)')
local N, tag, isWatched = tonumber(ARGV[2]), ARGV[3], ARGV[4] == '1'
local entriesMax, bytesMax = tonumber(ARGV[5]), tonumber(ARGV[6])
M, hasSets, ageMsMax = tonumber(M), hasSets == '1', tonumber(ageMsMax)
local stateNotes, recordNotes, orderNotes = {}, {}, {}
local lines, head, owners = {}, {}, {}
local nowMs = now and tonumber(now()) or false

local function stateKey(shard) return KEYS[1 + shard] end
local function recordKey(shard) return KEYS[M + 1 + shard] end
local function orderKey(shard) return KEYS[M + N + 1 + shard] end
local function digits(number) return string.format('%.0f', number) end

local function note(notes, shard, name, value)
  local ofShard = notes[shard]
  if not ofShard then ofShard = {} notes[shard] = ofShard end
  ofShard[name] = value
end

local function inChunks(command, key, list)
  for from = 1, #list, 1000 do
    redis.call(command, key, unpack(list, from, math.min(from + 999, #list)))
  end
end

local function fieldsOf(key, names)
  if #names <= 1000 then return #names == 0 and {} or redis.call('HMGET', key, unpack(names)) end
  local values = {}
  for from = 1, #names, 1000 do
    local some = redis.call('HMGET', key, unpack(names, from, math.min(from + 999, #names)))
    for i = 1, #some do values[from + i - 1] = some[i] end
  end
  return values
end

local function jsonText(text)
  local escaped = string.gsub(text, '[\\1-\\31"\\\\]', function(char)
    return string.format('\\\\u%04x', string.byte(char))
  end)
  return '"' .. escaped .. '"'
end

local function split(claim)
  local colon = string.find(claim, ':', 1, true)
  return tonumber(string.sub(claim, 1, colon - 1)), string.sub(claim, colon + 1)
end

local function flushed(notes, keyOf, add, remove, isScored)
  local gone = {}
  for shard, ofShard in pairs(notes) do
    local some, less = {}, {}
    for name, value in pairs(ofShard) do
      if not value then less[#less + 1] = name
      elseif isScored then some[#some + 1] = '0' some[#some + 1] = name
      else some[#some + 1] = name some[#some + 1] = value end
    end
    inChunks(add, keyOf(shard), some)
    if #less > 0 then gone[#gone + 1] = { remove, keyOf(shard), less } end
  end
  return gone
end

`;

/**
 * The layout that models have unless they say otherwise. A layout says how to read records, owners and members, and
 * how to make all changes.
 */
export const OWN_LAYOUT = `
local function recordsIn(shard, ids) return fieldsOf(recordKey(shard), ids) end
local function ownersIn(shard, names) return fieldsOf(stateKey(shard), names) end
local function lastNumber(value) return tonumber(value or '0') end
local function isUsed() return false end
local function membersRange(write)
  return '[' .. write.prefix, '(' .. string.sub(write.prefix, 1, -2) .. '\\1'
end
local function membersAll(write)
  local found = redis.call('ZRANGEBYLEX', orderKey(write.shard), membersRange(write))
  for i = 1, #found do found[i] = string.sub(found[i], #write.prefix + 1) end
  return found
end
local function membersCount(write)
  return redis.call('ZLEXCOUNT', orderKey(write.shard), membersRange(write))
end
local function membersAmong(write, members)
  local names = {}
  for i = 1, #members do names[i] = write.prefix .. members[i] end
  local scores = redis.call('ZMSCORE', orderKey(write.shard), unpack(names))
  for i = 1, #members do names[i] = scores[i] and true or false end
  return names
end
local function store()
  local later = {
    flushed(recordNotes, recordKey, 'HSET', 'HDEL'),
    flushed(stateNotes, stateKey, 'HSET', 'HDEL'),
    flushed(orderNotes, orderKey, 'ZADD', 'ZREM', true),
  }
  for i = 1, 3 do
    for j = 1, #later[i] do inChunks(unpack(later[i][j])) end
  end
end
`;

const REST = `
local function parsed(shard, id, value)
  local record = { shard = shard, id = id, value = value, version = '', expires = '', scopes = '{}', claims = {}, entries = {} }
  local stop = string.find(value, '\\n', 1, true)
  if not stop then return record end
  local parts = {}
  for part in string.gmatch(string.sub(value, 1, stop), '([^\\t\\n]*)[\\t\\n]') do parts[#parts + 1] = part end
  record.version, record.expires, record.isHidden = parts[1], parts[2], parts[3] == '1'
  record.scopes = parts[5]
  local claims = tonumber(parts[6]) or 0
  for i = 7, 6 + claims do record.claims[i - 6] = parts[i] end
  for i = 7 + claims, #parts do record.entries[#record.entries + 1] = parts[i] end
  return record
end

local function isAlive(record)
  return record and (record.expires == '' or not nowMs or tonumber(record.expires) > nowMs)
end

local function readHead(names)
  local first = { 'seq', 'tag', 'epoch', 'next', 'count', 'open', 'closed', 'turn' }
  for i = 1, #names do first[8 + i] = names[i] end
  local values = fieldsOf(KEYS[1], first)
  head.seq, head.tag, head.epoch = tonumber(values[1] or '0'), values[2] or '', values[3] or tag
  head.next, head.count = lastNumber(values[4]), tonumber(values[5] or '0')
  head.open, head.closed = values[6] or '', values[7] or ''
  head.turn = tonumber(values[8] or '0')
  head.start, head.startTag = head.seq, head.tag
  local rest = {}
  for i = 1, #names do rest[i] = values[8 + i] end
  return rest
end

local function log(text)
  head.seq = head.seq + 1
  lines[#lines + 1] = text
end

local function suffixOf(record)
  local entry = record.entries[1]
  return entry and string.match(entry, '%z([^%z]*)$')
end

local function dropMembers(record, suffix)
  if not hasSets or not suffix then return end
  local prefix = 'm\\0' .. suffix .. '\\0'
  local found = redis.call('ZRANGEBYLEX', orderKey(record.shard), '[' .. prefix, '(m\\0' .. suffix .. '\\1')
  for i = 1, #found do
    note(orderNotes, record.shard, found[i], false)
    note(orderNotes, record.shard, 'r\\0' .. string.sub(found[i], #prefix + 1) .. '\\0' .. suffix, false)
  end
end

local function release(record)
  for i = 1, #record.claims do
    local shard, claim = split(record.claims[i])
    note(stateNotes, shard, 'u' .. claim, false)
  end
  for i = 1, #record.entries do note(orderNotes, record.shard, record.entries[i], false) end
  if not record.isHidden then head.count = head.count - 1 end
end

local function retire(record)
  release(record)
  dropMembers(record, suffixOf(record))
  note(recordNotes, record.shard, record.id, false)
  log('{"kind":"delete","id":' .. jsonText(record.id) .. ',"before":' .. (record.isHidden and 'null' or record.scopes) .. ',"after":null,"expired":true}')
end

local function dueIn(shard, limit)
  local until_ = '(x\\0' .. string.format('%016.0f', nowMs + 1)
  local found = redis.call('ZRANGEBYLEX', orderKey(shard), '[x\\0', until_, 'LIMIT', '0', limit)
  local ids, due = {}, {}
  for i = 1, #found do ids[i] = string.sub(string.match(found[i], '%z([^%z]*)$'), 2) end
  local values = recordsIn(shard, ids)
  for i = 1, #ids do
    if values[i] then due[#due + 1] = parsed(shard, ids[i], values[i])
    else note(orderNotes, shard, found[i], false) end
  end
  return due
end

local function dropPart(first, count)
  local names = {}
  for i = 0, count - 1 do names[i + 1] = 'j' .. digits(first + i) end
  local values = fieldsOf(KEYS[1], names)
  for i = 1, #names do
    note(stateNotes, 0, names[i], false)
    local token = values[i] and string.match(values[i], '^[^ ]* [^ ]* ([^ ]*)')
    if token and token ~= '-' then note(stateNotes, 0, 't' .. token, false) end
  end
end

local function trim(closed, entriesMax, bytesMax, timeMs)
  local parts, entries, bytes = {}, 0, 0
  for first, count, size, atMs in string.gmatch(closed, '(%d+) (%d+) (%d+) (%d+);') do
    parts[#parts + 1] = { tonumber(first), tonumber(count), tonumber(size), tonumber(atMs) }
    entries, bytes = entries + count, bytes + size
  end
  local kept = 1
  while kept <= #parts do
    local part = parts[kept]
    local isOver = kept < #parts and (entries > entriesMax * 15 / 16 or bytes > bytesMax * 15 / 16)
    if not isOver and part[4] >= timeMs - ageMsMax then break end
    dropPart(part[1], part[2])
    entries, bytes, kept = entries - part[2], bytes - part[3], kept + 1
  end
  local text = {}
  for i = kept, #parts do
    text[#text + 1] = string.format('%.0f %.0f %.0f %.0f;', parts[i][1], parts[i][2], parts[i][3], parts[i][4])
  end
  return table.concat(text)
end

local function writeJournal(token)
  local first, count, size = string.match(head.open, '^(%d+) (%d+) (%d+)$')
  first, count, size = tonumber(first or head.start + 1), tonumber(count or 0), tonumber(size or 0)
  for i = 1, #lines do
    local name = i == #lines and token ~= '' and token or '-'
    local line = tag .. ' ' .. (i == 1 and head.startTag or tag) .. ' ' .. name .. ' ' .. (isWatched and lines[i] or '')
    note(stateNotes, 0, 'j' .. digits(head.start + i), line)
    size = size + #line
  end
  count = count + #lines
  local open = digits(first) .. ' ' .. digits(count) .. ' ' .. digits(size)
  if count >= entriesMax / 16 or size >= bytesMax / 16 then
    local time = redis.call('TIME')
    local timeMs = time[1] * 1000 + math.floor(time[2] / 1000)
    local closed = head.closed .. open .. ' ' .. digits(timeMs) .. ';'
    note(stateNotes, 0, 'closed', trim(closed, entriesMax, bytesMax, timeMs))
    open = ''
  end
  note(stateNotes, 0, 'open', open)
end

local function flush()
  note(stateNotes, 0, 'seq', digits(head.seq))
  note(stateNotes, 0, 'tag', tag)
  note(stateNotes, 0, 'epoch', head.epoch)
  note(stateNotes, 0, 'next', digits(head.next))
  note(stateNotes, 0, 'count', digits(head.count))
  store()
end

local function answer(list)
  if now then list[#list + 1] = now() end
  if isWatched and #lines > 0 then
    list[#list + 1] = wake(head.epoch, digits(head.seq), tag, #lines == 1 and head.startTag or tag, #lines == 1 and lines[1])
  else
    list[#list + 1] = '1'
  end
  return list
end
`;

/** Lua before a script that does not ask for the time, so that it can tell. */
export const WITHOUT_TIME = "local now = nil\n";

/**
 * Reads nothing and writes nothing by itself. Changes are noted by shard and name (`false` for what goes), and
 * `flush` makes them, one command for each key and kind. Records go first, as only they can fail for their size.
 */
export function modelBase(layout: string): string {
  return HELPERS + layout + REST;
}
