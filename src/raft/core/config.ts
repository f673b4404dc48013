/**
 * Options of a node: what they mean, and that they can work together.
 *
 * @module
 */

import { checkOptions, optionError } from "../../errors.ts";
import { checkWhole } from "./whole.ts";
import type { Random } from "../../random.ts";
import { canBeMembers, type Member, type NodeId } from "./membership.ts";

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
   * node that joins later starts without. Not looked at when the store has anything. Given again to a voter whose store
   * was lost it makes that voter forget what it promised, which no protocol can find out: such a node starts without,
   * with a higher incarnation, and is added as a learner.
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

/** A node's options, complete. */
export interface Settings
  extends Required<Omit<RaftConfig, "bootstrap" | "leaseReads" | "limits">> {
  readonly bootstrap: readonly Member[] | undefined;
  readonly lease: LeaseReads | undefined;
  readonly limits: RaftLimits;
}

const ACTION = "make a node";
const MIB = 1024 * 1024;

const LIMITS: RaftLimits = {
  messageEntriesMax: 1024,
  messageBytesMax: MIB,
  inflightMessagesMax: 64,
  inflightBytesMax: 8 * MIB,
  uncommittedBytesMax: 16 * MIB,
  heldBytesMax: 16 * MIB,
  commandBytesMax: MIB,
  readsMax: 4096,
  snapshotChunkBytes: MIB / 2,
};

const DEFAULTS = {
  incarnation: 1,
  isWitness: false,
  bootstrap: undefined,
  heartbeatTicks: 1,
  electionTicks: 10,
  electionRank: 0,
  leaseReads: undefined,
  isStoreExclusive: false,
  limits: {},
};

/** Checks and completes a node's options. @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION` */
export function settingsOf(config: RaftConfig): Settings {
  checkOptions(ACTION, config, ["id", "cluster", "random", ...Object.keys(DEFAULTS)]);
  const given = { ...DEFAULTS, ...config };
  checkOptions(ACTION, given.limits, Object.keys(LIMITS));
  for (const name of ["id", "cluster"] as const) {
    const value: unknown = given[name];
    if (typeof value !== "string" || value === "") refuse(`${name} must be a text`, value);
  }
  if (typeof given.random?.float !== "function") refuse("random must be given", given.random);
  const limits = { ...LIMITS, ...given.limits };
  for (const [name, value] of Object.entries(limits)) {
    checkWhole(ACTION, `limits.${name}`, value, 1);
  }
  checkWhole(ACTION, "incarnation", given.incarnation, 1);
  checkWhole(ACTION, "heartbeatTicks", given.heartbeatTicks, 1);
  checkWhole(ACTION, "electionTicks", given.electionTicks, 3 * given.heartbeatTicks);
  checkWhole(ACTION, "electionRank", given.electionRank, 0);
  const settings: Settings = {
    ...given,
    limits,
    lease: leaseOf(given.leaseReads, given.isStoreExclusive),
  };
  checkBootstrap(settings);
  return settings;
}

function leaseOf(
  leaseReads: LeaseReads | undefined,
  isStoreExclusive: boolean,
): LeaseReads | undefined {
  if (leaseReads === undefined || leaseReads.driftMax === 0) return undefined;
  const { tickMs, driftMax } = leaseReads;
  if (!(driftMax > 0 && driftMax < 1)) refuse("leaseReads.driftMax must be in [0, 1)", driftMax);
  if (!(tickMs > 0 && tickMs < Infinity)) refuse("leaseReads.tickMs must be above 0", tickMs);
  if (!isStoreExclusive) {
    refuse("leaseReads need isStoreExclusive", isStoreExclusive);
  }
  return leaseReads;
}

function checkBootstrap({ bootstrap, id, incarnation, isWitness }: Settings): void {
  if (bootstrap === undefined) return;
  if (!canBeMembers(bootstrap, [])) {
    refuse("bootstrap must name each node once, and not only witnesses", bootstrap);
  }
  const self = bootstrap.find((member) => member.id === id);
  if (self?.incarnation !== incarnation || (self.isWitness ?? false) !== isWitness) {
    refuse("bootstrap must name this node as its options do", bootstrap);
  }
}

function refuse(rule: string, value: unknown): never {
  throw optionError(ACTION, rule, value);
}
