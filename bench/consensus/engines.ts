/**
 * Two ways to commit commands among three nodes in one process: the core, and the ceiling of what it could be.
 *
 * @module
 */

import { seededRandom } from "../../src/random.ts";
import {
  type Command,
  emptyState,
  type Entry,
  type Input,
  type Message,
  type Position,
  RaftNode,
  type Ready,
} from "../../src/raft/core/mod.ts";

const IDS = ["n1", "n2", "n3"];

/** Something that commits commands when it is pumped. */
export interface Engine {
  propose(commands: readonly Command[]): void;
  pump(): void;
  /** Called with how many commands were committed at the leader. */
  onCommit: ((count: number) => void) | undefined;
}

/** Three cores, their messages in one array. */
export class CoreEngine implements Engine {
  onCommit: ((count: number) => void) | undefined;
  readonly #nodes: ReadonlyMap<string, RaftNode>;
  readonly #queue: Message[] = [];

  constructor() {
    const bootstrap = IDS.map((id) => ({ id, incarnation: 1 }));
    this.#nodes = new Map(bootstrap.map(({ id }, seed) => {
      const config = { id, cluster: "bench", bootstrap, random: seededRandom(seed) };
      return [id, new RaftNode(config, emptyState())];
    }));
    for (let ms = 0; ms < 30; ms++) {
      this.#step("n1", { kind: "tick", nowMs: ms, timeMs: ms });
      this.pump();
    }
  }

  get leader(): RaftNode {
    return this.#node("n1");
  }

  propose(commands: readonly Command[]): void {
    this.#step("n1", { kind: "propose", commands });
  }

  pump(): void {
    const queue = this.#queue;
    for (let at = 0; at < queue.length; at++) {
      const message = queue[at];
      if (message !== undefined) this.#step(message.to, { kind: "message", message });
    }
    queue.length = 0;
  }

  #step(id: string, input: Input): void {
    const node = this.#node(id);
    this.#do(id, node, node.step(input));
  }

  #do(id: string, node: RaftNode, ready: Ready): void {
    for (const message of ready.messages) this.#queue.push(message);
    if (ready.writes.length > 0) {
      const sequence = ready.storedThrough;
      for (const message of ready.messagesAfterStored) this.#queue.push(message);
      this.#do(id, node, node.step({ kind: "stored", sequence }));
    }
    const last = ready.committed[ready.committed.length - 1];
    if (last === undefined) return;
    if (id === "n1") this.onCommit?.(ready.committed.length);
    this.#do(id, node, node.step({ kind: "applied", index: last.index }));
  }

  #node(id: string): RaftNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error("there is no such node");
    return node;
  }
}

/** The ceiling: the same entries and the same six messages per proposal, but nobody decides or checks anything. */
export class BareEngine implements Engine {
  onCommit: ((count: number) => void) | undefined;
  readonly #logs: ReadonlyMap<string, Entry[]> = new Map(IDS.map((id) => [id, []]));
  readonly #queue: Message[] = [];
  #length = 0;
  #committed = 0;

  propose(commands: readonly Command[]): void {
    const index = this.#length + 1;
    const prev = { index: this.#length, term: 1 };
    const entries = commands.map(({ data }, at): Entry => {
      return { kind: "command", index: index + at, term: 1, timeMs: 0, data, session: undefined };
    });
    this.#length += entries.length;
    this.#keep("n1", entries);
    this.#queue.push(append("n1", "n2", prev, entries), append("n1", "n3", prev, entries));
  }

  pump(): void {
    const queue = this.#queue;
    for (let at = 0; at < queue.length; at++) {
      const message = queue[at];
      if (message?.kind === "appendEntries") {
        const { from, to, prev, entries } = message;
        this.#keep(to, entries);
        queue.push(appended(to, from, prev.index + entries.length));
      } else if (message?.kind === "appended") {
        const { from, to, match } = message;
        const before = this.#committed;
        this.#committed = Math.max(match, before);
        if (match > before) this.onCommit?.(match - before);
        queue.push(heartbeat(to, from, match));
      }
    }
    queue.length = 0;
  }

  /** Keeps entries, about as many as the core keeps in memory. */
  #keep(id: string, entries: readonly Entry[]): void {
    const log = this.#logs.get(id);
    if (log === undefined) return;
    for (const entry of entries) log.push(entry);
    if (log.length > 60_000) log.splice(0, 30_000);
  }
}

function append(from: string, to: string, prev: Position, entries: readonly Entry[]): Message {
  return {
    kind: "appendEntries",
    cluster: "bench",
    from,
    fromIncarnation: 1,
    to,
    toIncarnation: 1,
    term: 1,
    isToVoter: true,
    prev,
    entries,
    commit: 0,
  };
}

function appended(from: string, to: string, match: number): Message {
  return {
    kind: "appended",
    cluster: "bench",
    from,
    fromIncarnation: 1,
    to,
    toIncarnation: 1,
    term: 1,
    match,
  };
}

function heartbeat(from: string, to: string, match: number): Message {
  return {
    kind: "heartbeat",
    cluster: "bench",
    from,
    fromIncarnation: 1,
    to,
    toIncarnation: 1,
    term: 1,
    isToVoter: true,
    committed: { index: match, term: 1 },
    match,
    round: 0,
  };
}
