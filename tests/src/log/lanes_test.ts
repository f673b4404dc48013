import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { memoryLogStore } from "../../../adapters/memory/log.ts";
import { Lanes, LANES_MAX } from "../../../src/log/lanes.ts";
import { createLog, type LogWriter } from "../../../src/log/mod.ts";
import type { LogStore } from "../../../src/log/port.ts";
import { logInMemory } from "./setup.ts";

/** A log that tells which writers its store saw. */
function watched() {
  const { backend, clock } = logInMemory();
  const seen: LogWriter[] = [];
  let store: LogStore = backend.log;
  const append: LogStore["append"] = async (log, entries, order) => {
    seen.push(order.writer);
    const result = await store.append(log, entries, order);
    await Promise.resolve();
    return result;
  };
  const log = createLog<number>({ ...backend, log: { ...backend.log, append } }, {
    name: "orders",
  });
  const flush = () => {
    store = memoryLogStore(backend);
  };
  return { log, seen, clock, flush };
}

Deno.test("Log.append() without a writer has one for each append that is under way", async () => {
  const { log, seen } = watched();
  for (let at = 0; at < 10; at++) await log.append([at]);
  strictEqual(new Set(seen.map(({ id }) => id)).size, 1);
  deepStrictEqual(seen.map(({ sequence }) => sequence), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  await Promise.all(Array.from({ length: 5 }, (_, at) => log.append([at])));
  await Promise.all(Array.from({ length: 5 }, (_, at) => log.append([at])));
  strictEqual(new Set(seen.map(({ id }) => id)).size, 5);
});

Deno.test("Log.append() without a writer never uses a sequence twice, whatever failed", async () => {
  const { log, seen } = watched();
  const { last } = await log.append([1]);
  await log.append([2]);
  await rejects(log.append([3], { expect: last }), { code: "ERR_CONFLICT" });
  await rejects(log.append([3], { signal: AbortSignal.abort(new Error("enough")) }), /enough/);
  await log.append([3]);
  deepStrictEqual(seen.map(({ sequence }) => sequence), [1, 2, 3, 4, 5]);
});

Deno.test("Log.append() without a writer has a new one after a pause, and when the store forgot it", async () => {
  const { log, seen, clock, flush } = watched();
  await log.append([1]);
  await clock.advance(61_000);
  await log.append([2]);
  strictEqual(new Set(seen.map(({ id }) => id)).size, 2);
  flush();
  strictEqual((await log.append([3])).last.index, 1);
  deepStrictEqual(seen.map(({ sequence }) => sequence), [1, 1, 2, 1]);
});

Deno.test(`Lanes keeps ${LANES_MAX} that are free, and gives the last one first`, () => {
  const lanes = new Lanes();
  for (let at = 0; at < LANES_MAX + 10; at++) lanes.free({ id: `w${at}`, sequence: at }, at);
  deepStrictEqual(lanes.take(100), { id: `w${LANES_MAX - 1}`, sequence: LANES_MAX });
  for (let taken = 1; taken < LANES_MAX; taken++) lanes.take(100);
  strictEqual(lanes.take(100), undefined);
});
