/**
 * The face of the core: what goes in ({@linkcode RaftConfig}, {@linkcode LoadedState}, {@linkcode Input}) and what comes
 * out ({@linkcode Ready}).
 *
 * Changes of these types since the first commit (newest first):
 * - `SnapshotProgress.hasAll`; `RaftConfig.isWitness`; `Refusal` "unconfirmed"; messages: `commit` in vote requests,
 *   `isToVoter` in a leader's messages. A node without any membership that hears it is a voter stops as "regressed".
 *
 * The loop around the core has one duty: carry out each ready in the order of its fields, and give back what happened as
 * inputs. It may lose, double, delay and reorder messages; it must never lose or reorder writes.
 *
 * @module
 */

import type { Random } from "../../random.ts";
import type { Entry, Message, Position, SessionStamp, SnapshotMeta } from "./message.ts";
import type { Member, Membership, NodeId } from "./membership.ts";

/** What a node is, fixed for its life. */
export interface RaftConfig {
  /** This node's name. */
  readonly id: NodeId;
  /** The cluster's name; messages of another are dropped. */
  readonly cluster: string;
  /**
   * Which life of this node's store this is, from 1. It stays the same over restarts, and must be higher after the store
   * was lost, wiped or rolled back. 1 by default.
   */
  readonly incarnation?: number;
  /**
   * The first membership, for a node whose store is empty: give the same to every node that begins the cluster, once. A
   * node that joins later starts without. Not looked at when the store has anything.
   */
  readonly bootstrap?: readonly Member[];
  /** This node is a witness: the memberships that it is in must say the same of it. False by default. */
  readonly isWitness?: boolean;
  /** Ticks between two heartbeats; 1 by default. */
  readonly heartbeatTicks?: number;
  /** Ticks without a leader until a campaign: each time a random number in [n, 2n). At least three heartbeats; 10 by default. */
  readonly electionTicks?: number;
  /** 0 by default. A node of rank n waits n election timeouts longer, so that it leads only if better ones cannot. */
  readonly electionRank?: number;
  /** Lets the leader answer reads without a round while its lease lasts. Off by default. */
  readonly leaseReads?: LeaseReads;
  /**
   * Nobody else can run this node on this store (a lock forbids it). By default that is not believed: a leader confirms
   * a read with an (empty) write of its own too, which a second process of the same name would have fenced off.
   */
  readonly isStoreExclusive?: boolean;
  /** Bounds of memory and of the network. */
  readonly limits?: Partial<RaftLimits>;
  /** The dice: for election timeouts and numbers of attempts. */
  readonly random: Random;
}

/** What makes lease reads sound (Ongaro 2014, §6.4.1). */
export interface LeaseReads {
  /** How long a tick lasts, in milliseconds. */
  readonly tickMs: number;
  /** The most that two nodes' clocks drift apart, as a fraction: 0.01 is one percent. 0 turns lease reads off. */
  readonly driftMax: number;
}

/** Bounds of a node. All are at least 1. */
export interface RaftLimits {
  /** Entries of one AppendEntries; 1,024 by default. */
  readonly messageEntriesMax: number;
  /** Bytes of entries in one AppendEntries (one entry may exceed it); 1 MiB by default. */
  readonly messageBytesMax: number;
  /** AppendEntries on the way to one follower; 64 by default. */
  readonly inflightMessagesMax: number;
  /** Bytes of entries on the way to one follower; 8 MiB by default. */
  readonly inflightBytesMax: number;
  /** Bytes of entries that a leader appends beyond its commit index; then proposals are refused. 16 MiB by default. */
  readonly uncommittedBytesMax: number;
  /** Bytes of stored and applied entries that stay in memory for slow followers; 16 MiB by default. */
  readonly heldBytesMax: number;
  /** Bytes of one command; 1 MiB by default. */
  readonly commandBytesMax: number;
  /** Reads that wait for a round, or for a leader's answer; 4,096 by default. */
  readonly readsMax: number;
  /** Bytes of one piece of a snapshot; 512 KiB by default. */
  readonly snapshotChunkBytes: number;
}

