/**
 * Nodes of one process, for tests: each with a store of its own, over one transport.
 *
 * @module
 */

import { memory } from "../../../adapters/memory/mod.ts";
import { memoryRaftStore } from "../../../adapters/memory/raft.ts";
import {
  type ConsensusNode,
  createNode,
  inProcess,
  type InProcessTransport,
  type KeyValue,
  keyValue,
  type KeyValueCommand,
  type KeyValueEntry,
  keyValueMachine,
  type KeyValueQuery,
  type KeyValueReply,
  type NodeOptions,
  type RaftStore,
  type Transport,
} from "../../../src/raft/mod.ts";

/** A node that runs the ordered map. */
export type MapNode = ConsensusNode<
  KeyValueCommand,
  KeyValueReply,
  KeyValueQuery,
  readonly KeyValueEntry[]
>;

/** Options of {@linkcode mapNode}. */
export type MapNodeOptions = Partial<
  NodeOptions<KeyValueCommand, KeyValueReply, KeyValueQuery, readonly KeyValueEntry[]>
>;

/** A node with what is beside it. */
export interface TestMapNode extends AsyncDisposable {
  readonly node: MapNode;
  readonly map: KeyValue;
  readonly store: RaftStore;
}

/** Quick, and long enough for a machine that is busy. */
export const QUICK = { heartbeat: 20, electionTimeout: 200, timeout: "10s" } as const;

/** Makes a node; it is not started. */
export function mapNode(
  url: string,
  transport: Transport,
  options: MapNodeOptions = {},
  store: RaftStore = memoryRaftStore(),
): TestMapNode {
  const machine = keyValueMachine();
  const backend = { ...memory(), raft: store };
  const node = createNode(backend, { url, transport, machine, ...QUICK, ...options });
  const close = () => node.close({ timeout: 200 });
  return { node, map: keyValue(node, machine), store, [Symbol.asyncDispose]: close };
}

/** Nodes that begin a cluster together. */
export interface TestCluster extends AsyncDisposable {
  readonly transport: InProcessTransport;
  readonly nodes: TestMapNode[];
  /** Who leads, as most of those that are open know. */
  leader(): TestMapNode;
}

/** Starts nodes `local://1` and on, and waits until one leads. */
export async function startCluster(
  count: number,
  options: MapNodeOptions = {},
): Promise<TestCluster> {
  const transport = inProcess();
  const cluster = Array.from({ length: count }, (_, at) => `local://${at + 1}`);
  const nodes = cluster.map((url) => mapNode(url, transport, { cluster, ...options }));
  await Promise.all(nodes.map(({ node }) => node.ready()));
  return {
    transport,
    nodes,
    leader() {
      const [found] = nodes
        .filter(({ node }) => node.status().role === "leader" && node.status().ended === undefined)
        .sort((a, b) => b.node.status().term - a.node.status().term);
      if (found === undefined) throw new Error("nobody leads");
      return found;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map(({ node }) => node.close({ timeout: 100 })));
    },
  };
}
