import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { clusterLink } from "../../../adapters/gateway/cluster_link.ts";
import { subscriptions } from "../../../adapters/gateway/subscriptions.ts";
import { startRedisCluster } from "../../support/redis/cluster.ts";
import { redisTest } from "../../support/redis/register.ts";
import { freePort, startRedis } from "../../support/redis/server.ts";

redisTest("clusterLink() knows the address of every master", async () => {
  await using cluster = await startRedisCluster();
  const link = clusterLink({ url: cluster.url });
  await link.open(5_000);
  deepStrictEqual(new Set(link.urls), new Set(cluster.masters.map(({ url }) => url)));
  link.close();
});

redisTest("subscriptions() takes the next address where one is away", async () => {
  await using redis = await startRedis();
  const all = subscriptions({ urls: [`redis://127.0.0.1:${freePort()}`, redis.url] });
  const lines: string[] = [];
  const heard = Promise.withResolvers<void>();
  const listener = {
    line: (line: string) => {
      lines.push(line);
      if (lines.length === 2) heard.resolve();
    },
    end: () => {},
  };
  await all.add({ kind: "subscribe", channels: ["ch"] }, listener);
  strictEqual(await redis.command("PUBLISH", "ch", "m"), 1);
  await heard.promise;
  deepStrictEqual(lines, ["subscribe,ch,1", "message,ch,m"]);
  all.close();
  // Its connection is ended in a later turn.
  while (String(await redis.command("CLIENT", "LIST")).includes("sub=1")) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});
