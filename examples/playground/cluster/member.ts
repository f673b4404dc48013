/**
 * One node of the cluster with its own store and clock, which can be paused, killed and started again.
 *
 * @module
 */

import { type ConsensusNode, createNode, keyValueMachine } from "@holdfast/holdfast/consensus";
import type {
  Entry,
  KeyValueCommand,
  KeyValueEntry,
  KeyValueQuery,
  KeyValueReply,
} from "@holdfast/holdfast/consensus";
import { memory } from "@holdfast/holdfast/memory";
import { type LogCell, NODE_COUNT, type NodeView } from "../wire.ts";
import { type Pacing, SlowClock } from "./slow_clock.ts";
import { numberOf, type SlowNetwork, urlOf } from "./slow_network.ts";

const NAMESPACE = "playground";
/** How much of a log is shown. */
const CELLS = 14;
/** In the cluster's own time, which is slower than life. */
const TIMES = { heartbeat: 50, electionTimeout: 400, leaderTimeout: 60_000 } as const;

/** A node of the cluster's map. */
export type MapNode = ConsensusNode<
  KeyValueCommand,
  KeyValueReply,
  KeyValueQuery,
  readonly KeyValueEntry[]
>;

/** What a member needs, and whom it tells. */
export interface MemberGround {
  readonly pacing: Pacing;
  readonly network: SlowNetwork;
  /** Something is to be shown anew. */
  changed(): void;
  /** Something happened, in words. */
  told(what: string): void;
}

/** One node. Its store outlives the process that is killed. */
export class Member {
  readonly id: number;
  readonly #ground: MemberGround;
  readonly #store = memory().raft;
  #clock: SlowClock;
  #node: MapNode | undefined;
  #life: NodeView["life"] = "killed";
  #log: readonly LogCell[] = [];

  constructor(id: number, ground: MemberGround) {
    this.id = id;
    this.#ground = ground;
    this.#clock = new SlowClock(ground.pacing);
  }

  get life(): NodeView["life"] {
    return this.#life;
  }

  /** The node as a client reaches it: not at all while it is killed or paused. */
  get reachable(): MapNode | undefined {
    return this.#life === "running" ? this.#node : undefined;
  }

  start(): void {
    if (this.#node !== undefined) return;
    const { random, durability } = memory();
    const { pacing, network } = this.#ground;
    this.#clock = new SlowClock(pacing);
    const node = createNode({ raft: this.#store, random, durability, clock: this.#clock }, {
      ...TIMES,
      url: urlOf(this.id),
      transport: network,
      machine: keyValueMachine(),
      namespace: NAMESPACE,
      cluster: Array.from({ length: NODE_COUNT }, (_, at) => urlOf(at + 1)),
      compaction: { entries: 500, retained: 100 },
    });
    this.#node = node;
    this.#life = "running";
    this.#listen(node);
    // Without a majority nobody leads: the node is there all the same, and the page shows it.
    node.ready().catch(() => {});
    this.#ground.changed();
  }

  /** As by a loss of power: it says good-bye to nobody, and what it had stored stays. */
  kill(): void {
    const node = this.#node;
    if (node === undefined) return;
    this.#ground.network.unplug(this.id);
    this.#clock.release();
    this.#node = undefined;
    this.#life = "killed";
    this.#ground.changed();
    // It has no network to hand anything over by, so this only lets go of its timers.
    node.close({ timeout: 1 }).catch(() => {});
  }

  pause(): void {
    if (this.#life !== "running") return;
    this.#life = "paused";
    this.#clock.hold();
    this.#ground.network.hold(this.id);
    this.#ground.changed();
  }

  resume(): void {
    if (this.#life !== "paused") return;
    this.#life = "running";
    this.#clock.release();
    this.#ground.network.release(this.id);
    this.#ground.changed();
  }

  view(): NodeView {
    const status = this.#node?.status();
    return {
      id: this.id,
      life: this.#life,
      role: status?.role ?? "follower",
      term: status?.term ?? 0,
      vote: status?.vote === undefined ? undefined : numberOf(status.vote),
      commit: status?.commit ?? 0,
      log: this.#log,
    };
  }

  #listen(node: MapNode): void {
    const { changed, told } = this.#ground;
    const refresh = (): void => void this.#readLog(node);
    node.on("persisted", refresh);
    node.on("applied", refresh);
    node.on("loaded", refresh);
    node.on("received", changed);
    node.on("role", ({ role, term }) => {
      changed();
      if (role === "leader") told(`Node ${this.id} leads in term ${term}`);
      if (role === "candidate") told(`Node ${this.id} asks for votes in term ${term}`);
    });
  }

  /** What the log has on its disk, not what anybody believes of it. */
  async #readLog(node: MapNode): Promise<void> {
    if (node !== this.#node) return;
    const last = node.status().stored;
    const range = { from: Math.max(1, last - CELLS + 1), to: last + 1, bytesMax: 1 << 20 };
    const entries = await this.#store.entries({ namespace: NAMESPACE, id: urlOf(this.id) }, range);
    this.#log = entries.map(cellOf);
    this.#ground.changed();
  }
}

function cellOf(entry: Entry): LogCell {
  const { index, term } = entry;
  return { index, term, write: entry.kind === "command" ? writeOf(entry.data) : undefined };
}

/** The number that a command writes; the opening of a session writes none. */
function writeOf(data: Uint8Array): number | undefined {
  const found = /"value":(\d+)/.exec(new TextDecoder().decode(data));
  return found === null ? undefined : Number(found[1]);
}
