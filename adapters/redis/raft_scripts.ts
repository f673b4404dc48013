/**
 * The scripts of a node's store. Its keys are always the same four, so each script declares all of them:
 *
 * | key | type | what |
 * |---|---|---|
 * | `m` | hash | everything but entries and pieces, see below |
 * | `l` | list | the entries after the base, as `raft_entry.ts` writes them |
 * | `s0` `s1` | list | the pieces of two snapshots: the published one, and the one that is being staged |
 *
 * | field of `m` | what |
 * |---|---|
 * | `e` `o` `q` `i` | epoch, owner, last operation of the epoch, incarnation |
 * | `t` `v` `c` | term, vote, commit hint |
 * | `b` `bt` `n` `nt` | index and term of the base and of the last entry |
 * | `si` `st` `sm` `ss` `sn` `sz` | the published snapshot: index, term, all of it as JSON, slot, bytes, bytes of a piece |
 * | `gi` `gt` `gn` `gz` | the staged one: index, term, bytes, bytes of a piece |
 *
 * An append at the end of the log costs HMGET, RPUSH and HSET, whatever its length.
 *
 * @module
 */

import type { RedisScript } from "./scripts.ts";

/** The keys of every script. */
const KEYS: readonly string[] = ["m", "l", "s0", "s1"];

/** Lua: the hash that holds the head, and the guard that every write passes first. */
const GUARD = `
local m, l = KEYS[1], KEYS[2]
local names = {'e','o','q','t','v','c','b','bt','n','nt','si','ss','gi','gt','gn','gz'}
local values, h = redis.call('HMGET', m, unpack(names)), {}
for at, name in ipairs(names) do h[name] = values[at] or nil end
local function number(name) return tonumber(h[name] or '0') end
local function digits(value) return string.format('%.0f', value) end
local function done() return {'done', h.b or '0', h.bt or '0', h.si or '0'} end
local function refused(rule) return {'refused', rule} end
if h.o ~= ARGV[1] or h.e ~= ARGV[2] then return {'fenced', h.e or '0'} end
local q, mine = number('q'), tonumber(ARGV[3])
if mine < q then return {'late'} end
if mine == q then return done() end
if mine > q + 1 then return {'gap'} end
local base, last, commit = number('b'), number('n'), number('c')
local function termAt(index)
  if index == last then return h.nt or '0' end
  if index == base then return h.bt or '0' end
  local entry = redis.call('LINDEX', l, index - base - 1)
  return entry and string.sub(entry, 1, string.find(entry, ':', 1, true) - 1) or '?'
end
`;

/** Arguments: owner, incarnation, bytes wanted. */
export const OPEN_SCRIPT: RedisScript = {
  keys: KEYS,
  effect: "repeatable",
  body: `
local m, l = KEYS[1], KEYS[2]
local names = {'o','e','i','t','v','c','b','bt','n','sm'}
local h = redis.call('HMGET', m, unpack(names))
local length = redis.call('LLEN', l)
local wanted, bytes, entries = tonumber(ARGV[3]), 0, {}
while #entries < length and bytes < wanted do
  local more = 2
  if #entries > 0 then
    local fit = math.floor((wanted - bytes) * #entries / math.max(1, bytes))
    more = math.max(1, math.min(5000, fit))
  end
  local some = redis.call('LRANGE', l, #entries, #entries + more - 1)
  for i = 1, #some do
    entries[#entries + 1] = some[i]
    bytes = bytes + #some[i]
  end
end
local epoch, incarnation = h[2] or '0', h[3] or ARGV[2]
if h[1] ~= ARGV[1] then
  epoch = string.format('%.0f', tonumber(epoch) + 1)
  redis.call('HSET', m, 'o', ARGV[1], 'e', epoch, 'q', '0', 'i', incarnation)
end
local answer = {epoch, incarnation, string.format('%.0f', length)}
for i = 4, #names do answer[#answer + 1] = h[i] or '' end
for i = 1, #entries do answer[#answer + 1] = entries[i] end
return answer
`,
};

/** Arguments: owner, epoch, operation, term or nothing, vote, commit, index and term of prev or nothing, last term, entries. */
export const SAVE_SCRIPT: RedisScript = {
  keys: KEYS,
  effect: "repeatable",
  body: `${GUARD}
local term, vote, known = ARGV[4], ARGV[5], tonumber(ARGV[6])
if term ~= '' then
  local before = number('t')
  if tonumber(term) < before then return refused('the term never decreases') end
  if tonumber(term) == before and (h.v or '') ~= '' and h.v ~= vote then
    return refused('the vote never changes within a term')
  end
end
local prev, nextLast, nextTerm = false, last, h.nt or '0'
if ARGV[7] ~= '' then
  prev = tonumber(ARGV[7])
  if prev < base or prev > last then return refused('the log has no holes') end
  if prev < commit then return refused('nothing is cut off below the commit index') end
  if termAt(prev) ~= ARGV[8] then return refused('the entry before is the one that is named') end
  nextLast, nextTerm = prev + #ARGV - 9, ARGV[9]
end
if known > nextLast then return refused('the commit index is at most the last') end
if prev then
  if prev == base and prev < last then redis.call('DEL', l)
  elseif prev < last then redis.call('LTRIM', l, 0, prev - base - 1) end
  local length = prev - base
  for from = 10, #ARGV, 1000 do
    length = redis.call('RPUSH', l, unpack(ARGV, from, math.min(from + 999, #ARGV)))
  end
  if length ~= nextLast - base then return {'gap'} end
end
local f = {'q', ARGV[3]}
local function set(name, value) f[#f + 1] = name f[#f + 1] = value end
if term ~= '' then set('t', term) set('v', vote) end
if known > commit then set('c', ARGV[6]) end
if prev then set('n', digits(nextLast)) set('nt', nextTerm) end
redis.call('HSET', m, unpack(f))
return done()
`,
};

