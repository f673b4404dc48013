/**
 * Lua for models in the layout of backbone-redis-store: the hash of JSON under the model's key, a counter, a string for
 * every unique value, and a set of Redis for every set of a record. What this library knows besides stands beside them
 * in `meta|key` (versions, journal) and `index|key` (order).
 *
 * A record that only the seed has written has no line of its own in `meta|key`. Its version then is a hash of its JSON;
 * the first write over it is told which unique values it may hold, and frees those that are really its own.
 *
 * @module
 */

import { type ReadScript, readScript } from "./model_read_scripts.ts";

/**
 * Lua of a commit, between reading and checking: the arguments that follow the writes say what records may hold that
 * only the seed has written; asks for those that are not told.
 */
export const SEED_ADOPTION = `
local adopted = {}
for i = 1, tonumber(arg()) do
  local id = arg()
  adopted[id] = args()
end
local strange = { 'adopt' }
for i = 1, #writes do
  local record = records[writes[i].id]
  if record and string.find(record.value, '^[^\\n]*\\t%?\\n') then
    local claims = adopted[record.id]
    if not claims then strange[#strange + 1] = record.id strange[#strange + 1] = record.value end
    for j = 1, claims and #claims or 0 do
      local shard, claim = split(claims[j])
      local owner = ownersIn(shard, { 'u' .. claim })[1]
      if owner and select(2, split(owner)) == record.id then record.claims[#record.claims + 1] = claims[j] end
    end
  end
end
if #strange > 1 then return answer(strange) end
`;

/** KEYS: `meta|key`, `key`, `index|key`, `next|key`. */
export const SEED_LAYOUT = `
local function recordsIn(_, ids)
  local names, values = {}, {}
  for i = 1, #ids do names[i] = 'm' .. ids[i] end
  local bodies, lines = fieldsOf(KEYS[2], ids), fieldsOf(KEYS[1], names)
  for i = 1, #ids do
    local line = bodies[i] and (lines[i] or '0-' .. redis.sha1hex(bodies[i]) .. '\\t\\t0\\t1\\t{}\\t?')
    values[i] = line and line .. '\\n' .. bodies[i]
  end
  return values
end
local function ownersIn(_, names)
  local owners_ = {}
  for i = 1, #names do
    local owner = redis.call('GET', string.sub(names[i], 2))
    owners_[i] = owner and '0:' .. owner
  end
  return owners_
end
local function lastNumber() return tonumber(redis.call('GET', KEYS[4]) or '0') or 0 end
local function isUsed(id) return redis.call('HEXISTS', KEYS[2], id) == 1 end
local function setKey(set, id) return KEYS[2] .. '|set:' .. set .. '|' .. id end
local function membersAll(write)
  local found = redis.call('SMEMBERS', setKey(write.set, write.id))
  for i = 1, #found do found[i] = 's' .. found[i] end
  return found
end
local function membersCount(write) return redis.call('SCARD', setKey(write.set, write.id)) end
local function membersAmong(write, members)
  local plain = {}
  for i = 1, #members do plain[i] = string.sub(members[i], 2) end
  local found = redis.call('SMISMEMBER', setKey(write.set, write.id), unpack(plain))
  for i = 1, #members do found[i] = found[i] == 1 end
  return found
end
local function storeRecords()
  local values = recordNotes[0] or {}
  recordNotes[0] = {}
  for id, value in pairs(values) do
    local stop = value and string.find(value, '\\n', 1, true)
    local body = value and string.sub(value, stop + 1)
    local name = (id == '0' or string.match(id, '^[1-9]%d*$')) and #id < 16 and id or jsonText(id)
    note(recordNotes, 0, id, value and '{"id":' .. name .. (body == '{}' and '}' or ',' .. string.sub(body, 2)))
    note(stateNotes, 0, 'm' .. id, value and string.sub(value, 1, stop - 1))
  end
  return flushed(recordNotes, recordKey, 'HSET', 'HDEL')
end
local function store()
  local later = { storeRecords() }
  for name, owner in pairs(stateNotes[1] or {}) do
    if owner then redis.call('SET', string.sub(name, 2), string.sub(owner, 3)) end
  end
  redis.call('SET', KEYS[4], stateNotes[0].next)
  for name, owner in pairs(stateNotes[1] or {}) do
    if not owner then redis.call('DEL', string.sub(name, 2)) end
  end
  stateNotes[1], stateNotes[0].next = nil, nil
  for name, isIn in pairs(orderNotes[0] or {}) do
    local id, set, member = string.match(name, '^m%z.([^%z]*)%z([^%z]*)%zs(.*)$')
    if id then redis.call(isIn and 'SADD' or 'SREM', setKey(set, id), member) end
  end
  later[2] = flushed(stateNotes, stateKey, 'HSET', 'HDEL')
  later[3] = flushed(orderNotes, orderKey, 'ZADD', 'ZREM', true)
  for i = 1, 3 do
    for j = 1, #later[i] do inChunks(unpack(later[i][j])) end
  end
end
`;

const VALUE = `
local function valueOf(id)
  local body = redis.call('HGET', KEYS[2], id)
  if not body then return '' end
  local line = redis.call('HGET', KEYS[1], 'm' .. id) or '0-' .. redis.sha1hex(body) .. '\\t\\t0\\t1\\t{}\\t?'
  return alive(line .. '\\n' .. body)
end
`;

/** KEYS: `meta|key`, `key`. ARGV: ids. The values; empty for those that are missing. */
export const SEED_GET_SCRIPT: ReadScript = /* @__PURE__ */ readScript(
  ["meta", "records"],
  `${VALUE}
local list = {}
for i = 1, #ARGV do list[i] = valueOf(ARGV[i]) end
return answer(list)
`,
);

/** KEYS: `meta|key`, `key`, the unique value's key. The owner's id and value, or nothing. */
export const SEED_BY_CLAIM_SCRIPT: ReadScript = /* @__PURE__ */ readScript(
  ["meta", "records", "unique"],
  `${VALUE}
local id = redis.call('GET', KEYS[3])
local value = id and valueOf(id) or ''
return answer(value == '' and {} or { id, value })
`,
);
