import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { redis } from "../../../adapters/redis/mod.ts";
import { restRequester } from "../../../adapters/redis/requester.ts";
import { systemClock } from "../../../src/clock.ts";
import type { DocumentCore, SubmitResult } from "../../../src/documents/core.ts";
import { HoldfastError } from "../../../src/errors.ts";
import type { Json } from "../../../src/json.ts";
import { seededRandom } from "../../../src/random.ts";
import { author, codeOf, coreOn, must, snapshotIn } from "../../support/documents/core.ts";
import { everyFault, faultRequester } from "../../support/fault_requester.ts";
import { eventually } from "../../support/eventually.ts";
import { startDeno } from "../../support/process.ts";
import { startGateway, type TestGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { type RedisServer, startRedis } from "../../support/redis/server.ts";

const VOTE = [{ p: ["n"], na: 1 }];
const KEY = "holdfast:{documents:things#0}:d:1";

/** A server, its gateway, and cores on it that share nothing but the data. */
async function onRedis(
  run: (
    on: { server: RedisServer; gateway: TestGateway; fresh: () => DocumentCore },
  ) => Promise<void>,
): Promise<void> {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const { url, token } = gateway;
  await run({ server, gateway, fresh: () => coreOn(redis({ url, token })) });
}

redisTest("Documents on Redis commit each edit once through every fault", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const seed = Number(Deno.env.get("SEED") ?? 7);
  const clock = systemClock();
  const faulty = Array.from({ length: 3 }, (_, at) =>
    faultRequester(
      restRequester({ url: gateway.url, token: gateway.token, fetch, clock }),
      { clock, random: seededRandom(seed + at), rules: everyFault(0.02, 5) },
    ));
  const cores = faulty.map((requester) => coreOn(redis({ requester, attemptTimeout: 500 })));
  const clean = coreOn(redis({ url: gateway.url, token: gateway.token }));
  await author(clean, "o").create({ l: [] });
  const writing = cores.flatMap((core, at) =>
    [0, 1].map(async (one) => {
      for (let edit = 0; edit < 15; edit++) {
        const name = `${at}.${one}.${edit}`;
        await insisted(() =>
          core.submit("things", "1", {
            source: `s${at}-${one}`,
            sequence: edit,
            change: { kind: "op", op: [{ p: ["l", 0], li: name }] },
            base: { version: 1 },
          })
        );
      }
    })
  );
  await Promise.all(writing);
  await Promise.all(faulty.map((requester) => requester.idle()));
  const { data, version } = await snapshotIn(clean);
  const { l } = data as { l: string[] };
  deepStrictEqual([new Set(l).size, l.length, version], [90, 90, 91], `seed ${seed}`);
  for (const requester of faulty) requester.rules = [];
  for (const core of cores) deepStrictEqual((await snapshotIn(core)).data, data, `seed ${seed}`);
});

redisTest(
  "Documents on Redis take an edit whose answer was lost for a duplicate (case 45)",
  async () => {
    await onRedis(async ({ gateway, fresh }) => {
      const clock = systemClock();
      const rule = { fault: "drop-after", chance: 1, match: /EVAL/ } as const;
      const requester = faultRequester(
        restRequester({ url: gateway.url, token: gateway.token, fetch, clock }),
        { clock, random: seededRandom(1) },
      );
      const core = coreOn(redis({ requester, deadline: 300 }));
      const ada = author(core, "a");
      await ada.create({ n: 0 });
      const op = { sequence: 5, base: { version: 1 } };
      requester.rules = [rule];
      await rejects(ada.edit(VOTE, op), { code: "ERR_OUTCOME_UNKNOWN" });
      requester.rules = [];
      strictEqual(must(await ada.edit(VOTE, op), "duplicate").version, 1);
      deepStrictEqual((await snapshotIn(fresh())).data, { n: 1 });
    });
  },
);

