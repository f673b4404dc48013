/**
 * The script that brings a document to where a journal has it. The layout stands in `document_log_script.ts`; what is
 * written is written by the same Lua as a commit's.
 *
 * @module
 */

import type { DocumentAdvance } from "../../src/documents/journal_port.ts";
import { changeText, snapshotText } from "../../src/documents/op_text.ts";
import { type DocumentUnit, JOURNAL_OPS_BYTES_MAX } from "../../src/documents/port.ts";
import { ANSWER, WRITE } from "./document_commit_script.ts";
import { LOG } from "./document_log_script.ts";
import { boundText } from "./document_values.ts";
import { type RedisScript, WAKES } from "./scripts.ts";

/**
 * Lua: whether there is anything to do, and whether it goes after what is there or replaces it. What is as far is left
 * alone, unless it went another way.
 */
const CHECK = `
local from, epoch, tagBefore, id, idText = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local opsMax, bytesMax, ageMsMax = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local identitiesMax, identityMsMax = tonumber(ARGV[9]), tonumber(ARGV[10])
local snapshot, settled = ARGV[11], { version = tonumber(ARGV[12]), place = ARGV[13], atMs = tonumber(ARGV[15]) }
local createdAt, travelBytes = ARGV[14] ~= '' and ARGV[14] or nil, tonumber(ARGV[16])
local journalMax, journalBytesMax, journalMsMax = tonumber(ARGV[17]), tonumber(ARGV[18]), tonumber(ARGV[19])
local creates, isMilestone, milestonesMax, entryCount, BLOCK = false, false, 0, -1, 64
local count, skip, wipes, nowMs, missed = tonumber(ARGV[20]), 0, true, tonumber(now()), {}
local function op(i)
  local at = 20 + 5 * (skip + i - 1)
  return ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
end
${ANSWER}
local got = redis.call('HMGET', KEYS[1], 'v', 'tag', 'e', 'f', 'ft', 'sv', 'c', 'at', 'fa', 'b', 'rf', 'ra', 'ms', 'en', 'w')
local log = logOf(KEYS[1], got)
if log and log.epoch == epoch then
  local to, last, tagAt = from + count, count > 0 and op(count) or tagBefore, log.tag
  if log.version > to then tagAt = tagOf(redis.call('HGET', KEYS[1], 'o' .. digits(to - 1)) or last .. ' ') end
  if log.version >= to and tagAt == last then return answer(headOf('done', log)) end
  if log.version >= from then
    skip = log.version - from
    wipes = (skip == 0 and tagBefore or op(0)) ~= log.tag
  end
end
if wipes then
  local held = log or { version = 0, tag = '', epoch = '', first = 0, snapshot = 0 }
  if snapshot == '' and from > 0 then return answer(headOf('gap', held)) end
  skip, got = 0, { [9] = count > 0 and ARGV[25] or nil }
  log = { key = KEYS[1], version = from, tag = tagBefore, epoch = epoch, first = from, firstTag = tagBefore, snapshot = 0 }
elseif settled.version <= log.snapshot then
  snapshot = ''
end
local base = log.version
count = count - skip
local jot = redis.call('HMGET', KEYS[3], 'seq', 'tag', 'epoch', 'first', 'firstAt', 'bytes')
`;

/** KEYS as for a commit. ARGV: see {@linkcode advanceArgs}. */
export const ADVANCE_SCRIPT: RedisScript = {
  keys: ["document", "milestones", "journal", "order"],
  effect: "repeatable",
  tellsTime: true,
  wakes: WAKES,
  body: /* @__PURE__ */ [LOG, CHECK, WRITE].join(""),
};

/** The arguments of the script. */
export function advanceArgs({ log, journal }: DocumentUnit, advance: DocumentAdvance): string[] {
  const { id, epoch, from, ops, snapshot } = advance;
  // What does not know when the document was created leaves what is known.
  const created = ops.findLast(({ kind }) => kind === "create")?.atMs ?? snapshot?.createdAtMs;
  return [
    ...[String(from.version), epoch, from.tag, id, JSON.stringify(id)],
    ...[log.opsMax, log.bytesMax, log.ageMsMax, log.identitiesMax, log.identityMsMax].map(
      boundText,
    ),
    ...snapshot === undefined ? ["", "0", ""] : [
      snapshotText(snapshot),
      String(snapshot.version),
      `${snapshot.tag} ${snapshot.changedAtMs}`,
    ],
    String(created || ""),
    ...[String(ops.at(-1)?.atMs ?? snapshot?.changedAtMs ?? 0), String(JOURNAL_OPS_BYTES_MAX)],
    ...[journal.entriesMax, journal.bytesMax, journal.ageMsMax].map(boundText),
    String(ops.length),
    ...ops.flatMap((op) => [
      op.tag,
      op.source,
      String(op.sequence),
      changeText(op),
      String(op.atMs),
    ]),
  ];
}
