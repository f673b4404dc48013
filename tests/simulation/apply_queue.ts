/**
 * What is committed on its way to the state machine: entries and restores, in order.
 *
 * @module
 */

import type { Entry, SnapshotMeta } from "../../src/raft/core/mod.ts";
import type { LoopAnswer, LoopHost } from "./loop_host.ts";
import type { StoredSnapshot } from "./store_state.ts";

type Restore = { readonly kind: "restore"; readonly meta: SnapshotMeta };

interface Proposal {
  readonly term: number;
  readonly answer: (answer: LoopAnswer) => void;
}

/** What one process has to apply, and who waits for it. */
export class ApplyQueue {
  readonly #host: LoopHost;
  readonly #whenApplied: () => void;
  #waiting: (Entry | Restore)[] = [];
  #isBusy = false;
  readonly #proposals = new Map<number, Proposal>();

  /** Makes a queue that tells `whenApplied` each time the machine has come further. */
  constructor(host: LoopHost, whenApplied: () => void) {
    this.#host = host;
    this.#whenApplied = whenApplied;
  }

  /** Whether the machine is being restored, or takes its time. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Answers a proposal when the entry at its index is applied. */
  expect(index: number, proposal: Proposal): void {
    this.#proposals.set(index, proposal);
  }

  /** Restores and applies after all that came before. */
  push(restore: SnapshotMeta | undefined, entries: readonly Entry[]): void {
    if (restore !== undefined) this.#waiting.push({ kind: "restore", meta: restore });
    for (const entry of entries) this.#waiting.push(entry);
    this.#next();
  }

  #next(): void {
    if (this.#isBusy || this.#waiting.length === 0) return;
    if (this.#waiting[0]?.kind === "restore") return this.#restore();
    const { applyDelayMs } = this.#host;
    if (applyDelayMs === 0) return this.#apply();
    this.#isBusy = true;
    this.#host.later(applyDelayMs, () => {
      this.#isBusy = false;
      this.#apply();
    });
  }

  #apply(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (next.kind === "restore") break;
      this.#waiting.shift();
      this.#applyEntry(next);
    }
    this.#whenApplied();
    this.#next();
  }

  #applyEntry(entry: Entry): void {
    const reply = this.#host.machine.apply(entry);
    this.#host.applied(entry, reply);
    const proposal = this.#proposals.get(entry.index);
    if (proposal === undefined) return;
    this.#proposals.delete(entry.index);
    if (proposal.term !== entry.term) return proposal.answer({ kind: "not done", reason: "lost" });
    if (reply === undefined) return;
    proposal.answer({ kind: "done", reply, at: { index: entry.index, term: entry.term } });
  }

  /** Takes the published snapshot. If that is a newer one already, its own order to restore is on the way. */
  #restore(): void {
    this.#isBusy = true;
    const last = this.#waiting.findLastIndex(({ kind }) => kind === "restore");
    this.#waiting.splice(0, last);
    const wanted = this.#waiting[0];
    this.#host.store.readSnapshot((snapshot) => {
      if (snapshot === undefined || snapshot === "none" || this.#waiting[0] !== wanted) return;
      if (wanted?.kind !== "restore" || snapshot.meta.index !== wanted.meta.index) return;
      this.#isBusy = false;
      this.#waiting.shift();
      this.#takeOver(snapshot);
    });
    this.#host.later(this.#host.retryMs, () => {
      if (this.#isBusy && this.#waiting[0] === wanted) this.#restore();
    });
  }

  #takeOver(snapshot: StoredSnapshot): void {
    this.#host.machine.restore(snapshot);
    this.#host.restored(snapshot);
    // Whether these are in it is not known; nobody is told.
    for (const index of this.#proposals.keys()) {
      if (index <= snapshot.meta.index) this.#proposals.delete(index);
    }
    this.#whenApplied();
    this.#next();
  }
}
