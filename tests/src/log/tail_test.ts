import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { LogStore } from "../../../src/log/port.ts";
import { createLog } from "../../../src/log/mod.ts";
import { settle } from "../../contracts/manual_clock.ts";
import { liveLog, logInMemory, take } from "./setup.ts";

Deno.test("Log.tail() gives what is there and then what comes, each once and in order", async () => {
  const { log } = liveLog();
  await log.append([1, 2]);
  const taking = take(log.tail(), 7);
  await settle();
  await log.append([3]);
  await log.append([4, 5]);
  await log.append([6]);
  await settle();
  await log.append([7]);
  const taken = await taking;
  deepStrictEqual(taken.map(({ event }) => event), [1, 2, 3, 4, 5, 6, 7]);
  deepStrictEqual(taken.map(({ position }) => position.index), [1, 2, 3, 4, 5, 6, 7]);
});

Deno.test("Log.tail() begins where it is told", async () => {
  const { log } = liveLog();
  const { first } = await log.append([1, 2]);
  const after = take(log.tail({ from: first }), 2);
  const end = take(log.tail({ from: "end" }), 1);
  await settle();
  await log.append([3]);
  deepStrictEqual((await after).map(({ event }) => event), [2, 3]);
  deepStrictEqual((await end).map(({ event }) => event), [3]);
});

Deno.test("Log.tail() ends when a sealed log was read, whenever that is", async () => {
  for (const sealed of ["before", "between", "after"]) {
    const { log, clock } = logInMemory();
    await log.append([1]);
    if (sealed === "before") await log.seal();
    const taking = take(log.tail(), 9);
    await settle();
    if (sealed === "between") await log.append([2]);
    if (sealed !== "before") await log.seal();
    await clock.advance(20);
    strictEqual((await taking).length, sealed === "between" ? 2 : 1, sealed);
    strictEqual(clock.pending, 0, sealed);
  }
});

Deno.test("Log.tail() stops with the signal's reason, and leaves nothing behind", async () => {
  const { log, clock } = logInMemory();
  const stop = new AbortController();
  const ending = rejects(log.tail({ signal: stop.signal }).next(), /enough/);
  await settle();
  stop.abort(new Error("enough"));
  await ending;
  strictEqual(clock.pending, 0);
});

Deno.test("Log.tail() gives nothing more after its signal, in the middle of a page", async () => {
  const { log } = logInMemory();
  await log.append([1, 2, 3]);
  const stop = new AbortController();
  const feed = log.tail({ signal: stop.signal });
  strictEqual((await feed.next()).value?.event, 1);
  stop.abort(new Error("enough"));
  await rejects(feed.next(), /enough/);
});

Deno.test("Log.tail() stops with ERR_TRIMMED when what follows was trimmed", async () => {
  const { log } = logInMemory();
  const { first, last } = await log.append([1, 2]);
  await log.trim({ upTo: last, isForced: true });
  await rejects(log.tail({ from: first }).next(), { code: "ERR_TRIMMED", start: last });
});

Deno.test("Log.tail() stops with ERR_STORE_REGRESSED when the log was lost or refilled", async () => {
  for (const refill of [0, 1, 2, 3]) {
    const { log, clock, backend } = logInMemory();
    // A second backend stands for the store after the loss.
    const after = logInMemory().backend.log;
    let store: LogStore = backend.log;
    const losing = createLog<number>({
      ...backend,
      log: { ...backend.log, read: (...args) => store.read(...args) },
    }, { name: "orders" });
    await log.append([1, 2]);
    const feed = losing.tail();
    strictEqual((await feed.next()).value?.event, 1);
    await feed.next();
    store = after;
    const other = createLog<number>({ ...backend, log: after }, { name: "orders" });
    for (let at = 0; at < refill; at++) await other.append([at]);
    const failing = rejects(feed.next(), { code: "ERR_STORE_REGRESSED" });
    await clock.advance(60_000);
    await failing;
  }
});

Deno.test("Log.pages() gives as many entries at once as there are", async () => {
  const { log } = liveLog();
  for (let at = 0; at < 12; at++) await log.append(Array.from({ length: 100 }, (_, i) => i));
  await log.seal();
  const pages = await take(log.pages(), 99);
  deepStrictEqual(pages.map((page) => page.length), [500, 500, 200]);
});
