/**
 * A Redis Cluster of three masters, for one test.
 *
 * It is put together by hand, because `redis-cli --cluster create` takes twice as long; what is left is the two
 * seconds that every master waits before it trusts what it has heard (CLUSTER_WRITABLE_DELAY).
 *
 * @module
 */

import { eventually } from "../eventually.ts";
import { freePort } from "../process.ts";
import { type RedisServer, startRedis } from "./server.ts";

/** Three masters that share the 16,384 slots. */
export interface RedisCluster extends AsyncDisposable {
  /** The masters, in the order of their slots. */
  readonly masters: readonly RedisServer[];
  /** The address of the first master; a client finds the others. */
  readonly url: string;
}

const SLOT_RANGES = [[0, 5460], [5461, 10922], [10923, 16383]] as const;

/** Starts a cluster. Stop it with `await using`. */
export async function startRedisCluster(): Promise<RedisCluster> {
  await using stack = new AsyncDisposableStack();
  const masters: RedisServer[] = [];
  for (const [index, slots] of SLOT_RANGES.entries()) {
    const busPort = freePort();
    const master = stack.use(await startRedis({ settings: clusterSettings(busPort) }));
    await master.command("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
    await master.command("CLUSTER", "ADDSLOTSRANGE", ...slots);
    await masters[0]?.command("CLUSTER", "MEET", "127.0.0.1", master.port, busPort);
    masters.push(master);
  }
  const [first] = masters;
  if (first === undefined) throw new Error("Cannot start a cluster without masters");
  for (const master of masters) {
    await isServing(master);
    await master.command("CONFIG", "SET", "cluster-node-timeout", 15_000);
  }
  const owned = stack.move();
  return { masters, url: first.url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function clusterSettings(busPort: number): Record<string, string> {
  return {
    "cluster-enabled": "yes",
    "cluster-port": String(busPort),
    // Short while they find each other, because it bounds how long a newcomer hesitates; long afterwards.
    "cluster-node-timeout": "500",
  };
}

async function isServing(master: RedisServer): Promise<void> {
  await eventually("the masters of the cluster agree", async () => {
    const info = String(await master.command("CLUSTER", "INFO"));
    return info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:3");
  });
}
