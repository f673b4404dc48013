/**
 * The store of nodes on a real Redis, a cluster of three masters, and through a network at its worst.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisRaftStore } from "../../../adapters/redis/raft.ts";
import { systemClock } from "../../../src/clock.ts";
import type { RaftStore, StoreSave } from "../../../src/raft/port.ts";
import { sleep } from "../../../src/waiting.ts";
import { type Bench, testRaftStore } from "../../contracts/mod.ts";
import {
  append,
  bytes,
  LONG,
  NODE,
  snapshotAt,
  writerOf,
} from "../../contracts/raft_store_tools.ts";
import { startFaultProxy } from "../../support/fault_proxy.ts";
import { everyFault } from "../../support/fault_requester.ts";
import { spent } from "../../support/redis/budget.ts";
import { startRedisCluster } from "../../support/redis/cluster.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

testRaftStore((name, run) => redisTest(`${name}, on Redis`, run), async () => {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const gateway = stack.use(await startGateway(redis, { isStrict: true }));
  return benchOf(stack.move(), gateway);
});

redisTest("redisRaftStore() keeps the contract on a cluster of three masters", async () => {
  await using cluster = await startRedisCluster();
  const suite: (readonly [string, () => Promise<void>])[] = [];
  testRaftStore((name, run) => suite.push([name, run]), async () => {
    const stack = new AsyncDisposableStack();
    return benchOf(stack, stack.use(await startGateway(cluster, { isCluster: true })));
  });
  for (const [name, run] of suite) {
    await run().catch((cause) => {
      throw new Error(name, { cause });
    });
  }
});

redisTest("RaftStore on Redis keeps its budget of requests and billed commands", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const store = redisRaftStore(connectRedis({ url: gateway.url, token: gateway.token }));
  const warm = await writerOf(store, "warm");
  await warm.save(append(0, 0, [1]));
  await warm.snapshot(snapshotAt(1, 1), bytes("x"), { keepAfter: 0 });
  await store.piece(NODE, { index: 1, offset: 0, bytesMax: 1 });
  await store.entries(NODE, { from: 1, to: 2, bytesMax: 1 });
  await store.forget(NODE);

  const writer = await writerOf(store, "a");
  const many = (from: number, count: number) =>
    append(from, from && 1, Array.from({ length: count }, () => 1));
  const costs: Record<string, readonly [number, number]> = {};
  const cost = async (what: string, action: () => Promise<unknown>) => {
    const { requests, billed } = await spent(redis, gateway, action);
    costs[what] = [requests, billed];
  };
  await cost("vote", () => writer.vote(1, "n1"));
  await cost("append 1", () => writer.save(many(0, 1)));
  await cost("append 128", () => writer.save(many(1, 128)));
  await cost("append 1,000", () => writer.save(many(129, 1_000)));
  await cost("replace the last", () => writer.save(many(1_128, 1)));
  await cost(
    "read for a follower",
    () => store.entries(NODE, { from: 1, to: 1_000, bytesMax: 1_000_000 }),
  );
  await cost("stage a piece", () => writer.stage(snapshotAt(1_000, 1), 0, bytes("state")));
  await cost("publish and compact", () => writer.publish(snapshotAt(1_000, 1), 5, 900));
  await cost("read a piece", () => store.piece(NODE, { index: 1_000, offset: 0, bytesMax: 100 }));
  await cost("open", () => store.open(NODE, { owner: "b", incarnation: 1, bytesMax: 1_000_000 }));
  deepStrictEqual(costs, {
    "vote": [1, 3],
    "append 1": [1, 4],
    "append 128": [1, 4],
    "append 1,000": [1, 4],
    "replace the last": [1, 6],
    "read for a follower": [1, 4],
    "stage a piece": [1, 5],
    "publish and compact": [1, 7],
    "read a piece": [1, 3],
    "open": [1, 6],
  });
});

redisTest("RaftStore on Redis notices entries that are gone", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const store = redisRaftStore(connectRedis({ url: gateway.url, token: gateway.token }));
  const writer = await writerOf(store, "a");
  await writer.save(append(0, 0, [1, 1]));
  await redis.command("RPOP", "holdfast:{raft:suite/tcp://127.0.0.1:1}:l");
  strictEqual((await writer.save(append(2, 1, [1]))).kind, "gap");
  await redis.command("DEL", "holdfast:{raft:suite/tcp://127.0.0.1:1}:l");
  const open = store.open(NODE, { owner: "b", incarnation: 1, bytesMax: LONG });
  await rejects(open, { code: "ERR_STORE_REGRESSED" });
});

redisTest("RaftStore on Redis notices that its server lost its tail", async () => {
  await using redis = await startRedis({ isDurable: true });
  await using gateway = await startGateway(redis);
  const { url, token } = gateway;
  const store = redisRaftStore(connectRedis({ url, token, deadline: "20s" }));
  const writer = await writerOf(store, "a");
  await writer.save(append(0, 0, [1]));
  const mark = await redis.mark();
  await writer.save(append(1, 1, [1, 1]));
  await redis.kill();
  await redis.loseAfter(mark);
  await redis.start();
  strictEqual((await writer.save(append(3, 1, [1]))).kind, "gap");
});

redisTest("RaftStore on Redis makes every write once through 10 % of every fault", async () => {
  const seed = Number(Deno.env.get("SEED") ?? 11);
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { isStrict: true });
  await using proxy = startFaultProxy(gateway, { seed, rules: everyFault(0.1, 10) });
  const store = redisRaftStore(
    connectRedis({ url: proxy.url, token: gateway.token, attemptTimeout: 2_000, deadline: "20s" }),
  );
  const plain = redisRaftStore(connectRedis({ url: gateway.url, token: gateway.token }));
  const writer = await writerOf(store, "a");
  for (let index = 0; index < 100; index++) {
    const save: StoreSave = { ...append(index, index && 1, [1]), commit: index };
    strictEqual((await writer.save(save)).kind, "done", `seed ${seed}, ${index}`);
  }
  const found = await plain.open(NODE, { owner: "a", incarnation: 1, bytesMax: LONG });
  deepStrictEqual(
    found.entries.map((entry) => entry.kind === "command" && new TextDecoder().decode(entry.data)),
    Array.from({ length: 100 }, (_, at) => `${at + 1}`),
  );
  ok(Object.values(proxy.struck).reduce((sum, count) => sum + count, 0) > 20);
});

function benchOf(
  stack: AsyncDisposableStack,
  { url, token }: { readonly url: string; readonly token: string },
): Bench<RaftStore> {
  const namespace = crypto.randomUUID();
  const store = () => redisRaftStore(connectRedis({ url, token, namespace }));
  return {
    store: store(),
    peer: () => Promise.resolve(store()),
    advance: (ms) => sleep(systemClock(), ms),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
