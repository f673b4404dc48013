/**
 * The writing scripts of models: commit and sweep. What they share stands in `model_base_script.ts`.
 *
 * A script has two forms, with and without the store's time: only models whose records expire pay for TIME.
 *
 * @module
 */

import { MODEL_BASE, WITHOUT_TIME } from "./model_base_script.ts";
import type { RedisScript } from "./scripts.ts";

/** Lua: takes the arguments of a commit apart, in the order in which `model_values.ts` puts them. */
const COMMIT_ARGS = `
local token, digest, source, place = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local entriesMax, bytesMax, ageMsMax = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local isWatched, membersMax, retiredMax = ARGV[12] == '1', tonumber(ARGV[13]), ARGV[14]
local at = 15
local function arg() at = at + 1 return ARGV[at] end
local function args() local list = {} for i = 1, tonumber(arg()) do list[i] = arg() end return list end
local writes = {}
for i = 1, tonumber(ARGV[15]) do
  local write = { kind = arg(), id = arg(), shard = tonumber(arg()), suffix = arg(), expect = arg(), version = arg() }
  if write.kind == 'put' then
    write.body, write.shape, write.scopes, write.ttl, write.isHidden = arg(), arg(), arg(), arg(), arg() == '1'
    write.claims, write.entries = args(), args()
  elseif write.kind == 'members' then
    write.set, write.replaces, write.add, write.remove = arg(), arg() == '1', args(), args()
  end
  writes[i] = write
end
`;

/** Lua: reads all that is to be known, and answers for a commit that was made before. */
const COMMIT_READ = `
local names, claimNames = { 't' .. token }, {}
if source ~= '' then names[2] = 'sources' end
local fixed = #names
for i = 1, #writes do
  local claims = writes[i].claims or {}
  for j = 1, #claims do
    local shard, claim = split(claims[j])
    if shard == 0 then names[#names + 1] = 'u' .. claim
    else
      claimNames[shard] = claimNames[shard] or {}
      table.insert(claimNames[shard], 'u' .. claim)
    end
  end
end
local found = readHead(names)
for i = fixed + 1, #names do owners['0' .. names[i]] = found[i] end
for shard, some in pairs(claimNames) do
  local values = fieldsOf(stateKey(shard), some)
  for i = 1, #some do owners[shard .. some[i]] = values[i] end
end

if found[1] then
  local known, results = string.match(found[1], '^([^\\n]*)\\n(.*)$')
  if known ~= digest then return answer({ 'reused' }) end
  local list = { 'again', results }
  for index in string.gmatch(results, '\\t(%d+)\\n') do
    list[#list + 1] = redis.call('HGET', KEYS[1], 'j' .. index) or ''
  end
  return answer(list)
end
local sources = {}
if source ~= '' then
  local reached
  for name, index in string.gmatch(found[2] or '', '([^\\t\\n]+)\\t(%d+)\\n') do
    if name == source then reached = tonumber(index) else sources[#sources + 1] = { name, index } end
  end
  if reached and tonumber(place) <= reached then return answer({ 'passed' }) end
  if not reached and tonumber(place) > 1 then return answer({ 'unknown' }) end
  sources[#sources + 1] = { source, place }
end

local drawn = 0
for i = 1, #writes do
  local write = writes[i]
  if write.id == '' then
    drawn = drawn + 1
  elseif write.kind == 'put' and string.sub(write.suffix, 1, 1) ~= 's' then
    head.next = math.max(head.next, tonumber(write.id))
  end
end
if drawn > 0 and head.next + drawn > 9007199254740991 then return answer({ 'limit' }) end
local records, wanted = {}, {}
for i = 1, #writes do
  local write = writes[i]
  if write.id == '' then
    -- Past every number that was ever given or drawn, so it is free.
    head.next = head.next + 1
    write.id, write.shard = digits(head.next), head.next % N
    write.suffix = string.char(64 + #write.id) .. write.id
  end
  wanted[write.shard] = wanted[write.shard] or {}
  table.insert(wanted[write.shard], write.id)
end
for shard, ids in pairs(wanted) do
  local values = fieldsOf(recordKey(shard), ids)
  local isKnown = true
  for i = 1, #ids do
    if values[i] then records[ids[i]] = parsed(shard, ids[i], values[i]) else isKnown = false end
  end
  -- A key of another type must fail before the first write; a record that is there shows that this one is none.
  if not isKnown then redis.call('ZCARD', orderKey(shard)) end
end
`;

