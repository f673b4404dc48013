/**
 * The reading scripts of models. Each has two forms, as the writing ones do.
 *
 * @module
 */

import { WITHOUT_TIME } from "./model_base_script.ts";
import type { RedisScript } from "./scripts.ts";

/** The most bytes of entries that one look at a journal brings, short of the 10 MB that an answer may have. */
export const CHANGES_BYTES_MAX = 4_194_304;

/** A script for models whose records last, and for those whose records expire. */
export interface ReadScript {
  /** Without the store's time. */
  readonly plain: RedisScript;
  /** With it. */
  readonly expiring: RedisScript;
}

/** Lua: tells records that have expired, and ends an answer. */
const READ_BASE = `
local nowMs = now and tonumber(now()) or false
local function alive(value)
  if not value then return '' end
  local expires = nowMs and string.match(value, '^[^\\t\\n]*\\t(%d+)\\t')
  return expires and tonumber(expires) <= nowMs and '' or value
end
local function answer(list)
  if now then list[#list + 1] = now() end
  return list
end
`;

/** A script in both forms. */
export function readScript(keys: readonly string[], body: string): ReadScript {
  const both: Pick<RedisScript, "keys" | "effect"> = { keys, effect: "read" };
  return {
    plain: { ...both, body: WITHOUT_TIME + READ_BASE + body },
    expiring: { ...both, body: READ_BASE + body, tellsTime: true },
  };
}

/** KEYS: records of each shard. ARGV: shard and id of each record. The values; `''` for those that are missing. */
export const GET_SCRIPT: ReadScript = /* @__PURE__ */ readScript(
  ["records…"],
  `
local asked, list = {}, {}
for i = 1, #ARGV, 2 do
  local shard = tonumber(ARGV[i])
  asked[shard] = asked[shard] or { ids = {}, places = {} }
  table.insert(asked[shard].ids, ARGV[i + 1])
  table.insert(asked[shard].places, (i + 1) / 2)
end
for shard, some in pairs(asked) do
  local values = redis.call('HMGET', KEYS[1 + shard], unpack(some.ids))
  for i = 1, #some.ids do list[some.places[i]] = alive(values[i]) end
end
return answer(list)
`,
);

/** KEYS: the claim's state, records of each shard. ARGV: the claim's field. The owner's id and value, or nothing. */
export const BY_CLAIM_SCRIPT: ReadScript = /* @__PURE__ */ readScript(
  ["state", "records…"],
  `
local owner = redis.call('HGET', KEYS[1], ARGV[1])
if not owner then return answer({}) end
local colon = string.find(owner, ':', 1, true)
local id = string.sub(owner, colon + 1)
local value = alive(redis.call('HGET', KEYS[2 + tonumber(string.sub(owner, 1, colon - 1))], id))
return answer(value == '' and {} or { id, value })
`,
);

/**
 * KEYS: records of each shard, order of each shard. ARGV: shards, from, to, limit, whether backward. The entry up to
 * which the page went if there is more (else `''`), then id and value of each record. Shards are merged by bytes, as
 * Lua's own comparison goes by the server's locale.
 */
export const PAGE_SCRIPT: ReadScript = /* @__PURE__ */ readScript(
  ["records…"],
  `
local N, limit, isReverse = tonumber(ARGV[1]), tonumber(ARGV[4]), ARGV[5] == '1'
local from, to = '[' .. ARGV[2], '(' .. ARGV[3]
local shards, places, entries = {}, {}, {}
for shard = 0, N - 1 do
  local key = KEYS[N + 1 + shard]
  places[shard] = 1
  shards[shard] = isReverse and redis.call('ZREVRANGEBYLEX', key, to, from, 'LIMIT', '0', limit + 1)
    or redis.call('ZRANGEBYLEX', key, from, to, 'LIMIT', '0', limit + 1)
end
local function isBefore(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
while #entries <= limit do
  local best
  for shard = 0, N - 1 do
    local entry, first = shards[shard][places[shard]], best and shards[best][places[best]]
    if entry and (not first or isBefore(entry, first) ~= isReverse) then best = shard end
  end
  if not best then break end
  entries[#entries + 1] = { best, shards[best][places[best]] }
  places[best] = places[best] + 1
end
local list, asked, values = { '' }, {}, {}
if #entries > limit then
  entries[#entries] = nil
  list[1] = entries[limit][2]
end
for i = 1, #entries do
  local shard, id = entries[i][1], string.sub(string.match(entries[i][2], '%z([^%z]*)$'), 2)
  asked[shard] = asked[shard] or {}
  table.insert(asked[shard], id)
  entries[i][3] = id
end
for shard, ids in pairs(asked) do
  local found = redis.call('HMGET', KEYS[1 + shard], unpack(ids))
  for i = 1, #ids do values[shard .. ':' .. ids[i]] = found[i] end
end
for i = 1, #entries do
  local value = alive(values[entries[i][1] .. ':' .. entries[i][3]])
  if value ~= '' then list[#list + 1] = entries[i][3] list[#list + 1] = value end
end
return answer(list)
`,
);

/** KEYS: the record's records, its order. ARGV: id, from, to, limit. The entries of a record that is there. */
export const MEMBERS_SCRIPT: ReadScript = /* @__PURE__ */ readScript(
  ["records", "order"],
  `
if alive(redis.call('HGET', KEYS[1], ARGV[1])) == '' then return answer({}) end
return answer(redis.call('ZRANGEBYLEX', KEYS[2], '[' .. ARGV[2], '(' .. ARGV[3], 'LIMIT', '0', ARGV[4]))
`,
);

/** KEYS: order of each shard. ARGV: from, to. How many entries all shards have. */
export const COUNT_SCRIPT: RedisScript = {
  keys: ["order…"],
  effect: "read",
  body: `
local count = 0
for i = 1, #KEYS do count = count + redis.call('ZLEXCOUNT', KEYS[i], '[' .. ARGV[1], '(' .. ARGV[2]) end
return { string.format('%.0f', count) }
`,
};

/**
 * KEYS: the state. ARGV: epoch, index and tag of a position, the most entries, the most bytes. `entries` or `reset`,
 * the head's epoch, index and tag, then the lines. Reads by names, as the indexes have no gaps.
 */
export const CHANGES_SCRIPT: RedisScript = {
  keys: ["state"],
  effect: "read",
  body: `
local function digits(number) return string.format('%.0f', number) end
local epoch, index, tag, limit, bytesMax = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local head = redis.call('HMGET', KEYS[1], 'seq', 'tag', 'epoch')
local seq, headTag, headEpoch = tonumber(head[1] or '0'), head[2] or '', head[3] or '0'
local reset = { 'reset', headEpoch, digits(seq), headTag }
if epoch ~= headEpoch and not (epoch == '0' and index == 0) then return reset end
local list, bytes = { 'entries', headEpoch, digits(seq), headTag }, 0
if index == seq then return tag == headTag and list or reset end
if index > seq then return reset end
local last = math.min(seq, index + limit)
for from = index + 1, last, 64 do
  local names = {}
  for at = from, math.min(from + 63, last) do names[#names + 1] = 'j' .. digits(at) end
  local found = redis.call('HMGET', KEYS[1], unpack(names))
  for i = 1, #found do
    local line = found[i]
    if #list == 4 and (not line or string.match(line, '^[^ ]* ([^ ]*) ') ~= tag) then return reset end
    if not line or bytes > bytesMax then return list end
    bytes = bytes + #line
    list[#list + 1] = line
  end
end
return list
`,
};
