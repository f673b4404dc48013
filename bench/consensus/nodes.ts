/**
 * Three nodes over TCP, each in a process of its own; the leader lives in the benchmark's, as a library does.
 *
 * @module
 */

import { memory } from "../../adapters/memory/mod.ts";
import { connectRedis } from "../../adapters/redis/connection.ts";
import { redisRaftStore } from "../../adapters/redis/raft.ts";
import { tcp } from "../../adapters/tcp/mod.ts";
import { type ConsensusNode, createNode, type StateMachine } from "../../src/raft/mod.ts";
import { freePort } from "../../tests/support/process.ts";
import { startGateway } from "../../tests/support/redis/gateway.ts";
import { startRedis } from "../../tests/support/redis/server.ts";

/** A node that counts its commands. */
export type BenchNode = ConsensusNode<Uint8Array, number, undefined, number>;

/** How a node of the benchmark is to be. */
export interface BenchNodeOptions {
  readonly url: string;
  readonly cluster: readonly string[];
  readonly rank: number;
  /** Its Redis, which it reaches through a gateway of its own; memory if there is none. */
  readonly redis?: string;
}

/** A cluster under measurement. */
export interface BenchCluster extends AsyncDisposable {
  readonly leader: BenchNode;
}

/** Starts one node and what it needs, which ends with `stack`. */
export async function startBenchNode(
  options: BenchNodeOptions,
  stack: AsyncDisposableStack,
): Promise<BenchNode> {
  const { url, cluster, rank, redis } = options;
  let backend = memory();
  if (redis !== undefined) {
    const gateway = stack.use(await startGateway({ url: redis }));
    backend = {
      ...backend,
      raft: redisRaftStore(connectRedis({ url: gateway.url, token: gateway.token })),
    };
  }
  const node = createNode(backend, {
    url,
    cluster,
    transport: tcp({ secret: "of this benchmark" }),
    machine: counter(),
    electionRank: rank,
    timeout: "30s",
  });
  stack.defer(() => node.close({ timeout: 0 }));
  void node.ready();
  return node;
}

/** Starts three; the one of this process leads. */
export async function startBenchCluster(store: "memory" | "redis"): Promise<BenchCluster> {
  await using stack = new AsyncDisposableStack();
  const cluster = [0, 1, 2].map(() => `tcp://127.0.0.1:${freePort()}`);
  const options: BenchNodeOptions[] = [];
  for (const [rank, url] of cluster.entries()) {
    const redis = store === "redis" ? { redis: stack.use(await startRedis()).url } : {};
    options.push({ url, cluster, rank: rank * 4, ...redis });
  }
  const [own, ...others] = options;
  if (own === undefined) throw new Error("there is no node");
  for (const other of others) stack.defer(startProcess(other));
  const leader = await startBenchNode(own, stack);
  await leader.ready();
  if (leader.status().role !== "leader") throw new Error("another node leads");
  const owned = stack.move();
  return { leader, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function startProcess(options: BenchNodeOptions): () => Promise<void> {
  const program = new URL("./node_process.ts", import.meta.url).href;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program, JSON.stringify(options)],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  return async () => {
    child.kill("SIGKILL");
    await child.status;
  };
}

function counter(): StateMachine<Uint8Array, number, undefined, number> {
  let count = 0;
  return {
    encode: (command) => command,
    apply: () => ++count,
    read: () => count,
    save: () => new TextEncoder().encode(String(count)),
    restore: (data) => void (count = Number(new TextDecoder().decode(data))),
  };
}
