/**
 * The client on a real Redis, with everything going wrong between the two.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { connectRedis, type ConnectRedisOptions } from "../../../adapters/redis/connection.ts";
import { unitPrefix } from "../../../adapters/redis/keys.ts";
import { redisWakes } from "../../../adapters/redis/wakes.ts";
import { restRequester } from "../../../adapters/redis/requester.ts";
import type { RedisScript } from "../../../adapters/redis/scripts.ts";
import { systemClock } from "../../../src/clock.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { randomToken, seededRandom, systemRandom } from "../../../src/random.ts";
import { sleep } from "../../../src/waiting.ts";
import type { WakeEvent } from "../../../src/wakes/port.ts";
import { tail } from "../../../src/wakes/tail.ts";
import { startFaultProxy } from "../../support/fault_proxy.ts";
import { everyFault, faultRequester, type FaultRule } from "../../support/fault_requester.ts";
import { redisJournal } from "../../support/list_journal.ts";
import { startRedisCluster } from "../../support/redis/cluster.ts";
import { spent } from "../../support/redis/budget.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const clock = systemClock();
const SEED = Number(Deno.env.get("SEED") ?? 20_261_121);

/** Adds one, once for each token: a second arrival gets the first answer. */
const ADD_ONCE: RedisScript = {
  keys: ["counter", "token"],
  effect: "repeatable",
  body: `
local given = redis.call('GET', KEYS[2])
if given then return {given} end
local count = string.format('%.0f', redis.call('INCR', KEYS[1]))
redis.call('SET', KEYS[2], count, 'PX', 120000)
return {count}
`,
};

async function addMany(
  connection: ReturnType<typeof connectRedis>,
  count: number,
  workers: number,
): Promise<{ results: string[]; failures: unknown[] }> {
  const prefix = unitPrefix(connection.namespace, "test", "counter");
  const results: string[] = [];
  const failures: unknown[] = [];
  let left = count;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const keys = [`${prefix}counter`, `${prefix}token:${randomToken(connection.random)}`];
      await connection.client.run(ADD_ONCE, { keys, args: [] }).then(
        (answer) => results.push(String(answer)),
        (error) => failures.push(error),
      );
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return { results, failures };
}

redisTest(
  `RedisClient.run() counts to 2,000 exactly through 3 % of each fault (SEED=${SEED})`,
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    const rules: FaultRule[] = [...everyFault(0.03), { fault: "hang", chance: 0.003 }];
    await using proxy = startFaultProxy(gateway, { seed: SEED, rules });
    const connection = connectRedis({
      url: proxy.url,
      token: gateway.token,
      attemptTimeout: 500,
      random: systemRandom(),
    });
    const { results, failures } = await addMany(connection, 2_000, 32);
    deepStrictEqual(failures, []);
    deepStrictEqual(new Set(results).size, 2_000);
    strictEqual(await redis.command("GET", "holdfast:{test:counter}:counter"), "2000");
    for (const { fault } of rules) ok((proxy.struck[fault] ?? 0) > 0, `${fault} struck`);
  },
);

redisTest(
  `RedisClient.run() counts exactly through the in-process twin, too (SEED=${SEED})`,
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    const inner = restRequester({ ...gateway, url: gateway.url, clock, fetch });
    const random = seededRandom(SEED);
    const requester = faultRequester(inner, { clock, random, rules: everyFault(0.05) });
    const connection = connectRedis({ requester, attemptTimeout: 500, random });
    const { results, failures } = await addMany(connection, 500, 16);
    await requester.idle();
    deepStrictEqual(failures, []);
    strictEqual(new Set(results).size, 500);
    strictEqual(await redis.command("GET", "holdfast:{test:counter}:counter"), "500");
  },
);

redisTest(
  "RedisClient.command() reports a plain write as unknown rather than doing it twice",
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    const inner = restRequester({ ...gateway, url: gateway.url, clock, fetch });
    const random = seededRandom(SEED);
    const rules: FaultRule[] = ["drop-before", "drop-after", "truncate", "503", "garbage"]
      .map((fault) => ({ fault: fault as FaultRule["fault"], chance: 0.1 }));
    const requester = faultRequester(inner, { clock, random, rules });
    const { client } = connectRedis({ requester, random });
    let done = 0;
    let unknown = 0;
    for (let i = 0; i < 200; i++) {
      await client.command(["INCR", "n"], { effect: "once" }).then(() => done++, (error) => {
        ok(HoldfastError.is(error, "ERR_OUTCOME_UNKNOWN"), String(error));
        unknown++;
      });
    }
    const count = Number(await redis.command("GET", "n"));
    ok(unknown > 20 && count >= done && count <= done + unknown, `${done} <= ${count}`);
  },
);