/** What a store keeps of a node beside log and snapshot. */
export interface HardState {
  /** The highest term the node has seen. */
  readonly term: number;
  /** Whom it voted for in that term, if anyone. */
  readonly vote: NodeId | undefined;
}

/** What the store had when the node started. An empty store has {@linkcode emptyState}. */
export interface LoadedState {
  readonly hardState: HardState;
  /** A commit index that was true when it was written; may be behind. */
  readonly commit: number;
  /** The newest published snapshot. */
  readonly snapshot: SnapshotMeta | undefined;
  /** The place before the first kept entry; at most the snapshot's. */
  readonly base: Position;
  /** All entries after the base, without a gap. */
  readonly entries: readonly Entry[];
  /** What the state machine has applied: the snapshot's index for one in memory, 0 without a snapshot. */
  readonly applied: number;
}

/** What happened. */
export type Input =
  /**
   * A tick of time has passed. `nowMs` is monotonic and only for leases, `timeMs` the time of day for new entries. Ticks
   * that a pause swallowed are not to be made up for.
   */
  | { readonly kind: "tick"; readonly nowMs: number; readonly timeMs: number }
  /** A message came in. */
  | { readonly kind: "message"; readonly message: Message }
  /** Append these commands, all or none. Answered by {@linkcode Ready.answer}. */
  | { readonly kind: "propose"; readonly commands: readonly Command[] }
  /** Find an index from which on a read is linearizable. Answered by {@linkcode Ready.reads} under this id. */
  | { readonly kind: "read"; readonly id: number }
  /** Make these the members. Answered by {@linkcode Ready.answer}. */
  | {
    readonly kind: "changeMembership";
    readonly voters: readonly Member[];
    readonly learners: readonly Member[];
  }
  /** Hand leadership to this voter. Answered by {@linkcode Ready.answer}, ended by an event. */
  | { readonly kind: "transfer"; readonly to: NodeId }
  /** The write with this sequence, and so every one before it, is durable. */
  | { readonly kind: "stored"; readonly sequence: number }
  /** The state machine has applied (or restored) everything up to this index. */
  | { readonly kind: "applied"; readonly index: number }
  /**
   * The entries that a {@linkcode FetchEntries} asked for: from `from` on, without a gap, at least one; none if the store
   * does not have them any more.
   */
  | {
    readonly kind: "fetchedEntries";
    readonly peer: NodeId;
    readonly from: number;
    readonly entries: readonly Entry[];
  }
  /** The bytes that a {@linkcode FetchChunk} asked for; `data` is undefined if that snapshot is gone. */
  | {
    readonly kind: "fetchedChunk";
    readonly peer: NodeId;
    readonly index: number;
    readonly offset: number;
    readonly data: Uint8Array | undefined;
    readonly isLast: boolean;
  }
  /** The store has published this snapshot of the own state machine, and dropped the entries up to `base`. */
  | { readonly kind: "compacted"; readonly snapshot: SnapshotMeta; readonly base: Position }
  /** Messages to this peer are probably lost; send them singly until it answers. */
  | { readonly kind: "unreachable"; readonly peer: NodeId }
  /** The store refuses this node (fenced off by another process) or lost what it had acknowledged: stop. */
  | { readonly kind: "storeLost"; readonly reason: "fenced" | "regressed" };

/** A command to append. */
export interface Command {
  /** The bytes; not to be changed afterwards. */
  readonly data: Uint8Array;
  /** Marks it as one of a client session, so that a retry has no second effect. */
  readonly session?: SessionStamp;
}

/**
 * What must be done now, in the order of the fields. Nothing in it is ever repeated by the core: what a crash loses is
 * recovered from the store and by the protocol.
 *
 * What attests to something (a vote, "I have stored this") is only ever in `messagesAfterStored`; `messages` attest to
 * nothing that is not yet durable.
 */
