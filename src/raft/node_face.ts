/**
 * What a node can do, as its users see it.
 *
 * @module
 */

import type { Durability } from "../backend.ts";
import type { Duration } from "../duration.ts";
import type { EventSource } from "../events.ts";
import type { Json } from "../json.ts";
import type { RaftStatus } from "./core/status.ts";
import type { NodeEvent, NodeEvents } from "./node_events.ts";
import type { CallOptions, JoinOptions, ProposeOptions, ReadOptions } from "./node_options.ts";
import type { StopReason } from "./node_errors.ts";
import type { TransportCounters } from "./transport/port.ts";

/** A command that is applied. */
export interface Proposed<Reply> {
  /** What the state machine answered. */
  readonly reply: Reply;
  /** Where the command stands in the log: give it as `minIndex` to a read on another node. */
  readonly index: number;
  /** The term of the leader that appended it. */
  readonly term: number;
  /** Whether it was carried out by an earlier attempt of the same session and sequence. */
  readonly isRepeat: boolean;
}

/** What was read. */
export interface Read<Answer> {
  /** What the state machine answered. */
  readonly answer: Answer;
  /** Everything up to this index is in it. */
  readonly index: number;
}

/** What an operator wants to know. */
export interface NodeStatus extends RaftStatus {
  /** The cluster's name. */
  readonly namespace: string;
  /** Which life of the node's store this is. */
  readonly incarnation: number;
  /** What an acknowledged write survives here. */
  readonly durability: Durability;
  /** Why the node does nothing any more, if so. */
  readonly ended: StopReason | undefined;
  /** How long the node has run, in milliseconds. */
  readonly uptimeMs: number;
  /** Entries that the log has behind its base. */
  readonly entries: number;
  /** Bytes of commands since the last snapshot. */
  readonly bytesSinceSnapshot: number;
  /** The newest snapshot's index; 0 without one. */
  readonly snapshotIndex: number;
  /** When that was taken or restored, by the monotonic clock since the start, in milliseconds; undefined before. */
  readonly snapshotAtMs: number | undefined;
  /** Committed entries that the state machine does not have yet. */
  readonly applyLag: number;
  /** Writes that wait for the store. */
  readonly storeQueue: number;
  /** Client sessions. */
  readonly sessions: number;
  /** What was counted since the start. */
  readonly counts: Readonly<NodeCounts>;
  /** What the transport has done; undefined before it is open. */
  readonly transport: TransportCounters | undefined;
}

/** Counters of a node since its start. */
export interface NodeCounts {
  /** Proposals that were asked for here. */
  proposals: number;
  /** Reads that were asked for here. */
  reads: number;
  /** Entries that were applied. */
  applied: number;
  /** Writes of the core that became durable. */
  persisted: number;
  /** Attempts to use the store that failed. */
  storeFailures: number;
  /** Campaigns that this node began. */
  campaigns: number;
  /** Leaders that it has seen. */
  leaders: number;
  /** Snapshots that it has taken. */
  snapshots: number;
  /** Snapshots of others that it has restored. */
  restores: number;
}

