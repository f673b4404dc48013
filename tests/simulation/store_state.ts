/**
 * What one node's store holds, and the rules by which one atomic operation changes it.
 *
 * An operation is refused as a whole or applied as a whole. It carries the epoch under which its process opened the
 * store and its number in that epoch, so that neither a process that was replaced nor a copy that was delayed can
 * change anything. What a store can check of Raft without knowing Raft, it checks.
 *
 * States are immutable values: a state may be kept, compared, and gone back to.
 *
 * @module
 */

import { assertNever } from "../../src/errors.ts";
import type {
  Entry,
  HardState,
  InstallWrite,
  Position,
  SaveWrite,
  SnapshotMeta,
  StageWrite,
  StoreWrite,
} from "../../src/raft/core/mod.ts";

/** A snapshot with its content. */
export interface StoredSnapshot {
  readonly meta: SnapshotMeta;
  readonly data: Uint8Array;
}

/** All that a store holds. */
export interface StoreState {
  /** Counts the processes that opened the store. */
  readonly epoch: number;
  /** The process that opened it last. */
  readonly owner: string;
  /** The number of the last operation of this epoch. */
  readonly operation: number;
  readonly hardState: HardState;
  /** A hint: everything up to here was committed. */
  readonly commit: number;
  /** The place before the first entry. */
  readonly base: Position;
  readonly entries: readonly Entry[];
  readonly snapshot: StoredSnapshot | undefined;
  /** Pieces of a snapshot that is not complete yet. */
  readonly staged: StoredSnapshot | undefined;
}

/** Publishes a snapshot of the node's own state machine, and drops the entries up to `keepAfter`. */
export interface PublishWrite {
  readonly kind: "publish";
  readonly snapshot: SnapshotMeta;
  readonly data: Uint8Array;
  readonly keepAfter: number;
}

/** What one atomic operation consists of, in order. */
export type StorePart = StoreWrite | PublishWrite;

/** One atomic operation. */
export interface StoreOperation {
  /** The process that opened the store. Its name is compared as well, as a store that was wiped counts epochs anew. */
  readonly owner: string;
  readonly epoch: number;
  /** Counted from 1 in each epoch. */
  readonly number: number;
  readonly parts: readonly StorePart[];
}

/** What an operation got. Everything but `ok` left the store unchanged. */
export type StoreAnswer =
  | { readonly kind: "ok"; readonly base: Position; readonly snapshotIndex: number }
  /** Another process opened the store since; or the store lost that this one did (then its epoch is smaller). */
  | { readonly kind: "fenced"; readonly epoch: number }
  /** A copy of an operation that has been overtaken. */
  | { readonly kind: "late" }
  /** The operation before this one is missing: the store lost it. */
  | { readonly kind: "gap" }
  /** The operation breaks a rule of the log. */
  | { readonly kind: "refused"; readonly rule: string };

/** A store that was never written to. */
export const EMPTY_STORE: StoreState = {
  epoch: 0,
  owner: "",
  operation: 0,
  hardState: { term: 0, vote: undefined },
  commit: 0,
  base: { index: 0, term: 0 },
  entries: [],
  snapshot: undefined,
  staged: undefined,
};

/** Index and term of the last entry, or of what the log starts after. */
export function lastOf(state: StoreState): Position {
  return state.entries[state.entries.length - 1] ?? state.base;
}

/** The term of the entry at an index; `undefined` outside of the log. */
export function termAt(state: StoreState, index: number): number | undefined {
  if (index === state.base.index) return state.base.term;
  return state.entries[index - state.base.index - 1]?.term;
}

/** A process takes the store over: all operations of earlier ones are fenced from now on. */
export function openStore(state: StoreState, owner: string): StoreState {
  if (state.owner === owner) return state;
  return { ...state, owner, epoch: state.epoch + 1, operation: 0 };
}

/** Applies one operation, or says why not. */
export function writeStore(
  state: StoreState,
  operation: StoreOperation,
): { readonly state: StoreState; readonly answer: StoreAnswer } {
  if (operation.epoch !== state.epoch || operation.owner !== state.owner) {
    return { state, answer: { kind: "fenced", epoch: state.epoch } };
  }
  if (operation.number < state.operation) return { state, answer: { kind: "late" } };
  if (operation.number === state.operation) return { state, answer: okFor(state) };
  if (operation.number > state.operation + 1) return { state, answer: { kind: "gap" } };
  let next = state;
  for (const part of operation.parts) {
    const applied = applyPart(next, part);
    if (typeof applied === "string") return { state, answer: { kind: "refused", rule: applied } };
    next = applied;
  }
  return { state: { ...next, operation: operation.number }, answer: okFor(next) };
}

