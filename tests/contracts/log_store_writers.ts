/**
 * What every store of logs must do about writers and appends that arrive twice.
 *
 * @module
 */

import { WRITER_MEMORY_MS, WRITERS_MAX } from "../../src/log/port.ts";
import { equal, ok } from "./assert.ts";
import { logWriter, type OnLogs, PLAIN_LOG, textsAfter } from "./log_store_tools.ts";

/** Registers the suite. */
export function logWriters(on: OnLogs): void {
  on("append() answers a second arrival like the first, whatever came between", async (bench) => {
    const { append, done } = logWriter(bench.store);
    const order = { writer: { id: "w", sequence: 1 }, tag: "own" };
    const first = await append(["a", "b"], order);
    const last = first.kind === "done" ? first.last : undefined;
    await done(["c"], { expect: last });
    await bench.store.fence(PLAIN_LOG, "f");
    await bench.store.seal(PLAIN_LOG, "f");
    const peer = await bench.peer();
    const again = await logWriter(peer).append(["a", "b"], { ...order, expect: undefined });
    equal(again, { ...first, isRepeat: true });
    equal(await textsAfter(bench.store), ["a", "b", "c"]);
  });

  on("append() that arrives late changes nothing once its writer has gone on", async (bench) => {
    const { append, done } = logWriter(bench.store);
    const by = (sequence: number) => ({ writer: { id: "w", sequence } });
    await done(["a"], by(1));
    await done(["b"], by(2));
    await done(["c"], by(7));
    for (const sequence of [1, 2, 5]) {
      equal(await append(["x"], by(sequence)), { kind: "unknown" });
    }
    equal(await textsAfter(bench.store), ["a", "b", "c"]);
  });

  on("append() of a writer that is not known must be its first", async (bench) => {
    const { append, done } = logWriter(bench.store);
    equal(await append(["x"], { writer: { id: "w", sequence: 2 } }), { kind: "unknown" });
    await done(["a"], { writer: { id: "w", sequence: 1 } });
    await done(["b"], { writer: { id: "__proto__", sequence: 1 } });
    equal(await append(["x"], { writer: { id: "constructor", sequence: 2 } }), { kind: "unknown" });
  });

  on("append() happens once of many arrivals at once", async (bench) => {
    const peer = await bench.peer();
    const order = { writer: { id: "w", sequence: 1 }, tag: "own" };
    const results = await Promise.all(
      Array.from(
        { length: 20 },
        (_, at) => logWriter(at % 2 === 0 ? bench.store : peer).append(["a"], order),
      ),
    );
    equal(results.filter((result) => result.kind === "done" && !result.isRepeat).length, 1);
    equal(results.filter((result) => result.kind === "done").length, 20);
    equal(await textsAfter(bench.store), ["a"]);
  });

  on("append() is known after its entries were trimmed", async (bench) => {
    const { append, done } = logWriter(bench.store);
    const order = { writer: { id: "w", sequence: 3 } };
    await done(["a"], { writer: { id: "w", sequence: 1 } });
    const last = await done(["b"], order);
    await bench.store.trim(PLAIN_LOG, { upTo: last, isForced: true });
    const again = await append(["b"], order);
    equal(again.kind === "done" && [again.last, again.isRepeat], [last, true]);
    await done(["c"], { writer: { id: "w", sequence: 4 } });
    equal(await textsAfter(bench.store), ["c"]);
  });

  on(`append() is known for ${WRITERS_MAX} writers whose entries were trimmed`, async (bench) => {
    const { append } = logWriter(bench.store);
    const store = bench.store;
    const by = (at: number) => ({ writer: { id: `w${at}`, sequence: 1 } });
    const lasts = await appendMany(WRITERS_MAX + 500, (at) => append(["x"], by(at)));
    const before = (await store.state(PLAIN_LOG)).bytes;
    for (let rounds = 0; rounds < 3; rounds++) {
      await store.trim(PLAIN_LOG, { upTo: lasts, isForced: true });
    }
    const { bytes, start } = await store.state(PLAIN_LOG);
    equal(start.index, WRITERS_MAX + 500);
    ok(bytes < before && bytes <= (WRITERS_MAX + 1) * 128, `${bytes} bytes`);
    const known = await append(["x"], by(WRITERS_MAX + 400));
    equal(known.kind === "done" && known.isRepeat, true);
    ok(WRITER_MEMORY_MS >= 60_000, "outlives any retry");
  });
}

/** Appends so many, some at a time; gives the last position. */
async function appendMany(
  count: number,
  append: (at: number) => Promise<{ kind: string; last?: { index: number } }>,
) {
  let last: { index: number } | undefined;
  for (let from = 0; from < count; from += 250) {
    const indexes = Array.from({ length: Math.min(250, count - from) }, (_, at) => from + at);
    for (const result of await Promise.all(indexes.map(append))) {
      if ((result.last?.index ?? 0) > (last?.index ?? 0)) last = result.last;
    }
  }
  return last as never;
}
