/**
 * What a leader knows of another node, and how much it may send there.
 *
 * A peer is probed (one message at a time, until the place is found where its log matches), then replicated to (many
 * messages on the way, `next` runs ahead of what is acknowledged), or gets a snapshot (and no entries meanwhile).
 *
 * @module
 */

import type { SnapshotMeta } from "./message.ts";
import type { Member, NodeId } from "./membership.ts";
import type { RaftLimits } from "./config.ts";
import { takeWhile } from "./take_while.ts";

/** A snapshot on its way to a peer, one piece at a time. */
export interface SnapshotTransfer {
  readonly snapshot: SnapshotMeta;
  /** Where the piece begins that is being read or was sent last. */
  offset: number;
  /** The piece is being read from the store; else it was sent and its answer is awaited. */
  isFetching: boolean;
  /** Ticks since the piece was sent. */
  waitedTicks: number;
}

/** One peer, as its leader sees it. */
export interface Progress {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly isWitness: boolean;
  isVoter: boolean;
  kind: "probe" | "replicate" | "snapshot";
  /** The peer has stored everything up to here, as the leader's log has it. */
  match: number;
  /** What is sent next. */
  next: number;
  /** The commit index that the peer was told of last. */
  toldCommit: number;
  /** Probing: a probe is on its way. */
  isPaused: boolean;
  /** Heard of since quorum was checked last. */
  isActive: boolean;
  /** May once be asked whether something was lost; renewed with each heartbeat. */
  mayNudge: boolean;
  /** Entries for it are being read from the store. */
  isFetching: boolean;
  /** The event that it has caught up was told. */
  isCaughtUp: boolean;
  /** The highest round of heartbeats that it answered. */
  round: number;
  readonly inflight: InflightWindow;
  transfer: SnapshotTransfer | undefined;
}

/** The AppendEntries that are on their way to one peer. */
export class InflightWindow {
  /** Oldest first: the last index of each, and its bytes. */
  #sent: { readonly end: number; readonly bytes: number }[] = [];
  /** Bytes of entries on the way. */
  bytes = 0;

  /** Messages on the way. */
  get count(): number {
    return this.#sent.length;
  }

  /** A message with entries up to `end` was sent. */
  push(end: number, bytes: number): void {
    this.#sent.push({ end, bytes });
    this.bytes += bytes;
  }

  /** Everything up to `index` has arrived. */
  freeThrough(index: number): void {
    for (const { bytes } of takeWhile(this.#sent, ({ end }) => end <= index)) this.bytes -= bytes;
  }

  /** Nothing is on the way. */
  clear(): void {
    this.#sent = [];
    this.bytes = 0;
  }
}

/** A peer of which a new leader knows nothing yet. */
export function newProgress(member: Member, isVoter: boolean, next: number): Progress {
  return {
    id: member.id,
    incarnation: member.incarnation,
    isWitness: member.isWitness === true,
    isVoter,
    kind: "probe",
    match: 0,
    next,
    toldCommit: 0,
    isPaused: false,
    isActive: true,
    mayNudge: false,
    isFetching: false,
    isCaughtUp: false,
    round: 0,
    inflight: new InflightWindow(),
    transfer: undefined,
  };
}

/** Whether the peer may get another message with entries now. */
export function maySend(peer: Progress, limits: RaftLimits): boolean {
  if (peer.isFetching) return false;
  if (peer.kind === "probe") return !peer.isPaused;
  return peer.kind === "replicate" && peer.inflight.count < limits.inflightMessagesMax &&
    peer.inflight.bytes < limits.inflightBytesMax;
}

/** Finds out anew where the peer's log matches, from `next` on. */
export function probe(peer: Progress, next = 0): void {
  peer.kind = "probe";
  peer.next = Math.max(next, peer.match + 1);
  peer.isPaused = false;
  peer.isFetching = false;
  peer.transfer = undefined;
  peer.inflight.clear();
}

/** Sends on without waiting for each answer: the peer's log matches. */
export function replicate(peer: Progress): void {
  probe(peer);
  peer.kind = "replicate";
}
