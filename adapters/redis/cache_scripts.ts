/**
 * The scripts of the cache's store.
 *
 * An epoch is kept as `text until renewals`: its two parts, when Redis forgets it (`-` for never), and how many renewals
 * the space had seen when it became what it is. The root's epoch, the first key of every script, counts the renewals of
 * the whole space; whoever loses it loses all epochs, because no record is alive without it.
 *
 * A lease is kept as `token until cost since`; one with the token `-` bars the key.
 *
 * @module
 */

import type { RedisScript } from "./scripts.ts";

/** Lua: keys in one command per thousand; an epoch of the request, made or made to last longer if need be. */
const EPOCHS = `
local DAY = 86400000
local function whole(n) return string.format('%.0f', n) end
local function read(from, to)
  local all = {}
  for i = from, to, 1000 do
    local part = redis.call('MGET', unpack(KEYS, i, math.min(i + 999, to)))
    for j = 1, #part do all[i + j - 1] = part[j] end
  end
  return all
end
local function parsed(held)
  return string.match(held or '', '^(%S+) (%S+) (%d+)$')
end
local function lasting(i, held, seed, renewals, lifeMs)
  local text, ends, since = parsed(held)
  if not text then text, ends, since = seed .. '_' .. i .. '.0', '0', renewals end
  if ends == '-' then return text, since end
  if lifeMs == 'inf' then
    redis.call('SET', KEYS[i], text .. ' - ' .. since)
  elseif tonumber(ends) < now() + lifeMs then
    local ms = 2 * lifeMs + DAY
    redis.call('SET', KEYS[i], text .. ' ' .. whole(now() + ms) .. ' ' .. since, 'PX', whole(ms))
  end
  return text, since
end
`;

/** Lua: stores plain texts at once, and fields with one HSET per hash, which then expires as the mode says. */
const STORE = `
local fields, hasFieldExpiry = {}, '1'
local function put(mode, key, field, ms, text)
  if field == '' then
    if ms == '' then redis.call('SET', key, text) else redis.call('SET', key, text, 'PX', ms) end
    return
  end
  local hash = fields[key] or {ms = ms, each = {}}
  fields[key] = hash
  hash[#hash + 1] = field
  hash[#hash + 1] = text
  hash.each[#hash.each + 1] = {field, ms}
  local isLonger = hash.ms ~= '' and (ms == '' or tonumber(ms) > tonumber(hash.ms))
  if mode == 'always' or (mode == 'field' and isLonger) then hash.ms = ms end
end
local function putFields(mode, mayExpireFields)
  for key, hash in pairs(fields) do
    local isNew = (mode == 'create' or mode == 'field') and redis.call('EXISTS', key) == 0
    redis.call('HSET', key, unpack(hash))
    if mode ~= 'never' and (mode ~= 'create' or isNew) then
      if hash.ms == '' then
        if not isNew then redis.call('PERSIST', key) end
      elseif mode == 'field' and not isNew then
        redis.call('PEXPIRE', key, hash.ms, 'GT')
      else
        redis.call('PEXPIRE', key, hash.ms)
      end
    end
    for _, each in ipairs(mode == 'field' and hash.each or {}) do
      if mayExpireFields == '1' and each[2] ~= '' then
        local done = redis.pcall('HPEXPIRE', key, each[2], 'FIELDS', 1, each[1])
        if done.err then mayExpireFields, hasFieldExpiry = '0', '0' end
      end
    end
  end
end
`;

/**
 * Grants leases. ARGV: token, lease ms, cost ms, life ms, number of requests, `1` for bare payloads; per request a field
 * (or nothing) and over what: `-` nothing, `*` anything, else how the record begins. Answers the mark, the time, the
 * epochs, and four texts per request.
 *
 * Calls, for one plain key: TIME, MGET, and SET of the lease; SET of each epoch that is new or would not last.
 */
