/**
 * What every store of logs must do about consumers and their positions.
 *
 * @module
 */

import { CONSUMERS_MAX, NO_ENTRIES } from "../../src/log/port.ts";
import { equal } from "./assert.ts";
import { logWriter, type OnLogs, PLAIN_LOG } from "./log_store_tools.ts";

/** Registers the suite. */
export function logConsumers(on: OnLogs): void {
  on("commit() keeps positions by name, also for a peer", async (bench) => {
    const { store } = bench;
    const { done } = logWriter(store);
    const first = await done(["a"]);
    const second = await done(["b"]);
    for (const name of ["a", "b:c", "__proto__", "a/b"]) {
      equal(await store.commit(PLAIN_LOG, name, first), { kind: "done", position: first });
    }
    equal(await store.commit(PLAIN_LOG, "a", second), { kind: "done", position: second });
    const { consumers } = await (await bench.peer()).state(PLAIN_LOG);
    equal([...consumers].sort(([a], [b]) => a < b ? -1 : 1), [
      ["__proto__", first],
      ["a", second],
      ["a/b", first],
      ["b:c", first],
    ]);
  });

  on("commit() never goes back, and says where the consumer stands", async (bench) => {
    const { store } = bench;
    const { done } = logWriter(store);
    const first = await done(["a"]);
    const second = await done(["b"]);
    await store.commit(PLAIN_LOG, "a", second);
    equal(await store.commit(PLAIN_LOG, "a", first), { kind: "done", position: second });
    equal((await store.state(PLAIN_LOG)).consumers.get("a"), second);
  });

  on("commit() takes the position of a log that nothing was written to", async (bench) => {
    const { store } = bench;
    equal(await store.commit(PLAIN_LOG, "a", NO_ENTRIES), { kind: "done", position: NO_ENTRIES });
    equal((await store.state(PLAIN_LOG)).consumers.get("a"), NO_ENTRIES);
  });

  on("commit() refuses a position that is not of this log", async (bench) => {
    const { store } = bench;
    const head = await logWriter(store).done(["a"]);
    for (
      const position of [{ ...head, index: 2 }, { ...head, tag: "x" }, { ...head, epoch: "x" }]
    ) {
      equal(await store.commit(PLAIN_LOG, "a", position), { kind: "regressed" });
    }
    equal((await store.state(PLAIN_LOG)).consumers.size, 0);
  });

  on(
    `commit() keeps ${CONSUMERS_MAX} consumers, and forgets one that is told to go`,
    async (bench) => {
      const { store } = bench;
      const head = await logWriter(store).done(["a"]);
      for (let at = 0; at < CONSUMERS_MAX; at++) await store.commit(PLAIN_LOG, `c${at}`, head);
      equal(await store.commit(PLAIN_LOG, "more", head), { kind: "full" });
      equal(await store.commit(PLAIN_LOG, "c3", head), { kind: "done", position: head });
      equal(await store.commit(PLAIN_LOG, "c3", undefined), { kind: "done", position: undefined });
      equal(await store.commit(PLAIN_LOG, "more", head), { kind: "done", position: head });
      equal((await store.state(PLAIN_LOG)).consumers.size, CONSUMERS_MAX);
    },
  );
}
