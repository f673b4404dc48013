/**
 * What may be asked of a node and of one call, and that it can work.
 *
 * @module
 */

import { type Duration, durationMs } from "../duration.ts";
import { ArgumentError, checkOptions, HoldfastError, shown } from "../errors.ts";
import type { Json } from "../json.ts";
import type { LeaseReads, RaftLimits } from "./core/config.ts";
import type { Member } from "./core/membership.ts";
import type { SessionStamp } from "./core/message.ts";
import { checkWhole } from "./core/whole.ts";
import type { StateMachine } from "./machine/machine.ts";
import { SNAPSHOT_BYTES_MAX } from "./port.ts";
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
  /** What the node tells of itself when it joins. */
  readonly metadata?: Json;
  /** Between two heartbeats of a leader; 100 ms by default. */
  readonly heartbeat?: Duration;
  /** Without a leader for so long (and up to twice as long, at random) a node campaigns; ten heartbeats by default. */
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
  /** Bounds of client sessions: the same on every node. */
  readonly sessions?: SessionLimits;
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

/** A node's options, complete. */
export interface NodeSettings {
  readonly url: string;
  readonly namespace: string;
  readonly bootstrap: readonly Member[] | undefined;
  readonly standby: boolean;
  readonly witness: boolean;
  readonly meta: string;
  readonly tickMs: number;
  readonly electionTicks: number;
  readonly electionRank: number;
  readonly timeoutMs: number;
  readonly leaderTimeoutMs: number;
  readonly compaction: {
    readonly entries: number;
    readonly bytes: number;
    readonly ageMs: number;
    readonly retained: number;
  };
  readonly snapshotBytesMax: number;
  readonly sessions: SessionLimits;
  readonly limits: Partial<RaftLimits>;
  readonly commandBytesMax: number;
  readonly leaseReads: LeaseReads | undefined;
  readonly isStoreExclusive: boolean;
}

const ACTION = "make a node";

const KNOWN: readonly (keyof NodeOptions<unknown, Json, unknown, unknown>)[] = [
  "url",
  "transport",
  "machine",
  "namespace",
  "cluster",
  "standby",
  "witness",
  "metadata",
  "heartbeat",
  "electionTimeout",
  "electionRank",
  "timeout",
  "leaderTimeout",
  "compaction",
  "snapshotBytesMax",
  "sessions",
  "limits",
  "leaseDriftMax",
  "isStoreExclusive",
];

/**
 * Checks and completes a node's options.
 *
 * @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION`
 * @throws {HoldfastError} `ERR_UNSUPPORTED_PROTOCOL`
 */
export function nodeSettings<Command, Reply extends Json, Query, Answer>(
  options: NodeOptions<Command, Reply, Query, Answer>,
): NodeSettings {
  checkOptions(ACTION, options, KNOWN);
  const { transport, machine, namespace = "raft", standby = false, witness = false } = options;
  if (typeof transport?.open !== "function") refuse("transport must be a transport", transport);
  if (typeof machine?.apply !== "function") refuse("machine must be a state machine", machine);
  if (typeof namespace !== "string" || namespace === "" || namespace.length > 256) {
    refuse("namespace must be a text of 1 to 256 characters", namespace);
  }
  checkPeerUrl(ACTION, options.url, transport.protocols);
  const tickMs = durationMs(options.heartbeat ?? 100, "heartbeat");
  const electionMs = durationMs(options.electionTimeout ?? 10 * tickMs, "electionTimeout");
  if (!(tickMs >= 1 && tickMs < Infinity)) refuse("heartbeat must be at least 1 ms", tickMs);
  if (!(electionMs >= 3 * tickMs && electionMs < Infinity)) {
    refuse("electionTimeout must be at least three heartbeats", electionMs);
  }
  const snapshotBytesMax = options.snapshotBytesMax ?? SNAPSHOT_BYTES_MAX;
  checkWhole(ACTION, "snapshotBytesMax", snapshotBytesMax, 1);
  return {
    url: options.url,
    namespace,
    bootstrap: firstMembers(options),
    standby,
    witness,
    meta: JSON.stringify(options.metadata ?? null),
    tickMs,
    electionTicks: Math.round(electionMs / tickMs),
    electionRank: options.electionRank ?? 0,
    timeoutMs: durationMs(options.timeout ?? "3s", "timeout"),
    leaderTimeoutMs: durationMs(options.leaderTimeout ?? "30s", "leaderTimeout"),
    compaction: compactionOf(options.compaction ?? {}),
    snapshotBytesMax: Math.min(snapshotBytesMax, SNAPSHOT_BYTES_MAX),
    sessions: options.sessions ?? {},
    limits: options.limits ?? {},
    commandBytesMax: options.limits?.commandBytesMax ?? 1024 * 1024,
    leaseReads: options.leaseDriftMax === undefined
      ? undefined
      : { tickMs, driftMax: options.leaseDriftMax },
    isStoreExclusive: options.isStoreExclusive ?? false,
  };
}

/**
 * Refuses a URL that a transport does not reach.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT`
 * @throws {HoldfastError} `ERR_UNSUPPORTED_PROTOCOL`
 */
export function checkPeerUrl(action: string, url: unknown, protocols: readonly string[]): void {
  if (typeof url !== "string" || url.length > 2_048 || !URL.canParse(url)) {
    throw new ArgumentError("ERR_INVALID_ARGUMENT", `Cannot ${action} as url must be a URL`);
  }
  if (protocols.includes(new URL(url).protocol)) return;
  throw new HoldfastError(
    "ERR_UNSUPPORTED_PROTOCOL",
    `Cannot ${action} as the protocol of url must be ${protocols.join(" or ")}`,
  );
}

/** The incarnation of every node that begins a cluster. */
export const FIRST_INCARNATION = 1;

function firstMembers(
  { url, cluster, standby, witness, transport, metadata }: NodeOptions<never, Json, never, unknown>,
): readonly Member[] | undefined {
  if (standby) {
    if (cluster !== undefined) refuse("cluster must not be given to a standby node", cluster);
    return undefined;
  }
  const meta = metadata === undefined ? {} : { meta: metadata };
  const alone = [{ url, isWitness: witness ?? false, ...meta }];
  const members = (cluster ?? alone).map((first): Member => {
    const { url: id, isWitness, meta } = typeof first === "string"
      ? { url: first, isWitness: undefined, meta: undefined }
      : first;
    checkPeerUrl(ACTION, id, transport.protocols);
    return {
      id,
      incarnation: FIRST_INCARNATION,
      ...(isWitness ? { isWitness } : {}),
      ...(meta === undefined ? {} : { meta: JSON.stringify(meta) }),
    };
  });
  if (!members.some(({ id }) => id === url)) refuse("cluster must have url among it", cluster);
  return members;
}

function compactionOf(options: CompactionOptions | false): NodeSettings["compaction"] {
  if (options === false) {
    return { entries: Infinity, bytes: Infinity, ageMs: Infinity, retained: 1_024 };
  }
  checkOptions(ACTION, options, ["entries", "bytes", "age", "retained"]);
  const { entries = 8_192, bytes = 32 * 1024 * 1024, age = "1d", retained = 1_024 } = options;
  checkWhole(ACTION, "compaction.entries", entries, 1);
  checkWhole(ACTION, "compaction.bytes", bytes, 1);
  checkWhole(ACTION, "compaction.retained", retained, 0);
  return { entries, bytes, ageMs: durationMs(age, "compaction.age"), retained };
}

function refuse(rule: string, value: unknown): never {
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot ${ACTION} as ${rule}: current value is ${shown(value)}`,
  );
}
