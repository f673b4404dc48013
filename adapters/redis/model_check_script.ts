/**
 * The first half of a commit of models, in Lua: arguments, reads and checks. Nothing is written here but the note that
 * a commit was refused.
 *
 * @module
 */

import { MEMBERS_MAX, REFUSALS_MAX } from "../../src/models/port.ts";

/** Lua: takes the arguments of a commit apart, in the order in which `model_values.ts` puts them. */
export const COMMIT_ARGS = `
local token, digest, place, source = ARGV[7], ARGV[8], string.match(ARGV[9], '^(%d*) ?(.*)$')
local at = 10
local function arg() at = at + 1 return ARGV[at] end
local function args() local list = {} for i = 1, tonumber(arg()) do list[i] = arg() end return list end
local writes = {}
for i = 1, tonumber(ARGV[10]) do
  local write = { kind = arg(), suffix = arg(), shard = tonumber(arg()), expect = arg() }
  write.id = string.sub(write.suffix, 2)
  if write.kind == 'put' then
    write.ttl, write.shape, write.scopes, write.body = arg(), arg(), arg(), arg()
    if string.sub(write.ttl, 1, 1) == 'h' then write.isHidden, write.ttl = true, string.sub(write.ttl, 2) end
    write.claims, write.entries = args(), args()
  elseif write.kind == 'members' then
    write.set, write.replaces, write.add, write.remove = arg(), arg() == '1', args(), args()
  end
  writes[i] = write
end
`;

/**
 * Lua: reads all that is to be known, and answers for a commit that was made before.
 *
 * An id that is drawn lies past every number that was ever given or drawn, so it is free. A key of another type must
 * fail before the first write, hence the ZCARD; a record that is there shows that its shard's is none.
 */
export const COMMIT_READ = `
local names, claimNames = { 't' .. token, 'refused' }, {}
local sourcesName = 's' .. string.match(source, '^%d*')
if source ~= '' then names[3] = sourcesName end
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
  local values = ownersIn(shard, some)
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
  for line, name, index in string.gmatch(found[3] or '', '(([^\\t\\n]+)\\t(%d+)\\n)') do
    if name == source then reached = tonumber(index) else sources[#sources + 1] = line end
  end
  if reached and tonumber(place) <= reached then return answer({ 'passed' }) end
  if not reached and tonumber(place) > 1 then return answer({ 'unknown' }) end
  sources[#sources + 1] = source .. '\\t' .. place .. '\\n'
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
    repeat head.next = head.next + 1 until not isUsed(digits(head.next))
    write.id, write.shard = digits(head.next), head.next % N
    write.suffix = string.char(64 + #write.id) .. write.id
  end
  wanted[write.shard] = wanted[write.shard] or {}
  table.insert(wanted[write.shard], write.id)
end
for shard, ids in pairs(wanted) do
  local values = recordsIn(shard, ids)
  local isKnown = true
  for i = 1, #ids do
    if values[i] then records[ids[i]] = parsed(shard, ids[i], values[i]) else isKnown = false end
  end
  if not isKnown then redis.call('ZCARD', orderKey(shard)) end
end
`;

/** Lua: all checks, in the order of the writes. Notes what a retirement will be needed for. */
export const COMMIT_CHECK: string = `
local expired, released, taken = {}, {}, {}
local function aliveOf(id)
  local record = records[id]
  if record and not isAlive(record) then expired[#expired + 1] = record end
  return isAlive(record) and record or nil
end
for i = 1, #writes do
  local write = writes[i]
  if write.kind ~= 'members' and records[write.id] then
    local held = records[write.id].claims
    for j = 1, #held do released[held[j]] = true end
  end
end
local function shown(record) return record and record.id or '', record and record.value or '' end
local function ownerOf(claim)
  local shard, name = split(claim)
  local owner = owners[shard .. 'u' .. name]
  if not owner then return nil end
  local ownerShard, id = split(owner)
  if not records[id] then
    local value = recordsIn(ownerShard, { id })[1]
    if value then records[id] = parsed(ownerShard, id, value) end
  end
  return aliveOf(id)
end
local function refusal(kind, at, claim)
  if kind == 'conflict' then return answer({ kind, digits(at - 1), shown(aliveOf(writes[at].id)) }) end
  if kind == 'full' then return answer({ kind, digits(at - 1) }) end
  local name = writes[at].claims[claim]
  return answer({ kind, digits(at - 1), digits(claim - 1), shown(not released[name] and ownerOf(name)) })
end
local function refused(kind, at, claim)
  local kept = {}
  for line in string.gmatch(found[2] or '', '[^\\n]+') do kept[#kept + 1] = line end
  kept[#kept + 1] = table.concat({ token, digest, kind, digits(at), digits(claim or 0) }, '\\t')
  local from = math.max(1, #kept - ${REFUSALS_MAX} + 1)
  redis.call('HSET', KEYS[1], 'refused', table.concat(kept, '\\n', from) .. '\\n')
  return refusal(kind, at, claim)
end
local first = found[2] and string.find('\\n' .. found[2], '\\n' .. token .. '\\t', 1, true)
if first then
  local known, kind, at, claim = string.match(found[2], '^[^\\t]*\\t([^\\t]*)\\t(%a+)\\t(%d+)\\t(%d+)\\n', first)
  if known ~= digest then return answer({ 'reused' }) end
  return refusal(kind, tonumber(at), tonumber(claim))
end
local function changeOf(write)
  write.prefix = 'm\\0' .. write.suffix .. '\\0' .. write.set .. '\\0'
  local total, added, removed, has, adds, leaving = 0, {}, {}, {}, {}, write.remove
  if write.replaces then
    leaving = membersAll(write)
    total = #leaving
    for i = 1, total do has[leaving[i]] = true end
  else
    local asked = {}
    for i = 1, #write.add do asked[#asked + 1] = write.add[i] end
    for i = 1, #write.remove do asked[#asked + 1] = write.remove[i] end
    for from = 1, #asked, 1000 do
      local names = { unpack(asked, from, math.min(from + 999, #asked)) }
      local known = membersAmong(write, names)
      for i = 1, #names do has[names[i]] = known[i] or nil end
    end
    if #write.add > 0 then total = membersCount(write) end
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
  write.added, write.removed = added, removed
  return total + #added - #removed
end
for i = 1, #writes do
  local write = writes[i]
  local record = aliveOf(write.id)
  local holds = write.expect == '' or (write.expect == 'absent' and not record)
    or record and (write.expect == 'present' or write.expect == '=' .. record.version)
  if not holds then return refused('conflict', i) end
  if write.kind == 'members' and changeOf(write) > ${MEMBERS_MAX} then return refused('full', i) end
  local claims = write.claims or {}
  for j = 1, #claims do
    local claim = claims[j]
    local isTwice = taken[claim]
    taken[claim] = true
    local owner = not isTwice and not released[claim] and ownerOf(claim)
    if isTwice or owner and owner.id ~= write.id then return refused('taken', i, j) end
  end
end
`;
