import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { redis } from "../../../adapters/redis/mod.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { createLog, foldIntoModel, type Log, type LogEntry } from "../../../src/log/mod.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { startFaultProxy } from "../../support/fault_proxy.ts";
import { everyFault } from "../../support/fault_requester.ts";
import { COUNTS, PLAIN, type RaceEvent } from "../../support/log/race_program.ts";
import { output } from "../../support/process.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";
import { z } from "zod";

const SEED = Number(Deno.env.get("SEED") ?? 20_261_128);

redisTest("Log keeps one order among processes, and one counter exact", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const { url, token } = gateway;
  const log = createLog<RaceEvent>(redis({ url, token }), { name: "race" });
  const program = new URL("../../support/log/race_program.ts", import.meta.url).pathname;
  const processes = ["a", "b", "c"];
  const reading = events(log, processes.length * (PLAIN + COUNTS));
  await Promise.all(
    processes.map((who) =>
      output(Deno.execPath(), ["run", "-A", "--no-check", program, url, token, who])
    ),
  );
  const all = await reading;
  const plain = all.flatMap((event) => "who" in event ? [`${event.who}${event.at}`] : []);
  strictEqual(new Set(plain).size, processes.length * PLAIN);
  deepStrictEqual(
    all.flatMap((event) => "count" in event ? [event.count] : []),
    Array.from({ length: processes.length * COUNTS }, (_, at) => at + 1),
  );
});

redisTest(`Log.append() happens once through 4 % of every fault (SEED=${SEED})`, async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server, { isStrict: true });
  await using proxy = startFaultProxy(gateway, {
    seed: SEED,
    rules: [...everyFault(0.04, 30), { fault: "hang", chance: 0.004 }],
  });
  const faulty = redis({
    url: proxy.url,
    token: gateway.token,
    attemptTimeout: 1_500,
    deadline: "20s",
  });
  const log = createLog<string>(faulty, { name: "orders" });
  const lanes = Array.from({ length: 12 }, async (_, lane) => {
    const places: [string, number][] = [];
    for (let sequence = 1; sequence <= 25; sequence++) {
      const texts = [`${lane}.${sequence}`, `${lane}.${sequence}+`];
      const writer = lane % 2 === 0 ? { id: `lane${lane}`, sequence } : undefined;
      const { last } = await log.append(texts, { writer });
      places.push([`${lane}.${sequence}+`, last.index]);
    }
    return places;
  });
  const places = (await Promise.all(lanes)).flat();
  // Doubled and delayed requests may still be under way; they must not change what was read.
  await new Promise((resolve) => setTimeout(resolve, 60));
  const direct = createLog<string>(redis({ url: gateway.url, token: gateway.token }), {
    name: "orders",
  });
  const { entries } = await direct.read({ limit: 1_000 });
  strictEqual(entries.length, 600);
  for (const [text, index] of places) strictEqual(entries[index - 1]?.event, text, `seed ${SEED}`);
  for (let lane = 0; lane < 12; lane++) {
    const own = entries.map(({ event }) => event).filter((event) => event.startsWith(`${lane}.`));
    const sequences = own.map((event) => Number.parseInt(event.split(".")[1] ?? ""));
    deepStrictEqual(sequences, sequences.toSorted((a, b) => a - b), `seed ${SEED}`);
  }
  const struck = Object.values(proxy.struck).reduce((sum, count) => sum + count, 0);
  ok(struck > 50, `seed ${SEED}: ${struck} faults`);
});

redisTest(`Log.append() with expect counts exactly through faults (SEED=${SEED})`, async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  await using proxy = startFaultProxy(gateway, { seed: SEED, rules: everyFault(0.03, 20) });
  const counter = () =>
    createLog<number>(
      redis({ url: proxy.url, token: gateway.token, attemptTimeout: 1_500, deadline: "20s" }),
      { name: "counter" },
    );
  const count = async (log: Log<number>): Promise<void> => {
    for (let done = 0; done < 20;) {
      const { head } = await log.state();
      await log.append([head.index + 1], { expect: head }).then(() => done++, (error) => {
        if (!HoldfastError.is(error, "ERR_CONFLICT")) throw error;
      });
    }
  };
  await Promise.all([count(counter()), count(counter()), count(counter())]);
  const { entries } = await counter().read({ limit: 1_000 });
  deepStrictEqual(
    entries.map(({ event }) => event),
    Array.from({ length: 60 }, (_, at) => at + 1),
    `seed ${SEED}`,
  );
});

