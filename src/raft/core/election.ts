/**
 * Elections: time passes, nodes campaign, votes are given and counted (2014 paper, §5.2 and §5.4.1), with the questions
 * before them that keep a node which was cut off from disturbing (Ongaro 2014, §9.6 and §4.2.3).
 *
 * @module
 */

import { appendBlank, matchPeers } from "./appending.ts";
import { bytesOf } from "./log_view.ts";
import type {
  Position,
  PreVote,
  RequestPreVote,
  RequestVote,
  TimeoutNow,
  Vote,
} from "./message.ts";
import { allMembers, isVoter, isVotingLife } from "./membership.ts";
import { addressTo, nextSequence, replyTo, send, sendAfterStored, setHardState } from "./outbox.ts";
import { quorumVote } from "./quorum.ts";
import { beginRound, tickForwarded } from "./reads.ts";
import { endTransfer, setLeader, setRole, stepDown } from "./roles.ts";
import { tickTransfer } from "./snapshotting.ts";
import { type Core, drawElectionTimeout, drop, membershipOf, quorumOfPeers } from "./state.ts";

/** One tick. */
export function tick(core: Core): void {
  core.electionTicks++;
  if (core.graceTicks > 0) core.graceTicks--;
  if (core.transfer !== undefined && ++core.transfer.waitedTicks >= core.settings.electionTicks) {
    endTransfer(core, false);
  }
  if (core.role === "leader") return tickLeader(core);
  tickForwarded(core);
  if (core.electionTicks >= core.electionTimeout) onElectionTimeout(core);
}

/** A node that is the only voter has nobody to wait for. */
export function leadAlone(core: Core): void {
  const { voters, outgoing } = membershipOf(core);
  const isAlone = voters.length === 1 && voters[0]?.id === core.settings.id &&
    outgoing.length === 0;
  if (isAlone && core.role === "follower" && mayCampaign(core)) campaign(core, false);
}

/** Would a campaign have this node's vote? Nothing changes by the answer. */
export function onRequestPreVote(core: Core, message: RequestPreVote): void {
  if (isSticky(core)) return drop(core, "sticky");
  const isGranted = message.term > core.hardState.term && mayElect(core, message);
  const term = isGranted ? message.term : core.hardState.term;
  send(core, { kind: "preVote", ...replyTo(core, message), term, isGranted });
}

/** Gives the vote of this term, at most once, to a candidate whose log has everything that this one has. */
export function onRequestVote(core: Core, message: RequestVote): void {
  const { hardState: { term, vote } } = core;
  const to = replyTo(core, message);
  const isFree = vote === undefined || vote === message.from;
  if (message.term < term || !isFree || !mayElect(core, message)) {
    send(core, { kind: "vote", ...to, isGranted: false });
    return;
  }
  if (vote === undefined) {
    setHardState(core, term, message.from);
  }
  drawElectionTimeout(core);
  sendAfterStored(core, { kind: "vote", ...to, isGranted: true });
}

/** Counts an answer to the question before a campaign. */
export function onPreVote(core: Core, message: PreVote): void {
  const isOfThis = core.role === "preCandidate" &&
    (!message.isGranted || message.term === core.hardState.term + 1);
  if (!isOfThis) return drop(core, "stale");
  countVote(core, message);
}

/** Counts a vote. */
export function onVote(core: Core, message: Vote): void {
  if (core.role !== "candidate") return drop(core, "stale");
  countVote(core, message);
}

/** The leader hands over: campaigns at once, if everything that it has is stored. */
export function onTimeoutNow(core: Core, message: TimeoutNow): void {
  const { log, leader } = core;
  if (leader !== message.from || !mayCampaign(core) || log.stored < log.lastIndex) {
    return drop(core, "stale");
  }
  campaign(core, true);
}

/** The own vote is stored, and counts from now on. */
export function onOwnVoteStored(core: Core): void {
  if (core.role !== "candidate" || core.durable < core.ownVoteSequence) return;
  if (core.votes.has(core.settings.id)) return;
  core.votes.set(core.settings.id, true);
  decide(core);
}

/** Whether a leader was heard so lately that a campaign must be a mistake (Ongaro 2014, §4.2.3). */
export function isSticky(core: Core): boolean {
  if (core.role === "leader" || core.graceTicks > 0) return true;
  return core.leader !== undefined && core.electionTicks < core.settings.electionTicks;
}

/** Whether the log that ends there has everything that this one has (2014 paper, §5.4.1). */
export function isUpToDate(core: Core, last: Position): boolean {
  const { index, term } = core.log.last;
  return last.term > term || (last.term === term && last.index >= index);
}