redisTest(
  `tail() gives 1,500 entries, each once, over a stream that is cut every 300 ms (SEED=${SEED})`,
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    const rules: FaultRule[] = [
      { fault: "cut", chance: 0.8, ms: 600 },
      { fault: "silence", chance: 1, ms: 600 },
    ];
    await using proxy = startFaultProxy(gateway, { seed: SEED, rules });
    const { token } = gateway;
    const writer = await redisJournal(connectRedis({ url: gateway.url, token }), "orders");
    const reader = await redisJournal(connectRedis({ url: proxy.url, token }), "orders");
    const from = await writer.head();
    const stop = new AbortController();
    const seen: string[] = [];
    const expected = Array.from({ length: 1_500 }, (_, i) => `v${i + 1}`);
    const reading = (async () => {
      const options = { from, signal: stop.signal, clock, random: systemRandom(), pollMs: 2_000 };
      for await (const event of tail(reader, options)) {
        ok(event.kind === "entries", "no reset");
        seen.push(...event.entries.map(({ entry }) => entry));
        if (seen.length >= expected.length) break;
      }
    })();
    for (const [i, entry] of expected.entries()) {
      await writer.append(entry, `t${i}`);
      if (i % 10 === 0) await sleep(clock, 20);
    }
    const giveUp = clock.after(20_000, () => stop.abort(new Error("not all entries came")));
    await reading.finally(giveUp);
    deepStrictEqual(seen, expected);
    ok((proxy.struck.cut ?? 0) + (proxy.struck.silence ?? 0) >= 3, "streams were cut");
  },
);

redisTest(
  "RedisClient.run() loses nothing acknowledged when the server is killed in mid-load",
  async () => {
    await using redis = await startRedis({ isDurable: true });
    await using gateway = await startGateway(redis);
    const connection = connectRedis({
      url: gateway.url,
      token: gateway.token,
      attemptTimeout: 500,
      durability: "fsync",
    });
    const adding = addMany(connection, 1_500, 16);
    for (let kills = 0; kills < 2; kills++) {
      await sleep(clock, 100);
      await redis.kill();
      await redis.start();
    }
    const { results, failures } = await adding;
    const count = Number(await redis.command("GET", "holdfast:{test:counter}:counter"));
    strictEqual(new Set(results).size, results.length, "no answer twice");
    ok(results.every((result) => Number(result) <= count), "every acknowledged addition is there");
    deepStrictEqual(failures, []);
    strictEqual(count, 1_500);
  },
);

redisTest("tail() says reset when the server lost its tail and was refilled", async () => {
  await using redis = await startRedis({ isDurable: true });
  await using gateway = await startGateway(redis);
  const connection = connectRedis({ url: gateway.url, token: gateway.token });
  const journal = await redisJournal(connection, "orders");
  const from = await journal.head();
  for (let i = 1; i <= 5; i++) await journal.append(`v${i}`, `t${i}`);
  const mark = await redis.mark();
  for (let i = 6; i <= 10; i++) await journal.append(`v${i}`, `t${i}`);
  const stop = new AbortController();
  const options = { from, signal: stop.signal, clock, random: systemRandom() };
  const events = tail(journal, options);
  const first = await events.next();
  strictEqual(first.value?.position.index, 10);
  const next = events.next();
  await redis.kill();
  await redis.loseAfter(mark);
  await redis.start();
  for (let i = 6; i <= 12; i++) await journal.append(`w${i}`, `u${i}`);
  const { value } = await next;
  strictEqual(value?.kind, "reset");
  let { position } = value ?? { position: from };
  while (position.index < 12) position = (await events.next()).value?.position ?? position;
  strictEqual(position.tag, "u12");
  await events.return();
});

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
  await connection.client.command(["GET", "a"], { effect: "read" });
  const byDate = connection.client.serverTime();
  ok(byDate !== undefined && byDate.errorMs >= 1_000 && byDate.errorMs < 2_000, "by the date");
  ok(Math.abs(byDate.nowMs - clock.now()) <= byDate.errorMs, "by the date, right");
  for (let i = 0; i < 3; i++) {
    deepStrictEqual(await connection.client.run(script, { keys: ["a"], args: [] }), ["x"]);
  }
  const byScript = connection.client.serverTime();
  ok(byScript !== undefined && byScript.errorMs < 200, "by the script");
  // The server's clock and ours are the same here.
  ok(Math.abs(byScript.nowMs - clock.now()) <= byScript.errorMs + 1, "by the script, right");
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
  ok(clock.monotonic() - begunMs < 1_000);
});