function okFor({ base, snapshot }: StoreState): StoreAnswer {
  return { kind: "ok", base, snapshotIndex: snapshot?.meta.index ?? 0 };
}

/** The state after one part, or the rule that it breaks. */
function applyPart(state: StoreState, part: StorePart): StoreState | string {
  switch (part.kind) {
    case "save":
      return save(state, part);
    case "stage":
      return stage(state, part);
    case "install":
      return install(state, part);
    case "publish":
      return publish(state, part);
    default:
      return assertNever(part, "a part of a store operation");
  }
}

function save(state: StoreState, { hardState, commit, append }: SaveWrite): StoreState | string {
  let next = state;
  if (hardState) {
    const before = state.hardState;
    if (hardState.term < before.term) return "the term never decreases";
    if (hardState.term === before.term && before.vote !== undefined) {
      if (hardState.vote !== before.vote) return "the vote never changes within a term";
    }
    next = { ...next, hardState };
  }
  if (append) {
    const { prev, entries } = append;
    const prevTerm = termAt(state, prev.index);
    if (prevTerm === undefined) return `no holes: nothing stands at ${prev.index}`;
    if (prevTerm !== prev.term) return `the entry before has term ${prevTerm}, not ${prev.term}`;
    if (prev.index < state.commit) return "nothing is cut off below the commit index";
    const kept = state.entries.slice(0, prev.index - state.base.index);
    next = { ...next, entries: kept.concat(entries) };
    const rule = brokenOrder(prev, entries);
    if (rule !== undefined) return rule;
  }
  if (commit > lastOf(next).index) return "the commit index is at most the last";
  return commit > next.commit ? { ...next, commit } : next;
}

function brokenOrder(prev: Position, entries: readonly Entry[]): string | undefined {
  let { index, term } = prev;
  for (const entry of entries) {
    if (entry.index !== index + 1) return `no holes: ${entry.index} follows ${index}`;
    if (entry.term < term) return "the terms of entries never decrease";
    ({ index, term } = entry);
  }
  return undefined;
}

function stage(state: StoreState, { snapshot, offset, data }: StageWrite): StoreState | string {
  if (offset === 0) return { ...state, staged: { meta: snapshot, data } };
  const { staged } = state;
  if (staged === undefined) return "a piece continues what was staged before";
  if (staged.data.length !== offset) return "a piece begins where the one before ended";
  const { index, term } = staged.meta;
  if (index !== snapshot.index || term !== snapshot.term) return "pieces are of one snapshot";
  const joined = new Uint8Array(offset + data.length);
  joined.set(staged.data);
  joined.set(data, offset);
  return { ...state, staged: { meta: snapshot, data: joined } };
}

function install(state: StoreState, { snapshot, sizeBytes }: InstallWrite): StoreState | string {
  const { staged } = state;
  if (staged === undefined || staged.data.length !== sizeBytes) return "all pieces are staged";
  if (staged.meta.index !== snapshot.index || staged.meta.term !== snapshot.term) {
    return "the snapshot is the staged one";
  }
  if (snapshot.index <= (state.snapshot?.meta.index ?? 0)) return "snapshots only advance";
  if (snapshot.index < state.commit) return "nothing is cut off below the commit index";
  return {
    ...state,
    base: { index: snapshot.index, term: snapshot.term },
    entries: [],
    commit: snapshot.index,
    snapshot: { meta: snapshot, data: staged.data },
    staged: undefined,
  };
}

function publish(state: StoreState, part: PublishWrite): StoreState | string {
  const { snapshot, data } = part;
  // An installed snapshot may have overtaken the node's own.
  if (snapshot.index <= (state.snapshot?.meta.index ?? 0)) return state;
  if (termAt(state, snapshot.index) !== snapshot.term) {
    return "a snapshot ends at an entry of the log";
  }
  const baseIndex = Math.max(state.base.index, Math.min(part.keepAfter, snapshot.index));
  const baseTerm = termAt(state, baseIndex);
  if (baseTerm === undefined) return "the log begins after an entry of it";
  return {
    ...state,
    base: { index: baseIndex, term: baseTerm },
    entries: state.entries.slice(baseIndex - state.base.index),
    commit: Math.max(state.commit, snapshot.index),
    snapshot: { meta: snapshot, data },
  };
}