/**
 * Whether this node would have that leader. One that knows no membership has no say: it has never been in the cluster, or
 * has lost its store, and with it what it voted for.
 */
function mayElect(core: Core, candidate: RequestVote | RequestPreVote): boolean {
  return membershipOf(core).voters.length > 0 && isUpToDate(core, candidate.last);
}

/**
 * Voters campaign. So do those whose removal is not known to be committed: the voters that stay may lack an entry that
 * these have (Ongaro 2014, §4.2.2). Their own vote does not count then. A later life of a store may see in the log, while it
 * catches up, that an earlier one was a voter, or the only one: it is not meant by that.
 */
function mayCampaign(core: Core): boolean {
  const { settings, memberships, commit } = core;
  if (settings.isWitness || core.installing !== undefined) return false;
  return memberships.some(({ membership }, at) => {
    const isReplaced = (memberships[at + 1]?.index ?? Infinity) <= commit;
    return !isReplaced && isVotingLife(membership, settings.id, settings.incarnation);
  });
}

function onElectionTimeout(core: Core): void {
  drawElectionTimeout(core);
  setLeader(core);
  if (mayCampaign(core)) askBefore(core);
  else setRole(core, "follower");
}

/** Asks first whether a campaign could win; terms stay as they are. */
function askBefore(core: Core): void {
  setRole(core, "preCandidate");
  core.votes.set(core.settings.id, true);
  if (quorumVote(membershipOf(core), core.votes) === "won") return campaign(core, false);
  const { last } = core.log;
  const term = core.hardState.term + 1;
  for (const voter of otherVoters(core)) {
    send(core, { kind: "requestPreVote", ...addressTo(core, voter), term, last });
  }
}

/** Begins a term and asks for votes: all of it only once the vote for itself is stored. */
function campaign(core: Core, isTransfer: boolean): void {
  setHardState(core, core.hardState.term + 1, core.settings.id);
  core.ownVoteSequence = nextSequence(core);
  setLeader(core);
  setRole(core, "candidate");
  drawElectionTimeout(core);
  const { last } = core.log;
  for (const voter of otherVoters(core)) {
    sendAfterStored(core, { kind: "requestVote", ...addressTo(core, voter), last, isTransfer });
  }
}

function countVote(core: Core, { from, isGranted }: Vote | PreVote): void {
  if (core.votes.has(from)) return drop(core, "stale");
  core.votes.set(from, isGranted);
  decide(core);
}

function decide(core: Core): void {
  const outcome = quorumVote(membershipOf(core), core.votes);
  if (outcome === "lost") stepDown(core);
  else if (outcome === "won") core.role === "preCandidate" ? campaign(core, false) : lead(core);
}

/** Leads, and begins its term with an entry of its own, which commits what earlier terms left (2014 paper, §8). */
function lead(core: Core): void {
  const { log } = core;
  setRole(core, "leader");
  setLeader(core, core.settings.id, core.settings.incarnation);
  core.electionTicks = 0;
  core.heartbeatTicks = 0;
  core.uncommittedBytes = bytesOf(log.range(core.commit + 1, log.lastIndex + 1));
  core.writeMark = core.durable;
  matchPeers(core, log.lastIndex + 1);
  appendBlank(core);
  core.catchUpMark = core.nextCatchUpMark = log.lastIndex;
}

function tickLeader(core: Core): void {
  if (core.electionTicks >= core.settings.electionTicks) {
    core.electionTicks = 0;
    if (!hasQuorum(core)) return stepDown(core);
    core.catchUpMark = core.nextCatchUpMark;
    core.nextCatchUpMark = core.log.lastIndex;
    core.writeMark = core.issued;
  }
  for (const peer of core.peers.values()) tickTransfer(core, peer);
  if (++core.heartbeatTicks < core.settings.heartbeatTicks) return;
  core.heartbeatTicks = 0;
  for (const peer of core.peers.values()) peer.mayNudge = true;
  beginRound(core);
}

/**
 * Whether a quorum, and the own store, answered since the last check. A leader without them steps down, so that its
 * clients look for the new one (Ongaro 2014, §6.2).
 */
function hasQuorum(core: Core): boolean {
  if (core.durable < core.writeMark) return false;
  const active = quorumOfPeers(core, 1, ({ isActive }) => isActive ? 1 : 0);
  for (const peer of core.peers.values()) peer.isActive = false;
  return active > 0;
}

function otherVoters(core: Core) {
  const membership = membershipOf(core);
  return allMembers(membership).filter(({ id }) => {
    return id !== core.settings.id && isVoter(membership, id);
  });
}
