/**
 * What comes in from the network: whether it is heard, then what its term means, then who takes it.
 *
 * @module
 */

import { onPreVote, onRequestPreVote, onRequestVote, onTimeoutNow, onVote } from "./election.ts";
import { onAppendEntries, onHeartbeat } from "./following.ts";
import type { Envelope, Message } from "./message.ts";
import { nextSequence, replyTo, send } from "./outbox.ts";
import type { Progress } from "./progress.ts";
import { onReadIndex, onRequestReadIndex } from "./reads.ts";
import { onAppended, onAppendRefused, onHeartbeatHeard } from "./replication.ts";
import { follow, stop } from "./roles.ts";
import { isOfCandidate, isOfLeader, type LeaderMessage, reasonToDrop } from "./screening.ts";
import { onInstallSnapshot, onSnapshotProgress } from "./snapshotting.ts";
import { type Core, drop, membershipOf } from "./state.ts";

/** Takes a message. */
export function receive(core: Core, message: Message): void {
  const reason = reasonToDrop(core, message);
  if (reason !== undefined) return drop(core, reason);
  const { term } = core.hardState;
  // Who asks for a vote in an earlier term is told so by its answer.
  if (message.term < term && !isOfCandidate(message)) return onStale(core, message);
  if (message.term > term && raisesTerm(message)) follow(core, message.term);
  if (isOfLeader(message)) {
    if (hasLostStore(core, message)) return suspect(core);
    hearLeader(core, message);
  }
  dispatch(core, message);
}

function dispatch(core: Core, message: Message): void {
  switch (message.kind) {
    case "requestPreVote":
      return onRequestPreVote(core, message);
    case "preVote":
      return onPreVote(core, message);
    case "requestVote":
      return onRequestVote(core, message);
    case "vote":
      return onVote(core, message);
    case "appendEntries":
      return onAppendEntries(core, message);
    case "heartbeat":
      return onHeartbeat(core, message);
    case "installSnapshot":
      return onInstallSnapshot(core, message);
    case "appended":
      return onAnswer(core, message, onAppended);
    case "appendRefused":
      return onAnswer(core, message, onAppendRefused);
    case "heartbeatHeard":
      return onAnswer(core, message, onHeartbeatHeard);
    case "snapshotProgress":
      return onAnswer(core, message, onSnapshotProgress);
    case "timeoutNow":
      return onTimeoutNow(core, message);
    case "requestReadIndex":
      return onRequestReadIndex(core, message);
    case "readIndex":
      return onReadIndex(core, message);
    default:
      message satisfies never; // Another kind was dropped as impossible.
  }
}

/** This term's leader was heard, so nobody campaigns. */
function hearLeader(core: Core, { from, fromIncarnation, term }: LeaderMessage): void {
  if (core.role !== "follower" || core.leader !== from) follow(core, term, from, fromIncarnation);
  core.electionTicks = 0;
}

/** An answer to the leader, which only peers can give. */
function onAnswer<Answer extends Envelope>(
  core: Core,
  answer: Answer,
  take: (core: Core, peer: Progress, answer: Answer) => void,
): void {
  const peer = core.peers.get(answer.from);
  if (peer === undefined) return drop(core, "stale");
  peer.isActive = true;
  take(core, peer, answer);
}

/** Of an earlier term. A leader learns by the answer that its term is over. */
function onStale(core: Core, message: Message): void {
  drop(core, "stale");
  if (!isOfLeader(message)) return;
  const hint = { index: 0, term: 0 };
  send(core, { kind: "appendRefused", ...replyTo(core, message), refused: 0, hint });
}

/**
 * Whether the leader knows of something that this store should have: what it acknowledged in this term, or, being a
 * voter, any membership at all.
 */
function hasLostStore(core: Core, message: LeaderMessage): boolean {
  if (message.isToVoter && membershipOf(core).voters.length === 0) return true;
  return message.kind === "heartbeat" && message.match > core.log.lastIndex;
}

/**
 * Either the store lost it, or another process of this name has the store now and acknowledged it: a write tells, for it
 * would be fenced off.
 */
function suspect(core: Core): void {
  if (core.settings.isStoreExclusive) return stop(core, "regressed");
  core.out.isProofWanted = true;
  core.suspicion = nextSequence(core);
}

/** A question before a campaign, and its granted answer, speak of a term that may never begin. */
function raisesTerm(message: Message): boolean {
  return message.kind !== "requestPreVote" && !(message.kind === "preVote" && message.isGranted);
}
