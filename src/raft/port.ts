/**
 * What a node needs of a store: seven methods, each one atom of the node it names.
 *
 * A store keeps a node's term and vote, its log, and its newest snapshot. Every write carries a proof: the process that
 * opened the store, the epoch it got, and the number of the operation in that epoch. So a process that was replaced, a
 * copy of a request that was delayed, and a store that lost its tail are all told from a write in its place, and change
 * nothing. The owner's name is compared beside the epoch, because a store that was wiped counts epochs anew.
 *
 * What a store can check of Raft without knowing Raft, it checks: a write that would break a rule is refused whole.
 *
 * @module
 */

import type { BackendBase } from "../backend.ts";
import type { HardState } from "./core/loaded.ts";
import type { Entry, Position, SnapshotMeta } from "./core/message.ts";

/** The slice of a backend that a node needs. */
export interface RaftBackend extends Pick<BackendBase, "clock" | "random" | "durability"> {
  /** Where term, vote, log and snapshot are. */
  readonly raft: RaftStore;
}

/** A node's own part of a store: the unit of atomicity. */
export interface StoreNode {
  /** The cluster's name. */
  readonly namespace: string;
  /** The node's name. */
  readonly id: string;
}

/** Options of every call. */
export interface StoreOptions {
  /** Ends the waiting when aborted; a write may still happen. */
  readonly signal?: AbortSignal | undefined;
}

/** Who opens a store. */
export interface OpenOrder {
  /** The process: a name that no other process ever had. */
  readonly owner: string;
  /** The life that begins if the store is empty; a store that is not keeps its own. */
  readonly incarnation: number;
  /** Give about so many bytes of entries, and at least one entry. */
  readonly bytesMax: number;
}

/** What a store has. */
export interface OpenedStore {
  /** Counts the processes that opened the store. */
  readonly epoch: number;
  /** Which life of the node's store this is. */
  readonly incarnation: number;
  /** Term and vote. */
  readonly hardState: HardState;
  /** A commit index that was true when it was written. */
  readonly commit: number;
  /** The newest published snapshot. */
  readonly snapshot: SnapshotMeta | undefined;
  /** The place before the first entry. */
  readonly base: Position;
  /** The first entries, without a gap. */
  readonly entries: readonly Entry[];
  /** The last index. If it is beyond the entries given, {@linkcode RaftStore.entries} has the others. */
  readonly lastIndex: number;
}

/** Says that a write comes from who opened the store, and which one it is. */
export interface StoreProof {
  /** The process that opened the store. */
  readonly owner: string;
  /** The epoch it got. */
  readonly epoch: number;
  /** The number of the operation in this epoch, from 1 on without a gap. A retry has the same. */
  readonly operation: number;
}

/** Term and vote, entries, or both at once; may be empty, and then only proves that the store is still the owner's. */
export interface StoreSave {
  /** Present if term or vote changed. */
  readonly hardState: HardState | undefined;
  /** A commit index known now: a hint. */
  readonly commit: number;
  /** Cut off everything after `prev`, then append these. */
  readonly append: { readonly prev: Position; readonly entries: readonly Entry[] } | undefined;
}

/** One piece of a snapshot that is not visible yet. All pieces but the last have the same length. */
export interface StorePiece {
  /** Which snapshot. */
  readonly snapshot: SnapshotMeta;
  /** Where it begins; 0 drops whatever was staged before. */
  readonly offset: number;
  /** Its bytes. */
  readonly data: Uint8Array;
}

/** Makes the staged snapshot the published one. */
export interface StorePublication {
  /** Which snapshot. */
  readonly snapshot: SnapshotMeta;
  /** How many bytes must have been staged. */
  readonly sizeBytes: number;
  /**
   * Drop the entries up to this index, and none beyond the snapshot; or, undefined, the whole log: it begins anew after
   * the snapshot, which is another node's.
   */
  readonly keepAfter: number | undefined;
}

/** What became of a write. Everything but `done` left the store unchanged. */
export type StoreAnswer =
  /** It is durable, by this or an earlier arrival of the same operation. */
  | {
    readonly kind: "done";
    /** The place before the first entry now. */
    readonly base: Position;
    /** The published snapshot's index now; 0 without one. */
    readonly snapshotIndex: number;
  }
  /** Another process opened the store since; or the store lost that this one did (then its epoch is smaller). */
  | { readonly kind: "fenced"; readonly epoch: number }
  /** A copy of an operation that has been overtaken. */
  | { readonly kind: "late" }
  /** The operation before this one is missing: the store lost it. */
  | { readonly kind: "gap" }
  /** The write breaks a rule of the log. */
  | { readonly kind: "refused"; readonly rule: string };

/** A part of the log. */
export interface EntryRange {
  /** The first index. */
  readonly from: number;
  /** The index after the last. */
  readonly to: number;
  /** Give about so many bytes, and the first two entries however long they are. */
  readonly bytesMax: number;
}

/** A part of a published snapshot. */
export interface PieceRange {
  /** The snapshot's index. */
  readonly index: number;
  /** Where the part begins. */
  readonly offset: number;
  /** How many bytes; fewer only at the end. */
  readonly bytesMax: number;
}

/** Bytes of a published snapshot. */
export interface SnapshotPiece {
  /** The bytes. */
  readonly data: Uint8Array;
  /** None follow. */
  readonly isLast: boolean;
}

/** The longest snapshot, in bytes: as text it must fit into one record of 100 MB. */
export const SNAPSHOT_BYTES_MAX: number = 64 * 1024 * 1024;

/**
 * A store of nodes. All methods reject with `ERR_UNAVAILABLE` and its kin where the store cannot be asked; a write may
 * have happened then, and is sent again under the same operation number.
 */
export interface RaftStore {
  /**
   * Takes a node's store over: all writes of earlier processes are fenced from now on. By the same owner it is the same
   * epoch.
   *
   * @throws {HoldfastError} `ERR_STORE_REGRESSED` if parts of what was written are missing.
   */
  open(node: StoreNode, order: OpenOrder, options?: StoreOptions): Promise<OpenedStore>;
  /** Writes term, vote and entries as one atom; resolves when they are durable. */
  save(
    node: StoreNode,
    proof: StoreProof,
    save: StoreSave,
    options?: StoreOptions,
  ): Promise<StoreAnswer>;
  /** Stages a piece of a snapshot. */
  stage(
    node: StoreNode,
    proof: StoreProof,
    piece: StorePiece,
    options?: StoreOptions,
  ): Promise<StoreAnswer>;
  /** Publishes what is staged and cuts the log, as one atom. One that is older than the published one changes nothing. */
  publish(
    node: StoreNode,
    proof: StoreProof,
    publication: StorePublication,
    options?: StoreOptions,
  ): Promise<StoreAnswer>;
  /** Entries of a range, from its front, without a gap; none if the first is not there any more. */
  entries(node: StoreNode, range: EntryRange, options?: StoreOptions): Promise<readonly Entry[]>;
  /** Bytes of the published snapshot; undefined if it is another one. */
  piece(
    node: StoreNode,
    range: PieceRange,
    options?: StoreOptions,
  ): Promise<SnapshotPiece | undefined>;
  /** Forgets a node whole. Only for one that has left its cluster, or begins a new life. */
  forget(node: StoreNode, options?: StoreOptions): Promise<void>;
}
