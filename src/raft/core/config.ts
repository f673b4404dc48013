/**
 * Options of a node, checked once and completed, and the check of what a store brings.
 *
 * @module
 */

import { ArgumentError, checkOptions, HoldfastError, LimitError, shown } from "../../errors.ts";
import type { Random } from "../../random.ts";
import type { LeaseReads, LoadedState, RaftConfig, RaftLimits } from "./ready.ts";
import { type Member, membersFault, type NodeId } from "./membership.ts";

/** A node's options, complete. */
export interface Settings {
  readonly id: NodeId;
  readonly cluster: string;
  readonly incarnation: number;
  readonly isWitness: boolean;
  readonly bootstrap: readonly Member[] | undefined;
  readonly heartbeatTicks: number;
  readonly electionTicks: number;
  readonly electionRank: number;
  readonly lease: LeaseReads | undefined;
  readonly isStoreExclusive: boolean;
  readonly limits: RaftLimits;
  readonly random: Random;
}

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

const OPTIONS = [
  "id",
  "cluster",
  "incarnation",
  "isWitness",
  "bootstrap",
  "heartbeatTicks",
  "electionTicks",
  "electionRank",
  "leaseReads",
  "isStoreExclusive",
  "limits",
  "random",
];

/** Checks and completes a node's options. @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION` */
export function settingsOf(config: RaftConfig): Settings {
  checkOptions("make a node", config, OPTIONS);
  const limits = config.limits ?? {};
  checkOptions("make a node", limits, Object.keys(LIMITS));
  for (const [name, value] of Object.entries(limits)) whole(`limits.${name}`, value, 1);
  const heartbeatTicks = whole("heartbeatTicks", config.heartbeatTicks ?? 1, 1);
  const settings: Settings = {
    id: named("id", config.id),
    cluster: named("cluster", config.cluster),
    incarnation: whole("incarnation", config.incarnation ?? 1, 1),
    isWitness: config.isWitness ?? false,
    bootstrap: config.bootstrap,
    heartbeatTicks,
    electionTicks: whole("electionTicks", config.electionTicks ?? 10, 3 * heartbeatTicks),
    electionRank: whole("electionRank", config.electionRank ?? 0, 0),
    lease: leaseOf(config),
    isStoreExclusive: config.isStoreExclusive ?? false,
    limits: { ...LIMITS, ...limits },
    random: config.random,
  };
  if (typeof config.random?.float !== "function") refuse("random must be given", config.random);
  checkBootstrap(settings);
  return settings;
}

/**
 * Checks that a store's content can be true.
 *
 * @throws {HoldfastError} `ERR_STORE_REGRESSED` if a part of what was written is missing.
 */
export function checkLoaded(loaded: LoadedState): void {
  const { hardState, commit, snapshot, base, entries, applied } = loaded;
  let { index: last, term } = base;
  for (const entry of entries) {
    if (entry.index !== last + 1 || entry.term < term) regressed("an entry is missing in its log");
    last = entry.index;
    term = entry.term;
  }
  if (term > hardState.term) regressed("its log is of a later term than it has seen");
  if (commit > last || applied > last) regressed("committed entries are missing in its log");
  const from = snapshot?.index ?? 0;
  if (base.index > from || from > last) regressed("its snapshot and its log do not meet");
}

function leaseOf({ leaseReads, isStoreExclusive }: RaftConfig): LeaseReads | undefined {
  if (leaseReads === undefined || leaseReads.driftMax === 0) return undefined;
  const { tickMs, driftMax } = leaseReads;
  if (!(driftMax > 0 && driftMax < 1)) refuse("leaseReads.driftMax must be in [0, 1)", driftMax);
  if (!(tickMs > 0 && tickMs < Infinity)) refuse("leaseReads.tickMs must be above 0", tickMs);
  if (isStoreExclusive !== true) {
    refuse("leaseReads need a store that is this process's alone", isStoreExclusive);
  }
  return leaseReads;
}

function checkBootstrap({ bootstrap, id, incarnation, isWitness }: Settings): void {
  if (bootstrap === undefined) return;
  const fault = membersFault(bootstrap, []);
  if (fault !== undefined) refuse(`of bootstrap: ${fault}`, bootstrap);
  const self = bootstrap.find((member) => member.id === id);
  if (self === undefined) refuse("bootstrap must name this node too", bootstrap);
  if (self.incarnation !== incarnation || (self.isWitness ?? false) !== isWitness) {
    refuse("bootstrap must say of this node what its options say", bootstrap);
  }
}

function named(name: string, value: string): string {
  if (typeof value !== "string" || value === "") refuse(`${name} must be a text`, value);
  return value;
}

function whole(name: string, value: number, from: number): number {
  if (Number.isSafeInteger(value) && value >= from) return value;
  throw new LimitError(
    "ERR_INVALID_OPTION",
    `Cannot make a node as ${name} must be a whole number from ${from}: current value is ${
      shown(value)
    }`,
  );
}

function refuse(rule: string, value: unknown): never {
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot make a node as ${rule}: current value is ${shown(value)}`,
  );
}

function regressed(what: string): never {
  throw new HoldfastError("ERR_STORE_REGRESSED", `Cannot start from this store as ${what}`);
}
