import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { Redis } from "@upstash/redis";
import { eventually } from "../../support/eventually.ts";
import { startRedisCluster } from "../../support/redis/cluster.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";
import { command, rest } from "./rest.ts";
import { FAMILIES } from "./sdk_families.ts";

for (const [name, family] of Object.entries(FAMILIES)) {
  redisTest(`@upstash/redis with its defaults runs ${name} through the gateway`, async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server);
    await family(new Redis(gateway), (key) => `{family}:${key}`);
  });
}

redisTest(
  "@upstash/redis with its defaults runs every family on a strict gateway",
  async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server, { isStrict: true });
    for (const [name, family] of Object.entries(FAMILIES)) {
      await family(new Redis(gateway), (key) => `{${name}}:${key}`);
    }
  },
);

redisTest("@upstash/redis subscribes through the gateway", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const subscriber = new Redis(gateway).subscribe<{ n: number }>(["chat"]);
  const received: unknown[] = [];
  const all = Promise.withResolvers<void>();
  const subscribed = Promise.withResolvers<void>();
  subscriber.on("subscribe", () => subscribed.resolve());
  subscriber.on("message", ({ channel, message }) => {
    received.push([channel, message]);
    if (received.length === 3) all.resolve();
  });
  await subscribed.promise;
  const redis = new Redis(gateway);
  for (let n = 0; n < 3; n++) strictEqual(await redis.publish("chat", { n }), 1);
  await all.promise;
  deepStrictEqual(received, [["chat", { n: 0 }], ["chat", { n: 1 }], ["chat", { n: 2 }]]);
  await subscriber.unsubscribe();
  // The stream's own end, which the client does not wait for.
  await eventually("the stream is closed", () => gateway.counters().streams === 0);
});

redisTest("@upstash/redis reads its own writes behind a gateway", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const redis = new Redis({ ...gateway, enableAutoPipelining: false });
  await redis.set("k", 1);
  const answer = await rest(gateway, "/get/k", { headers: { "upstash-sync-token": "" } });
  match(answer.headers.get("upstash-sync-token") ?? "", /^[0-9a-f]{40}:\d+:\d+$/);
});

redisTest(
  "gateway serves a cluster: every family, what must share a slot, and what need not",
  async () => {
    await using cluster = await startRedisCluster();
    await using gateway = await startGateway(cluster, { isCluster: true });
    const redis = new Redis(gateway);
    for (const [name, family] of Object.entries(FAMILIES)) {
      await family(redis, (key) => `{${name}}:${key}`);
    }

    // Keys of all nodes: split, summed up, listed.
    strictEqual(await redis.flushall(), "OK");
    const keys = Array.from({ length: 60 }, (_, i) => `key${i}`);
    strictEqual(await redis.mset(Object.fromEntries(keys.map((key, i) => [key, i]))), "OK");
    deepStrictEqual(await redis.mget(...keys), keys.map((_, i) => i));
    strictEqual(await redis.dbsize(), 60);
    strictEqual((await redis.keys("*")).length, 60);
    strictEqual(await redis.exists(...keys), 60);
    const body = keys.map((key) => ["INCR", key]);
    const pipeline = JSON.parse((await rest(gateway, "/pipeline", { body })).text);
    deepStrictEqual(pipeline, keys.map((_, i) => ({ result: i + 1 })));
    strictEqual(await redis.del(...keys), 60);

    // One slot or none.
    const crossing = await rest(gateway, "/multi-exec", {
      body: [["SET", "a", 1], ["SET", "b", 1]],
    });
    strictEqual(
      `${crossing.status} ${crossing.text}`,
      `400 {"error":"CROSSSLOT Keys in request don't hash to the same slot"}`,
    );
    strictEqual(await redis.exists("a", "b"), 0);
    const { error } = await command(gateway, "RENAME", "a", "b");
    match(error ?? "", /^CROSSSLOT /);
    deepStrictEqual(await redis.multi().set("{t}a", 1).incr("{t}a").exec(), ["OK", 2]);

    // A gateway that takes the cluster for a server says so, without an address.
    await using single = await startGateway(cluster);
    const moved = await command(single, "GET", "a");
    strictEqual(moved.error, "TRYAGAIN The slot of this key is served by another node");

    // Exact forms and health.
    const encoded = await rest(gateway, "/", {
      body: ["MGET", "{t}a", "none"],
      headers: { "upstash-encoding": "base64" },
    });
    strictEqual(encoded.text, '{"result":["Mg==",null]}');
    strictEqual((await rest(gateway, "/-/health")).status, 200);
    ok(gateway.counters().commands > 100);
  },
);
