/**
 * The loop around one node: carries out each ready over a store, a network and a state machine that are handed in.
 *
 * This is the loop at its smallest, without promises, so that a simulation runs fast. The simulator knows it only as a
 * {@linkcode StartLoop}: another loop that is started with the same {@linkcode LoopHost} can take its place. A crash
 * between two steps of a ready needs no help from the loop: the host of a dead process ignores what it still does.
 *
 * @module
 */

import {
  type Answer,
  type Entry,
  type Fetch,
  type Input,
  type Member,
  type Message,
  type Position,
  type RaftConfig,
  RaftNode,
  type RaftStatus,
  type ReadOutcome,
  type Ready,
  type Refusal,
  type SessionStamp,
  type SnapshotMeta,
} from "../../src/raft/core/mod.ts";
import type { Machine, MachineReply } from "./machine.ts";
import type { StoreReply } from "./store.ts";
import type {
  PublishWrite,
  StoredSnapshot,
  StoreOperation,
  StorePart,
  StoreState,
} from "./store_state.ts";

/** The store as one process sees it: every answer may come late, twice or never. */
export interface LoopStore {
  open(owner: string, answer: (state: StoreState | undefined) => void): void;
  write(operation: StoreOperation, answer: (reply: StoreReply) => void): void;
  readEntries(
    from: number,
    to: number,
    answer: (entries: readonly Entry[] | undefined) => void,
  ): void;
  readSnapshot(answer: (snapshot: StoredSnapshot | "none" | undefined) => void): void;
}

/** What a loop is given: all that it knows of the world. */
export interface LoopHost {
  /** The process's name: no other process of any node has the same. */
  readonly owner: string;
  readonly config: RaftConfig;
  readonly tickMs: number;
  /** How long to wait for the store's answer before asking again. */
  readonly retryMs: number;
  /** How long the state machine takes for what is committed; 0 applies at once. */
  readonly applyDelayMs: number;
  readonly store: LoopStore;
  readonly machine: Machine;
  /** Never goes backwards. */
  nowMs(): number;
  /** The time of day, which may jump. */
  timeMs(): number;
  /** Runs an action later, by the clock of this machine. */
  later(delayMs: number, run: () => void): void;
  send(message: Message): void;
  /** The node was made from this state. */
  started(loaded: StoreState, node: RaftNode): void;
  /** The node took an input. */
  stepped(input: Input, ready: Ready): void;
  /** The state machine has taken one entry. */
  applied(entry: Entry, reply: MachineReply | undefined): void;
  /** The state machine has been replaced by a snapshot. */
  restored(snapshot: StoredSnapshot): void;
  /** The store broke its promise or was written to against a rule. */
  refused(rule: string): void;
}

/** What became of a proposal or a read. No answer at all: unknown. */
export type LoopAnswer =
  | { readonly kind: "done"; readonly reply: MachineReply; readonly at: Position }
  /** It did not happen and never will. */
  | { readonly kind: "not done"; readonly reason: Refusal | "lost" | "too late" };

/** A running loop. */
export interface Loop {
  receive(message: Message): void;
  propose(
    data: Uint8Array,
    session: SessionStamp | undefined,
    answer: (answer: LoopAnswer) => void,
  ): void;
  read(key: string, answer: (answer: LoopAnswer) => void): void;
  changeMembership(voters: readonly Member[], learners: readonly Member[]): Answer | undefined;
  transfer(to: string): void;
  /** Takes a snapshot of what is applied, and drops the entries before the last `keep`. */
  compact(keep: number): void;
  /** `undefined` until the store has answered. */
  status(): RaftStatus | undefined;
}

/** Starts a loop on a host. */
export type StartLoop = (host: LoopHost) => Loop;

interface PendingRead {
  readonly key: string;
  readonly answer: (answer: LoopAnswer) => void;
}

interface ServableRead extends PendingRead {
  readonly index: number;
  readonly validUntilMs: number;
}

interface PendingProposal {
  readonly term: number;
  readonly answer: (answer: LoopAnswer) => void;
}

