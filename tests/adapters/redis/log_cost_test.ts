import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { redis } from "../../../adapters/redis/mod.ts";
import { createLog } from "../../../src/log/mod.ts";
import { spent } from "../../support/redis/budget.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

redisTest("Log operations cost one request and what the README says", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const log = createLog<string>(redis({ url: gateway.url, token: gateway.token }), {
    name: "orders",
    ageMax: "7d",
  });
  // Every script is loaded before it is counted.
  const { first, last } = await log.append(["a", "b"]);
  await log.read();
  await log.commit("reader", first);
  await log.saveSnapshot({ position: first, state: null });

  const billed = async (action: () => Promise<unknown>): Promise<number> => {
    const one = await spent(server, gateway, action);
    strictEqual(one.requests, 1, JSON.stringify(one));
    return one.billed;
  };
  const many = Array.from({ length: 1_000 }, (_, at) => `${at}`);
  const writer = { id: "w", sequence: 1 };
  const costs = {
    append: await billed(() => log.append(["c"])),
    appendThousand: await billed(() => log.append(many)),
    appendAsWriter: await billed(() => log.append(["d"], { writer })),
    appendAgain: await billed(() => log.append(["d"], { writer })),
    appendConflicting: await billed(() => log.append(["d"], { expect: last }).catch(() => {})),
    readThousand: await billed(() => log.read({ from: last, limit: 1_000 })),
    state: await billed(() => log.state()),
    commit: await billed(() => log.commit("reader", last)),
    load: await billed(() => log.load("reader")),
    loadSnapshot: await billed(() => log.loadSnapshot()),
  };
  deepStrictEqual(costs, {
    append: 5,
    appendThousand: 5,
    appendAsWriter: 5,
    appendAgain: 2,
    appendConflicting: 3,
    readThousand: 4,
    state: 1,
    commit: 5,
    load: 1,
    loadSnapshot: 1,
  });
  const { head } = await log.state();
  strictEqual(await billed(() => log.append(["e"], { expect: head })), 5);
  const { head: end } = await log.state();
  strictEqual(await billed(() => log.read({ from: end })), 2);
  const saving = await billed(() => log.saveSnapshot({ position: end, state: "s" }));
  strictEqual(saving, 9);
});

redisTest(
  "Log.tail() costs one read to begin, and none for entries that come with their hints",
  async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server);
    const { url, token } = gateway;
    const reader = redis({ url, token });
    const log = createLog<number>(reader, { name: "orders" });
    const writing = createLog<number>(redis({ url, token }), { name: "orders" });
    await writing.append([0]);
    const feed = log.tail();
    strictEqual((await feed.next()).value?.event, 0);
    await writing.append([1]);
    strictEqual((await feed.next()).value?.event, 1);
    const before = reader.client.counters.requests;
    for (let at = 2; at < 50; at++) {
      await writing.append([at]);
      strictEqual((await feed.next()).value?.event, at);
    }
    ok(reader.client.counters.requests - before <= 1, "at most one read more");
    await feed.return();
  },
);