redisTest(
  `Log.tail() gives 400 entries, each once, over a stream that is cut (SEED=${SEED})`,
  async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server);
    const rules = [{ fault: "cut", chance: 1, ms: 300 } as const, ...everyFault(0.02, 10)];
    await using proxy = startFaultProxy(gateway, { seed: SEED, rules });
    const { token } = gateway;
    const reader = createLog<number>(redis({ url: proxy.url, token, attemptTimeout: 2_000 }), {
      name: "orders",
    });
    const writer = createLog<number>(redis({ url: gateway.url, token }), { name: "orders" });
    const reading = events(reader, 400);
    for (let at = 0; at < 400; at += at % 7 === 0 ? 1 : 3) {
      const size = Math.min(at % 7 === 0 ? 1 : 3, 400 - at);
      await writer.append(Array.from({ length: size }, (_, i) => at + i));
    }
    deepStrictEqual(await reading, Array.from({ length: 400 }, (_, at) => at));
  },
);

redisTest("Log keeps what a durable server acknowledged before it was killed", async () => {
  await using server = await startRedis({ isDurable: true });
  await using gateway = await startGateway(server);
  const log = createLog<number>(
    redis({ url: gateway.url, token: gateway.token, attemptTimeout: 2_000, deadline: "20s" }),
    { name: "orders" },
  );
  const acknowledged = new Map<number, number>();
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let at = 0; at < 30; at++) {
      const event = lane * 100 + at;
      acknowledged.set(event, (await log.append([event])).last.index);
    }
  });
  await eventually("some were acknowledged", () => acknowledged.size > 20);
  await server.kill();
  await server.start();
  await Promise.all(lanes);
  const { entries } = await log.read({ limit: 1_000 });
  strictEqual(entries.length, 240);
  for (const [event, index] of acknowledged) strictEqual(entries[index - 1]?.event, event);
});

redisTest(
  "Log stops readers and writers who know more than a store that lost its tail",
  async () => {
    for (const refill of [0, 1, 5]) {
      await using server = await startRedis({ isDurable: true });
      await using gateway = await startGateway(server);
      const log = createLog<number>(redis({ url: gateway.url, token: gateway.token }), {
        name: "orders",
      });
      await log.append([1]);
      const mark = await server.mark();
      const { last } = await log.append([2, 3]);
      const feed = log.tail();
      for (let at = 0; at < 3; at++) await feed.next();
      await server.kill();
      await server.loseAfter(mark);
      await server.start();
      await eventually("the gateway is back", () => log.state().then(() => true, () => false));
      for (let at = 0; at < refill; at++) await log.append([at]);
      await rejects(feed.next(), { code: "ERR_STORE_REGRESSED" });
      await rejects(log.append([9], { expect: last }), { code: "ERR_STORE_REGRESSED" });
      await rejects(log.commit("reader", last), { code: "ERR_STORE_REGRESSED" });
      await rejects(log.read({ from: last }), { code: "ERR_STORE_REGRESSED" });
      strictEqual((await log.read()).entries.length, 1 + refill);
    }
  },
);

redisTest(
  `foldIntoModel() on Redis is exact through faults and restarts (SEED=${SEED})`,
  async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server);
    await using proxy = startFaultProxy(gateway, { seed: SEED, rules: everyFault(0.02, 10) });
    const backend = redis({
      url: proxy.url,
      token: gateway.token,
      attemptTimeout: 1_500,
      deadline: "20s",
    });
    const totals = createModel(
      backend,
      defineModel({ key: "total", schema: z.object({ sum: z.number() }) }),
    );
    const log = createLog<number>(backend, { name: "orders" });
    await totals.create({ id: 1, sum: 0 });
    for (let at = 0; at < 10; at++) await log.append([at * 3, at * 3 + 1, at * 3 + 2]);
    await log.seal();
    let applied = 0;
    const apply = async (
      { event }: LogEntry<number>,
      once: Parameters<typeof totals.patch>[2],
    ): Promise<void> => {
      await totals.patch(1, ({ sum }) => ({ sum: sum + event }), once);
      // Three lives end in the middle of a page, each a little later.
      if ([7, 20, 40].includes(++applied)) throw new Error("crash");
    };
    for (let isDone = false; !isDone;) {
      isDone = await foldIntoModel(log, totals, { name: "totals", apply }).then(
        () => true,
        (error) => {
          if (!(error instanceof Error) || error.message !== "crash") throw error;
          return false;
        },
      );
    }
    strictEqual((await totals.get(1))?.sum, 435);
    ok(applied > 30, `${applied} applied`);
  },
);

/** The first so many events of a log. */
async function events<Event>(log: Log<Event>, count: number): Promise<Event[]> {
  const seen: Event[] = [];
  for await (const { event } of log.tail()) {
    seen.push(event);
    if (seen.length === count) break;
  }
  return seen;
}
