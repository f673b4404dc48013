/**
 * A cluster of cores that a test moves step by step: nothing happens by itself, everything is in sight.
 *
 * Messages lie in one list until they are delivered or lost; a node's store works at once unless it is blocked; a crash
 * keeps what the store has and forgets the rest.
 *
 * @module
 */

import { seededRandom } from "../../../src/random.ts";
import type {
  Answer,
  Input,
  Member,
  Message,
  RaftConfig,
  Ready,
  SnapshotMeta,
} from "../../../src/raft/core/mod.ts";
import { bytes, TestNode, TestStore } from "./test_node.ts";

/** Options of {@linkcode Cluster}. */
export interface ClusterOptions {
  /** Options of every node. */
  readonly config?: Partial<RaftConfig>;
  /** Nodes that start without a membership, to be added later. */
  readonly joining?: readonly string[];
}

/** Nodes, and the messages between them. */
export class Cluster {
  readonly nodes: Map<string, TestNode> = new Map();
  messages: Message[] = [];
  /** Messages between these are lost: "n1>n2" one way. */
  readonly cuts: Set<string> = new Set();
  nowMs = 0;
  /** Sees everything that any node says, in the order in which it is said. */
  onReady: ((id: string, ready: Ready) => void) | undefined;
  readonly #options: ClusterOptions;

  constructor(ids: readonly string[], options: ClusterOptions = {}) {
    this.#options = options;
    const bootstrap = ids.map((id) => ({ id, incarnation: 1 }));
    for (const id of ids) this.add(id, { bootstrap });
    for (const id of options.joining ?? []) this.add(id, {});
  }

