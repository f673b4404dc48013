/**
 * The client on a real Redis, on a strict gateway, on a cluster and on a replica that lags.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { connectRedis, type ConnectRedisOptions } from "../../../adapters/redis/connection.ts";
import { type RedisScript, WAKES } from "../../../adapters/redis/scripts.ts";
import { redisWakes } from "../../../adapters/redis/wakes.ts";
import { systemClock } from "../../../src/clock.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { systemRandom } from "../../../src/random.ts";
import { sleep } from "../../../src/waiting.ts";
import type { WakeEvent } from "../../../src/wakes/port.ts";
import { tail } from "../../../src/wakes/tail.ts";
import { carriedWake } from "../../../src/wakes/wake.ts";
import { ADD_ONCE } from "../../support/counting.ts";
import { redisJournal } from "../../support/list_journal.ts";
import { spent } from "../../support/redis/budget.ts";
import { startRedisCluster } from "../../support/redis/cluster.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startLaggingReplica } from "../../support/redis/replica.ts";
import { startRedis } from "../../support/redis/server.ts";

const clock = systemClock();

redisTest(
  "redisJournal() keeps its budget: an append is one request and seven commands, a read one and four",
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    const { url, token } = gateway;
    const journal = await redisJournal(connectRedis({ url, token }), "orders");
    const from = await journal.head();
    await journal.append("v1", "t1");
    await journal.read(from, { signal: new AbortController().signal });
    const appending = await spent(redis, gateway, () => journal.append("v2", "t2"));
    deepStrictEqual([appending.requests, appending.billed], [1, 7], JSON.stringify(appending));
    const again = await spent(redis, gateway, () => journal.append("v2", "t2"));
    deepStrictEqual([again.requests, again.billed], [1, 3], JSON.stringify(again));
    const reading = await spent(
      redis,
      gateway,
      () => journal.read(from, { signal: new AbortController().signal }),
    );
    deepStrictEqual([reading.requests, reading.billed], [1, 4], JSON.stringify(reading));
  },
);

redisTest(
  "RedisClient.run() finds the dialect of a plain and of a strict gateway, and pays for it once",
  async () => {
    await using redis = await startRedis();
    for (const [isStrict, first] of [[false, 3], [true, 1]] as const) {
      await redis.command("SCRIPT", "FLUSH");
      await using gateway = await startGateway(redis, { isStrict });
      const { client } = connectRedis({ url: gateway.url, token: gateway.token });
      const add = (token: string) =>
        client.run(ADD_ONCE, { keys: ["{a}counter", `{a}${isStrict}${token}`], args: [] });
      const requests = [];
      for (const token of ["x", "y", "z"]) {
        requests.push((await spent(redis, gateway, () => add(token))).requests);
      }
      deepStrictEqual(requests, [first, 1, 1]);
      await redis.command("SCRIPT", "FLUSH");
      strictEqual((await spent(redis, gateway, () => add("w"))).requests, 2);
    }
  },
);

redisTest(
  "RedisClient.run() is refused a key that it does not declare, by a strict gateway",
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis, { isStrict: true });
    const { client } = connectRedis({ url: gateway.url, token: gateway.token });
    const sly: RedisScript = {
      keys: ["a"],
      effect: "read",
      body: "return {redis.call('GET', 'undeclared')}",
    };
    const error = await client.run(sly, { keys: ["a"], args: [] }).catch((error) => error);
    ok(HoldfastError.is(error, "ERR_SCRIPT_FAILED"), Deno.inspect(error));
  },
);

redisTest("RedisClient.run() wakes readers where scripts must not publish", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { isStrict: true, mayScriptsPublish: false });
  const { url, token } = gateway;
  const connection = connectRedis({ url, token });
  const wakes = redisWakes(connection);
  const journal = await redisJournal(connection, "orders", {}, wakes);
  const stop = new AbortController();
  const events: WakeEvent[] = [];
  wakes.subscribe("orders", (event) => void events.push(event), stop.signal);
  while (events.length < 1) await sleep(clock, 5);
  const costs = [];
  for (let i = 1; i <= 3; i++) {
    costs.push((await spent(redis, gateway, () => journal.append(`v${i}`, `t${i}`))).requests);
    while (events.length < i + 1) await sleep(clock, 5);
  }
  // The first: the script by its hash, then whole, and one hint afterwards.
  deepStrictEqual(costs, [3, 1, 1]);
  ok(events.every(({ kind }) => kind === "gap"));
  stop.abort();
  while (gateway.counters().streams > 0) await sleep(clock, 5);
});

redisTest("RedisClient.run() wakes in a script as publish() does", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const connection = connectRedis({ url: gateway.url, token: gateway.token });
  const wakes = redisWakes(connection);
  const stop = new AbortController();
  const events: WakeEvent[] = [];
  wakes.subscribe("a/b", (event) => void events.push(event), stop.signal);
  while (events.length < 1) await sleep(clock, 5);
  const script: RedisScript = {
    keys: ["a"],
    effect: "repeatable",
    wakes: WAKES,
    body: "return {'x', wake('e', ARGV[1], ARGV[2], ARGV[3], ARGV[4])}",
  };
  const entries = ["", " ", "a, b", "ü🙂\u2028", "two\nlines", "a\rb"];
  entries.push("é".repeat(4_096), `${"é".repeat(4_096)}x`);
  const expected: WakeEvent[] = [{ kind: "gap" }];
  for (const [i, entry] of entries.entries()) {
    const wake = { epoch: "e", index: i + 1, tag: `t${i}`, previousTag: i > 0 ? `t${i - 1}` : "" };
    const args = [String(wake.index), wake.tag, wake.previousTag, entry];
    await connection.client.run(script, { keys: ["a"], args, channel: "a/b" });
    expected.push({ kind: "wake", wake: carriedWake({ ...wake, entry }) });
  }
  while (events.length < expected.length) await sleep(clock, 5);
  deepStrictEqual(events, expected);
  stop.abort();
  while (gateway.counters().streams > 0) await sleep(clock, 5);
});

redisTest("RedisClient.serverTime() is right within its error", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const connection = connectRedis({ url: gateway.url, token: gateway.token });
  const script: RedisScript = {
    keys: ["a"],
    effect: "read",
    tellsTime: true,
    body: "return {'x', now()}",
  };
  // The server's clock and ours are the same here, so ours before and after tell what it shows.
  const read = (): number => {
    const before = clock.now();
    const time = connection.client.serverTime();
    const after = clock.now();
    ok(time !== undefined, "a time");
    ok(time.nowMs + time.errorMs >= before && time.nowMs - time.errorMs <= after + 1, "right");
    return time.errorMs;
  };
  await connection.client.command(["GET", "a"], { effect: "read" });
  const byDate = read();
  ok(byDate >= 2_000 && byDate < 12_000, "by the date of an answer");
  for (let i = 0; i < 3; i++) {
    deepStrictEqual(await connection.client.run(script, { keys: ["a"], args: [] }), ["x"]);
  }
  ok(read() < 2_000, "by a script");
});

redisTest("RedisClient.run() works on a cluster, whatever node has its keys", async () => {
  await using cluster = await startRedisCluster();
  await using gateway = await startGateway(cluster, { isCluster: true });
  const { url, token } = gateway;
  const connection = connectRedis({ url, token });
  const wakes = redisWakes(connection);
  for (const name of ["a", "b", "c", "d"]) {
    const journal = await redisJournal(connection, name, {}, wakes);
    const from = await journal.head();
    const stop = new AbortController();
    const events = tail(journal, { from, signal: stop.signal, clock, random: systemRandom() });
    const first = events.next();
    await journal.append("v1", "t1");
    strictEqual((await first).value?.position.index, 1);
    const second = events.next();
    await journal.append("v2", "t2");
    strictEqual((await second).value?.position.index, 2);
    await events.return();
  }
  while (gateway.counters().streams > 0) await sleep(clock, 5);
});

redisTest("RedisClient.command() keeps integers and texts as they are", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const { client } = connectRedis({ url: gateway.url, token: gateway.token });
  const texts = [
    "",
    "OK",
    "null",
    "123",
    "1e5",
    "true",
    "9007199254740993",
    '{"a":1}',
    "\0",
    "🙂\n",
  ];
  for (const text of [...texts, "x".repeat(1_000_000)]) {
    await client.command(["SET", "k", text], { effect: "repeatable" });
    strictEqual(await client.command(["GET", "k"], { effect: "read" }), text);
  }
  strictEqual(await client.command(["GET", "none"], { effect: "read" }), null);
  await client.command(["SET", "n", "9007199254740993"], { effect: "repeatable" });
  const [, pipelined] = await client.pipeline([["PING"], ["GET", "n"]], { effect: "read" });
  deepStrictEqual(pipelined, { kind: "reply", reply: "9007199254740993" });
});

redisTest(
  "RedisClient.command() gives the wrong type, the wrong token and too large requests their codes",
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis, { isStrict: true });
    const code = async (options: Partial<ConnectRedisOptions>, value = "x") => {
      const { client } = connectRedis({ url: gateway.url, token: gateway.token, ...options });
      const error = await client.command(["HSET", "k", "f", value], { effect: "repeatable" })
        .catch((error) => error);
      return HoldfastError.is(error) ? error.code : error;
    };
    await redis.command("SET", "k", "text");
    strictEqual(await code({}), "ERR_WRONG_TYPE");
    strictEqual(await code({ token: "another-token" }), "ERR_UNAUTHORIZED");
    strictEqual(await code({}, "x".repeat(10_000_001)), "ERR_TOO_LARGE");
  },
);

Deno.test("RedisClient.command() says that there is no Redis, after the deadline", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  const { client } = connectRedis({ url, token: "token", deadline: 300 });
  const begunMs = clock.monotonic();
  const error = await client.command(["PING"], { effect: "read" }).catch((error) => error);
  ok(HoldfastError.is(error, "ERR_UNAVAILABLE"), String(error));
  strictEqual(error.message, "Cannot ask Redis as it cannot be reached");
  ok(clock.monotonic() - begunMs < 8_000);
});

redisTest(
  "RedisClient.command() reads what it wrote, though the replica that answers lags",
  async () => {
    await using topology = await startLaggingReplica();
    await using gateway = await startGateway(topology.master, { replica: topology.replica.url });
    const { url, token } = gateway;
    const [mine, other] = [
      connectRedis({ url, token }).client,
      connectRedis({ url, token }).client,
    ];
    await mine.command(["SET", "k", "old"], { effect: "repeatable" });
    await topology.caughtUp();
    topology.shut();
    await mine.command(["SET", "k", "new"], { effect: "repeatable" });
    strictEqual(await other.command(["GET", "k"], { effect: "read" }), "old");
    const reading = mine.command(["GET", "k"], { effect: "read" });
    topology.open();
    strictEqual(await reading, "new");
  },
);
