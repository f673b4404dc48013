/**
 * Which messages are heard: those for this node, of this cluster, of a living member, that can be true.
 *
 * Whatever is dropped is counted and changes nothing, so that a confused or hostile sender can do no harm but noise.
 *
 * @module
 */

import { isSticky, isUpToDate } from "./election.ts";
import { contradictsCommitted } from "./following.ts";
import type {
  AppendEntries,
  Heartbeat,
  InstallSnapshot,
  Message,
  Position,
  RequestPreVote,
  RequestVote,
} from "./message.ts";
import { findMember } from "./membership.ts";
import type { DropReason } from "./ready.ts";
import { type Core, membershipOf } from "./state.ts";

/** What a leader says to its followers. */
export type LeaderMessage = AppendEntries | Heartbeat | InstallSnapshot;

/** Terms and indexes above this are nobody's: there must be room to count on. */
const NUMBER_MAX = 2 ** 52;

/** Whether a leader speaks. */
export function isOfLeader(message: Message): message is LeaderMessage {
  const { kind } = message;
  return kind === "appendEntries" || kind === "heartbeat" || kind === "installSnapshot";
}

/** Whether a node speaks that would lead. */
export function isOfCandidate(message: Message): message is RequestPreVote | RequestVote {
  return message.kind === "requestPreVote" || message.kind === "requestVote";
}

/** Why a message is not heard, or undefined if it is. */
export function reasonToDrop(core: Core, message: Message): DropReason | undefined {
  const { cluster, id, incarnation } = core.settings;
  if (message.cluster !== cluster) return "cluster";
  if (message.to !== id || message.from === id) return "stranger";
  if (message.toIncarnation !== incarnation) return "incarnation";
  if (!isPossible(message)) return "impossible";
  return reasonOfSender(core, message) ?? reasonOfState(core, message);
}

/**
 * Who answers was asked, so it is known. Who leads or asks for votes may be a member that this node does not know of yet
 * (Ongaro 2014, §4.1), but not if its term is over, or if its log has not even its own removal.
 */
function reasonOfSender(core: Core, message: Message): DropReason | undefined {
  const member = findMember(membershipOf(core), message.from);
  if (message.fromIncarnation === member?.incarnation) return undefined;
  if (member !== undefined && message.fromIncarnation < member.incarnation) return "incarnation";
  const isWelcome = isOfCandidate(message)
    ? isUpToDate(core, message.last)
    : message.term >= core.hardState.term && (message.from === core.leader || isOfLeader(message));
  if (isWelcome) return undefined;
  return member === undefined ? "stranger" : "incarnation";
}

function reasonOfState(core: Core, message: Message): DropReason | undefined {
  if (message.kind === "requestVote" && !message.isTransfer && isSticky(core)) return "sticky";
  return contradictsState(core, message) ? "impossible" : undefined;
}

/**
 * What cannot be said to this node: there is one leader in a term, nobody takes back what is committed, and nobody
 * answers what was not asked.
 */
function contradictsState(core: Core, message: Message): boolean {
  const { leader, hardState: { term }, log, reads, role, settings } = core;
  if (isOfLeader(message)) {
    if (message.term < term) return false;
    if (message.term === term && leader !== undefined && leader !== message.from) return true;
    return message.kind === "appendEntries" && (contradictsCommitted(core, message) ||
      (!settings.isWitness && message.entries.some((entry) => entry.kind === "witnessed")));
  }
  if (role !== "leader" || message.term !== term) return false;
  return (message.kind === "appended" && message.match > log.lastIndex) ||
    (message.kind === "heartbeatHeard" && message.round > reads.round);
}

/** Whether a message can be true by itself. A kind that this version does not know cannot. */
function isPossible(message: Message): boolean {
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
