/**
 * What comes in from the network: first whether it is heard at all, then what its term means, then who takes it.
 *
 * Whatever is dropped is counted and changes nothing, so that a confused or hostile sender can do no harm but noise.
 *
 * @module
 */

import { assertNever } from "../../errors.ts";
import {
  isSticky,
  isUpToDate,
  onPreVote,
  onRequestPreVote,
  onRequestVote,
  onTimeoutNow,
  onVote,
} from "./election.ts";
import { contradictsCommitted, onAppendEntries, onHeartbeat } from "./following.ts";
import type { AppendEntries, Heartbeat, InstallSnapshot, Message } from "./message.ts";
import { findMember } from "./membership.ts";
import { envelope, nextSequence, send } from "./outbox.ts";
import { onReadIndex, onRequestReadIndex } from "./reads.ts";
import type { DropReason } from "./ready.ts";
import { onPeerAnswer, type PeerAnswer } from "./replication.ts";
import { follow, stop } from "./roles.ts";
import { isPossible } from "./screening.ts";
import { onInstallSnapshot } from "./snapshotting.ts";
import { type Core, drop, membershipOf } from "./state.ts";

/** Takes a message. */
export function receive(core: Core, message: Message): void {
  const reason = reasonToDrop(core, message);
  if (reason !== undefined) return drop(core, reason);
  const { term } = core.hardState;
  if (message.term < term) return receiveStale(core, message);
  if (message.term > term && raisesTerm(message)) follow(core, message.term);
  dispatch(core, message);
}

/**
 * The leader knows of what this store has not. Either the store lost it, or another process of this name has the store
 * now and acknowledged it: a write tells, for it would be fenced off.
 */
function suspect(core: Core): void {
  if (core.settings.isStoreExclusive) return stop(core, "regressed");
  core.out.isProofWanted = true;
  core.suspicion = nextSequence(core);
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
    case "heartbeat":
    case "installSnapshot":
      return onLeaderMessage(core, message);
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

/** A message of this term's leader: it is heard, so nobody campaigns. */
function onLeaderMessage(core: Core, message: AppendEntries | Heartbeat | InstallSnapshot): void {
  const { from, fromIncarnation, term } = message;
  if (hasLostStore(core, message)) return suspect(core);
  if (core.role !== "follower" || core.leader !== from) follow(core, term, from, fromIncarnation);
  core.electionTicks = 0;
  switch (message.kind) {
    case "appendEntries":
      return onAppendEntries(core, message);
    case "heartbeat":
      return onHeartbeat(core, message);
    case "installSnapshot":
      return onInstallSnapshot(core, message);
    default:
      return assertNever(message, "a leader's message");
  }
}

function onAnswer(core: Core, message: PeerAnswer): void {
  const peer = core.peers.get(message.from);
  if (peer === undefined) drop(core, "stale");
  else onPeerAnswer(core, peer, message);
}

/**
 * Whether the leader knows of something that this store should have: what it acknowledged in this term, or, being a
 * voter, any membership at all.
 */
function hasLostStore(core: Core, message: AppendEntries | Heartbeat | InstallSnapshot): boolean {
  if (message.isToVoter && membershipOf(core).voters.length === 0) return true;
  return message.kind === "heartbeat" && message.match > core.log.lastIndex;
}

/** Of an earlier term. A leader or candidate learns by the answer that its term is over. */
function receiveStale(core: Core, message: Message): void {
  const { from, fromIncarnation } = message;
  switch (message.kind) {
    case "requestPreVote":
      return onRequestPreVote(core, message);
    case "requestVote":
      return onRequestVote(core, message);
    case "appendEntries":
    case "heartbeat":
    case "installSnapshot": {
      const hint = { index: 0, term: 0 };
      const to = envelope(core, from, fromIncarnation);
      send(core, { kind: "appendRefused", ...to, refused: 0, hint });
      return drop(core, "stale");
    }
    default:
      return drop(core, "stale");
  }
}

/** A question before a campaign, and its granted answer, speak of a term that may never begin. */
function raisesTerm(message: Message): boolean {
  return message.kind !== "requestPreVote" && !(message.kind === "preVote" && message.isGranted);
}

function reasonToDrop(core: Core, message: Message): DropReason | undefined {
  const { settings } = core;
  if (message.cluster !== settings.cluster) return "cluster";
  if (message.to !== settings.id || message.from === settings.id) return "stranger";
  if (message.toIncarnation !== settings.incarnation) return "incarnation";
  if (!isPossible(message)) return "impossible";
  return reasonOfSender(core, message) ?? reasonOfContent(core, message);
}

/**
 * Who asks and leads may be a member that this node does not know of yet (Ongaro 2014, §4.1); who answers was asked, so
 * it is known, and so is a removed node that still campaigns with a log that has not even its own removal.
 */
function reasonOfSender(core: Core, message: Message): DropReason | undefined {
  const member = findMember(membershipOf(core), message.from);
  if (member !== undefined && message.fromIncarnation < member.incarnation) return "incarnation";
  const isKnown = member !== undefined && message.fromIncarnation === member.incarnation;
  switch (message.kind) {
    case "requestPreVote":
    case "requestVote":
      if (!isKnown && !isUpToDate(core, message.last)) return "stranger";
      return message.kind === "requestVote" && !message.isTransfer && isSticky(core)
        ? "sticky"
        : undefined;
    case "appendEntries":
    case "heartbeat":
    case "installSnapshot":
    case "timeoutNow":
    case "readIndex":
      return !isKnown && message.term < core.hardState.term ? "stranger" : undefined;
    default:
      return isKnown ? undefined : member === undefined ? "stranger" : "incarnation";
  }
}

/** What no leader of this term can say: there is one leader in a term, and nobody takes back what is committed. */
function reasonOfContent(core: Core, message: Message): DropReason | undefined {
  const { leader, hardState, role } = core;
  switch (message.kind) {
    case "appendEntries":
    case "heartbeat":
    case "installSnapshot":
      if (message.term < hardState.term) return undefined;
      if (message.term === hardState.term && leader !== undefined && leader !== message.from) {
        return "impossible";
      }
      if (message.kind === "appendEntries") return reasonOfEntries(core, message);
      return undefined;
    case "appended":
      return role === "leader" && message.term === hardState.term &&
          message.match > core.log.lastIndex
        ? "impossible"
        : undefined;
    default:
      return undefined;
  }
}

function reasonOfEntries(core: Core, message: AppendEntries): DropReason | undefined {
  if (contradictsCommitted(core, message)) return "impossible";
  if (core.settings.isWitness) return undefined;
  return message.entries.some((entry) => entry.kind === "witnessed") ? "impossible" : undefined;
}
