/**
 * What every store of logs must do about snapshots and trims.
 *
 * @module
 */

import { CONSUMER_LEASE_MS, TRIM_ENTRIES_MAX } from "../../src/log/port.ts";
import { equal, ok } from "./assert.ts";
import { logWriter, type OnLogs, PLAIN_LOG, textsAfter } from "./log_store_tools.ts";

/** Registers the suite. */
export function logTrims(on: OnLogs): void {
  snapshots(on);
  trims(on);
  ages(on);
}

function snapshots(on: OnLogs): void {
  on("snapshot() gives what trim() saved, and entries after it are kept", async (bench) => {
    const { store } = bench;
    const { done } = logWriter(store);
    equal(await store.snapshot(PLAIN_LOG), undefined);
    const position = await done(["a", "b"]);
    const head = await done(["c"]);
    const snapshot = { position, text: `{"two":"lines\\n"}\n é` };
    const result = await store.trim(PLAIN_LOG, { snapshot });
    equal(result, { kind: "done", start: position, isDone: true });
    equal(await (await bench.peer()).snapshot(PLAIN_LOG), snapshot);
    equal(await textsAfter(store), ["c"]);
    const state = await store.state(PLAIN_LOG);
    equal([state.start, state.snapshot, state.head], [position, position, head]);
  });

  on("trim() keeps the later of two snapshots, and the same may come twice", async (bench) => {
    const { store } = bench;
    const { done } = logWriter(store);
    const early = await done(["a"]);
    const late = await done(["b"]);
    await store.commit(PLAIN_LOG, "slow", { ...early, index: 0, tag: "" });
    const snapshot = { position: late, text: "late" };
    await store.trim(PLAIN_LOG, { snapshot });
    await store.trim(PLAIN_LOG, { snapshot });
    const behind = await store.trim(PLAIN_LOG, { snapshot: { position: early, text: "early" } });
    equal(behind, { kind: "behind", snapshot: late });
    equal((await store.snapshot(PLAIN_LOG))?.text, "late");
  });

  on("trim() refuses a snapshot of another log, and one of what is gone", async (bench) => {
    const { store } = bench;
    const { done } = logWriter(store);
    const first = await done(["a"]);
    const head = await done(["b"]);
    for (
      const position of [{ ...head, tag: "x" }, { ...head, index: 9 }, { ...head, epoch: "x" }]
    ) {
      equal(await store.trim(PLAIN_LOG, { snapshot: { position, text: "" } }), {
        kind: "regressed",
      });
    }
    await store.trim(PLAIN_LOG, { upTo: head, isForced: true });
    equal(await store.trim(PLAIN_LOG, { snapshot: { position: first, text: "" } }), {
      kind: "trimmed",
      start: head,
    });
    equal(await store.snapshot(PLAIN_LOG), undefined);
  });
}

function trims(on: OnLogs): void {
  on("trim() drops nothing that no snapshot has or a consumer still needs", async (bench) => {
    const { store } = bench;
    const { done } = logWriter(store);
    const first = await done(["a"]);
    const second = await done(["b"]);
    const third = await done(["c"]);
    await store.trim(PLAIN_LOG, {});
    equal(await textsAfter(store), ["a", "b", "c"]);
    await store.commit(PLAIN_LOG, "reader", first);
    await store.trim(PLAIN_LOG, { snapshot: { position: second, text: "" } });
    equal(await textsAfter(store), ["b", "c"]);
    await store.commit(PLAIN_LOG, "reader", third);
    await store.trim(PLAIN_LOG, {});
    equal(await textsAfter(store), ["c"]);
    ok(CONSUMER_LEASE_MS > 86_400_000, "a consumer may stand still for a day");
  });

  on("trim() goes no further than it is told, and further than it may if forced", async (bench) => {
    const { store } = bench;
    const { done } = logWriter(store);
    const first = await done(["a"]);
    const second = await done(["b"]);
    const third = await done(["c"]);
    await store.commit(PLAIN_LOG, "reader", first);
    equal(await store.trim(PLAIN_LOG, { upTo: second }), {
      kind: "done",
      start: { ...first, index: 0, tag: "" },
      isDone: true,
    });
    await store.trim(PLAIN_LOG, { snapshot: { position: third, text: "" }, upTo: first });
    equal(await textsAfter(store), ["b", "c"]);
    equal(await store.trim(PLAIN_LOG, { upTo: second, isForced: true }), {
      kind: "done",
      start: second,
      isDone: true,
    });
    equal(await store.trim(PLAIN_LOG, { upTo: { ...second, tag: "x" } }), { kind: "regressed" });
  });

  on("read() and commit() say where a trimmed log begins", async (bench) => {
    const { store } = bench;
    const { done } = logWriter(store);
    const first = await done(["a"]);
    const start = await done(["b"]);
    await done(["c"]);
    await store.trim(PLAIN_LOG, { upTo: start, isForced: true });
    const trimmed = { kind: "trimmed", start };
    equal(await store.read(PLAIN_LOG, first, { limit: 1 }), trimmed);
    equal(await store.read(PLAIN_LOG, { epoch: "0", index: 0, tag: "" }, { limit: 1 }), trimmed);
    equal(await store.commit(PLAIN_LOG, "late", first), trimmed);
    equal(await textsAfter(store, start), ["c"]);
    equal(await store.read(PLAIN_LOG, { ...start, tag: "x" }, { limit: 1 }), { kind: "regressed" });
  });

  on("append() goes on in a log that was trimmed to its end", async (bench) => {
    const { store } = bench;
    const { append, done } = logWriter(store);
    const head = await done(["a", "b"]);
    await store.trim(PLAIN_LOG, { upTo: head, isForced: true });
    const next = await done(["c"], { expect: head });
    equal([next.index, next.epoch], [3, head.epoch]);
    equal((await append(["x"], { expect: head })).kind, "conflict");
    equal(await textsAfter(store, head), ["c"]);
  });

  on(
    `trim() drops at most ${TRIM_ENTRIES_MAX} at once, and says that there is more`,
    async (bench) => {
      const { store } = bench;
      const { done } = logWriter(store);
      const texts = Array.from({ length: 1_000 }, () => "x");
      let head = await done(texts);
      while (head.index < TRIM_ENTRIES_MAX + 1_000) head = await done(texts);
      const order = { upTo: head, isForced: true };
      const first = await store.trim(PLAIN_LOG, order);
      equal(first.kind === "done" && [first.start.index, first.isDone], [TRIM_ENTRIES_MAX, false]);
      const second = await store.trim(PLAIN_LOG, order);
      equal(second.kind === "done" && [second.start, second.isDone], [head, true]);
      equal((await store.state(PLAIN_LOG)).bytes, (head.index / 1_000) * 128);
    },
  );
}

function ages(on: OnLogs): void {
  on("trim() drops what is older than it may be, and not too early", async (bench) => {
    const { store, advance } = bench;
    const log = { ...PLAIN_LOG, ageMsMax: 150 };
    const { done } = logWriter(store, log);
    await done(["old"]);
    await store.trim(log, {});
    equal(await textsAfter(store, undefined, log), ["old"]);
    for (let steps = 0; steps < 3; steps++) {
      await advance(60);
      await done([`new ${steps}`]);
    }
    const result = await store.trim(log, {});
    equal(result.kind === "done" && result.start.index, 1);
    equal((await textsAfter(store, undefined, log)).length, 3);
  });
}