/** Lua: all checks, in the order of the writes. Notes what a retirement will be needed for. */
const COMMIT_CHECK = `
local expired, released, taken = {}, {}, {}
local function aliveOf(id)
  local record = records[id]
  if record and not isAlive(record) then expired[#expired + 1] = record end
  return isAlive(record) and record or nil
end
local function refused(kind, at, rest)
  local list = { kind, digits(at - 1) }
  for i = 1, #rest do list[#list + 1] = rest[i] end
  return answer(list)
end
local function shown(record) return record and record.id or '', record and record.value or '' end
for i = 1, #writes do
  local write = writes[i]
  if write.kind ~= 'members' and records[write.id] then
    local held = records[write.id].claims
    for j = 1, #held do released[held[j]] = true end
  end
end
local function changeOf(write)
  local prefix, has = 'm\\0' .. write.suffix .. '\\0' .. write.set .. '\\0', {}
  local from, to = '[' .. prefix, '(' .. string.sub(prefix, 1, -2) .. '\\1'
  local total, added, removed, adds, leaving = 0, {}, {}, {}, write.remove
  if write.replaces then
    local all = redis.call('ZRANGEBYLEX', orderKey(write.shard), from, to)
    leaving, total = {}, #all
    for i = 1, #all do
      leaving[i] = string.sub(all[i], #prefix + 1)
      has[leaving[i]] = true
    end
  else
    local asked = {}
    for i = 1, #write.add do asked[#asked + 1] = write.add[i] end
    for i = 1, #write.remove do asked[#asked + 1] = write.remove[i] end
    for from_ = 1, #asked, 1000 do
      local names = {}
      for i = from_, math.min(from_ + 999, #asked) do names[#names + 1] = prefix .. asked[i] end
      local scores = redis.call('ZMSCORE', orderKey(write.shard), unpack(names))
      for i = 1, #names do has[asked[from_ + i - 1]] = scores[i] and true or nil end
    end
    if #write.add > 0 then total = redis.call('ZLEXCOUNT', orderKey(write.shard), from, to) end
  end
  for i = 1, #write.add do
    local member = write.add[i]
    if not has[member] and not adds[member] then added[#added + 1] = member end
    adds[member] = true
  end
  for i = 1, #leaving do
    local member = leaving[i]
    if has[member] and not adds[member] then removed[#removed + 1] = member has[member] = nil end
  end
  write.added, write.removed, write.prefix = added, removed, prefix
  return total + #added - #removed
end
for i = 1, #writes do
  local write = writes[i]
  local record = aliveOf(write.id)
  local holds = write.expect == '' or (write.expect == 'version' and record and record.version == write.version)
    or (write.expect == 'absent' and not record) or (write.expect == 'present' and record)
  if not holds then return refused('conflict', i, { shown(record) }) end
  if write.kind == 'members' and changeOf(write) > membersMax then return refused('full', i, {}) end
  local claims = write.claims or {}
  for j = 1, #claims do
    local claim = claims[j]
    if taken[claim] then return refused('taken', i, { digits(j - 1), '', '' }) end
    taken[claim] = true
    local shard, name = split(claim)
    local owner = owners[shard .. 'u' .. name]
    local ownerShard, ownerId
    if owner then ownerShard, ownerId = split(owner) end
    if owner and ownerId ~= write.id and not released[claim] then
      if not records[ownerId] then
        local value = redis.call('HGET', recordKey(ownerShard), ownerId)
        if value then records[ownerId] = parsed(ownerShard, ownerId, value) end
      end
      local other = aliveOf(ownerId)
      if other then return refused('taken', i, { digits(j - 1), shown(other) }) end
    end
  end
end
`;

