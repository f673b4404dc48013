/**
 * The loop around one node: carries out each ready over a store, a network and a state machine that are handed in.
 *
 * This is the loop at its smallest, without promises, so that a simulation runs fast. The simulator knows it only as a
 * {@linkcode StartLoop}: another loop that is started with the same host can take its place. A crash between two steps
 * of a ready needs no help from the loop: the host of a dead process ignores what it still does.
 *
 * @module
 */

import {
  type Answer,
  type Fetch,
  type Input,
  type Member,
  type Message,
  RaftNode,
  type RaftStatus,
  type ReadOutcome,
  type Ready,
  type SessionStamp,
} from "../../src/raft/core/mod.ts";
import { ApplyQueue } from "./apply_queue.ts";
import type { Loop, LoopAnswer, LoopHost, StartLoop } from "./loop_host.ts";
import { StoreQueue } from "./store_queue.ts";
import type { StoreState } from "./store_state.ts";

interface PendingRead {
  readonly key: string;
  readonly answer: (answer: LoopAnswer) => void;
}

interface ServableRead extends PendingRead {
  readonly index: number;
  readonly validUntilMs: number;
}

interface WaitingInput {
  readonly input: Input;
  readonly answer: ((answer: Answer) => void) | undefined;
}

/** Starts the simulator's own loop. */
export const startLoop: StartLoop = (host: LoopHost): Loop => new CallbackLoop(host);

class CallbackLoop implements Loop {
  readonly #host: LoopHost;
  readonly #applying: ApplyQueue;
  /** Both are there once the store has answered. */
  #node: RaftNode | undefined;
  #storing: StoreQueue | undefined;
  #isStopped = false;
  #isStepping = false;
  readonly #inputs: WaitingInput[] = [];
  readonly #reads = new Map<number, PendingRead>();
  #servable: ServableRead[] = [];
  #readsCount = 0;

  constructor(host: LoopHost) {
    this.#host = host;
    this.#applying = new ApplyQueue(host, () => {
      this.#step({ kind: "applied", index: host.machine.applied });
      this.#serveReads();
    });
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
      if (taken.kind === "refused") answer({ kind: "not done", reason: taken.reason });
      else this.#applying.expect(taken.index, { term: taken.term, answer });
    });
    if (!isTaken) answer({ kind: "not done", reason: "stopped" });
  }

  read(key: string, answer: (answer: LoopAnswer) => void): void {
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
    const index = this.#host.machine.applied;
    if (this.#node === undefined || this.#applying.isBusy) return;
    if (index <= this.#node.status().base.index) return;
    const snapshot = this.#node.describeSnapshot(index);
    const data = this.#host.machine.save();
    const keepAfter = Math.max(0, index - keep);
    this.#storing?.write([{ kind: "publish", snapshot, data, keepAfter }]);
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
    this.#storing = new StoreQueue(this.#host, state.epoch, {
      stored: (sequence) => this.#step({ kind: "stored", sequence }),
      published: ({ snapshot }, base) => this.#step({ kind: "compacted", snapshot, base }),
      lost: (reason) => this.#step({ kind: "storeLost", reason }),
    });
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
    this.#storing?.write(ready.writes);
    for (const message of ready.messages) this.#host.send(message);
    this.#storing?.sendOnceStored(ready.storedThrough, ready.messagesAfterStored);
    this.#applying.push(ready.restore, ready.committed);
    for (const outcome of ready.reads) this.#resolveRead(outcome);
    for (const fetch of ready.fetches) this.#fetch(fetch);
    if (!ready.events.some(({ kind }) => kind === "stopped")) return;
    this.#isStopped = true;
    this.#storing?.stop();
  }

  /** Reads from the store what the core asked for; asks again until there is an answer. */
  #fetch(fetch: Fetch): void {
    if (this.#isStopped) return;
    let isAnswered = false;
    const give = (input: Input) => {
      if (isAnswered) return;
      isAnswered = true;
      this.#step(input);
    };
    this.#host.later(this.#host.retryMs, () => {
      if (!isAnswered) this.#fetch(fetch);
    });
    const { store } = this.#host;
    const { peer } = fetch;
    if (fetch.kind === "entries") {
      const { from, to } = fetch;
      store.readEntries(from, to, (entries) => {
        if (entries !== undefined) give({ kind: "fetchedEntries", peer, from, entries });
      });
      return;
    }
    const { index, offset, bytesMax } = fetch;
    store.readSnapshot((snapshot) => {
      if (snapshot === undefined) return;
      const all = snapshot !== "none" && snapshot.meta.index === index ? snapshot.data : undefined;
      const data = all?.subarray(offset, offset + bytesMax);
      const isLast = all !== undefined && offset + bytesMax >= all.length;
      give({ kind: "fetchedChunk", peer, index, offset, data, isLast });
    });
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
