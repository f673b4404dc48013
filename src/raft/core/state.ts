/**
 * What a node is made of while it runs. The files beside this one are its verbs: each takes the state and changes it.
 *
 * @module
 */

import type { LeaseReads, Settings } from "./config.ts";
import type { HardState } from "./loaded.ts";
import type { LogView } from "./log_view.ts";
import type { Entry, Message, Position, SnapshotMeta } from "./message.ts";
import type { Membership, NodeId } from "./membership.ts";
import type { Progress } from "./progress.ts";
import { quorumReached } from "./quorum.ts";
import type {
  Answer,
  DropReason,
  Fetch,
  RaftEvent,
  ReadOutcome,
  Role,
  StoreWrite,
} from "./ready.ts";

/** A membership and the index from which on it holds. */
export interface MembershipRecord {
  readonly index: number;
  readonly membership: Membership;
}

/** A snapshot that another node sends, as far as it has come. */
export interface Staging {
  /** Which snapshot, who sends it, and in which term: pieces of another, or of another sender, never mix with it. */
  readonly key: string;
  /** How many bytes there are. */
  readonly sizeBytes: number;
}

/** The handing over of leadership, from the asking to the first word of the next leader. */
export interface Transfer {
  readonly to: NodeId;
  waitedTicks: number;
}

/** Who wants to read. */
export interface Asker {
  /** The follower that asks, or undefined for a read of the leader's own. */
  readonly from: NodeId | undefined;
  readonly fromIncarnation: number;
  /** The read's id, or the follower's attempt. */
  readonly key: number;
}

/** A read that a leader has not confirmed yet. */
export interface PendingRead extends Asker {
  /** What was committed when the read came. */
  readonly index: number;
  /** The first round that began after the read came: once it is answered, nobody else can have led meanwhile. */
  readonly round: number;
}

/** Reads under way, on a leader and on a follower. */
export interface Reads {
  /** The last round of heartbeats that began in this term, and the last that a quorum answered. */
  round: number;
  confirmed: number;
  /** The last round for which the own store has proved to be this node's. */
  ownRound: number;
  /** Rounds whose proof is on its way, oldest first. */
  readonly proofs: { readonly round: number; readonly sequence: number }[];
  /** On a leader: reads that wait for their round, in its order. */
  readonly waiting: PendingRead[];
  /** On a leader: reads that came before anything of its term was committed. */
  readonly early: Asker[];
  /** On a follower: what was asked of the leader, by attempt. */
  readonly forwarded: Map<number, { readonly id: number; waitedTicks: number }>;
  nextAttempt: number;
  /** When rounds began that are not confirmed yet, for the lease. */
  readonly beganAtMs: { readonly round: number; readonly atMs: number }[];
  leaseUntilMs: number;
  /** What leases are made by; none, once a target of a transfer was told to campaign in spite of them. */
  lease: LeaseReads | undefined;
}

/** The parts of the ready that is being made. */
export interface Outbox {
  /** Term and vote, if they change. */
  hardState: HardState | undefined;
  append: { readonly prev: Position; readonly entries: readonly Entry[] } | undefined;
  /** The store must confirm that it is still this node's, even if there is nothing to write. */
  isProofWanted: boolean;
  /** What was committed before a snapshot replaced the log: the save before it must not say more than its log has. */
  commitBefore: number | undefined;
  /** Pieces of snapshots and what publishes them; they follow the save. */
  readonly snapshotWrites: StoreWrite[];
  readonly messages: Message[];
  readonly messagesAfterStored: Message[];
  restore: SnapshotMeta | undefined;
  readonly reads: ReadOutcome[];
  readonly fetches: Fetch[];
  answer: Answer | undefined;
  readonly events: RaftEvent[];
}

/** The whole state of a node. */
export interface Core {
  readonly settings: Settings;

