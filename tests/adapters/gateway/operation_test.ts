import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { startGateway, type TestGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { type RedisServer, startRedis } from "../../support/redis/server.ts";
import { command, rest } from "./rest.ts";

async function withGateway(
  test: (gateway: TestGateway, redis: RedisServer) => Promise<void>,
): Promise<void> {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { readOnlyToken: "token-for-readers" });
  await test(gateway, redis);
}

redisTest("gateway refuses the commands that it is told to", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { refuse: ["flushall", "CONFIG|GET"] });
  strictEqual((await rest(gateway, "/flushall")).status, 400);
  strictEqual((await rest(gateway, "/config/get/dir")).status, 400);
  strictEqual((await rest(gateway, "/flushdb")).status, 200);
});

redisTest("gateway holds its limits on bodies and pipelines", async () => {
  await using redis = await startRedis();
  const limits = { bodyBytesMax: 1_000, pipelineMax: 3 };
  await using gateway = await startGateway(redis, { limits });
  const long = await rest(gateway, "/set/k", { body: "x".repeat(1_001) });
  strictEqual(long.status, 413);
  match(
    long.text,
    /^\{"error":"ERR max request size exceeded. Limit: 1000 bytes, Actual: 1001"\}$/,
  );
  strictEqual((await rest(gateway, "/set/k", { body: "x".repeat(1_000) })).status, 200);
  const chunked = new ReadableStream({
    start: (controller) => {
      for (let i = 0; i < 20; i++) controller.enqueue(new Uint8Array(100));
      controller.close();
    },
  });
  const streamed = await fetch(`${gateway.url}/set/k2`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.token}` },
    body: chunked,
  });
  strictEqual(streamed.status, 413);
  await streamed.body?.cancel();
  strictEqual(await redis.command("EXISTS", "k2"), 0);
  const four = [["PING"], ["PING"], ["PING"], ["PING"]];
  strictEqual((await rest(gateway, "/pipeline", { body: four })).status, 400);
  strictEqual((await rest(gateway, "/multi-exec", { body: four })).status, 400);
  strictEqual((await rest(gateway, "/pipeline", { body: four.slice(1) })).status, 200);
});

redisTest("gateway holds its limits on requests in flight and streams", async () => {
  await using redis = await startRedis();
  const limits = { requestsMax: 2, streamsMax: 1 };
  await using gateway = await startGateway(redis, { limits });
  const leaving = new AbortController();
  const open = () =>
    fetch(`${gateway.url}/subscribe/ch?_token=${gateway.token}`, { signal: leaving.signal });
  const first = await open();
  const second = await open();
  deepStrictEqual([first.status, second.status], [200, 429]);
  await second.body?.cancel();
  redis.freeze();
  const waiting = [command(gateway, "PING"), command(gateway, "PING")];
  while (gateway.counters().commands < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const third = await rest(gateway, "/ping");
  deepStrictEqual([third.status, JSON.parse(third.text)], [429, {
    error: "ERR max concurrent requests exceeded, nothing was executed",
  }]);
  redis.thaw();
  for (const answer of waiting) deepStrictEqual(await answer, { result: "PONG" });
  leaving.abort();
  await first.text().catch(() => {});
});

redisTest("gateway sends back a fresh sync token to who uses them", async () => {
  await withGateway(async (gateway) => {
    const headers = { "upstash-sync-token": "" };
    const tokens: (string | null)[] = [];
    for (let i = 0; i < 2; i++) {
      const answer = await rest(gateway, "/", { body: ["SET", "k", i], headers });
      tokens.push(answer.headers.get("upstash-sync-token"));
    }
    match(tokens[0] ?? "", /^[0-9a-f]{40}:\d+:\d+$/);
    strictEqual(tokens[0] === tokens[1], false);
  });
});

redisTest("gateway shares requests among several connections", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { connections: 4 });
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => command(gateway, "INCR", "n")),
  );
  strictEqual(new Set(answers.map(({ result }) => result)).size, 40);
  const clients = String(await redis.command("CLIENT", "LIST")).trim().split("\n");
  // Four of the gateway, and the one that asks.
  strictEqual(clients.length, 5);
});

redisTest(
  "gateway counts requests and commands, and tells them in the Prometheus format",
  async () => {
    await withGateway(async (gateway) => {
      await command(gateway, "PING");
      await rest(gateway, "/pipeline", { body: [["PING"], ["PING"], ["WATCH", "k"]] });
      await rest(gateway, "/multi-exec", { body: [["PING"], ["PING"]] });
      await rest(gateway, "/", { body: "x" });
      const { requests, commands, refused, unknown } = gateway.counters();
      deepStrictEqual({ requests, commands, refused, unknown }, {
        requests: 4,
        commands: 5,
        refused: 1,
        unknown: 0,
      });
      const metrics = await rest(gateway, "/-/metrics");
      strictEqual(metrics.status, 200);
      match(metrics.text, /^holdfast_gateway_commands_total 5$/m);
      match(metrics.text, /^# TYPE holdfast_gateway_in_flight gauge$/m);
      const health = await rest(gateway, "/-/health", { headers: { authorization: "" } });
      strictEqual(`${health.status} ${health.text}`, "200 ok\n");
      strictEqual(
        (await rest(gateway, "/-/metrics", { headers: { authorization: "" } })).status,
        401,
      );
    });
  },
);