/** A node of a cluster. */
export interface ConsensusNode<Command, Reply extends Json, Query, Answer>
  extends EventSource<NodeEvents>, AsyncDisposable {
  /** Where others reach it, which is its name. */
  readonly url: string;
  /**
   * Starts the node at the first call, and resolves when it is of use: it knows a leader, or waits to be joined.
   *
   * @throws {HoldfastError} `ERR_TIMEOUT` if there is no leader in time, `ERR_UNAVAILABLE` if its store does not answer in
   * time (either way the node goes on all the same), `ERR_ADDRESS_IN_USE`, `ERR_STORE_REGRESSED`, `ERR_CLOSED`.
   */
  ready(options?: CallOptions): Promise<void>;
  /**
   * Has a command applied on every node, in one order. Only the leader takes it.
   *
   * @throws {HoldfastError} Certainly not applied: `ERR_NOT_LEADER` (a {@linkcode NotLeaderError} names the leader),
   * `ERR_LIMIT`, `ERR_DISPLACED`, `ERR_UNAVAILABLE`. `ERR_OUTCOME_UNKNOWN` when the time is up, or leadership was lost in
   * an unclear moment: it may have been applied, or may still be; only a command of a session can be proposed again
   * without a second effect. `ERR_SESSION_EXPIRED`, `ERR_REPLY_GONE`.
   * @throws {LimitError} `ERR_TOO_LARGE`
   */
  propose(command: Command, options?: ProposeOptions): Promise<Proposed<Reply>>;
  /**
   * Reads from the state of this node what is linearizable: no older than any write that was acknowledged before.
   *
   * @throws {HoldfastError} `ERR_UNAVAILABLE` if no majority confirms the leader, `ERR_TIMEOUT`.
   */
  read(query: Query, options?: ReadOptions): Promise<Read<Answer>>;
  /**
   * Opens a client session. Its number goes into the {@linkcode SessionStamp} of each of its commands.
   *
   * @throws As {@linkcode ConsensusNode.propose}.
   */
  openSession(options?: CallOptions): Promise<number>;
  /**
   * Makes a node a member: first it only gets the log, and once it has caught up it decides as well. A node whose store
   * began a new life takes the place of its old one.
   *
   * @throws {HoldfastError} `ERR_NOT_LEADER`, `ERR_ALREADY_MEMBER`, `ERR_OTHER_CLUSTER`, `ERR_UNAVAILABLE` if the node
   * does not answer, `ERR_TIMEOUT` if it does not catch up in time (then it stays a standby, and join can be called
   * again).
   */
  join(url: string, meta?: Json, options?: JoinOptions): Promise<void>;
  /**
   * Makes a node no member any more; also the leader itself.
   *
   * @throws {HoldfastError} `ERR_NOT_LEADER`, `ERR_NOT_MEMBER`, `ERR_LAST_MEMBER`, `ERR_TIMEOUT`.
   */
  leave(url: string, options?: CallOptions): Promise<void>;
  /** What is told of a member; undefined of who is none, null if nothing is. */
  peerMeta(url: string): Json | undefined;
  /**
   * Hands leadership to another node.
   *
   * @throws {HoldfastError} `ERR_NOT_LEADER`, `ERR_UNAVAILABLE` if that node did not take over.
   */
  transfer(url: string, options?: CallOptions): Promise<void>;
  /** Takes a snapshot now, and drops the entries that it covers. False if there is nothing to take. */
  snapshot(options?: CallOptions): Promise<boolean>;
  /** Everything an operator wants to know. Undefined figures are zero until the store is open. */
  status(): NodeStatus;
  /** All events from now on. Who is slow misses some, and gets an event `missed` in their place. */
  events(options?: {
    readonly signal?: AbortSignal;
    readonly queueMax?: number;
    readonly except?: readonly (keyof NodeEvents)[];
  }): AsyncIterable<
    NodeEvent | { readonly name: "missed"; readonly event: { readonly count: number } }
  >;
  /**
   * A backup of this node's state as bytes, with a checksum: see {@linkcode restoreBackup}.
   *
   * @throws {HoldfastError} `ERR_UNAVAILABLE` of a node that has no state yet.
   */
  backup(options?: BackupOptions): ReadableStream<Uint8Array>;
  /**
   * Stops: hands leadership over if it has it, stores what is under way, and lets go of everything. Proposals that wait
   * end with `ERR_OUTCOME_UNKNOWN`.
   */
  close(options?: { readonly timeout?: Duration }): Promise<void>;
}

/** How far a backup or a restore is. */
export interface BackupProgress {
  /** Bytes that are done. */
  readonly doneBytes: number;
  /** Bytes of all. */
  readonly totalBytes: number;
}

/** Options of {@linkcode ConsensusNode.backup}. */
export interface BackupOptions {
  /** Called as it goes on. */
  readonly onProgress?: (progress: BackupProgress) => void;
}
