/**
 * How documents lie in Redis, and the Lua that reads a log, for the scripts that commit and read.
 *
 * A unit's keys share its hash tag:
 *
 * | key | what |
 * |---|---|
 * | `d:<id>` | a document, below |
 * | `m:<id>` | its milestones, by version: lines like that of the snapshot |
 * | `journal` | `seq` `tag` `epoch`, the head; `first` `firstAt` `bytes`, what is kept; `j<index>`, an entry: tag, previous tag, time, text |
 * | `order` | a sorted set of all entries of indexes, all with score 0 |
 *
 * A document is one hash, so that one HMGET reads and one HSET writes all that a commit needs:
 *
 * | field | what |
 * |---|---|
 * | `v` `tag` `e` `at` | the head: version, tag, epoch, time of the last operation |
 * | `f` `ft` `fa` `b` | what is kept of the log: first version, the tag before it, its time, bytes |
 * | `o<version>` | an operation: tag, time, source, sequence, sealed JSON |
 * | `q<sequence> <source>` | the version of the operation with this identity |
 * | `r<version>` | what is left of a dropped operation: time, sequence, source |
 * | `rf` `ra` | the first of those, and its time |
 * | `s` `sv` `c` | the snapshot's line and version; when the document was created |
 * | `ms` | the milestones: `version:time;` of each |
 * | `en` | its entries of indexes, by lines |
 * | `w` | how many commits came too late since the last one that was made |
 *
 * @module
 */

/** Lua: what is kept of a document's log, from a version on. */
export const LOG = `
local function digits(number) return string.format('%.0f', number) end
local function whole(text) return tonumber(string.match(text or '0', '^%d+$') or 'x') end
local function linesBetween(key, from, to, bytesMax)
  local lines, bytes = {}, 0
  for start = from, to - 1, 256 do
    local names = {}
    for version = start, math.min(start + 255, to - 1) do names[#names + 1] = 'o' .. digits(version) end
    local found = redis.call('HMGET', key, unpack(names))
    for i = 1, #found do
      if not found[i] then return false end
      bytes = bytes + #found[i]
      if bytes > bytesMax and #lines > 1 then return lines end
      lines[#lines + 1] = found[i]
    end
  end
  return lines
end
local function tagOf(line) return string.match(line, '^([^ ]*) ') end
local function isOwnEpoch(log, version, epoch)
  return epoch == '*' or epoch == log.epoch or (epoch == '' and version == 0)
end
-- The lines after a version that is kept, and whether its tag is the log's; nil for a log with a hole.
local function linesAfter(log, version, tag, opsMax, bytesMax)
  local hasBefore = version > log.first
  local from = hasBefore and version - 1 or version
  local to = math.min(log.version, version + opsMax)
  local isOwn = tag == '*' or version == 0
  if version == log.version then return {}, isOwn or tag == log.tag end
  local lines = linesBetween(log.key, from, to, bytesMax)
  if not lines then return nil end
  local before = log.firstTag
  if hasBefore then before = tagOf(table.remove(lines, 1)) end
  return lines, isOwn or tag == before
end
local function headOf(kind, log)
  return { kind, log.epoch, digits(log.version), log.tag, digits(log.first), digits(log.snapshot) }
end
local function logOf(key, got)
  local log = { key = key, version = whole(got[1]), tag = got[2] or '', epoch = got[3] or '' }
  log.first, log.firstTag, log.snapshot = whole(got[4]), got[5] or '', whole(got[6])
  if not (log.version and log.first and log.snapshot) or (log.version > 0) ~= (log.epoch ~= '') then return nil end
  return log
end
local function append(list, more)
  for i = 1, #more do list[#list + 1] = more[i] end
  return list
end
`;
