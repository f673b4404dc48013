/**
 * What comes in from the network: whether it is heard, then what its term means, then who takes it.
 *
 * @module
 */

import { assertNever } from "../../errors.ts";
import { onPreVote, onRequestPreVote, onRequestVote, onTimeoutNow, onVote } from "./election.ts";
import { onAppendEntries, onHeartbeat } from "./following.ts";
import type { Message } from "./message.ts";
import { envelope, nextSequence, send } from "./outbox.ts";
import { onReadIndex, onRequestReadIndex } from "./reads.ts";
import { onPeerAnswer, type PeerAnswer } from "./replication.ts";
import { follow, stop } from "./roles.ts";
import { isOfCandidate, isOfLeader, type LeaderMessage, reasonToDrop } from "./screening.ts";
import { onInstallSnapshot } from "./snapshotting.ts";
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
    case "appendRefused":
    case "heartbeatHeard":
    case "snapshotProgress":
      return onAnswer(core, message);
    case "timeoutNow":
      return onTimeoutNow(core, message);
    case "requestReadIndex":
      return onRequestReadIndex(core, message);
    case "readIndex":
      return onReadIndex(core, message);
    default:
      return assertNever(message, "a message");
  }
}

/** This term's leader was heard, so nobody campaigns. */
function hearLeader(core: Core, { from, fromIncarnation, term }: LeaderMessage): void {
  if (core.role !== "follower" || core.leader !== from) follow(core, term, from, fromIncarnation);
  core.electionTicks = 0;
}

function onAnswer(core: Core, message: PeerAnswer): void {
  const peer = core.peers.get(message.from);
  if (peer === undefined) drop(core, "stale");
  else onPeerAnswer(core, peer, message);
}

/** Of an earlier term. A leader learns by the answer that its term is over. */
function onStale(core: Core, message: Message): void {
  drop(core, "stale");
  if (!isOfLeader(message)) return;
  const to = envelope(core, message.from, message.fromIncarnation);
  send(core, { kind: "appendRefused", ...to, refused: 0, hint: { index: 0, term: 0 } });
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
