import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { createCache } from "../../../src/cache/mod.ts";
import { foldIntoCache, foldIntoModel, foldState } from "../../../src/log/mod.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { z } from "zod";
import { liveLog, logInMemory } from "./setup.ts";

interface Moved {
  readonly account: number;
  readonly amount: number;
}

const Account = defineModel({
  key: "account",
  schema: z.object({ sum: z.number(), moves: z.number() }),
});

Deno.test("foldState() gives the state of the whole log, begun at its snapshot", async () => {
  const { log } = logInMemory();
  const events = Array.from({ length: 2_500 }, (_, at) => at);
  for (let at = 0; at < 5; at++) await log.append(events.slice(at * 500, at * 500 + 500));
  let steps = 0;
  const fold = {
    initial: 0,
    reduce: (sum: number, { event }: { event: number }) => (steps++, sum + event),
  };
  const first = await foldState(log, fold);
  deepStrictEqual([first.state, first.position.index, steps], [3_123_750, 2_500, 2_500]);
  await log.saveSnapshot(first);
  await log.append([10]);
  const second = await foldState(log, fold);
  deepStrictEqual([second.state, steps], [3_123_760, 2_501]);
});

Deno.test("foldState() and expect let one of two deciders through", async () => {
  const { log } = logInMemory();
  await log.append([10]);
  const fold = {
    initial: 0,
    reduce: (sum: number, { event }: { event: number }) => sum + event,
  };
  const withdraw = async (): Promise<boolean> => {
    const { state, position } = await foldState(log, fold);
    if (state < 10) return false;
    return await log.append([-10], { expect: position }).then(() => true, () => false);
  };
  const results = await Promise.all([withdraw(), withdraw(), withdraw()]);
  strictEqual(results.filter((isDone) => isDone).length, 1);
  strictEqual((await foldState(log, fold)).state, 0);
});

Deno.test("foldIntoModel() writes each entry once, wherever it crashes", async () => {
  const { log, backend } = logInMemory<Moved>();
  const accounts = createModel(backend, Account);
  for (const id of [1, 2, 3]) await accounts.create({ id, sum: 0, moves: 0 });
  const total = 40;
  for (let at = 0; at < total; at++) await log.append([{ account: 1 + at % 3, amount: at }]);
  await log.seal();
  let applied = 0;
  let crashes = 0;
  for (let isDone = false; !isDone;) {
    // It crashes after a write, before a write, or as it commits its place.
    const crashAt = crashes * 3 + 1;
    const crashing = { ...log, commit: crashes % 5 === 4 ? crash : log.commit };
    try {
      await foldIntoModel(crashing, accounts, {
        name: "accounts",
        apply: async ({ event: { account, amount }, position }, once) => {
          if (position.index === crashAt && crashes % 2 === 0) throw new Error("crash");
          await accounts.patch(
            account,
            ({ sum, moves }) => ({ sum: sum + amount, moves: moves + 1 }),
            once,
          );
          applied++;
          if (position.index === crashAt) throw new Error("crash");
        },
      });
      isDone = true;
    } catch (error) {
      if (!(error instanceof Error) || error.message !== "crash") throw error;
      crashes++;
    }
  }
  const sums = await accounts.find({});
  strictEqual(sums.records.reduce((sum, { moves }) => sum + moves, 0), total);
  strictEqual(sums.records.reduce((sum, { sum: own }) => sum + own, 0), total * (total - 1) / 2);
  deepStrictEqual([crashes > 10, applied > total], [true, true]);
});

function crash(): Promise<never> {
  return Promise.reject(new Error("crash"));
}

Deno.test("foldIntoModel() begins at a log that is trimmed, and skips what writes nothing", async () => {
  const { log, backend } = logInMemory<Moved>();
  const accounts = createModel(backend, Account);
  const { last } = await log.append([{ account: 1, amount: 1 }, { account: 1, amount: 2 }]);
  await log.trim({ upTo: last, isForced: true });
  await log.append([{ account: 0, amount: 0 }, { account: 2, amount: 3 }]);
  await log.seal();
  await foldIntoModel(log, accounts, {
    name: "accounts",
    apply: ({ event: { account, amount } }, once) =>
      account === 0 ? undefined : accounts.upsert({ id: account, sum: amount, moves: 1 }, once),
  });
  deepStrictEqual((await accounts.find({})).records.map(({ id, sum }) => [id, sum]), [[2, 3]]);
  strictEqual((await log.load("accounts"))?.index, 4);
});

Deno.test("foldIntoCache() goes on as the log grows, and where it was", async () => {
  const { log, backend } = liveLog<string>();
  const pages = createCache(backend, { name: "pages", ttl: "1h" });
  const seen: string[] = [];
  const options = {
    name: "pages",
    apply: async ({ event }: { event: string }) => {
      seen.push(event);
      await pages.delete(event);
    },
  };
  await pages.set("/a", "old");
  const stop = new AbortController();
  const folding = rejects(foldIntoCache(log, pages, { ...options, signal: stop.signal }), /enough/);
  await log.append(["/a"]);
  await eventually("the fold has committed", async () => (await log.load("pages"))?.index === 1);
  strictEqual(await pages.get("/a"), undefined);
  stop.abort(new Error("enough"));
  await folding;
  await log.append(["/b"]);
  await log.seal();
  await foldIntoCache(log, pages, options);
  deepStrictEqual(seen, ["/a", "/b"]);
});
