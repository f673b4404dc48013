/**
 * Whether a message can be true by itself: every number is one, and the fields do not contradict each other.
 *
 * @module
 */

import type { AppendEntries, Message, Position } from "./message.ts";

/** Terms and indexes above this are nobody's: there must be room to count on. */
const NUMBER_MAX = 2 ** 52;

/** Whether a message can be true. A kind that this version does not know cannot. */
export function isPossible(message: Message): boolean {
  if (!isCount(message.term) || message.term < 1 || !isCount(message.fromIncarnation)) return false;
  switch (message.kind) {
    case "requestPreVote":
    case "requestVote":
      return isPosition(message.last) && message.last.term < message.term;
    case "preVote":
    case "vote":
    case "timeoutNow":
      return true;
    case "appendEntries":
      return isAppendPossible(message);
    case "appended":
      return isCount(message.match);
    case "appendRefused":
      return isCount(message.refused) && isPosition(message.hint);
    case "heartbeat":
      return isPosition(message.committed) && message.committed.term <= message.term &&
        isCount(message.match) && message.committed.index <= message.match &&
        isCount(message.round);
    case "heartbeatHeard":
      return isCount(message.round);
    case "installSnapshot":
      return isPosition(message.snapshot) && message.snapshot.index > 0 &&
        message.snapshot.term <= message.term && isCount(message.offset);
    case "snapshotProgress":
      return isCount(message.index) && isCount(message.offset);
    case "requestReadIndex":
      return isCount(message.attempt);
    case "readIndex":
      return isCount(message.attempt) && isCount(message.index);
    default:
      message satisfies never;
      return false;
  }
}

function isAppendPossible({ prev, entries, commit, term }: AppendEntries): boolean {
  if (!isPosition(prev) || !isCount(commit)) return false;
  let { index, term: lastTerm } = prev;
  for (const entry of entries) {
    if (entry.index !== index + 1 || !isCount(entry.term) || entry.term < lastTerm) return false;
    index = entry.index;
    lastTerm = entry.term;
  }
  return lastTerm <= term && index < NUMBER_MAX;
}

function isPosition({ index, term }: Position): boolean {
  return isCount(index) && isCount(term) && (index === 0) === (term === 0);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < NUMBER_MAX;
}
