/**
 * The library's own loop under the simulator: its store, transport and clock are the host's.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";
import type { Entry, SnapshotMeta } from "../../src/raft/core/mod.ts";
import { RaftLoop } from "../../src/raft/loop.ts";
import type { ProposalOutcome, ReadOutcomeOf } from "../../src/raft/pending.ts";
import type { RaftStore, StoreAnswer, StoreProof } from "../../src/raft/port.ts";
import type { Loop, LoopAnswer, LoopHost } from "./loop_host.ts";
import type { MachineReply } from "./machine.ts";
import type { PromiseLoops } from "./simulation.ts";
import type { StorePart, StoreState } from "./store_state.ts";

/** The loops that the library ships. */
export function libraryLoops(): PromiseLoops {
  let failed: unknown;
  return {
    start: (host) => startLoop(host, (error) => failed ??= error),
    failure: () => failed,
  };
}

function startLoop(host: LoopHost, fail: (error: unknown) => void): Loop {
  const store = new HostedStore(host);
  const { machine, retryMs } = host;
  /** What the observer finds is told, as nobody could catch it where it is thrown. */
  const told = <Args extends unknown[]>(tell: (...args: Args) => void) => (...args: Args): void => {
    try {
      tell(...args);
    } catch (failure) {
      fail(failure);
    }
  };
  const loop = new RaftLoop<MachineReply>({
    store,
    node: { namespace: host.config.cluster, id: host.config.id },
    owner: () => host.owner,
    incarnation: () => host.config.incarnation ?? 1,
    configOf: () => host.config,
    machine: {
      get applied() {
        return machine.applied;
      },
      apply: (entry) => machine.apply(entry),
      save: () => machine.save(),
      restore: (meta, data) => machine.restore({ meta, data }),
    },
    clock: clockOf(host),
    random: host.config.random,
    tickMs: host.tickMs,
    retry: { firstMs: retryMs / 4, ceilingMs: retryMs },
    applyPauseMs: host.applyDelayMs,
    pieceBytes: 64,
    send: told(host.send),
    observer: {
      started: told((_loaded, node) => store.opened && host.started(store.opened, node)),
      stepped: told(host.stepped),
      stored: () => {},
      applied: told(host.applied),
      restored: told((meta) => host.restored({ meta, data: new Uint8Array() })),
      published: () => {},
      failed: () => {},
      // A rule that was broken is a failure only if the process is alive.
      broken: told((error) => {
        if (error.cause === undefined) host.refused(error.message);
        else throw error.cause;
      }),
    },
  });
  // It fails only when it is stopped, or its store lost something; the world sees that by itself.
  loop.start().catch(() => {});
  return {
    receive: (message) => loop.receive(message),
    propose: (data, session, answer) => {
      void loop.propose(data, session).then((outcome) => answerProposal(outcome, answer));
    },
    read: (key, answer) => {
      void loop.read(() => machine.read(key)).then((outcome) => answerRead(outcome, answer));
    },
    changeMembership: (voters, learners) => loop.changeMembership(voters, learners),
    transfer: (to) => void loop.transfer(to),
    compact: (keep) => void loop.compact(keep, Infinity),
    status: () => loop.status(),
  };
}

function answerProposal(
  outcome: ProposalOutcome<MachineReply>,
  answer: (answer: LoopAnswer) => void,
): void {
  switch (outcome.kind) {
    case "done": {
      const { reply, index, term } = outcome;
      return answer({ kind: "done", reply, at: { index, term } });
    }
    case "refused":
      return answer({ kind: "not done", reason: outcome.reason });
    case "lost":
      return answer({ kind: "not done", reason: "lost" });
    case "unknown":
      return; // No answer at all says so.
  }
}

function answerRead(
  outcome: ReadOutcomeOf<MachineReply>,
  answer: (answer: LoopAnswer) => void,
): void {
  if (outcome.kind === "done") {
    answer({ kind: "done", reply: outcome.value, at: { index: outcome.index, term: 0 } });
  } else {
    const reason = outcome.reason === "tooLate" ? "too late" : outcome.reason;
    answer({ kind: "not done", reason });
  }
}