/** Lua: all writes. First what goes, then what comes, so that claims can change hands. */
const COMMIT_WRITE = `
if nowMs then
  local due = dueIn(head.turn, retiredMax)
  note(stateNotes, 0, 'turn', digits((head.turn + 1) % N))
  for i = 1, #due do
    expired[#expired + 1] = records[due[i].id] or due[i]
    records[due[i].id] = expired[#expired]
  end
  for i = 1, #expired do
    if not expired[i].isRetired then retire(expired[i]) end
    expired[i].isRetired = true
  end
end
for i = 1, #writes do
  local write = writes[i]
  local record = records[write.id]
  write.before = record and not record.isRetired and record or nil
  if write.before and write.kind ~= 'members' then release(write.before) end
  if write.before and write.kind == 'delete' then dropMembers(write.before, write.suffix) end
end

local function keep(notes, shard, name, before, value)
  -- What the record held already was noted as going; it stays as it is.
  if before[name] then note(notes, shard, name, nil) else note(notes, shard, name, value) end
end
local function put(write)
  local before, heldClaims, heldEntries = write.before, {}, {}
  for i = 1, before and #before.claims or 0 do
    local shard, claim = split(before.claims[i])
    heldClaims['u' .. claim] = true
  end
  for i = 1, before and #before.entries or 0 do heldEntries[before.entries[i]] = true end
  local expires = write.ttl
  if expires == 'keep' then expires = before and before.expires or ''
  elseif expires ~= '' then expires = digits(nowMs + expires) end
  local old = before and not before.isHidden and before.scopes or 'null'
  local start = ',"id":' .. jsonText(write.id) .. ',"before":' .. old .. ',"after":'
  if write.isHidden then log('{"kind":"delete"' .. start .. 'null}')
  else
    log('{"kind":"' .. (old == 'null' and 'create' or 'update') .. '"' .. start .. write.scopes .. ',"shape":' .. write.shape
      .. (expires == '' and '' or ',"expires":' .. expires) .. ',"body":' .. write.body .. '}')
    head.count = head.count + 1
  end
  local version = digits(head.seq) .. '-' .. tag
  local parts = { version, expires, write.isHidden and '1' or '0', write.shape, write.scopes, tostring(#write.claims) }
  for i = 1, #write.claims do
    local shard, claim = split(write.claims[i])
    parts[#parts + 1] = write.claims[i]
    keep(stateNotes, shard, 'u' .. claim, heldClaims, write.shard .. ':' .. write.id)
  end
  if expires ~= '' then table.insert(write.entries, 'x\\0' .. string.format('%016.0f', expires)) end
  for i = 1, #write.entries do
    local entry = write.entries[i] .. '\\0' .. write.suffix
    parts[#parts + 1] = entry
    keep(orderNotes, write.shard, entry, heldEntries, true)
  end
  note(recordNotes, write.shard, write.id, table.concat(parts, '\\t') .. '\\n' .. write.body)
  return version, '1', before and '1' or '0', expires, digits(head.seq)
end
local function remove(write)
  local before = write.before
  if not before then return '', '0', '0', '', '' end
  note(recordNotes, write.shard, write.id, false)
  if not before.isHidden then
    log('{"kind":"delete","id":' .. jsonText(write.id) .. ',"before":' .. before.scopes .. ',"after":null}')
  end
  return before.version, '1', '1', '', ''
end
local function setMembers(write)
  local texts = { {}, {} }
  for pass, list in ipairs({ write.added, write.removed }) do
    for i = 1, #list do
      local isIn = pass == 1
      note(orderNotes, write.shard, write.prefix .. list[i], isIn)
      note(orderNotes, write.shard, 'r\\0' .. write.set .. '\\0' .. list[i] .. '\\0' .. write.suffix, isIn)
      texts[pass][i] = jsonText(list[i])
    end
  end
  local before, changed = write.before, #write.added + #write.removed
  if changed > 0 then
    log('{"kind":"members","id":' .. jsonText(write.id) .. ',"before":' .. before.scopes .. ',"after":' .. before.scopes
      .. ',"set":' .. jsonText(write.set) .. ',"added":[' .. table.concat(texts[1], ',') .. '],"removed":[' .. table.concat(texts[2], ',') .. ']}')
  end
  return before.version, digits(changed), '1', before.expires, ''
end

local list, results = { 'done' }, {}
for i = 1, #writes do
  local write = writes[i]
  local result
  if write.kind == 'put' then result = { write.id, put(write) }
  elseif write.kind == 'delete' then result = { write.id, remove(write) }
  else result = { write.id, setMembers(write) } end
  results[i] = table.concat(result, '\\t') .. '\\n'
  for j = 1, 5 do list[#list + 1] = result[j] end
end
if #lines == 0 then log('{"kind":"none"}') end
note(stateNotes, 0, 't' .. token, digest .. '\\n' .. table.concat(results))
if source ~= '' then
  local text = {}
  for i = math.max(1, #sources - 255), #sources do text[#text + 1] = sources[i][1] .. '\\t' .. sources[i][2] .. '\\n' end
  note(stateNotes, 0, 'sources', table.concat(text))
end
writeJournal(entriesMax, bytesMax, ageMsMax, token, isWatched)
flush()
return answer(list, isWatched)
`;

const COMMIT_BODY = MODEL_BASE + COMMIT_ARGS + COMMIT_READ + COMMIT_CHECK + COMMIT_WRITE;

/** Checks and makes the writes of a commit. */
export const COMMIT_SCRIPT: RedisScript = {
  keys: ["state…"],
  effect: "repeatable",
  wakes: true,
  body: WITHOUT_TIME + COMMIT_BODY,
};

/** The same for models whose records expire. */
export const COMMIT_EXPIRING_SCRIPT: RedisScript = {
  keys: ["state…"],
  effect: "repeatable",
  wakes: true,
  tellsTime: true,
  body: COMMIT_BODY,
};

/** Retires what is due, shard by shard, and trims the journal by age. */
export const SWEEP_SCRIPT: RedisScript = {
  keys: ["state…"],
  effect: "repeatable",
  wakes: true,
  tellsTime: true,
  body: `${MODEL_BASE}
local limit, isWatched = tonumber(ARGV[5]), ARGV[9] == '1'
readHead({})
local left = limit
for shard = 0, N - 1 do
  if left > 0 then
    local due = dueIn(shard, digits(left))
    for i = 1, #due do retire(due[i]) end
    left = left - #due
  end
end
if #lines > 0 then
  writeJournal(tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), '', isWatched)
end
local closed = stateNotes[0] and stateNotes[0].closed or head.closed
note(stateNotes, 0, 'closed', trim(closed, 1e15, 1e15, tonumber(ARGV[8]), nowMs))
if #lines > 0 or closed ~= stateNotes[0].closed then
  if #lines == 0 then tag = head.tag end
  flush()
end
return answer({ digits(limit - left), left > 0 and '1' or '0' }, isWatched)
`,
};