redisTest("Documents on Redis never merge what was flushed and begun anew", async () => {
  await onRedis(async ({ server, fresh }) => {
    const [mine, other] = [fresh(), fresh()];
    const ada = author(mine, "a");
    const { epoch } = must(await ada.create({ l: [] }), "committed");
    for (let at = 0; at < 3; at++) await ada.edit([{ p: ["l", 0], li: at }]);
    await server.command("FLUSHALL");
    const bob = author(other, "b");
    await bob.create({ l: ["UNRELATED"] });
    for (let at = 0; at < 9; at++) await bob.edit([{ p: ["l", 0], li: "u" }]);
    const late = [{ p: ["l", 0], li: "late" }];
    strictEqual(codeOf(await ada.edit(late, { base: { version: 4, epoch } })), "ERR_DOC_EPOCH");
    // A process that knew the old data itself needs no epoch from the client.
    const [tail] = await mine.read("things", [{ id: "1", after: { version: 4, epoch } }]);
    strictEqual(must(tail, "snapshot").reason, "foreign");
    strictEqual((await snapshotIn(mine)).version, 10);
    strictEqual((await snapshotIn(other)).version, 10);
  });
});

redisTest(
  "Documents on Redis take a creation after a flush, though a copy says otherwise",
  async () => {
    await onRedis(async ({ server, fresh }) => {
      const core = fresh();
      const ada = author(core, "a");
      await ada.create({ n: 0 });
      await server.command("FLUSHALL");
      must(await ada.create({ n: 5 }, { base: { version: 0 } }), "committed");
      deepStrictEqual((await snapshotIn(core)).data, { n: 5 });
      await server.command("FLUSHALL");
      strictEqual(codeOf(await ada.edit(VOTE)), "ERR_DOC_DOES_NOT_EXIST");
    });
  },
);

redisTest("Documents on Redis notice a log that lost its end and was refilled", async () => {
  await onRedis(async ({ server, fresh }) => {
    const [mine, other] = [fresh(), fresh()];
    const ada = author(mine, "a");
    await ada.create({ l: [] });
    const fields = await server.command("HGETALL", KEY) as string[];
    const lost = must(await ada.edit([{ p: ["l", 0], li: "lost" }]), "committed");
    // A failover to a replica that had not got the last commit.
    await server.command("DEL", KEY);
    await server.command("HSET", KEY, ...fields);
    must(await author(other, "b").edit([{ p: ["l", 0], li: "b" }]), "committed");
    const base = { version: 2, epoch: lost.epoch, tag: lost.op.tag };
    strictEqual(codeOf(await ada.edit([{ p: ["l", 0], li: "x" }], { base })), "ERR_DOC_EPOCH");
    const [tail] = await mine.read("things", [{ id: "1", after: base }]);
    strictEqual(must(tail, "snapshot").reason, "foreign");
    deepStrictEqual((await snapshotIn(mine)).data, { l: ["b"] });
  });
});

redisTest("Documents on Redis refuse a document with a hole or with what is not ours", async () => {
  const spoil: readonly (readonly [string, (server: RedisServer) => Promise<unknown>])[] = [
    ["a hole", (server) => server.command("HDEL", KEY, "o3")],
    ["garbage", (server) => server.command("HSET", KEY, "o3", "garbage")],
    ["another number", async (server) => {
      const line = String(await server.command("HGET", KEY, "o3"));
      await server.command("HSET", KEY, "o3", line.replace(`"na":1`, `"na":7`));
    }],
    ["a broken head", (server) => server.command("HSET", KEY, "v", "x")],
    ["no head", (server) => server.command("HDEL", KEY, "v")],
    ["a broken snapshot", (server) => server.command("HSET", KEY, "s", "x")],
    ["no snapshot", (server) => server.command("HDEL", KEY, "s")],
  ];
  await onRedis(async ({ server, fresh }) => {
    for (const [what, act] of spoil) {
      await server.command("FLUSHALL");
      const writing = fresh();
      const ada = author(writing, "a");
      await ada.create({ n: 0 });
      await author(writing, "a", "2").create({ n: 0 });
      for (let at = 0; at < 5; at++) await ada.edit(VOTE);
      await act(server);
      const core = fresh();
      const [broken, whole] = await core.read("things", [{ id: "1" }, { id: "2" }]);
      strictEqual(codeOf(broken), "ERR_DOC_CORRUPT", what);
      strictEqual(must(whole, "snapshot").snapshot.version, 1, what);
      strictEqual(codeOf(await author(core, "b").edit(VOTE)), "ERR_DOC_CORRUPT", what);
      must(await author(core, "b", "2").edit(VOTE), "committed");
    }
  });
});

