/**
 * The writing scripts of models: commit and sweep. What they share stands in `model_base_script.ts`.
 *
 * A script has two forms, with and without the store's time: only models whose records expire pay for TIME.
 *
 * @module
 */

import { RETIRED_PER_WRITE_MAX, SOURCES_MAX } from "../../src/models/port.ts";
import { modelBase, WITHOUT_TIME } from "./model_base_script.ts";
import { COMMIT_ARGS, COMMIT_CHECK, COMMIT_READ } from "./model_check_script.ts";
import { type RedisScript, WAKES } from "./scripts.ts";

/**
 * Lua: all writes. First what goes, then what comes, so that claims can change hands. What a record held already and
 * holds again (`keep`) was noted as going, and stays as it is.
 */
const COMMIT_WRITE = `
if nowMs then
  local due = dueIn(head.turn, ${RETIRED_PER_WRITE_MAX})
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
  list[i + 1] = table.concat(result, '\\t')
  results[i] = list[i + 1] .. '\\n'
end
if #lines == 0 then log('{"kind":"none"}') end
note(stateNotes, 0, 't' .. token, digest .. '\\n' .. table.concat(results))
if source ~= '' then note(stateNotes, 0, sourcesName, table.concat(sources, '', math.max(1, #sources - ${SOURCES_MAX} + 1))) end
writeJournal(token)
flush()
return answer(list)
`;

/** The writing scripts of a layout. */
export interface WriteScripts {
  /** Checks and makes the writes of a commit. */
  readonly commit: RedisScript;
  /** The same for models whose records expire. */
  readonly commitExpiring: RedisScript;
  /** Retires what is due, shard by shard, and trims the journal by age. */
  readonly sweep: RedisScript;
}

/** Lua that a layout adds to its commits. */
export interface CommitParts {
  /** A short way, before everything, for commits that need no more. */
  readonly shortWay?: string;
  /** What is to be done with what was read, before it is checked. */
  readonly adoption?: string;
}

/** The writing scripts over the Lua of a layout. */
export function writeScripts(
  layout: string,
  { shortWay = "", adoption = "" }: CommitParts,
): WriteScripts {
  const base = modelBase(layout);
  const body = base + COMMIT_ARGS + COMMIT_READ + adoption + COMMIT_CHECK + COMMIT_WRITE;
  const kind: Omit<RedisScript, "body"> = { keys: ["state…"], effect: "repeatable", wakes: WAKES };
  return {
    commit: { ...kind, body: shortWay + WITHOUT_TIME + body },
    commitExpiring: { ...kind, tellsTime: true, body },
    sweep: { ...kind, tellsTime: true, body: base + SWEEP },
  };
}

const SWEEP = `
local limit = tonumber(ARGV[7])
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
  writeJournal('')
end
local closed = stateNotes[0] and stateNotes[0].closed or head.closed
note(stateNotes, 0, 'closed', trim(closed, 1e15, 1e15, nowMs))
if #lines > 0 or closed ~= stateNotes[0].closed then
  if #lines == 0 then tag = head.tag end
  flush()
end
return answer({ digits(limit - left), left > 0 and '1' or '0' })
`;