  /** Starts a node, on an empty disk unless one is given. */
  add(id: string, config: Partial<RaftConfig>, store: TestStore = new TestStore()): TestNode {
    // The first node's election timeout is 10 ticks, the next one's 11, and so on: ticks tell who campaigns.
    const place = this.nodes.size / 10;
    const random = { ...seededRandom(1), float: () => place };
    const node = new TestNode(
      { id, cluster: "test", random, ...this.#options.config, ...config },
      store,
    );
    this.nodes.set(id, node);
    return node;
  }

  node(id: string): TestNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`there is no ${id}`);
    return node;
  }

  /** Gives a node an input, and does what it says. */
  step(id: string, input: Input): Ready | undefined {
    const node = this.node(id);
    if (!node.isUp) return undefined;
    const ready = node.core.step(input);
    this.onReady?.(id, ready);
    node.writes.push(...ready.writes);
    if (ready.answer !== undefined) node.answer = ready.answer;
    node.events.push(...ready.events);
    node.reads.push(...ready.reads);
    this.#send(ready.messages);
    if (ready.messagesAfterStored.length > 0) {
      node.waiting.push({ sequence: ready.storedThrough, messages: ready.messagesAfterStored });
    }
    if (ready.restore !== undefined) {
      node.applied = [];
      this.step(id, { kind: "applied", index: ready.restore.index });
    }
    if (ready.committed.length > 0) {
      node.applied.push(...ready.committed);
      const index = ready.committed[ready.committed.length - 1]?.index ?? 0;
      this.step(id, { kind: "applied", index });
    }
    for (const fetch of ready.fetches) {
      if (fetch.kind === "entries") {
        const entries = node.store.read(fetch.from, fetch.to);
        this.step(id, { kind: "fetchedEntries", peer: fetch.peer, from: fetch.from, entries });
      } else {
        const { peer, index, offset } = fetch;
        const isThere = node.store.state.snapshot?.index === index;
        const end = offset + fetch.bytesMax;
        const data = isThere ? Uint8Array.from(node.store.content.slice(offset, end)) : undefined;
        const isLast = end >= node.store.content.length;
        this.step(id, { kind: "fetchedChunk", peer, index, offset, data, isLast });
      }
    }
    if (!node.isBlocked) this.flush(id);
    return ready;
  }

  /** Finishes the node's writes, and sends what waited for them. */
  flush(id: string): void {
    const node = this.node(id);
    const writes = node.writes.splice(0);
    for (const write of writes) node.store.write(write);
    const sequence = writes[writes.length - 1]?.sequence;
    if (sequence === undefined) return;
    const due = node.waiting.filter((held) => held.sequence <= sequence);
    node.waiting = node.waiting.filter((held) => held.sequence > sequence);
    for (const { messages } of due) this.#send(messages);
    this.step(id, { kind: "stored", sequence });
  }

  block(id: string): void {
    this.node(id).isBlocked = true;
  }

  unblock(id: string): void {
    this.node(id).isBlocked = false;
    this.flush(id);
  }

  /** The process dies: unfinished writes and everything in memory are lost. */
  crash(id: string): void {
    const node = this.node(id);
    node.isUp = false;
    node.writes = [];
    node.waiting = [];
  }

  /** The process starts again on its disk, perhaps with other options. */
  restart(id: string, config: Partial<RaftConfig> = {}): TestNode {
    const { config: before, store } = this.node(id);
    return this.add(id, { ...before, ...config }, store);
  }

  /** Delivers messages until there are none, or only those that `accepts` refuses. */
  settle(accepts: (message: Message) => boolean = () => true): void {
    for (let round = 0; round < 10_000; round++) {
      const at = this.messages.findIndex(accepts);
      const [message] = at < 0 ? [] : this.messages.splice(at, 1);
      if (message === undefined) return;
      this.deliver(message);
    }
    throw new Error("the cluster does not come to rest");
  }

  deliver(message: Message): void {
    if (this.nodes.has(message.to)) this.step(message.to, { kind: "message", message });
  }

  /** Loses all messages that are on their way, or those that `accepts` names. */
  lose(accepts: (message: Message) => boolean = () => true): readonly Message[] {
    const lost = this.messages.filter(accepts);
    this.messages = this.messages.filter((message) => !accepts(message));
    return lost;
  }

  /** Cuts a node off from all others, both ways. */
  isolate(id: string): void {
    for (const other of this.nodes.keys()) {
      if (other === id) continue;
      this.cuts.add(`${id}>${other}`);
      this.cuts.add(`${other}>${id}`);
    }
  }

  heal(): void {
    this.cuts.clear();
  }

  /** Ticks one node. */
  tick(id: string, times = 1): void {
    for (let i = 0; i < times; i++) {
      this.nowMs += 100;
      this.step(id, { kind: "tick", nowMs: this.nowMs, timeMs: this.nowMs });
    }
  }

  /** Ticks all nodes together, and delivers in between. */
  run(ticks: number): void {
    for (let i = 0; i < ticks; i++) {
      for (const id of this.nodes.keys()) this.tick(id);
      this.settle();
    }
  }

  /** Makes a node leader by letting only its time pass; the others have not heard a leader lately. */
  elect(id: string): void {
    for (const other of this.nodes.keys()) {
      if (other !== id && this.node(other).core.status().role === "follower") {
        this.forget(other);
      }
    }
    const { core, events } = this.node(id);
    const before = events.length;
    const hasLed = () => {
      return events.slice(before).some((event) => event.kind === "role" && event.role === "leader");
    };
    // The first campaign may only teach it that its term is old.
    for (let campaign = 0; campaign < 3 && !hasLed(); campaign++) {
      for (let i = 0; i < 20 && core.status().role === "follower"; i++) this.tick(id);
      this.settle();
    }
    if (!hasLed()) throw new Error(`${id} was not elected`);
  }

  propose(id: string, ...commands: readonly string[]): Answer | undefined {
    this.node(id).answer = undefined;
    this.step(id, {
      kind: "propose",
      commands: commands.map((command) => ({ data: bytes(command) })),
    });
    return this.node(id).answer;
  }

  change(
    id: string,
    voters: readonly (string | Member)[],
    learners: readonly (string | Member)[] = [],
  ): Answer | undefined {
    const member = (name: string | Member) => {
      return typeof name === "string" ? { id: name, incarnation: 1 } : name;
    };
    this.node(id).answer = undefined;
    this.step(id, {
      kind: "changeMembership",
      voters: voters.map(member),
      learners: learners.map(member),
    });
    return this.node(id).answer;
  }

  /** Publishes a snapshot of what the node has applied, and compacts its log. */
  compact(id: string, content: readonly number[] = [1, 2, 3]): SnapshotMeta {
    const node = this.node(id);
    const snapshot = node.core.describeSnapshot(node.core.status().applied);
    const { entries, base } = node.store.state;
    node.store.content = [...content];
    node.store.publish(snapshot, snapshot, entries.slice(snapshot.index - base.index));
    this.step(id, { kind: "compacted", snapshot, base: snapshot });
    return snapshot;
  }

  /** The terms of a node's log, as its disk has it after the base. */
  terms(id: string): readonly number[] {
    return this.node(id).store.state.entries.map((entry) => entry.term);
  }

  leader(): string | undefined {
    const leaders = [...this.nodes.values()].filter((node) => {
      return node.isUp && node.core.status().role === "leader";
    });
    leaders.sort((a, b) => b.core.status().term - a.core.status().term);
    return leaders[0]?.config.id;
  }

  /** Lets a follower's patience with its leader end, without letting it campaign. */
  forget(id: string): void {
    const { cuts } = this;
    const node = this.node(id);
    if (!node.isUp || node.core.status().leader === undefined) return;
    const cut = [...this.nodes.keys()].filter((other) => other !== id).map((to) => `${id}>${to}`);
    const added = cut.filter((name) => !cuts.has(name));
    for (const name of added) cuts.add(name);
    this.tick(id, 10);
    for (const name of added) cuts.delete(name);
  }

  #send(messages: readonly Message[]): void {
    for (const message of messages) {
      if (!this.cuts.has(`${message.from}>${message.to}`)) this.messages.push(message);
    }
  }
}
