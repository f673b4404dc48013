/**
 * What is kept and what is sent: entries, snapshots' descriptions and the messages between nodes.
 *
 * All of it is plain data (numbers, strings, bytes), so that any transport can carry it and any codec write it. A
 * message is addressed to one life of a node: it names both nodes' incarnations, and who receives what is meant for
 * another life drops it.
 *
 * @module
 */

import type { Membership, NodeId } from "./membership.ts";

/** Marks a command of a client session, so that its retry is told from a second command. See `sessions.ts`. */
export interface SessionStamp {
  /** The index of the entry that opened the session; 0 opens one. */
  readonly session: number;
  /** The command's number in its session, from 1; the same when it is sent again. */
  readonly sequence: number;
  /** The client has the replies of all commands up to this number; they need not be kept. */
  readonly acknowledged: number;
}

/** What every entry has. */
export interface EntryHead {
  /** The entry's place in the log, from 1. */
  readonly index: number;
  /** The term of the leader that appended it. */
  readonly term: number;
  /**
   * The log's time in milliseconds since 1970-01-01 UTC: chosen by the leader, never lower than that of the entry
   * before. All nodes see the same, so what expires by it expires everywhere at the same entry.
   */
  readonly timeMs: number;
}

/** A command for the state machine. */
export interface CommandEntry extends EntryHead {
  /** Says which variant this is. */
  readonly kind: "command";
  /** The command. Never changed after it was proposed. */
  readonly data: Uint8Array;
  /** The client session that the command belongs to, if any. */
  readonly session: SessionStamp | undefined;
}

/** The first entry of a leader's term: commits what earlier terms left (Ongaro 2014, §6.4, and 2014 paper, §8). */
export interface BlankEntry extends EntryHead {
  /** Says which variant this is. */
  readonly kind: "blank";
}

/** A membership, in force from where it stands. */
export interface MembershipEntry extends EntryHead {
  /** Says which variant this is. */
  readonly kind: "membership";
  /** The members. */
  readonly membership: Membership;
}

/** What a witness keeps of a command: that it is there. Never given to a node that is no witness. */
export interface WitnessedEntry extends EntryHead {
  /** Says which variant this is. */
  readonly kind: "witnessed";
}

/** One entry of the log. */
export type Entry = CommandEntry | BlankEntry | MembershipEntry | WitnessedEntry;

/** A place in the log. */
export interface Position {
  /** The index, or 0 for the place before the first entry. */
  readonly index: number;
  /** The term of the entry there, or 0 before the first entry. */
  readonly term: number;
}

/** What is known of a snapshot without its content. Two with the same index and term have the same meaning. */
export interface SnapshotMeta extends Position {
  /** The membership in force at the index. */
  readonly membership: Membership;
  /** The log's time at the index. */
  readonly timeMs: number;
}

/** What every message says. */
export interface Envelope {
  /** The cluster that the sender belongs to. */
  readonly cluster: string;
  /** Who sends it. */
  readonly from: NodeId;
  /** Which life of the sender's store. */
  readonly fromIncarnation: number;
  /** Who is meant. */
  readonly to: NodeId;
  /** Which life of the receiver's store is meant. */
  readonly toIncarnation: number;
  /** The sender's term. Of `requestPreVote`, and of a `preVote` that is granted: the term that would be campaigned for. */
  readonly term: number;
}

/** Asks whether a campaign in the next term could win, without starting one (Ongaro 2014, §9.6). */
export interface RequestPreVote extends Envelope {
  /** Says which variant this is. */
  readonly kind: "requestPreVote";
  /** The end of the sender's log. */
  readonly last: Position;
}

/** The answer to {@linkcode RequestPreVote}. */
export interface PreVote extends Envelope {
  /** Says which variant this is. */
  readonly kind: "preVote";
  /** The answer. */
  readonly isGranted: boolean;
}

/** Asks for a vote (2014 paper, §5.2). */
export interface RequestVote extends Envelope {
  /** Says which variant this is. */
  readonly kind: "requestVote";
  /** The end of the sender's log. */
  readonly last: Position;
  /** The leader itself asked for this campaign, so that hearing from it is no reason to refuse (Ongaro 2014, §3.10). */
  readonly isTransfer: boolean;
}

/** The answer to {@linkcode RequestVote}. A granted one attests that the vote is stored. */
export interface Vote extends Envelope {
  /** Says which variant this is. */
  readonly kind: "vote";
  /** The answer. */
  readonly isGranted: boolean;
}

