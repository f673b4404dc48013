import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { createGateway } from "../../../adapters/gateway/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startLaggingReplica } from "../../support/redis/replica.ts";
import { startRedis } from "../../support/redis/server.ts";
import { command, rest } from "./rest.ts";

const OUTCOME_UNKNOWN = "ERR connection to Redis lost with commands in flight, outcome unknown";
const NOTHING_EXECUTED = "ERR Redis is not reachable, nothing was executed";

redisTest(
  "gateway answers 503, outcome unknown, to commands in flight when Redis dies",
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    redis.freeze();
    const paths = ["/", "/pipeline", "/multi-exec"];
    const waiting = paths.map((path) =>
      rest(gateway, path, { body: path === "/" ? ["INCR", "n"] : [["INCR", "n"], ["GET", "n"]] })
    );
    await eventually("five commands came in", () => gateway.counters().commands >= 5);
    await redis.kill();
    for (const answer of await Promise.all(waiting)) {
      strictEqual(answer.status, 503);
      deepStrictEqual(JSON.parse(answer.text), { error: OUTCOME_UNKNOWN });
    }
    strictEqual(gateway.counters().unknown, 3);
  },
);

redisTest("gateway says so when nothing was executed, and comes back with Redis", async () => {
  await using redis = await startRedis({ isDurable: true });
  await using gateway = await startGateway(redis);
  await command(gateway, "SET", "k", "v");
  await redis.kill();
  let answer = await command(gateway, "INCR", "n");
  // The loss may be noticed only by the first command.
  if (answer.error === OUTCOME_UNKNOWN) answer = await command(gateway, "INCR", "n");
  deepStrictEqual(answer, { error: NOTHING_EXECUTED });
  strictEqual((await rest(gateway, "/-/health")).status, 503);
  strictEqual((await rest(gateway, "/subscribe/ch")).status, 503);
  await redis.start();
  await eventually(
    "the gateway serves again",
    async () => (await command(gateway, "GET", "k")).result === "v",
  );
  // Never sent again: the counter was never touched.
  deepStrictEqual(await command(gateway, "EXISTS", "n"), { result: 0 });
  strictEqual((await rest(gateway, "/-/health")).status, 200);
});

redisTest(
  "gateway executes each command once at most, however often Redis dies under load",
  async () => {
    await using redis = await startRedis({ isDurable: true });
    await using gateway = await startGateway(redis, { connections: 2 });
    let acknowledged = 0, unknown = 0, isOver = false;
    const worker = async () => {
      while (!isOver) {
        const { status, text } = await rest(gateway, "/incr/n");
        if (status === 200) acknowledged++;
        else if (JSON.parse(text).error === OUTCOME_UNKNOWN) unknown++;
        else await tick();
      }
    };
    const workers = Array.from({ length: 8 }, worker);
    const served = async () => {
      const before = acknowledged;
      await eventually("some are acknowledged", () => acknowledged > before + 10);
    };
    for (let round = 0; round < 3; round++) {
      await served();
      await redis.kill();
      await redis.start();
    }
    await served();
    isOver = true;
    await Promise.all(workers);
    const count = Number(await redis.command("GET", "n"));
    ok(
      acknowledged <= count && count <= acknowledged + unknown,
      `${acknowledged} ${count} ${unknown}`,
    );
  },
);

redisTest(
  "gateway reads at a lagging replica: stale without the sync token, fresh with it",
  async () => {
    await using pair = await startLaggingReplica();
    await using gateway = await startGateway(pair.master, { replica: pair.replica.url });
    await command(gateway, "SET", "k", "old");
    await pair.caughtUp();
    pair.shut();
    const written = await rest(gateway, "/set/k/new");
    const token = written.headers.get("upstash-sync-token") ?? "";
    match(token, /^[0-9a-f]{40}:[1-9]\d*:\d+$/);
    strictEqual((await rest(gateway, "/get/k")).text, '{"result":"old"}');
    const headers = { "upstash-sync-token": token };
    strictEqual((await rest(gateway, "/get/k", { headers })).text, '{"result":"new"}');
    const body = [["GET", "k"], ["STRLEN", "k"]];
    strictEqual(
      (await rest(gateway, "/pipeline", { body, headers })).text,
      '[{"result":"new"},{"result":3}]',
    );
    // A token of another database says nothing of this one, so the master answers.
    const foreign = { "upstash-sync-token": `${"0".repeat(40)}:1` };
    strictEqual((await rest(gateway, "/get/k", { headers: foreign })).text, '{"result":"new"}');
    pair.open();
    await pair.caughtUp();
    strictEqual((await rest(gateway, "/get/k")).text, '{"result":"new"}');
    // The replica has come as far as the token, and answers itself.
    await pair.replica.command("CONFIG", "RESETSTAT");
    await rest(gateway, "/get/k", { headers });
    // A cursor is worth nothing at another server.
    await rest(gateway, "/scan/0", { headers });
    const stats = String(await pair.replica.command("INFO", "commandstats"));
    match(stats, /cmdstat_get:calls=1,/);
    strictEqual(stats.includes("cmdstat_scan"), false);
  },
);

redisTest("gateway reads at the master while the replica has nothing to read from", async () => {
  await using pair = await startLaggingReplica();
  await using gateway = await startGateway(pair.master, { replica: pair.replica.url });
  await command(gateway, "SET", "k", "v");
  await pair.replica.command("CONFIG", "SET", "replica-serve-stale-data", "no");
  await pair.replica.command("REPLICAOF", "127.0.0.1", 1);
  deepStrictEqual(await command(gateway, "GET", "k"), { result: "v" });
});

redisTest("gateway reads at the master while the replica is away", async () => {
  await using pair = await startLaggingReplica();
  await using gateway = await startGateway(pair.master, { replica: pair.replica.url });
  await command(gateway, "SET", "k", "v");
  await pair.caughtUp();
  await pair.replica.kill();
  for (let i = 0; i < 3; i++) deepStrictEqual(await command(gateway, "GET", "k"), { result: "v" });
});

redisTest(
  "Gateway.ready() works once Redis is there, and leaves no connection behind",
  async () => {
    await using redis = await startRedis();
    await redis.kill();
    const options = { redis: redis.url, token: "a-long-secret", connections: 3, connectMs: 100 };
    await using gateway = createGateway(options);
    await rejects(gateway.ready(), { code: "ERR_UNAVAILABLE" });
    await redis.start();
    await Promise.all([gateway.ready(), gateway.ready()]);
    const clients = String(await redis.command("CLIENT", "LIST")).trim().split("\n");
    // Three of the gateway, and the one that asks.
    strictEqual(clients.length, 4);
  },
);

Deno.test("Gateway.ready() fails where no Redis is, and tries again when asked again", async () => {
  await using gateway = createGateway({
    redis: "redis://127.0.0.1:1",
    token: "a-long-secret",
    connectMs: 50,
  });
  for (let i = 0; i < 2; i++) {
    await rejects(gateway.ready(), {
      code: "ERR_UNAVAILABLE",
      message: "Cannot start the gateway as Redis is not reachable",
    });
  }
  const request = new Request("http://localhost/get/k", {
    headers: { authorization: "Bearer a-long-secret" },
  });
  const response = await gateway.fetch(request);
  strictEqual(response.status, 503);
  deepStrictEqual(await response.json(), { error: NOTHING_EXECUTED });
});

async function tick(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
