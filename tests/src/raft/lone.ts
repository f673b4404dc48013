/**
 * One real core among peers that the test plays: a disk with a given log, messages made by hand, and what comes back.
 *
 * @module
 */

import type {
  Entry,
  Member,
  Message,
  NodeId,
  RaftConfig,
  RaftStatus,
} from "../../../src/raft/core/mod.ts";
import { simpleMembership } from "../../../src/raft/core/membership.ts";
import { Cluster } from "./cluster.ts";
import { bytes, TestStore } from "./test_node.ts";

/** A disk's content in short. */
export interface DiskOptions {
  /** Terms of the log's entries from index 1, the first of which is the membership. */
  readonly terms?: readonly number[];
  readonly term?: number;
  readonly vote?: NodeId;
  readonly commit?: number;
  readonly voters?: readonly string[];
  readonly learners?: readonly string[];
}

/** A message without its address. */
export type Body = Message extends infer Each
  ? Each extends Message
    ? Omit<Each, "cluster" | "from" | "fromIncarnation" | "to" | "toIncarnation" | "isToVoter">
  : never
  : never;

/** A disk that has this log. */
export function disk(options: DiskOptions = {}): TestStore {
  const { terms = [1], voters = ["n1", "n2", "n3"], learners = [], commit = 1, vote } = options;
  const store = new TestStore();
  const entries = terms.map((term, at): Entry => {
    const head = { index: at + 1, term, timeMs: 0 };
    const membership = simpleMembership(voters.map(member), learners.map(member));
    return at === 0
      ? { kind: "membership", ...head, membership }
      : { kind: "command", ...head, data: bytes(`${at + 1}@${term}`), session: undefined };
  });
  const term = options.term ?? terms[terms.length - 1] ?? 0;
  store.state = { ...store.state, hardState: { term, vote }, commit, entries };
  return store;
}

/** Entries of these terms, which follow `after`. */
export function entriesAfter(after: number, ...terms: readonly number[]): readonly Entry[] {
  return terms.map((term, at) => {
    const index = after + 1 + at;
    return {
      kind: "command",
      index,
      term,
      timeMs: 0,
      data: bytes(`${index}@${term}`),
      session: undefined,
    };
  });
}

/** A real n1 whose peers are played. */
export class Lone {
  readonly cluster: Cluster = new Cluster([]);

  constructor(options: DiskOptions = {}, config: Partial<RaftConfig> = {}) {
    this.cluster.add("n1", config, disk(options));
  }

  get status(): RaftStatus {
    return this.cluster.node("n1").core.status();
  }

  /** The terms of the log on disk. */
  get terms(): readonly number[] {
    return this.cluster.terms("n1");
  }

  /** Gives n1 a message of this peer, and returns what n1 has sent since it was asked last. */
  hear(from: string, body: Body, address: Partial<Message> = {}): readonly Message[] {
    const envelope = { cluster: "test", from, fromIncarnation: 1, to: "n1", toIncarnation: 1 };
    // Put together from its parts: that they fit is what Body says.
    const message = { ...envelope, isToVoter: true, ...body, ...address } as Message;
    this.cluster.step("n1", { kind: "message", message });
    return this.sent();
  }

  /** What n1 has sent since it was asked last. */
  sent(): readonly Message[] {
    return this.cluster.lose();
  }

  tick(times = 1): readonly Message[] {
    this.cluster.tick("n1", times);
    return this.sent();
  }

  /** Makes n1 leader in its next term, with votes of these peers. Its first entry is not acknowledged by anyone. */
  lead(...voters: readonly string[]): readonly Message[] {
    const before = this.status.term;
    for (let i = 0; i < 30 && this.status.role === "follower"; i++) this.tick();
    for (const from of voters) {
      this.hear(from, { kind: "preVote", term: before + 1, isGranted: true });
    }
    const sent: Message[] = [];
    for (const from of voters) {
      sent.push(...this.hear(from, { kind: "vote", term: before + 1, isGranted: true }));
    }
    if (this.status.role !== "leader") throw new Error(`n1 is a ${this.status.role}`);
    return sent;
  }

  /** A leader's peers acknowledge everything up to this index. */
  acknowledge(match: number, ...peers: readonly string[]): readonly Message[] {
    const { term } = this.status;
    return peers.flatMap((from) => this.hear(from, { kind: "appended", term, match }));
  }

  propose(...commands: readonly string[]): void {
    this.cluster.propose("n1", ...commands);
  }

  block(): void {
    this.cluster.block("n1");
  }

  /** The store finishes everything; what waited for it is sent. */
  unblock(): readonly Message[] {
    this.cluster.unblock("n1");
    return this.sent();
  }

  /** The process dies and starts again on its disk. */
  restart(): void {
    this.cluster.crash("n1");
    this.cluster.restart("n1");
    this.sent();
  }
}

/** What a test wants to see of messages: the kinds, and to whom. */
export function kinds(messages: readonly Message[]): readonly string[] {
  return messages.map(({ kind, to }) => `${kind}>${to}`);
}

/** Only the messages of one kind. */
export function only<Kind extends Message["kind"]>(
  messages: readonly Message[],
  kind: Kind,
): readonly Extract<Message, { readonly kind: Kind }>[] {
  return messages.filter((message): message is Extract<Message, { readonly kind: Kind }> => {
    return message.kind === kind;
  });
}

function member(id: string): Member {
  return { id, incarnation: 1 };
}