  /** The highest term seen, and the vote in it: durable once the write that brings them is. */
  hardState: HardState;
  role: Role;
  leader: NodeId | undefined;
  leaderIncarnation: number;

  readonly log: LogView;
  commit: number;
  /** Committed entries up to here were given to the loop. */
  handedOut: number;
  /** The loop has applied up to here. */
  applied: number;

  /** Every membership that may still be needed, oldest first; the last one is in force. Never empty. */
  memberships: MembershipRecord[];
  /** The newest published snapshot. */
  snapshot: SnapshotMeta | undefined;
  staging: Staging | undefined;
  /** A snapshot that replaced the log, while the store still works on it. */
  installing: { readonly snapshot: SnapshotMeta; readonly sequence: number } | undefined;

  /** Ticks since the leader was heard; on a leader, since it last checked its quorum. */
  electionTicks: number;
  /** At how many of them the node campaigns. */
  electionTimeout: number;
  heartbeatTicks: number;
  /** Until this is 0 no vote is given: a leader's lease may date from before the start. */
  graceTicks: number;
  votes: Map<NodeId, boolean>;
  /** The write that brings the vote for itself. */
  ownVoteSequence: number;

  /** On a leader: everybody else. */
  readonly peers: Map<NodeId, Progress>;
  /** On a leader: bytes of entries that are not committed. */
  uncommittedBytes: number;
  /** On a leader: the end of the log at the check of the quorum before the last. Who has that has caught up. */
  catchUpMark: number;
  /** On a leader: the end of the log at the last check. */
  nextCatchUpMark: number;
  /** On a leader: the last write before the last check of the quorum. */
  writeMark: number;
  transfer: Transfer | undefined;
  reads: Reads;

  /** Writes that were issued, and that are durable, by their sequence. */
  issued: number;
  durable: number;
  /** The times of the last tick. */
  nowMs: number;
  timeMs: number;

  /** The write after whose success the store is known to be this node's, and to have lost something; 0 if not suspected. */
  suspicion: number;
  stopped: "fenced" | "regressed" | undefined;
  readonly dropped: Record<DropReason, number>;
  readonly out: Outbox;
}

/** What holds before any membership is known. */
export const NO_MEMBERSHIP: Membership = { voters: [], outgoing: [], learners: [] };

/** The membership in force. */
export function membershipOf(core: Core): Membership {
  return core.memberships.at(-1)?.membership ?? NO_MEMBERSHIP;
}

/** The index from which on it is in force. */
export function membershipIndexOf(core: Core): number {
  return core.memberships.at(-1)?.index ?? 0;
}

/** Notes the memberships among entries that were appended. Says whether there was one. */
export function recordMemberships(core: Core, entries: readonly Entry[]): boolean {
  const before = core.memberships.length;
  for (const entry of entries) {
    if (entry.kind === "membership" && entry.index > membershipIndexOf(core)) {
      core.memberships.push({ index: entry.index, membership: entry.membership });
    }
  }
  return core.memberships.length > before;
}

/** Leader: what a quorum has reached, the node itself (`own`) and its peers as `reached` says; 0 for who is unknown. */
export function quorumOfPeers(
  core: Core,
  own: number,
  reached: (peer: Progress) => number,
): number {
  const { settings, peers } = core;
  return quorumReached(membershipOf(core), (id) => {
    if (id === settings.id) return own;
    const peer = peers.get(id);
    return peer === undefined ? 0 : reached(peer);
  });
}

/** Starts to wait anew: each time a random number of ticks, so that rarely two campaign at once (2014 paper, §5.2). */
export function drawElectionTimeout(core: Core): void {
  const { electionTicks, electionRank, random } = core.settings;
  core.electionTicks = 0;
  core.electionTimeout = electionTicks * (1 + electionRank) +
    Math.floor(random.float() * electionTicks);
}

/** Counts what was dropped. */
export function drop(core: Core, reason: DropReason): void {
  core.dropped[reason]++;
}
