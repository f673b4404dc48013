/**
 * The face of the core: what goes in ({@linkcode Input}) and what comes out ({@linkcode Ready}).
 *
 * The loop around the core has one duty: carry out each ready in the order of its fields, and give back what happened as
 * inputs. It may lose, double, delay and reorder messages; it must never lose or reorder writes.
 *
 * @module
 */

import type { Entry, Message, Position, SessionStamp, SnapshotMeta } from "./message.ts";
import type { HardState } from "./loaded.ts";
import type { Member, Membership, NodeId } from "./membership.ts";

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
  /** The store drops the pieces of another node's snapshot that are staged, for it needs the room: have them sent again. */
  | { readonly kind: "unstaged" }
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
  /** Says which variant this is. */
  readonly kind: "save";
  /** The number of the write. */
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
  /** Says which variant this is. */
  readonly kind: "stage";
  /** The number of the write. */
  readonly sequence: number;
  /** Which snapshot. */
  readonly snapshot: SnapshotMeta;
  /** 0 begins anew and drops whatever was staged before. */
  readonly offset: number;
  /** The piece. */
  readonly data: Uint8Array;
}

/** Publish the staged snapshot, and replace the whole log by it: afterwards base = snapshot, and no entries. */
export interface InstallWrite {
  /** Says which variant this is. */
  readonly kind: "install";
  /** The number of the write. */
  readonly sequence: number;
  /** Which snapshot. */
  readonly snapshot: SnapshotMeta;
  /** How many bytes must have been staged. */
  readonly sizeBytes: number;
}

/** What the leader needs from its store. */
export type Fetch = FetchEntries | FetchChunk;

/** Entries that are not in memory any more, for a slow follower. */
export interface FetchEntries {
  /** Says which variant this is. */
  readonly kind: "entries";
  /** For whom; goes back with the answer. */
  readonly peer: NodeId;
  /** The first index. */
  readonly from: number;
  /** The index after the last. Fewer may be given back, from the front. */
  readonly to: number;
  /** Stop before this many bytes, but give the first two (of the first often only the term is needed). */
  readonly bytesMax: number;
}

/** A piece of the newest published snapshot. */
export interface FetchChunk {
  /** Says which variant this is. */
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
  /** The target of a transfer is this node, no voter, or a witness; or a witness is asked for a read. */
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
