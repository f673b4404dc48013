/**
 * What a node costs on Redis: nothing while it is idle, and one request for all that is proposed at once.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisRaftStore } from "../../../adapters/redis/raft.ts";
import { createNode, inProcess, keyValue, keyValueMachine } from "../../../src/raft/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { type Spent, spent } from "../../support/redis/budget.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

redisTest("ConsensusNode on Redis keeps its budget of requests and billed commands", async () => {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const gateway = stack.use(await startGateway(redis));
  const { token } = gateway;
  const transport = inProcess();
  const cluster = ["local://a", "local://b", "local://c"];
  const nodes = cluster.map((url) => {
    // Their stores share a server here, so that all that they spend is counted.
    const raft = redisRaftStore(connectRedis({ url: gateway.url, token }));
    const machine = keyValueMachine();
    const options = { transport, machine, cluster, heartbeat: 20, electionTimeout: 2_000 };
    const node = createNode({ ...memory(), raft }, { url, ...options, isStoreExclusive: true });
    stack.defer(() => node.close({ timeout: 0 }));
    return { node, map: keyValue(node, machine) };
  });
  await Promise.all(nodes.map(({ node }) => node.ready()));
  const leader = nodes.find(({ node }) => node.status().role === "leader");
  ok(leader !== undefined);
  const isQuiet = async () => {
    await eventually("all is stored and applied", () =>
      nodes.every(({ node }) => {
        const { applied, stored, last } = node.status();
        return applied === leader.node.status().last.index && stored === last.index;
      }));
  };
  const cost = (action: () => Promise<unknown>): Promise<Spent> =>
    spent(redis, gateway, async () => {
      await action();
      await isQuiet();
    });
  await leader.map.put("warm", 1);
  await isQuiet();

  const idle = await cost(async () => {
    const { sent } = leader.node.status().transport ?? { sent: 0 };
    await eventually("heartbeats went by", () => {
      return (leader.node.status().transport?.sent ?? 0) > sent + 20;
    });
  });
  deepStrictEqual([idle.requests, idle.billed], [0, 0]);

  const one = await cost(() => leader.map.put("a", 1));
  deepStrictEqual([one.requests, one.billed], [3, 12], JSON.stringify(one));

  const many = await cost(() =>
    Promise.all(Array.from({ length: 128 }, (_, at) => leader.map.put(`k${at}`, at)))
  );
  deepStrictEqual([many.requests, many.billed], [3, 12], JSON.stringify(many));

  const read = await cost(() => leader.map.get("a"));
  strictEqual(read.requests, 0);
});
