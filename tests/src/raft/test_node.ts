/**
 * A core with a disk, for tests: what it has written, applied and said.
 *
 * @module
 */

import {
  type Answer,
  emptyState,
  type Entry,
  type LoadedState,
  type Message,
  type Position,
  type RaftConfig,
  type RaftEvent,
  RaftNode,
  type ReadOutcome,
  type SnapshotMeta,
  type StoreWrite,
} from "../../../src/raft/core/mod.ts";

/** What a node's disk has: only whole writes, in order. */
export class TestStore {
  state: LoadedState = emptyState();
  /** The bytes of the published snapshot, and of the one that is being staged. */
  content: number[] = [];
  staged: number[] = [];

  write(write: StoreWrite): void {
    const { state } = this;
    switch (write.kind) {
      case "save": {
        const hardState = write.hardState ?? state.hardState;
        const commit = Math.max(state.commit, write.commit);
        this.state = { ...state, hardState, commit };
        if (write.append !== undefined) this.#append(write.append.prev, write.append.entries);
        return;
      }
      case "stage":
        if (write.offset === 0) this.staged = [];
        if (write.offset !== this.staged.length) throw new Error("a piece is missing");
        this.staged.push(...write.data);
        return;
      case "install":
        if (write.sizeBytes !== this.staged.length) throw new Error("the snapshot is not whole");
        this.content = this.staged;
        this.staged = [];
        this.publish(write.snapshot, write.snapshot, []);
        return;
    }
  }

  /** The entries from `from` on, to `to` (not included). */
  read(from: number, to: number): readonly Entry[] {
    const { base, entries } = this.state;
    if (from <= base.index) return [];
    return entries.slice(from - base.index - 1, to - base.index - 1);
  }

  publish(snapshot: SnapshotMeta, base: Position, entries: readonly Entry[]): void {
    const commit = Math.max(this.state.commit, snapshot.index);
    this.state = { ...this.state, snapshot, base, entries, commit };
  }

  #append(prev: Position, entries: readonly Entry[]): void {
    const { base, entries: before } = this.state;
    const kept = before.slice(0, prev.index - base.index);
    const last = kept[kept.length - 1] ?? base;
    if (last.index !== prev.index || last.term !== prev.term) throw new Error("a hole in the log");
    this.state = { ...this.state, entries: [...kept, ...entries] };
  }
}

/** One node with its disk and what it has said. */
export class TestNode {
  readonly config: RaftConfig;
  readonly store: TestStore;
  core: RaftNode;
  isUp = true;
  /** A blocked store takes writes and does not finish them. */
  isBlocked = false;
  writes: StoreWrite[] = [];
  waiting: { readonly sequence: number; readonly messages: readonly Message[] }[] = [];
  applied: Entry[] = [];
  reads: ReadOutcome[] = [];
  events: RaftEvent[] = [];
  answer: Answer | undefined;

  constructor(config: RaftConfig, store: TestStore) {
    this.config = config;
    this.store = store;
    this.core = new RaftNode(config, store.state);
  }

  /** The commands that the node has applied, as texts. */
  get commands(): readonly string[] {
    return this.applied.flatMap((entry) => entry.kind === "command" ? [text(entry.data)] : []);
  }
}

/** The bytes of a text. */
export function bytes(of: string): Uint8Array {
  return new TextEncoder().encode(of);
}

/** The text of bytes. */
export function text(of: Uint8Array): string {
  return new TextDecoder().decode(of);
}
