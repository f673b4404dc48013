/**
 * What may be asked of a node and of one call.
 *
 * @module
 */

import type { Duration } from "../duration.ts";
import type { Json } from "../json.ts";
import type { RaftLimits } from "./core/config.ts";
import type { SessionStamp } from "./core/message.ts";
import type { StateMachine } from "./machine/machine.ts";
import type { ProposalKeyLimits } from "./proposal_keys.ts";
import type { SessionLimits } from "./sessions.ts";
import type { Transport } from "./transport/port.ts";

/** A first member: its URL alone, or with what is told of it. */
export type FirstMember = string | {
  /** Its URL. */
  readonly url: string;
  /** It keeps no commands and never leads. */
  readonly isWitness?: boolean;
  /** What is told of it to everybody. */
  readonly meta?: Json;
};

/** When a node takes a snapshot of its state and drops the entries before: whichever bound is reached first. */
export interface CompactionOptions {
  /** Entries since the last snapshot; 8,192 by default. */
  readonly entries?: number;
  /** Bytes of commands since the last snapshot; 32 MiB by default. */
  readonly bytes?: number;
  /** The age of the last snapshot, if anything came since; a day by default. */
  readonly age?: Duration;
  /** Entries that are kept behind a snapshot for followers that are a little behind; 1,024 by default. */
  readonly retained?: number;
}

/** Options of {@linkcode createNode}. */
export interface NodeOptions<Command, Reply extends Json, Query, Answer> {
  /** Where the other nodes reach this one; also its name. */
  readonly url: string;
  /** How nodes reach each other. */
  readonly transport: Transport;
  /** What the node runs. */
  readonly machine: StateMachine<Command, Reply, Query, Answer>;
  /** The cluster's name, and part of the keys of its stores; `"raft"` by default. */
  readonly namespace?: string;
  /**
   * The nodes that begin the cluster, this one among them: the same list for each of them, once. Only looked at while
   * the store is empty. By default the node begins a cluster of its own, unless it is `standby`.
   */
  readonly cluster?: readonly FirstMember[];
  /** The node begins no cluster: it waits until a leader has it join. False by default. */
  readonly standby?: boolean;
  /** The node keeps no commands and never leads: it only helps to decide. False by default. */
  readonly witness?: boolean;
  /**
   * What the node tells of itself when it joins, or begins a cluster alone. First members are told of by `cluster`, the
   * same on every node: `{ url, meta }`.
   */
  readonly metadata?: Json;
  /** Between two heartbeats of a leader; 100 ms by default. */
  readonly heartbeat?: Duration;
  /**
   * Without a leader for so long (and up to twice as long, at random) a node campaigns; ten heartbeats by default, three at
   * least. Stay at eight or more: with fewer, a host that is busy for a moment loses its leadership.
   */
  readonly electionTimeout?: Duration;
  /** A node of rank n waits n election timeouts longer, so that it leads only if better ones cannot; 0 by default. */
  readonly electionRank?: number;
  /** How long a proposal, a read or a change may take; 3 seconds by default. */
  readonly timeout?: Duration;
  /** How long {@linkcode ConsensusNode.ready} waits for a leader; 30 seconds by default. */
  readonly leaderTimeout?: Duration;
  /** When to take snapshots; false: only when asked. */
  readonly compaction?: CompactionOptions | false;
  /** Most bytes of a snapshot; 64 MiB by default and at most. */
  readonly snapshotBytesMax?: number;
  /** Bounds of client sessions, and of the keys of proposals: the same on every node. */
  readonly sessions?: SessionLimits & ProposalKeyLimits;
  /** Bounds of memory and of the network. */
  readonly limits?: Partial<RaftLimits>;
  /** How far two nodes' clocks drift apart at most, as a fraction: lets a leader answer reads by its lease. Off by default. */
  readonly leaseDriftMax?: number;
  /** Nobody else can run this node on this store (a lock forbids it): spares a write for reads. False by default. */
  readonly isStoreExclusive?: boolean;
}

/** Options of everything that waits for the cluster. */
export interface CallOptions {
  /** How long it may take; the node's `timeout` by default. */
  readonly timeout?: Duration;
  /** Ends the waiting when aborted. What was proposed may still happen. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@linkcode ConsensusNode.propose}. */
export interface ProposeOptions extends CallOptions {
  /** Marks a command of a client session, so that its retry has no second effect. */
  readonly session?: SessionStamp | undefined;
  /**
   * Names the proposal by itself, for clients without a session: a text of 1 to 1,024 characters. A second proposal with
   * it is not applied, and answers like the first, whoever leads by then, as long as the cluster knows the key (a day of
   * the log's time, and the last 10,000 keys; see {@linkcode NodeOptions.sessions}). Later it is applied again.
   */
  readonly key?: string | undefined;
}

/** Options of {@linkcode ConsensusNode.read}. */
export interface ReadOptions extends CallOptions {
  /** Whether to answer from what this node has, however old that is. False by default. */
  readonly stale?: boolean;
  /** Answer from what this node has once that includes the command at this index: to read one's own writes. */
  readonly minIndex?: number | undefined;
}

/** Options of {@linkcode ConsensusNode.join}. */
export interface JoinOptions extends CallOptions {
  /** Whether it only gets the log, and decides nothing. False by default. */
  readonly standby?: boolean;
}