export interface Ready {
  /** Give these to the store, each atomic, in this order and after all earlier ones. Do not wait: the next step may come. */
  readonly writes: readonly StoreWrite[];
  /** Send these now. */
  readonly messages: readonly Message[];
  /** Send these once write number `storedThrough` is durable, before (or after) telling `stored`. */
  readonly messagesAfterStored: readonly Message[];
  /** The highest sequence of all writes so far, of this ready or an earlier one: what `messagesAfterStored` wait for. */
  readonly storedThrough: number;
  /** Replace the state machine's state by the published snapshot, which is this one. Then answer `applied`. */
  readonly restore: SnapshotMeta | undefined;
  /** Committed and stored here: apply them in order, each once. Then answer `applied`. */
  readonly committed: readonly Entry[];
  /** Reads that may be served, or failed. */
  readonly reads: readonly ReadOutcome[];
  /** Read these from the store, and give them back. May take as long as it likes. */
  readonly fetches: readonly Fetch[];
  /** What became of the input, if it was a proposal, a change of membership or a transfer. */
  readonly answer: Answer | undefined;
  /** What observers want to know. */
  readonly events: readonly RaftEvent[];
}

/** One atomic write. Sequences count from 1 in each life of the process, one higher for each write. */
export type StoreWrite = SaveWrite | StageWrite | InstallWrite;

/** Term and vote, entries, or both at once. May be empty: then it only proves that the store is still this node's. */
export interface SaveWrite {
  readonly kind: "save";
  readonly sequence: number;
  /** Present if term or vote changed. */
  readonly hardState: HardState | undefined;
  /** The commit index known now; a hint, never written for its own sake. */
  readonly commit: number;
  /** Cut off everything after `prev`, then append these. */
  readonly append: { readonly prev: Position; readonly entries: readonly Entry[] } | undefined;
}

/** One more piece of a snapshot that another node sends. Not visible before {@linkcode InstallWrite}. */
export interface StageWrite {
  readonly kind: "stage";
  readonly sequence: number;
  readonly snapshot: SnapshotMeta;
  /** 0 begins anew and drops whatever was staged before. */
  readonly offset: number;
  readonly data: Uint8Array;
}

/** Publish the staged snapshot, and replace the whole log by it: afterwards base = snapshot, and no entries. */
export interface InstallWrite {
  readonly kind: "install";
  readonly sequence: number;
  readonly snapshot: SnapshotMeta;
  /** How many bytes must have been staged. */
  readonly sizeBytes: number;
}

/** What the leader needs from its store. */
export type Fetch = FetchEntries | FetchChunk;

/** Entries that are not in memory any more, for a slow follower. */
export interface FetchEntries {
  readonly kind: "entries";
  /** For whom; goes back with the answer. */
  readonly peer: NodeId;
  /** The first index. */
  readonly from: number;
  /** The index after the last. Fewer may be given back, from the front. */
  readonly to: number;
  /** Stop before this many bytes, but give at least one entry. */
  readonly bytesMax: number;
}

/** A piece of the newest published snapshot. */
export interface FetchChunk {
  readonly kind: "chunk";
  /** For whom; goes back with the answer. */
  readonly peer: NodeId;
  /** The snapshot's index. */
  readonly index: number;
  /** Where the piece begins. */
  readonly offset: number;
  /** Its length, unless the end comes first. */
  readonly bytesMax: number;
}

/** The end of one read. */
export type ReadOutcome =
  | {
    readonly kind: "ready";
    readonly id: number;
    /** Serve the read once this index is applied. */
    readonly index: number;
    /**
     * The monotonic time after which the result must be thrown away and the read asked again; Infinity unless it is a
     * lease read. Compare after reading, not before.
     */
    readonly validUntilMs: number;
  }
  | { readonly kind: "failed"; readonly id: number; readonly reason: Refusal };

