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

/** Lua, before the base of the writing scripts. The places of arguments are those of `commitArgs`. */
export const CREATE_ALONE = `
if ARGV[16] == '1' and ARGV[17] == 'put' and ARGV[7] .. ARGV[26] == '' and ARGV[27] == '0'
  and (ARGV[21] == 'absent' or ARGV[21] == '') then
  local call, tag, token, shape, scopes, body = redis.call, ARGV[3], ARGV[5], ARGV[24], ARGV[25], ARGV[23]
  local M, N, claimsEnd = tonumber(ARGV[1]), tonumber(ARGV[2]), 28 + tonumber(ARGV[28])
  local names, sets, isFree = { 'seq', 'tag', 'epoch', 'next', 'count', 'open', 't' .. token, 'refused' }, {}, true
  for i = 29, claimsEnd do
    local colon = string.find(ARGV[i], ':', 1, true)
    local key, name = KEYS[1 + tonumber(string.sub(ARGV[i], 1, colon - 1))], 'u' .. string.sub(ARGV[i], colon + 1)
    sets[i - 28] = { key, name }
    if key == KEYS[1] then names[#names + 1] = name else isFree = isFree and not call('HGET', key, name) end
  end
  local head = call('HMGET', KEYS[1], unpack(names))
  for i = 9, #names do isFree = isFree and not head[i] end
  local start, startTag, last = tonumber(head[1] or '0'), head[2] or '', tonumber(head[4] or '0')
  local id, shard, suffix = ARGV[18], tonumber(ARGV[19]), ARGV[20]
  if id == '' then
    last = last + 1
    id, shard = string.format('%.0f', last), last % N
    suffix = string.char(64 + #id) .. id
  elseif string.sub(suffix, 1, 1) ~= 's' then last = math.max(last, tonumber(id)) end
  local records, order = KEYS[M + 1 + shard], KEYS[M + N + 1 + shard]
  isFree = isFree and not call('HGET', records, id) and not head[7] and last <= 9007199254740991
    and not string.find(id, '[%c"\\\\]')
    and not (head[8] and string.find('\\n' .. head[8], '\\n' .. token .. '\\t', 1, true))

  local seq = string.format('%.0f', start + 1)
  local text = '{"kind":"create","id":"' .. id .. '","before":null,"after":' .. scopes .. ',"shape":' .. shape .. ',"body":' .. body .. '}'
  local line = tag .. ' ' .. startTag .. ' ' .. token .. ' ' .. (ARGV[12] == '1' and text or '')
  local first, count, size = string.match(head[6] or '', '^(%d+) (%d+) (%d+)$')
  count, size = (count or 0) + 1, (size or 0) + #line
  if isFree and count < ARGV[9] / 16 and size < ARGV[10] / 16 then
    -- A key of another type must fail before the first write.
    call('ZCARD', order)
    local result = table.concat({ id, seq .. '-' .. tag, '1', '0', '', seq }, '\\t')
    local record, adds = { seq .. '-' .. tag, '', '0', shape, scopes, ARGV[28], unpack(ARGV, 29, claimsEnd) }, {}
    for i = claimsEnd + 2, claimsEnd + 1 + tonumber(ARGV[claimsEnd + 1]) do
      local entry = ARGV[i] .. '\\0' .. suffix
      record[#record + 1], adds[#adds + 1], adds[#adds + 2] = entry, '0', entry
    end
    call('HSET', records, id, table.concat(record, '\\t') .. '\\n' .. body)
    local state, owner = {
      'seq', seq, 'tag', tag, 'epoch', head[3] or tag, 'next', string.format('%.0f', last),
      'count', string.format('%.0f', (head[5] or 0) + 1), 'j' .. seq, line, 't' .. token, ARGV[6] .. '\\n' .. result .. '\\n',
      'open', (first or seq) .. string.format(' %.0f %.0f', count, size),
    }, shard .. ':' .. id
    for i = 1, #sets do
      local key, name = unpack(sets[i])
      if key == KEYS[1] then state[#state + 1] = name state[#state + 1] = owner
      else call('HSET', key, name, owner) end
    end
    call('HSET', KEYS[1], unpack(state))
    if #adds > 0 then call('ZADD', order, unpack(adds)) end
    local told = ARGV[12] == '1' and wake(head[3] or tag, seq, tag, startTag, text) or '1'
    return { 'done', id, seq .. '-' .. tag, '1', '0', '', told }
  end
end
`;
