/**
 * The short way through a commit, in Lua: one new record of a model whose records last, without a source.
 *
 * Most commits are this, and the general way prepares for much that they cannot meet: its closures and tables cost more
 * than the commands. This stands before it, reads and writes the same in the same order, and answers the same. Whatever
 * is unusual (a token that is known, a claim that is taken, a record that is there, a part of the journal that is full)
 * has written nothing yet and goes on to the general way, which reads again. What it saves: `bench/models_bench.ts`.
 *
 * @module
 */

/**
 * Lua, before the base of the writing scripts. The places of arguments are those of `commitArgs`.
 *
 * An id that is drawn lies past every number that was ever given or drawn, so it is free. A key of another type must
 * fail before the first write, hence the ZCARD; the records fail as the first.
 */
export const CREATE_ALONE = `
if ARGV[10] == '1' and ARGV[11] == 'put' and ARGV[9] .. ARGV[15] == '' and (ARGV[14] == 'absent' or ARGV[14] == '') then
  local call, N, tag, token, suffix, body = redis.call, tonumber(ARGV[2]), ARGV[3], ARGV[7], ARGV[12], ARGV[18]
  local M, claimsEnd = #KEYS - 2 * N, 19 + tonumber(ARGV[19])
  local known, claims, names, sets, isFree = 't' .. token, ARGV[19], {}, {}, true
  for i = 20, claimsEnd do
    claims = claims .. '\\t' .. ARGV[i]
    local colon = M == 1 and 2 or string.find(ARGV[i], ':', 1, true)
    local name, key = 'u' .. string.sub(ARGV[i], colon + 1), KEYS[1]
    if M > 1 then key = KEYS[1 + string.sub(ARGV[i], 1, colon - 1)] end
    if key == KEYS[1] then names[#names + 1] = name
    else
      sets[#sets + 1], sets[#sets + 2] = key, name
      isFree = isFree and not call('HGET', key, name)
    end
  end
  local head = call('HMGET', KEYS[1], 'seq', 'tag', 'epoch', 'next', 'count', 'open', known, 'refused', unpack(names))
  for i = 1, #names do isFree = isFree and not head[8 + i] end
  local startTag, last, nextText = head[2] or '', tonumber(head[4] or '0'), head[4] or '0'
  local id, shard = string.sub(suffix, 2), tonumber(ARGV[13])
  if id == '' then
    last = last + 1
    id, shard = string.format('%.0f', last), last % N
    suffix, nextText = string.char(64 + #id) .. id, id
  else
    if string.sub(suffix, 1, 1) ~= 's' and tonumber(id) > last then nextText = id end
    isFree = isFree and not string.find(id, '[%c"\\\\]') and not call('HGET', KEYS[M + 1 + shard], id)
  end
  isFree = isFree and not head[7] and last <= 9007199254740991
    and not (head[8] and string.find('\\n' .. head[8], '\\n' .. token .. '\\t', 1, true))

  local isWatched, seq = ARGV[4] == '1', string.format('%.0f', (head[1] or 0) + 1)
  local version = seq .. '-' .. tag
  local text = isWatched and '{"kind":"create","id":"' .. id .. '","before":null,"after":' .. ARGV[17]
    .. ',"shape":' .. ARGV[16] .. ',"body":' .. body .. '}' or ''
  local line = tag .. ' ' .. startTag .. ' ' .. token .. ' ' .. text
  local first, count, size = string.match(head[6] or '', '^(%d+) (%d+) (%d+)$')
  count, size = (count or 0) + 1, (size or 0) + #line
  if isFree and count < ARGV[5] / 16 and size < ARGV[6] / 16 then
    local records, order = KEYS[M + 1 + shard], KEYS[M + N + 1 + shard]
    call('ZCARD', order)
    local result = id .. '\\t' .. version .. '\\t1\\t0\\t\\t' .. seq
    local entries, adds = '', {}
    for i = claimsEnd + 2, claimsEnd + 1 + tonumber(ARGV[claimsEnd + 1]) do
      local entry = ARGV[i] .. '\\0' .. suffix
      entries, adds[#adds + 1], adds[#adds + 2] = entries .. '\\t' .. entry, '0', entry
    end
    call('HSET', records, id,
      version .. '\\t\\t0\\t' .. ARGV[16] .. '\\t' .. ARGV[17] .. '\\t' .. claims .. entries .. '\\n' .. body)
    local owner = shard .. ':' .. id
    local state = {
      'seq', seq, 'tag', tag, 'next', nextText,
      'count', string.format('%.0f', (head[5] or 0) + 1), 'j' .. seq, line, known, ARGV[8] .. '\\n' .. result .. '\\n',
      'open', (first or seq) .. string.format(' %.0f %.0f', count, size),
    }
    if not head[3] then state[#state + 1], state[#state + 2] = 'epoch', tag end
    for i = 1, #names do state[#state + 1], state[#state + 2] = names[i], owner end
    for i = 1, #sets, 2 do call('HSET', sets[i], sets[i + 1], owner) end
    call('HSET', KEYS[1], unpack(state))
    if #adds > 0 then call('ZADD', order, unpack(adds)) end
    return { 'done', result, isWatched and wake(head[3] or tag, seq, tag, startTag, text) or '1' }
  end
end
`;
