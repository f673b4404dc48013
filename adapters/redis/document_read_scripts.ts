/**
 * The scripts that read documents, as they are and as they were. The layout stands in `document_log_script.ts`.
 *
 * @module
 */

import { LOG } from "./document_log_script.ts";
import type { RedisScript } from "./scripts.ts";

/**
 * KEYS: the documents. ARGV: the most operations and bytes of the answer, then version (or nothing), epoch and tag of
 * each reader. Of each document: a kind, how many parts follow, and the parts.
 */
export const READ_SCRIPT: RedisScript = {
  keys: ["document…"],
  effect: "read",
  body: /* @__PURE__ */ [
    LOG,
    `
local opsMax, bytesMax, list = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
local function one(key, version, epoch, tag)
  local got = version and redis.call('HMGET', key, 'v', 'tag', 'e', 'f', 'ft', 'sv')
    or redis.call('HMGET', key, 'v', 'tag', 'e', 'f', 'ft', 'sv', 's')
  if not (got[1] or got[3]) then return { 'absent' } end
  local log = logOf(key, got)
  if not log or log.version == 0 then return { 'corrupt' } end
  if version and isOwnEpoch(log, version, epoch) and version >= log.first and version <= log.version then
    local lines, isOwn = linesAfter(log, version, tag, opsMax, bytesMax)
    if not lines then return { 'corrupt' } end
    if isOwn then return append(headOf('ops', log), lines) end
  end
  local snapshot = got[7] or version and redis.call('HGET', key, 's') or ''
  if snapshot == '' and log.snapshot > 0 then return { 'corrupt' } end
  bytesMax = bytesMax - #snapshot
  local lines = linesAfter(log, log.snapshot, '*', opsMax, bytesMax)
  if not lines then return { 'corrupt' } end
  local found = headOf('snapshot', log)
  found[#found + 1] = snapshot
  return append(found, lines)
end
for i = 1, #KEYS do
  local at = 3 * i
  local found = one(KEYS[i], tonumber(ARGV[at]), ARGV[at + 1], ARGV[at + 2])
  list[#list + 1] = digits(#found)
  append(list, found)
end
return list
`,
  ].join(""),
};

/**
 * KEYS: the document, its milestones. ARGV: `version` or `time`, the number, the most operations and bytes of the
 * answer. A kind, the head, the snapshot's line, and the operations after it.
 */
export const HISTORY_SCRIPT: RedisScript = {
  keys: ["document", "milestones"],
  effect: "read",
  body: /* @__PURE__ */ [
    LOG,
    `
local moment, isTime = tonumber(ARGV[2]), ARGV[1] == 'time'
local got = redis.call('HMGET', KEYS[1], 'v', 'tag', 'e', 'f', 'ft', 'sv', 's', 'ms')
if not (got[1] or got[3]) then return { 'absent' } end
local log = logOf(KEYS[1], got)
if not log or log.version == 0 then return { 'corrupt' } end
local version, line = log.first == 0 and 0 or nil, ''
for at, time in string.gmatch(got[8] or '', '(%d+):(%d+);') do
  if tonumber(isTime and time or at) <= moment then version, line = tonumber(at), nil end
end
if log.snapshot > 0 then
  local time = string.match(got[7] or '', '^%d+ [^ ]* %d+ (%d+) ')
  if not time then return { 'corrupt' } end
  if (isTime and tonumber(time) or log.snapshot) <= moment then version, line = log.snapshot, got[7] end
end
if not version then return headOf('trimmed', log) end
if not line then line = redis.call('HGET', KEYS[2], 'm' .. digits(version)) end
local lines = {}
if version >= log.first then lines = linesAfter(log, version, '*', tonumber(ARGV[3]), tonumber(ARGV[4])) end
if not (line and lines) then return { 'corrupt' } end
local found = headOf('found', log)
found[#found + 1] = line
return append(found, lines)
`,
  ].join(""),
};