/** What became of an input that asked for something. */
export type Answer =
  /** The commands (or the membership) stand at `index` (the first) and on, in `term`. Committed there with another term: lost. */
  | { readonly kind: "accepted"; readonly index: number; readonly term: number }
  /** Nothing was done. */
  | { readonly kind: "refused"; readonly reason: Refusal; readonly leader: NodeId | undefined };

/** Why nothing was done. */
export type Refusal =
  /** Another node leads, or none. */
  | "notLeader"
  /** Leadership is being handed over. */
  | "transferring"
  /** The bound of uncommitted bytes, or of waiting reads, is reached. */
  | "full"
  /** A command is larger than its bound, or there is none. */
  | "badCommand"
  /** An earlier change of membership is not finished, or the leader has not committed in its term yet. */
  | "changing"
  /** Duplicate or malformed members, no voters, or a voter that would change its incarnation. */
  | "badMembership"
  /** A node must first have caught up as a learner. */
  | "learnerBehind"
  /** No leader, or no majority, confirmed the read within an election timeout. */
  | "unconfirmed"
  /** The target is this node, no voter, or a witness. */
  | "badTarget"
  /** The node has stopped. */
  | "stopped";

/** A node's part in its term. */
export type Role = "follower" | "preCandidate" | "candidate" | "leader";

/** What observers want to know; nothing has to be done about it, but for `stopped`. */
export type RaftEvent =
  | { readonly kind: "role"; readonly role: Role; readonly term: number }
  /** Who leads in this term, as far as this node knows. */
  | { readonly kind: "leader"; readonly leader: NodeId | undefined; readonly term: number }
  /** Another membership is in force (appended, cut off again, or restored). */
  | { readonly kind: "membership"; readonly membership: Membership; readonly index: number }
  /** A learner has all that the leader had one to two election timeouts ago: it may become a voter. */
  | { readonly kind: "caughtUp"; readonly id: NodeId }
  | { readonly kind: "transferEnded"; readonly to: NodeId; readonly isDone: boolean }
  /** The node does nothing any more. After `regressed` it may come back only as a learner of a higher incarnation. */
  | { readonly kind: "stopped"; readonly reason: "fenced" | "regressed" };

/** Why an input was dropped. Every drop is counted, and changes nothing. */
export type DropReason =
  /** Of another cluster. */
  | "cluster"
  /** From or for somebody else: an unknown or removed node, or this node itself. */
  | "stranger"
  /** From or for another life of a node's store. */
  | "incarnation"
  /** A term or index that cannot be, or fields that contradict each other. */
  | "impossible"
  /** Of an earlier term, round or transfer. */
  | "stale"
  /** A campaign while the leader is heard. */
  | "sticky";

/** A node's state for people and metrics. */
export interface RaftStatus {
  readonly id: NodeId;
  readonly role: Role;
  readonly term: number;
  readonly vote: NodeId | undefined;
  readonly leader: NodeId | undefined;
  readonly commit: number;
  readonly applied: number;
  /** The last index that is known to be durable here. */
  readonly stored: number;
  readonly last: Position;
  readonly base: Position;
  readonly membership: Membership;
  /** The index of that membership's entry. */
  readonly membershipIndex: number;
  readonly uncommittedBytes: number;
  /** On a leader, how far each other node is. */
  readonly peers: readonly PeerStatus[];
  /** How many inputs were dropped, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly stopped: "fenced" | "regressed" | "invariant" | undefined;
}

/** How far a follower is, as its leader sees it. */
export interface PeerStatus {
  readonly id: NodeId;
  readonly kind: "probe" | "replicate" | "snapshot";
  readonly match: number;
  readonly next: number;
  readonly inflightMessages: number;
  readonly inflightBytes: number;
}

/** What a store that was never written to has. */
export function emptyState(): LoadedState {
  return {
    hardState: { term: 0, vote: undefined },
    commit: 0,
    snapshot: undefined,
    base: { index: 0, term: 0 },
    entries: [],
    applied: 0,
  };
}