export const LEASE: RedisScript = {
  keys: ["root epoch", "value and lease of each request, then epochs…"],
  effect: "repeatable",
  tellsTime: true,
  body: `${EPOCHS}
local token, leaseMs, cost, lifeMs = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local count, isBare = tonumber(ARGV[5]), ARGV[6] == '1'
local held = read(1, #KEYS)
local hashes = {}
for i = 1, count do
  if ARGV[5 + 2 * i] ~= '' then
    local of = hashes[KEYS[2 * i]] or {}
    hashes[KEYS[2 * i]] = of
    of[#of + 1] = i
  end
end
for hash, of in pairs(hashes) do
  local names = {}
  for j, i in ipairs(of) do names[j] = ARGV[5 + 2 * i] end
  local got = redis.pcall('HMGET', hash, unpack(names))
  for j, i in ipairs(of) do
    if got.err then held[2 * i] = '?' else held[2 * i] = got[j] end
  end
end
local answer = {'', now()}
if not isBare then
  local life = lifeMs == 'inf' and lifeMs or tonumber(lifeMs) + tonumber(leaseMs)
  local root, renewals = lasting(1, held[1], token, '0', life)
  answer[1] = string.match(root, '^[^.]+') .. ' ' .. renewals
  for i = 2 + 2 * count, #KEYS do
    if KEYS[i] == KEYS[1] then answer[#answer + 1] = root
    else answer[#answer + 1] = lasting(i, held[i], token, renewals, life) end
  end
end
for i = 1, count do
  local value, over = held[2 * i], ARGV[6 + 2 * i]
  local holder, ends, expected, since =
    string.match(held[2 * i + 1] or '', '^(%S+) (%S+) (%S+) (%S+)$')
  local kind, a, b, c = 'granted', '', '', ''
  if value and over ~= '*' and (over == '-' or string.sub(value, 1, #over) ~= over) then
    kind, a = 'changed', value
  elseif holder and holder ~= token then
    kind = holder == '-' and 'barred' or 'busy'
    a, b, c = whole(ends - now()), expected, whole(now() - since)
  else
    local text = table.concat({token, whole(now() + leaseMs), cost, now()}, ' ')
    redis.call('SET', KEYS[2 * i + 1], text, 'PX', leaseMs)
  end
  for _, text in ipairs({kind, a, b, c}) do answer[#answer + 1] = text end
end
answer[#answer + 1] = now()
return answer
`,
};

/**
 * Ends leases. ARGV: token, mark, number of outcomes, hash mode, whether to try expiring fields, time (for bars), life ms
 * of late tags, `1` if records have heads; then per outcome: a field (or nothing), `fill` or `release`, ms (of
 * the record's life, or of the bar), late tags (places among the keys), head and payload. Answers `1` or `0` for each,
 * and whether the server lets fields expire.
 *
 * Calls, for one plain key: GETDEL of the lease, and SET; MGET instead and one DEL for many.
 */
export const SETTLE: RedisScript = {
  keys: ["root epoch", "value and lease of each outcome, then late tags…"],
  effect: "repeatable",
  body: `
local nowMs = tonumber(ARGV[6])
local function now() return nowMs end
${EPOCHS}${STORE}
local token, markRoot, markRenewals = ARGV[1], string.match(ARGV[2], '^(%S*) ?(%d*)$')
local count, mode = tonumber(ARGV[3]), ARGV[4]
local firstTag = 2 + 2 * count
local tags, stands = {}, {}
if firstTag <= #KEYS then
  local held = read(firstTag, #KEYS)
  held[1] = redis.call('GET', KEYS[1])
  local root, _, renewals = parsed(held[1])
  local isSame = root and string.match(root, '^[^.]+') == markRoot
  for i = firstTag, #KEYS do
    local text, _, since = parsed(held[i])
    local isUnchanged = text and tonumber(since) <= tonumber(markRenewals)
    if isSame and not text then isUnchanged = renewals == markRenewals end
    if isSame then tags[i] = lasting(i, held[i], token, renewals, tonumber(ARGV[7]) or 'inf') end
    if not (isSame and isUnchanged) then tags[i] = nil end
  end
end
if count == 1 then
  local lease = redis.call('GETDEL', KEYS[3])
  local holder, ends = string.match(lease or '', '^(%S+) (%S+)')
  stands[1] = holder == token
  if holder and not stands[1] then redis.call('SET', KEYS[3], lease, 'PXAT', ends) end
else
  local held, ended = read(2, 1 + 2 * count), {}
  for i = 1, count do
    stands[i] = string.match(held[2 * i + 1] or '', '^%S+') == token
    if stands[i] then ended[#ended + 1] = KEYS[2 * i + 1] end
  end
  if #ended > 0 then redis.call('DEL', unpack(ended)) end
end
local answer = {}
for i = 1, count do
  local at = 3 + 6 * i
  local field, kind, ms, late, head, payload = unpack(ARGV, at, at + 5)
  local key, happened = KEYS[2 * i], stands[i]
  if kind == 'fill' then
    for place in string.gmatch(late, '%d+') do
      local tag = tags[firstTag - 1 + place]
      if tag then head = head .. (string.sub(head, -1) == ';' and '' or ',') .. tag
      else happened = false end
    end
    if happened then put(mode, key, field, ms, head .. payload)
    elseif not stands[i] and ARGV[8] ~= '' then
      local there
      if field == '' then there = redis.pcall('GETRANGE', key, 0, #head - 1)
      else there = redis.pcall('HGET', key, field) end
      happened = type(there) == 'string' and string.sub(there, 1, #head) == head
    end
  elseif happened and ms ~= '0' then
    local bar = table.concat({'-', whole(nowMs + ms), '0', whole(nowMs)}, ' ')
    redis.call('SET', KEYS[2 * i + 1], bar, 'PX', ms)
  end
  answer[i] = happened and '1' or '0'
end
putFields(mode, ARGV[5])
answer[#answer + 1] = hasFieldExpiry
return answer
`,
};

