/**
 * A leader: takes the answers of its peers, commits what a quorum has stored, and sends on (2014 paper, §5.3 and §5.4).
 *
 * @module
 */

import { appendMembership } from "./appending.ts";
import { lastOfTerm } from "./following.ts";
import { bytesOf } from "./log_view.ts";
import type { Appended, AppendRefused, HeartbeatHeard, Position } from "./message.ts";
import { isJoint, isVoter, leaveJoint } from "./membership.ts";
import { addressTo, send, tell } from "./outbox.ts";
import { probe, type Progress, replicate } from "./progress.ts";
import { admitEarly, giveUpLease, onRoundHeard } from "./reads.ts";
import { endTransfer, stepDown } from "./roles.ts";
import { sendEntries, sendProbe, sendWitnesses, tellCommit } from "./sending.ts";
import { type Core, drop, membershipIndexOf, membershipOf, quorumOfPeers } from "./state.ts";

/**
 * Commits up to the highest index that a quorum has stored, if it is of the leader's own term: entries of earlier terms
 * are committed only along with one of this term (2014 paper, §5.4.2, figure 8).
 */
export function advanceCommit(core: Core): void {
  const { log, peers, hardState } = core;
  const index = Math.min(quorumOfPeers(core, log.stored, ({ match }) => match), log.lastIndex);
  if (index <= core.commit || log.termAt(index) !== hardState.term) return;
  core.uncommittedBytes -= bytesOf(log.range(core.commit + 1, index + 1));
  core.commit = index;
  admitEarly(core);
  for (const peer of peers.values()) tellCommit(core, peer);
  if (membershipIndexOf(core) <= index) finishChange(core);
}

/** Asks the target of a transfer to campaign, as soon as it has the whole log. */
export function handOver(core: Core): void {
  const { transfer, peers, log } = core;
  const peer = peers.get(transfer?.to ?? ""); // Nobody's name is empty.
  if (peer === undefined || peer.match < log.lastIndex) return;
  giveUpLease(core);
  send(core, { kind: "timeoutNow", ...addressTo(core, peer) });
}

/** A peer has stored what it was sent. */
export function onAppended(core: Core, peer: Progress, { match }: Appended): void {
  const isNews = match > peer.match;
  if (isNews) peer.match = match;
  if (peer.kind === "replicate") {
    peer.inflight.freeThrough(match);
    peer.next = Math.max(peer.next, match + 1);
  } else if (peer.kind === "probe" || hasSnapshot(peer)) {
    replicate(peer);
  }
  if (isNews) {
    if (match > core.commit) advanceCommit(core);
    if (core.role !== "leader") return;
    noteCaughtUp(core, peer);
    sendWitnesses(core);
    if (core.transfer?.to === peer.id) handOver(core);
  }
  sendEntries(core, peer);
  tellCommit(core, peer);
}

/** The log does not match there: tries the next place where it may. Answers to older probes say nothing new. */
export function onAppendRefused(
  core: Core,
  peer: Progress,
  { refused, hint }: AppendRefused,
): void {
  const isAnswer = peer.kind === "probe" ? refused === peer.next - 1 : refused > peer.match;
  if (peer.kind === "snapshot" || !isAnswer) return drop(core, "stale");
  probe(peer, nextAfterRefusal(core, peer, refused, hint));
  sendOrProbe(core, peer);
}

/** The peer lives. If it lacks something, what was sent may be lost: once in each heartbeat it is asked. */
export function onHeartbeatHeard(core: Core, peer: Progress, message: HeartbeatHeard): void {
  onRoundHeard(core, peer, message);
  if (!peer.mayNudge || peer.kind === "snapshot" || peer.isFetching) return;
  if (peer.match >= core.log.lastIndex) return;
  peer.mayNudge = false;
  peer.isPaused = false;
  sendOrProbe(core, peer);
}

/** Where the logs may match, going by the follower's hint; each time lower than before. */
function nextAfterRefusal(core: Core, peer: Progress, refused: number, hint: Position): number {
  const { log } = core;
  if (hint.index === refused && refused <= log.anchorIndex) {
    // The terms down there are not in memory: halving needs few questions too.
    return peer.match + 1 + ((refused - peer.match - 1) >> 1);
  }
  const place = lastOfTerm(core, Math.min(hint.index, log.lastIndex), hint.term);
  return Math.min(place.index + 1, refused);
}

/** Whether a peer has the snapshot that was sent to it, or more. */
function hasSnapshot({ match, transfer }: Progress): boolean {
  return match >= (transfer?.snapshot.index ?? 0);
}

/** Sends what the peer lacks, or else asks. */
function sendOrProbe(core: Core, peer: Progress): void {
  if (peer.kind !== "probe" || !sendEntries(core, peer)) sendProbe(core, peer);
}

/** A learner that has what the leader had at its last check of the quorum is fit to vote (Ongaro 2014, §4.2.1). */
function noteCaughtUp(core: Core, peer: Progress): void {
  if (peer.isVoter || peer.isCaughtUp || peer.match < core.catchUpMark) return;
  peer.isCaughtUp = true;
  tell(core, { kind: "caughtUp", id: peer.id });
}

/** A membership is committed: a joint one is left, and a leader that is no member any more steps down (§6). */
function finishChange(core: Core): void {
  const membership = membershipOf(core);
  if (isJoint(membership)) {
    appendMembership(core, leaveJoint(membership));
  } else if (!isVoter(membership, core.settings.id)) {
    endTransfer(core, false);
    stepDown(core);
  }
}
