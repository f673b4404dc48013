/**
 * What a node finds in its store when it starts, and whether that can be all.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import type { Entry, Position, SnapshotMeta } from "./message.ts";
import type { NodeId } from "./membership.ts";

/** What a store keeps of a node beside log and snapshot. */
export interface HardState {
  /** The highest term the node has seen. */
  readonly term: number;
  /** Whom it voted for in that term, if anyone. */
  readonly vote: NodeId | undefined;
}

/** What the store had when the node started. An empty store has {@linkcode emptyState}. */
export interface LoadedState {
  /** Term and vote. */
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

/**
 * Checks that a store's content can be true.
 *
 * @throws {HoldfastError} `ERR_STORE_REGRESSED` if a part of what was written is missing.
 */
export function checkLoaded(loaded: LoadedState): void {
  const { hardState, commit, snapshot, base, entries, applied } = loaded;
  let { index: last, term } = base;
  for (const entry of entries) {
    if (entry.index !== last + 1 || entry.term < term) regressed("entries are missing");
    last = entry.index;
    term = entry.term;
  }
  if (term > hardState.term) regressed("a term is missing");
  if (commit > last || applied > last) regressed("committed entries are missing");
  const from = snapshot?.index ?? 0;
  if (base.index > from || from > last) regressed("log and snapshot do not meet");
}

function regressed(what: string): never {
  throw new HoldfastError("ERR_STORE_REGRESSED", `Cannot start from this store as ${what}`);
}