/** Arguments: owner, epoch, operation, index and term of the snapshot, offset, bytes, the piece. */
export const STAGE_SCRIPT: RedisScript = {
  keys: KEYS,
  effect: "repeatable",
  body: `${GUARD}
local slot = KEYS[h.ss == '0' and 4 or 3]
local offset, bytes = tonumber(ARGV[6]), tonumber(ARGV[7])
local size = number('gz')
if offset > 0 then
  if not h.gn or number('gn') ~= offset or h.gi ~= ARGV[4] or h.gt ~= ARGV[5] then
    return refused('a piece continues what was staged before')
  end
  if offset % size ~= 0 or bytes > size then return refused('pieces but the last are of one length') end
else
  size = bytes
  redis.call('DEL', slot)
end
redis.call('RPUSH', slot, ARGV[8])
redis.call('HSET', m, 'q', ARGV[3], 'gi', ARGV[4], 'gt', ARGV[5], 'gn', digits(offset + bytes), 'gz', digits(size))
return done()
`,
};

/** Arguments: owner, epoch, operation, index and term of the snapshot, bytes, all of it as JSON, index to keep after or nothing. */
export const PUBLISH_SCRIPT: RedisScript = {
  keys: KEYS,
  effect: "repeatable",
  body: `${GUARD}
local index, isOwn = tonumber(ARGV[4]), ARGV[8] ~= ''
if index <= number('si') then
  if not isOwn then return refused('snapshots only advance') end
  redis.call('HSET', m, 'q', ARGV[3])
  return done()
end
if h.gn ~= ARGV[6] or h.gi ~= ARGV[4] or h.gt ~= ARGV[5] then return refused('all pieces are staged') end
local keep, keepTerm = index, ARGV[5]
if isOwn then
  if index < base or index > last or termAt(index) ~= ARGV[5] then
    return refused('a snapshot ends at an entry of the log')
  end
  keep = math.max(base, math.min(tonumber(ARGV[8]), index))
  keepTerm = termAt(keep)
elseif index < commit then return refused('nothing is cut off below the commit index') end
local f = {'q', ARGV[3], 'b', digits(keep), 'bt', keepTerm, 'c', digits(math.max(commit, index))}
local function set(name, value) f[#f + 1] = name f[#f + 1] = value end
set('si', ARGV[4]) set('st', ARGV[5]) set('sm', ARGV[7]) set('sn', ARGV[6]) set('sz', h.gz)
set('ss', h.ss == '0' and '1' or '0')
if not isOwn then set('n', ARGV[4]) set('nt', ARGV[5]) end
if not isOwn or keep == last then redis.call('DEL', l)
elseif keep > base then redis.call('LTRIM', l, keep - base, -1) end
if h.ss then redis.call('DEL', KEYS[h.ss == '0' and 3 or 4]) end
redis.call('HDEL', m, 'gi', 'gt', 'gn', 'gz')
redis.call('HSET', m, unpack(f))
h.b, h.bt, h.si = digits(keep), keepTerm, ARGV[4]
return done()
`,
};

/** Arguments: the first index, the one after the last, bytes wanted. */
export const ENTRIES_SCRIPT: RedisScript = {
  keys: KEYS,
  effect: "read",
  body: `
local from, to, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local base = tonumber(redis.call('HGET', KEYS[1], 'b') or '0')
local entries, bytes = {}, 0
if from <= base then return entries end
local more = 2
while from < to and more > 0 do
  local some = redis.call('LRANGE', KEYS[2], from - base - 1, math.min(from + more, to) - base - 2)
  if #some == 0 then return entries end
  for i = 1, #some do
    entries[#entries + 1] = some[i]
    bytes = bytes + #some[i]
  end
  from = from + #some
  more = math.min(5000, math.floor((wanted - bytes) * #entries / math.max(1, bytes)))
end
return entries
`,
};

/** Arguments: the snapshot's index, where the part begins, its bytes. */
export const PIECE_SCRIPT: RedisScript = {
  keys: KEYS,
  effect: "read",
  body: `
local h = redis.call('HMGET', KEYS[1], 'si', 'ss', 'sn', 'sz')
if h[1] ~= ARGV[1] then return {} end
local size, offset = math.max(1, tonumber(h[4])), tonumber(ARGV[2])
local first = math.floor(offset / size)
local lastOne = math.floor((offset + tonumber(ARGV[3]) - 1) / size)
local answer = redis.call('LRANGE', KEYS[3 + tonumber(h[2])], first, lastOne)
table.insert(answer, 1, h[3])
table.insert(answer, 2, string.format('%.0f', first * size))
return answer
`,
};
