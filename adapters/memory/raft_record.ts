/**
 * What a store in memory holds of one node, and the rules by which a write changes it.
 *
 * A rule is checked before anything changes: a write happens whole or not at all.
 *
 * @module
 */

import type { HardState } from "../../src/raft/core/loaded.ts";
import type { Entry, Position, SnapshotMeta } from "../../src/raft/core/message.ts";
import type {
  StoreAnswer,
  StorePiece,
  StoreProof,
  StorePublication,
  StoreSave,
} from "../../src/raft/port.ts";

interface Staged {
  readonly at: Position;
  readonly pieces: Uint8Array[];
  sizeBytes: number;
}

/** One node's term, vote, log and snapshot. */
export class RaftRecord {
  incarnation = 0;
  hardState: HardState = { term: 0, vote: undefined };
  commit = 0;
  base: Position = { index: 0, term: 0 };
  snapshot: { readonly meta: SnapshotMeta; readonly data: Uint8Array } | undefined;
  #owner = "";
  #epoch = 0;
  #operation = 0;
  #entries: Entry[] = [];
  #staged: Staged | undefined;

  /** The index of the last entry, or of what the log begins after. */
  get lastIndex(): number {
    return this.base.index + this.#entries.length;
  }

  /** The entries in [from, to); none if the first is gone. */
  range(from: number, to: number): Entry[] {
    if (from <= this.base.index) return [];
    return this.#entries.slice(from - this.base.index - 1, to - this.base.index - 1);
  }

  /** A process takes over. Gives its epoch. */
  open(owner: string, incarnation: number): number {
    if (this.incarnation === 0) this.incarnation = incarnation;
    if (this.#owner !== owner) {
      this.#owner = owner;
      this.#epoch += 1;
      this.#operation = 0;
    }
    return this.#epoch;
  }

  /** Makes a write if its proof holds and `change` gives no rule that it breaks. */
  write({ owner, epoch, operation }: StoreProof, change: () => string | undefined): StoreAnswer {
    if (owner !== this.#owner || epoch !== this.#epoch) {
      return { kind: "fenced", epoch: this.#epoch };
    }
    if (operation < this.#operation) return { kind: "late" };
    if (operation > this.#operation + 1) return { kind: "gap" };
    if (operation > this.#operation) {
      const rule = change();
      if (rule !== undefined) return { kind: "refused", rule };
      this.#operation = operation;
    }
    return { kind: "done", base: this.base, snapshotIndex: this.snapshot?.meta.index ?? 0 };
  }

  /** Term, vote and entries. Gives the rule that they break. */
  save({ hardState, commit, append }: StoreSave): string | undefined {
    const rule = this.#voteRule(hardState) ?? this.#appendRule(append);
    if (rule !== undefined) return rule;
    const last = append ? append.prev.index + append.entries.length : this.lastIndex;
    if (commit > last) return "the commit index is at most the last";
    if (hardState !== undefined) this.hardState = hardState;
    if (append !== undefined) {
      this.#entries.length = append.prev.index - this.base.index;
      for (const entry of append.entries) this.#entries.push(entry);
    }
    this.commit = Math.max(this.commit, commit);
    return undefined;
  }

  /** One more piece. */
  stage({ snapshot, offset, data }: StorePiece): string | undefined {
    if (offset === 0) {
      const { index, term } = snapshot;
      this.#staged = { at: { index, term }, pieces: [data], sizeBytes: data.length };
      return undefined;
    }
    const staged = this.#staged;
    if (staged === undefined || staged.sizeBytes !== offset || !isAt(staged.at, snapshot)) {
      return "a piece continues what was staged before";
    }
    staged.pieces.push(data);
    staged.sizeBytes += data.length;
    return undefined;
  }

  /** The staged snapshot becomes the published one. */
  publish({ snapshot, sizeBytes, keepAfter }: StorePublication): string | undefined {
    if (snapshot.index <= (this.snapshot?.meta.index ?? 0)) {
      return keepAfter === undefined ? "snapshots only advance" : undefined;
    }
    const staged = this.#staged;
    if (staged === undefined || staged.sizeBytes !== sizeBytes || !isAt(staged.at, snapshot)) {
      return "all pieces are staged";
    }
    if (keepAfter === undefined) {
      if (snapshot.index < this.commit) return "nothing is cut off below the commit index";
      this.base = { index: snapshot.index, term: snapshot.term };
      this.#entries = [];
    } else {
      if (this.#termAt(snapshot.index) !== snapshot.term) {
        return "a snapshot ends at an entry of the log";
      }
      this.#cut(Math.max(this.base.index, Math.min(keepAfter, snapshot.index)));
    }
    this.commit = Math.max(this.commit, snapshot.index);
    this.snapshot = { meta: snapshot, data: joined(staged.pieces, sizeBytes) };
    this.#staged = undefined;
    return undefined;
  }

  #cut(index: number): void {
    const term = this.#termAt(index) ?? 0;
    this.#entries.splice(0, index - this.base.index);
    this.base = { index, term };
  }

  #termAt(index: number): number | undefined {
    return index === this.base.index
      ? this.base.term
      : this.#entries[index - this.base.index - 1]?.term;
  }

  #voteRule(next: HardState | undefined): string | undefined {
    const { term, vote } = this.hardState;
    if (next === undefined || next.term > term) return undefined;
    if (next.term < term) return "the term never decreases";
    return vote === undefined || next.vote === vote
      ? undefined
      : "the vote never changes within a term";
  }

  #appendRule(append: StoreSave["append"]): string | undefined {
    if (append === undefined) return undefined;
    const { prev, entries } = append;
    const term = this.#termAt(prev.index);
    if (term === undefined) return "the log has no holes";
    if (term !== prev.term) return "the entry before is the one that is named";
    if (prev.index < this.commit) return "nothing is cut off below the commit index";
    let last = prev;
    for (const entry of entries) {
      if (entry.index !== last.index + 1) return "the log has no holes";
      if (entry.term < last.term) return "the terms of entries never decrease";
      last = entry;
    }
    return undefined;
  }
}

function isAt(at: Position, { index, term }: Position): boolean {
  return at.index === index && at.term === term;
}

function joined(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const all = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}