function clockOf(host: LoopHost): Clock {
  return {
    now: host.timeMs,
    monotonic: host.nowMs,
    after: (ms, callback) => {
      let isWanted = true;
      host.later(ms, () => {
        if (isWanted) callback();
      });
      return () => {
        isWanted = false;
      };
    },
  };
}

/** The host's store as the port has it. What is not answered in time fails, and is asked again by the loop. */
class HostedStore implements RaftStore {
  readonly #host: LoopHost;
  /** What was found when it was opened last, which is what the loop begins with. */
  opened: StoreState | undefined;
  #pieces: Uint8Array[] = [];

  constructor(host: LoopHost) {
    this.#host = host;
  }

  async open(): ReturnType<RaftStore["open"]> {
    const { store, owner } = this.#host;
    const state = await this.#asked<StoreState>((answer) => store.open(owner, answer));
    this.opened = state;
    const { epoch, hardState, commit, snapshot, base, entries } = state;
    const lastIndex = base.index + entries.length;
    const meta = snapshot?.meta;
    return { epoch, incarnation: 1, hardState, commit, snapshot: meta, base, entries, lastIndex };
  }

  save(_node: unknown, proof: StoreProof, save: Parameters<RaftStore["save"]>[2]) {
    const { hardState, commit, append } = save;
    return this.#write(proof, { kind: "save", sequence: 0, hardState, commit, append });
  }

  stage(_node: unknown, proof: StoreProof, piece: Parameters<RaftStore["stage"]>[2]) {
    const { snapshot, offset, data } = piece;
    if (offset === 0) this.#pieces = [];
    if (offset === this.#sizeBytes) this.#pieces.push(data);
    return this.#write(proof, { kind: "stage", sequence: 0, snapshot, offset, data });
  }

  publish(_node: unknown, proof: StoreProof, publication: Parameters<RaftStore["publish"]>[2]) {
    const { snapshot, sizeBytes, keepAfter } = publication;
    if (keepAfter === undefined) {
      return this.#write(proof, { kind: "install", sequence: 0, snapshot, sizeBytes });
    }
    const data = Uint8Array.from(this.#pieces.flatMap((piece) => [...piece]));
    return this.#write(proof, { kind: "publish", snapshot, data, keepAfter });
  }

  async entries(_node: unknown, { from, to }: { readonly from: number; readonly to: number }) {
    return await this.#asked<readonly Entry[]>((answer) =>
      this.#host.store.readEntries(from, to, answer)
    );
  }

  async piece(_node: unknown, range: Parameters<RaftStore["piece"]>[1]) {
    const { index, offset, bytesMax } = range;
    const found = await this.#asked<{ meta: SnapshotMeta; data: Uint8Array } | "none">((answer) =>
      this.#host.store.readSnapshot(answer)
    );
    if (found === "none" || found.meta.index !== index) return undefined;
    const data = found.data.subarray(offset, offset + bytesMax);
    return { data, isLast: offset + bytesMax >= found.data.length };
  }

  forget(): Promise<void> {
    return Promise.reject(new Error("is not asked for"));
  }

  get #sizeBytes(): number {
    return this.#pieces.reduce((sum, { length }) => sum + length, 0);
  }

  async #write({ epoch, owner, operation }: StoreProof, part: StorePart): Promise<StoreAnswer> {
    const written = { owner, epoch, number: operation, parts: [part] };
    const reply = await this.#asked<Parameters<Parameters<LoopHost["store"]["write"]>[1]>[0]>(
      (answer) => this.#host.store.write(written, answer),
    );
    if (reply.kind === "unavailable") throw new Error("the store is away");
    return reply.kind === "ok" ? { ...reply, kind: "done" } : reply;
  }

  #asked<Reply>(ask: (answer: (reply: Reply | undefined) => void) => void): Promise<Reply> {
    return new Promise((resolve, reject) => {
      ask((reply) => reply === undefined ? reject(new Error("no answer")) : resolve(reply));
      this.#host.later(this.#host.retryMs, () => reject(new Error("no answer in time")));
    });
  }
}