redisTest(
  "Documents on Redis are followed through lost hints and a server that restarts its stream",
  async () => {
    await onRedis(async ({ fresh, server }) => {
      const [mine, other] = [fresh(), fresh()];
      await author(other, "o").create({ n: 0 });
      const stop = new AbortController();
      const versions: number[] = [];
      await mine.follow("things", ["1"], (event) => {
        for (const op of event.kind === "ops" ? event.ops : []) versions.push(op.version);
      }, stop.signal);
      const bob = author(other, "b");
      for (let at = 0; at < 5; at++) await bob.edit(VOTE);
      await eventually("five are told", () => versions.length === 5);
      await server.command("CLIENT", "KILL", "TYPE", "pubsub");
      for (let at = 0; at < 5; at++) await bob.edit(VOTE);
      await eventually("all are told", () => versions.length === 10);
      deepStrictEqual(versions, Array.from({ length: 10 }, (_, at) => at + 1));
      stop.abort();
    });
  },
);

redisTest("Documents on Redis need no promise that outlives its request", async () => {
  await onRedis(async ({ gateway, fresh }) => {
    const { url, token } = gateway;
    const core = coreOn(redis({ url, token, isolation: "request" }));
    await author(core, "o").create({ n: 0 });
    const stop = new AbortController();
    const versions: number[] = [];
    await core.follow("things", ["1"], (event) => {
      for (const op of event.kind === "ops" ? event.ops : []) versions.push(op.version);
    }, stop.signal);
    const results = await Promise.all(
      Array.from(
        { length: 10 },
        (_, at) => author(core, `a${at}`).edit(VOTE, { base: { version: 1 } }),
      ),
    );
    for (const result of results) must(result, "committed");
    deepStrictEqual((await snapshotIn(fresh())).data, { n: 10 });
    await eventually("all are told", () => versions.length === 10);
    stop.abort();
  });
});

redisTest(
  "Documents on Redis keep every acknowledged edit of processes that are killed",
  async () => {
    await onRedis(async ({ gateway, fresh }) => {
      const core = fresh();
      await author(core, "o").create({ l: [] });
      const program = "tests/support/documents/writer_program.ts";
      const start = (name: string) =>
        startDeno(
          ["run", "-A", "--no-check", program, gateway.url, gateway.token, name, "1000"],
          new RegExp(`${name}\\.20\\n`),
        );
      const running = await Promise.all(["a", "b"].map(start));
      const printed: string[] = [];
      for (const one of running) {
        await one[Symbol.asyncDispose]();
        printed.push(...one.printed().split("\n").slice(0, -1));
      }
      const { data, version } = await snapshotIn(core);
      const { l } = data as { l: string[] };
      strictEqual(new Set(l).size, l.length);
      strictEqual(version, l.length + 1);
      for (const text of printed) ok(l.includes(text), `${text} is kept`);
      ok(printed.length >= 40, "both have written");
      // Another process goes on from there.
      must(await author(fresh(), "z").edit([{ p: ["l", 0], li: "z" }]), "committed");
      deepStrictEqual(await replayed(core), (await snapshotIn(core)).data);
    });
  },
);

/** The document, as replaying its whole log makes it. */
async function replayed(core: DocumentCore): Promise<Json | undefined> {
  const { version } = await snapshotIn(core);
  return (await core.history("things", "1", { version })).data;
}

/** Submits until it is told what came of it, as a client does that comes back. */
async function insisted(submit: () => Promise<SubmitResult>): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    try {
      const result = await submit();
      if (result.kind !== "refused") return;
      throw new Error(result.error.code);
    } catch (error) {
      // Whatever a server that is in trouble says; the same submission may be made again.
      if (!HoldfastError.is(error)) throw error;
    }
  }
  throw new Error("never told what came of it");
}