/**
 * Writes values. ARGV: token, deadline, life ms, number of values, `1` for bare payloads, hash mode, whether to try
 * expiring fields; per value: a field (or nothing), ms of its life, what comes between time and epochs, payload. Answers
 * whether it happened, and whether the server lets fields expire.
 *
 * Calls, for one plain key: TIME, MGET, SET, DEL of the lease; SET of each epoch that is new or would not last.
 */
export const WRITE: RedisScript = {
  keys: ["root epoch", "value and lease of each value, then epochs…"],
  effect: "once",
  tellsTime: true,
  body: `${EPOCHS}${STORE}
local token, deadline, lifeMs = ARGV[1], ARGV[2], ARGV[3]
local count, isBare, mode = tonumber(ARGV[4]), ARGV[5] == '1', ARGV[6]
if tonumber(now()) > tonumber(deadline) then return {'0', '1', now()} end
local epochs = {}
if not isBare then
  local first = 2 + 2 * count
  local held = {}
  if first <= #KEYS then held = read(first, #KEYS) end
  if KEYS[first] == KEYS[1] then held[1] = held[first] else held[1] = redis.call('GET', KEYS[1]) end
  local life = lifeMs == 'inf' and lifeMs or tonumber(lifeMs)
  local root, renewals = lasting(1, held[1], token, '0', life)
  for i = first, #KEYS do
    if KEYS[i] == KEYS[1] then epochs[#epochs + 1] = root
    else epochs[#epochs + 1] = lasting(i, held[i], token, renewals, life) end
  end
end
local leases = {}
for i = 1, count do
  local at = 4 + 4 * i
  local field, ms, middle, payload = unpack(ARGV, at, at + 3)
  local head = isBare and '' or '1;' .. now() .. middle .. table.concat(epochs, ',')
  put(mode, KEYS[2 * i], field, ms, head .. payload)
  leases[i] = KEYS[2 * i + 1]
end
putFields(mode, ARGV[7])
redis.call('DEL', unpack(leases))
return {'1', hasFieldExpiry, now()}
`,
};

/**
 * Renews epochs. ARGV: token, `hard` or `soft`. A hard renewal forgets them: whoever needs one next makes a new one.
 *
 * Calls: MGET, SET of the root's count, and one DEL, or one SET for each that becomes softer.
 */
export const RENEW: RedisScript = {
  keys: ["root epoch", "epochs…"],
  effect: "repeatable",
  body: `
local held = redis.call('MGET', unpack(KEYS))
local function parsed(text) return string.match(text or '', '^(%S+) (%S+) (%d+)$') end
local root, ends, renewals = parsed(held[1])
renewals = string.format('%.0f', (renewals or 0) + 1)
local isRootNamed = false
local gone = {}
for i = 2, #KEYS do
  if KEYS[i] == KEYS[1] then isRootNamed = true end
  local text, until_ = parsed(held[i])
  if ARGV[2] == 'hard' then gone[#gone + 1] = KEYS[i]
  elseif text and KEYS[i] ~= KEYS[1] then
    local softer = string.match(text, '^[^.]+') .. '.' .. ARGV[1]
    redis.call('SET', KEYS[i], softer .. ' ' .. until_ .. ' ' .. renewals, 'KEEPTTL')
  end
end
if root and isRootNamed and ARGV[2] == 'soft' then
  root = string.match(root, '^[^.]+') .. '.' .. ARGV[1]
end
if root and not (isRootNamed and ARGV[2] == 'hard') then
  redis.call('SET', KEYS[1], root .. ' ' .. ends .. ' ' .. renewals, 'KEEPTTL')
end
if #gone > 0 then redis.call('DEL', unpack(gone)) end
return {'1'}
`,
};
