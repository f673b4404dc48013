/**
 * The client on a real Redis, with everything going wrong between the two.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { restRequester } from "../../../adapters/redis/requester.ts";
import { systemClock } from "../../../src/clock.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { seededRandom, systemRandom } from "../../../src/random.ts";
import { sleep } from "../../../src/waiting.ts";
import { tail } from "../../../src/wakes/tail.ts";
import { addMany } from "../../support/counting.ts";
import { eventually } from "../../support/eventually.ts";
import { startFaultProxy } from "../../support/fault_proxy.ts";
import { everyFault, faultRequester, type FaultRule } from "../../support/fault_requester.ts";
import { redisJournal } from "../../support/list_journal.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const clock = systemClock();
const SEED = Number(Deno.env.get("SEED") ?? 20_261_121);

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
      attemptTimeout: 2_000,
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
    const connection = connectRedis({ requester, attemptTimeout: 2_000, random });
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
    const { seen, expected, proxy } = await tailThrough(
      { fault: "cut", chance: 1, ms: 600 },
      1_500,
    );
    deepStrictEqual(seen, expected);
    const cuts = proxy.struck.cut ?? 0;
    ok(cuts >= 5, `${cuts} cuts`);
    // A stream and a read or two for each cut; all other entries came with their hints.
    ok(proxy.requests <= 4 * cuts + 10, `${proxy.requests} requests`);
  },
);

redisTest(
  `tail() gives 300 entries, each once, over a stream that falls silent (SEED=${SEED})`,
  async () => {
    const rule: FaultRule = { fault: "silence", chance: 1, ms: 300 };
    const { seen, expected, proxy } = await tailThrough(rule, 300);
    deepStrictEqual(seen, expected);
    strictEqual(proxy.struck.silence, 1);
  },
);

/** Writes entries past a proxy, and reads them through it. */
async function tailThrough(rule: FaultRule, count: number) {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  await using proxy = startFaultProxy(gateway, { seed: SEED, rules: [rule] });
  const { token } = gateway;
  const writer = await redisJournal(connectRedis({ url: gateway.url, token }), "orders");
  const reader = await redisJournal(connectRedis({ url: proxy.url, token }), "orders");
  const from = await writer.head();
  const stop = new AbortController();
  const seen: string[] = [];
  const expected = Array.from({ length: count }, (_, i) => `v${i + 1}`);
  const reading = (async () => {
    const options = { from, signal: stop.signal, clock, random: systemRandom(), pollMs: 1_000 };
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
  const giveUp = clock.after(120_000, () => stop.abort(new Error("not all entries came")));
  await reading.finally(giveUp);
  return { seen, expected, proxy };
}

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
    const sent = () => connection.client.counters.requests;
    for (let kills = 1; kills <= 2; kills++) {
      await eventually("it is in mid-load", () => sent() > kills * 300);
      await redis.kill();
      await redis.start();
    }
    const { results, failures } = await adding;
    const count = Number(await redis.command("GET", "holdfast:{test:counter}:counter"));
    strictEqual(new Set(results).size, results.length, "no answer twice");
    ok(results.every((result) => Number(result) <= count), "every acknowledged addition is there");
    deepStrictEqual(failures, []);
    strictEqual(count, 1_500);
    ok(connection.client.counters.requests > 1_510, "the kills struck in mid-load");
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