/** What every message of a leader to its followers says. */
export interface FromLeader extends Envelope {
  /** The receiver is a voter in the leader's membership. One whose store knows no membership at all has lost it. */
  readonly isToVoter: boolean;
}

/** Brings entries (2014 paper, §5.3); without any it asks whether the log matches at `prev`. */
export interface AppendEntries extends FromLeader {
  /** Says which variant this is. */
  readonly kind: "appendEntries";
  /** The entry before the first of `entries`. */
  readonly prev: Position;
  /** The entries that follow it, without a gap. */
  readonly entries: readonly Entry[];
  /** The leader's commit index. */
  readonly commit: number;
}

/** The follower has stored everything up to `match`, as the leader's log has it. */
export interface Appended extends Envelope {
  /** Says which variant this is. */
  readonly kind: "appended";
  /** The last index that is stored and matches. */
  readonly match: number;
}

/** The follower's log does not match at `prev`, or the sender is not the leader any more. */
export interface AppendRefused extends Envelope {
  /** Says which variant this is. */
  readonly kind: "appendRefused";
  /** The index of the refused `prev`. */
  readonly refused: number;
  /** The highest place at or below `refused` where the follower's log may still match. */
  readonly hint: Position;
}

/** Keeps the leader in office, brings the commit index, and counts a round for reads. */
export interface Heartbeat extends FromLeader {
  /** Says which variant this is. */
  readonly kind: "heartbeat";
  /**
   * The highest place that the leader knows to be committed and to match in the follower's log, if it has its term at
   * hand. The follower compares: what was acknowledged for it may be another process's log.
   */
  readonly committed: Position;
  /** What the follower has acknowledged to have stored. A follower that has less lost it. */
  readonly match: number;
  /** The leader's round, from 1 in each term; 0 asks for no answer (it only brings the commit index). */
  readonly round: number;
}

/** The answer to a {@linkcode Heartbeat}: the sender follows this leader, in this term, as of this round. */
export interface HeartbeatHeard extends Envelope {
  /** Says which variant this is. */
  readonly kind: "heartbeatHeard";
  /** The round that is answered. */
  readonly round: number;
}

/** One piece of a snapshot (Ongaro 2014, §5.3). */
export interface InstallSnapshot extends FromLeader {
  /** Says which variant this is. */
  readonly kind: "installSnapshot";
  /** Which snapshot. */
  readonly snapshot: SnapshotMeta;
  /** Where in the snapshot's bytes the piece begins. */
  readonly offset: number;
  /** The piece. */
  readonly data: Uint8Array;
  /** No piece follows. */
  readonly isLast: boolean;
}

/** The follower wants the snapshot's bytes from here on; the end of a transfer is answered by {@linkcode Appended}. */
export interface SnapshotProgress extends Envelope {
  /** Says which variant this is. */
  readonly kind: "snapshotProgress";
  /** The snapshot's index. */
  readonly index: number;
  /** Where the next piece must begin. */
  readonly offset: number;
  /** No piece is missing, the snapshot is being installed: do not send, wait. */
  readonly hasAll: boolean;
}

/** The leader hands over: campaign now (Ongaro 2014, §3.10). */
export interface TimeoutNow extends Envelope {
  /** Says which variant this is. */
  readonly kind: "timeoutNow";
}

/** A follower asks for an index from which on its reads are linearizable (Ongaro 2014, §6.4). */
export interface RequestReadIndex extends Envelope {
  /** Says which variant this is. */
  readonly kind: "requestReadIndex";
  /** One attempt of the follower; no two attempts have the same number. */
  readonly attempt: number;
}

/** The answer to {@linkcode RequestReadIndex}. */
export interface ReadIndex extends Envelope {
  /** Says which variant this is. */
  readonly kind: "readIndex";
  /** The attempt that is answered. */
  readonly attempt: number;
  /** Once this is applied the read may be served; 0 if the leader could not confirm itself. */
  readonly index: number;
}

/** Everything that one node says to another. */
export type Message =
  | RequestPreVote
  | PreVote
  | RequestVote
  | Vote
  | AppendEntries
  | Appended
  | AppendRefused
  | Heartbeat
  | HeartbeatHeard
  | InstallSnapshot
  | SnapshotProgress
  | TimeoutNow
  | RequestReadIndex
  | ReadIndex;