/** Starts the simulator's own loop. */
export const startLoop: StartLoop = (host) => new CallbackLoop(host);

class CallbackLoop implements Loop {
  readonly #host: LoopHost;
  #node: RaftNode | undefined;
  #isStopped = false;

  // The store: one operation in flight; all that arrives meanwhile is the next one.
  #epoch = 0;
  #operations = 0;
  #inFlight: StoreOperation | undefined;
  #waitingParts: StorePart[] = [];
  #storedSequence = 0;
  #waitingMessages: { readonly through: number; readonly messages: readonly Message[] }[] = [];

  // The state machine: entries and restores in order.
  #toApply: (Entry | { readonly kind: "restore"; readonly meta: SnapshotMeta })[] = [];
  #isApplying = false;

  #inputs: { readonly input: Input; readonly answer: ((answer: Answer) => void) | undefined }[] =
    [];
  #isStepping = false;

  readonly #proposals = new Map<number, PendingProposal>();
  readonly #reads = new Map<number, PendingRead>();
  #servable: ServableRead[] = [];
  #readsCount = 0;

  constructor(host: LoopHost) {
    this.#host = host;
    this.#open();
  }

  receive(message: Message): void {
    this.#step({ kind: "message", message });
  }

  propose(
    data: Uint8Array,
    session: SessionStamp | undefined,
    answer: (answer: LoopAnswer) => void,
  ): void {
    const command = session === undefined ? { data } : { data, session };
    const isTaken = this.#step({ kind: "propose", commands: [command] }, (taken) => {
      if (taken.kind === "refused") return answer({ kind: "not done", reason: taken.reason });
      this.#proposals.set(taken.index, { term: taken.term, answer });
    });
    if (!isTaken) answer({ kind: "not done", reason: "stopped" });
  }

  read(key: string, answer: (answer: LoopAnswer) => void): void {
    // A witness has nothing to read from.
    if (this.#host.config.isWitness) return answer({ kind: "not done", reason: "badTarget" });
    const id = ++this.#readsCount;
    this.#reads.set(id, { key, answer });
    if (!this.#step({ kind: "read", id })) answer({ kind: "not done", reason: "stopped" });
  }

  changeMembership(voters: readonly Member[], learners: readonly Member[]): Answer | undefined {
    let given: Answer | undefined;
    this.#step({ kind: "changeMembership", voters, learners }, (answer) => given = answer);
    return given;
  }

  transfer(to: string): void {
    this.#step({ kind: "transfer", to });
  }

  compact(keep: number): void {
    const node = this.#node;
    const index = this.#host.machine.applied;
    if (node === undefined || this.#isApplying || index <= node.status().base.index) return;
    const snapshot = node.describeSnapshot(index);
    const data = this.#host.machine.save();
    this.#write([{ kind: "publish", snapshot, data, keepAfter: Math.max(0, index - keep) }]);
  }

  status(): RaftStatus | undefined {
    return this.#node?.status();
  }

  // Starting.

  #open(): void {
    if (this.#node !== undefined) return;
    this.#host.store.open(this.#host.owner, (state) => {
      if (this.#node === undefined && state !== undefined) this.#start(state);
    });
    this.#host.later(this.#host.retryMs, () => this.#open());
  }

  #start(state: StoreState): void {
    const { machine, config } = this.#host;
    this.#epoch = state.epoch;
    if (state.snapshot !== undefined) machine.restore(state.snapshot);
    const { hardState, commit, base, entries } = state;
    const applied = machine.applied;
    const snapshot = state.snapshot?.meta;
    this.#node = new RaftNode(config, { hardState, commit, snapshot, base, entries, applied });
    this.#host.started(state, this.#node);
    this.#tick();
  }

  #tick(): void {
    if (this.#isStopped) return;
    this.#step({ kind: "tick", nowMs: this.#host.nowMs(), timeMs: this.#host.timeMs() });
    this.#host.later(this.#host.tickMs, () => this.#tick());
  }

  // Stepping: one input after the other, also when carrying out one leads to the next.

  #step(input: Input, answer?: (answer: Answer) => void): boolean {
    if (this.#node === undefined || this.#isStopped) return false;
    this.#inputs.push({ input, answer });
    if (this.#isStepping) return true;
    this.#isStepping = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      const ready = this.#node.step(next.input);
      this.#host.stepped(next.input, ready);
      if (ready.answer !== undefined) next.answer?.(ready.answer);
      this.#carryOut(ready);
    }
    this.#isStepping = false;
    return true;
  }

  #carryOut(ready: Ready): void {
    this.#write(ready.writes);
    for (const message of ready.messages) this.#host.send(message);
    this.#sendOnceStored(ready.storedThrough, ready.messagesAfterStored);
    if (ready.restore !== undefined) this.#toApply.push({ kind: "restore", meta: ready.restore });
    for (const entry of ready.committed) this.#toApply.push(entry);
    this.#apply();
    for (const outcome of ready.reads) this.#resolveRead(outcome);
    for (const fetch of ready.fetches) this.#fetch(fetch);
    if (ready.events.some(({ kind }) => kind === "stopped")) this.#isStopped = true;
  }

  #sendOnceStored(through: number, messages: readonly Message[]): void {
    if (messages.length === 0) return;
    if (through > this.#storedSequence) {
      this.#waitingMessages.push({ through, messages });
      return;
    }
    for (const message of messages) this.#host.send(message);
  }

  // Storing.

  #write(parts: readonly StorePart[]): void {
    for (const part of parts) this.#waitingParts.push(part);
    if (this.#inFlight !== undefined || this.#waitingParts.length === 0) return;
    this.#operations += 1;
    this.#inFlight = {
      owner: this.#host.owner,
      epoch: this.#epoch,
      number: this.#operations,
      parts: this.#waitingParts,
    };
    this.#waitingParts = [];
    this.#request(this.#inFlight);
  }

  #request(operation: StoreOperation): void {
    if (this.#isStopped || operation !== this.#inFlight) return;
    this.#host.store.write(operation, (reply) => this.#answered(operation, reply));
    this.#host.later(this.#host.retryMs, () => this.#request(operation));
  }

  #answered(operation: StoreOperation, reply: StoreReply): void {
    if (operation !== this.#inFlight || this.#isStopped) return;
    switch (reply.kind) {
      case "unavailable":
        return; // Asked again when the time to wait is over.
      case "ok":
        return this.#stored(operation, reply);
      case "fenced": {
        const reason = reply.epoch > this.#epoch ? "fenced" : "regressed";
        this.#step({ kind: "storeLost", reason });
        return;
      }
      case "gap":
      case "late":
        this.#step({ kind: "storeLost", reason: "regressed" });
        return;
      default:
        this.#host.refused(reply.rule);
    }
  }

  #stored(
    operation: StoreOperation,
    { base, snapshotIndex }: { readonly base: Position; readonly snapshotIndex: number },
  ): void {
    this.#inFlight = undefined;
    let published: PublishWrite | undefined;
    for (const part of operation.parts) {
      if (part.kind === "publish") published = part;
      else this.#storedSequence = part.sequence;
    }
    const due = this.#waitingMessages.filter(({ through }) => through <= this.#storedSequence);
    this.#waitingMessages = this.#waitingMessages.slice(due.length);
    for (const { messages } of due) {
      for (const message of messages) this.#host.send(message);
    }
    this.#step({ kind: "stored", sequence: this.#storedSequence });
    if (published?.snapshot.index === snapshotIndex) {
      this.#step({ kind: "compacted", snapshot: published.snapshot, base });
    }
    this.#write([]);
  }

  #fetch(fetch: Fetch): void {
    if (this.#isStopped) return;
    let isAnswered = false;
    const { store, later, retryMs } = this.#host;
    const again = () => {
      if (!isAnswered) this.#fetch(fetch);
    };
    later.call(this.#host, retryMs, again);
    if (fetch.kind === "entries") {
      const { peer, from, to } = fetch;
      store.readEntries(from, to, (entries) => {
        if (entries === undefined || isAnswered) return;
        isAnswered = true;
        this.#step({ kind: "fetchedEntries", peer, from, entries });
      });
      return;
    }
    const { peer, index, offset, bytesMax } = fetch;
    store.readSnapshot((snapshot) => {
      if (snapshot === undefined || isAnswered) return;
      isAnswered = true;
      const all = snapshot !== "none" && snapshot.meta.index === index ? snapshot.data : undefined;
      const data = all?.subarray(offset, offset + bytesMax);
      const isLast = all !== undefined && offset + bytesMax >= all.length;
      this.#step({ kind: "fetchedChunk", peer, index, offset, data, isLast });
    });
  }

  // Applying.

  #apply(): void {
    if (this.#isApplying || this.#toApply.length === 0) return;
    if (this.#toApply[0]?.kind === "restore") return this.#restore();
    const { applyDelayMs } = this.#host;
    if (applyDelayMs === 0) return this.#applyWaiting();
    this.#isApplying = true;
    this.#host.later(applyDelayMs, () => {
      this.#isApplying = false;
      this.#applyWaiting();
    });
  }

  #applyWaiting(): void {
    for (let next = this.#toApply[0]; next !== undefined; next = this.#toApply[0]) {
      if (next.kind === "restore") break;
      this.#toApply.shift();
      this.#applyEntry(next);
    }
    this.#afterApplying();
  }

  #applyEntry(entry: Entry): void {
    const reply = this.#host.machine.apply(entry);
    this.#host.applied(entry, reply);
    const proposal = this.#proposals.get(entry.index);
    if (proposal === undefined) return;
    this.#proposals.delete(entry.index);
    if (proposal.term !== entry.term) return proposal.answer({ kind: "not done", reason: "lost" });
    if (reply === undefined) return;
    const at = { index: entry.index, term: entry.term };
    proposal.answer({ kind: "done", reply, at });
  }

  /** Takes the published snapshot. If that is a newer one already, its own order to restore is on the way. */
  #restore(): void {
    this.#isApplying = true;
    const last = this.#toApply.findLastIndex(({ kind }) => kind === "restore");
    this.#toApply.splice(0, last);
    const wanted = this.#toApply[0];
    this.#host.store.readSnapshot((snapshot) => {
      if (snapshot === undefined || snapshot === "none" || this.#toApply[0] !== wanted) return;
      if (wanted?.kind !== "restore" || snapshot.meta.index !== wanted.meta.index) return;
      this.#isApplying = false;
      this.#toApply.shift();
      this.#host.machine.restore(snapshot);
      this.#host.restored(snapshot);
      for (const index of this.#proposals.keys()) {
        if (index <= snapshot.meta.index) this.#proposals.delete(index);
      }
      this.#afterApplying();
    });
    this.#host.later(this.#host.retryMs, () => {
      if (this.#isApplying && this.#toApply[0] === wanted) this.#restore();
    });
  }

  #afterApplying(): void {
    this.#step({ kind: "applied", index: this.#host.machine.applied });
    this.#serveReads();
    this.#apply();
  }

  // Reading.

  #resolveRead(outcome: ReadOutcome): void {
    const read = this.#reads.get(outcome.id);
    if (read === undefined) return;
    this.#reads.delete(outcome.id);
    if (outcome.kind === "failed") {
      return read.answer({ kind: "not done", reason: outcome.reason });
    }
    this.#servable.push({ ...read, index: outcome.index, validUntilMs: outcome.validUntilMs });
    this.#serveReads();
  }

  #serveReads(): void {
    const { machine } = this.#host;
    const due = this.#servable.filter(({ index }) => index <= machine.applied);
    if (due.length === 0) return;
    this.#servable = this.#servable.filter(({ index }) => index > machine.applied);
    for (const read of due) {
      const reply = machine.read(read.key);
      const at = { index: machine.applied, term: 0 };
      // A lease must have lasted until after the reading; the process may stand still in between.
      this.#host.later(0, () => {
        const isValid = this.#host.nowMs() <= read.validUntilMs;
        read.answer(
          isValid ? { kind: "done", reply, at } : { kind: "not done", reason: "too late" },
        );
      });
    }
  }
}
