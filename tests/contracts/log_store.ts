/**
 * What every driver of the port of logs must do.
 *
 * @module
 */

import { APPEND_ENTRIES_MAX, FENCES_MAX, type LogStore, NO_ENTRIES } from "../../src/log/port.ts";
import { equal, ok } from "./assert.ts";
import type { OpenBench, TestFunction } from "./harness.ts";
import { logConsumers } from "./log_store_consumers.ts";
import { logTrims } from "./log_store_trims.ts";
import { logWriter, type OnLogs, PLAIN_LOG, textsAfter } from "./log_store_tools.ts";
import { logWriters } from "./log_store_writers.ts";

/** Registers the suite with a runner. */
export function logStoreContract(test: TestFunction, open: OpenBench<LogStore>): void {
  const on: OnLogs = (name, run) => {
    test(`LogStore.${name}`, async () => {
      await using bench = await open();
      await run(bench);
    });
  };
  order(on);
  expectations(on);
  ends(on);
  reads(on);
  logWriters(on);
  logTrims(on);
  logConsumers(on);
}

const TEXTS = [
  "{}",
  "",
  " ",
  "- a b",
  `{"text":"\\n\\u0000 \\u2028 é 🙂 \\" \\\\ \\t"}`,
  "two\nlines\r\n",
  "\u2028\u2029\u0085\t",
  "null",
  `{"a":"OK","c":"123","d":[],"e":9007199254740993}`,
  "x".repeat(100_000),
];

function order(on: OnLogs): void {
  on("read() gives back what append() wrote, byte for byte, also to a peer", async (bench) => {
    const { done } = logWriter(bench.store);
    await done(TEXTS);
    await done(["alone"]);
    equal(await textsAfter(await bench.peer()), [...TEXTS, "alone"]);
  });

  on("append() numbers entries from 1 without a gap", async (bench) => {
    const { append } = logWriter(bench.store);
    const results = [await append(["a"]), await append(["b", "c"]), await append(["d"])];
    const places = results.map((result) =>
      result.kind === "done" ? [result.first.index, result.last.index, result.isRepeat] : []
    );
    equal(places, [[1, 1, false], [2, 3, false], [4, 4, false]]);
    const answer = await bench.store.read(PLAIN_LOG, undefined, { limit: 10 });
    const entries = answer.kind === "entries" ? answer.entries : [];
    equal(entries.map(({ index, tag }) => [index, tag]), [
      [1, "tw1"],
      [2, "tw2"],
      [3, "tw2"],
      [4, "tw3"],
    ]);
  });

  on("append() gives every entry of many writers its own place", async (bench) => {
    const peer = await bench.peer();
    const writers = [logWriter(bench.store, PLAIN_LOG, "a"), logWriter(peer, PLAIN_LOG, "b")];
    const lasts = await Promise.all(
      Array.from({ length: 40 }, (_, at) => writers[at % 2]?.done([`${at}`, `${at}+`])),
    );
    equal(new Set(lasts.map((last) => last?.index)).size, 40);
    const texts = await textsAfter(bench.store);
    equal(texts.length, 80);
    for (let at = 0; at < 80; at += 2) equal(texts[at + 1], `${texts[at]}+`);
  });

  on("append() takes as many entries as it may", async (bench) => {
    const texts = Array.from({ length: APPEND_ENTRIES_MAX }, (_, at) => String(at));
    equal((await logWriter(bench.store).done(texts)).index, APPEND_ENTRIES_MAX);
    equal(await textsAfter(bench.store), texts);
  });

  on("append() keeps logs apart, whatever their names are", async (bench) => {
    const names = ["a", "A", "a:b", "{a}", "}{", "__proto__", "constructor", "a%7Bb"];
    const logs = names.map((name) => ({ ...PLAIN_LOG, name }));
    for (const log of logs) await logWriter(bench.store, log).done([log.name]);
    for (const log of logs) equal(await textsAfter(bench.store, undefined, log), [log.name]);
  });
}

function expectations(on: OnLogs): void {
  on("append() happens where the log ends as expected, and nowhere else", async (bench) => {
    const { append, done } = logWriter(bench.store);
    const first = await done(["a"], { expect: NO_ENTRIES });
    const second = await done(["b"], { expect: first });
    equal(await append(["x"], { expect: first }), { kind: "conflict", head: second });
    equal(await append(["x"], { expect: NO_ENTRIES }), { kind: "conflict", head: second });
    equal(await textsAfter(bench.store), ["a", "b"]);
  });

  on("append() lets one of many with one expectation through", async (bench) => {
    const peer = await bench.peer();
    const writers = [logWriter(bench.store, PLAIN_LOG, "a"), logWriter(peer, PLAIN_LOG, "b")];
    const expect = await logWriter(bench.store).done(["start"]);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) => writers[at % 2]?.append([`${at}`], { expect })),
    );
    equal(results.filter((result) => result?.kind === "done").length, 1);
    const heads = results.flatMap((result) => result?.kind === "conflict" ? [result.head] : []);
    equal(heads.map(({ index }) => index), Array.from({ length: 19 }, () => 2));
  });

  on("append() finds by its expectation that the store lost entries", async (bench) => {
    const { append, done } = logWriter(bench.store);
    await done(["a", "b"]);
    const head = await done(["c"]);
    const strangers = [
      { ...head, epoch: "other" },
      { ...head, index: 4 },
      { ...head, tag: "other" },
      { ...head, index: 2, tag: "other" },
    ];
    for (const expect of strangers) {
      equal(await append(["x"], { expect }), { kind: "regressed" });
    }
    equal((await textsAfter(bench.store)).length, 3);
  });

  on("append() refuses what is over the bounds, for good, and takes what fits", async (bench) => {
    const log = { ...PLAIN_LOG, entriesMax: 3, bytesMax: 2_000 };
    const { append, done } = logWriter(bench.store, log);
    const head = await done(["a", "b"]);
    equal(await append(["c", "d"]), { kind: "full" });
    equal(await append(["x".repeat(2_000)]), { kind: "full" });
    await done(["c"]);
    const writer = { id: "w-2", sequence: 1 };
    await bench.store.trim(log, { upTo: head, isForced: true });
    equal(await append(["c", "d"], { writer }), { kind: "full" });
    await done(["c", "d"]);
    equal(await textsAfter(bench.store, undefined, log), ["c", "c", "d"]);
  });
}

function ends(on: OnLogs): void {
  on("fence() refuses whoever does not bring it, from then on", async (bench) => {
    const { append, done } = logWriter(bench.store);
    const head = await done(["a"]);
    equal(await append(["x"], { fence: "f1" }), { kind: "fenced" });
    equal(await bench.store.fence(PLAIN_LOG, "f1"), head);
    equal(await append(["x"]), { kind: "fenced" });
    equal(await append(["x"], { fence: "f2" }), { kind: "fenced" });
    await done(["b"], { fence: "f1" });
    equal((await bench.store.fence(PLAIN_LOG, "f2"))?.index, 2);
    equal(await append(["x"], { fence: "f1" }), { kind: "fenced" });
    await done(["c"], { fence: "f2" });
    equal((await bench.store.state(PLAIN_LOG)).isFenced, true);
  });

  on("fence() is the same when it comes twice, and never comes back", async (bench) => {
    await bench.store.fence(PLAIN_LOG, "f1");
    await bench.store.fence(PLAIN_LOG, "f1");
    await bench.store.fence(PLAIN_LOG, "f2");
    equal(await bench.store.fence(PLAIN_LOG, "f1"), undefined);
    await logWriter(bench.store).done(["a"], { fence: "f2" });
  });

  on(`fence() knows ${FENCES_MAX} past ones, and the log takes the newest alone`, async (bench) => {
    const { append, done } = logWriter(bench.store);
    for (let at = 0; at <= FENCES_MAX; at++) await bench.store.fence(PLAIN_LOG, `f${at}`);
    for (const at of [0, 1, FENCES_MAX - 1]) {
      equal(await bench.store.fence(PLAIN_LOG, `f${at}`), undefined);
      equal(await append(["x"], { fence: `f${at}` }), { kind: "fenced" });
    }
    await done(["a"], { fence: `f${FENCES_MAX}` });
  });

  on("seal() ends the log for who may, and for ever", async (bench) => {
    const { append, done } = logWriter(bench.store);
    const head = await done(["a"]);
    await bench.store.fence(PLAIN_LOG, "f1");
    equal(await bench.store.seal(PLAIN_LOG, undefined), undefined);
    equal(await bench.store.seal(PLAIN_LOG, "f1"), head);
    equal(await bench.store.seal(PLAIN_LOG, "f1"), head);
    equal(await append(["x"], { fence: "f1" }), { kind: "sealed" });
    const answer = await bench.store.read(PLAIN_LOG, undefined, { limit: 10 });
    equal(answer.kind === "entries" && answer.isSealed, true);
    equal((await bench.store.state(PLAIN_LOG)).isSealed, true);
  });
}

function reads(on: OnLogs): void {
  on("read() begins after any position, and gives no more than its limit", async (bench) => {
    const { done } = logWriter(bench.store);
    const first = await done(["a"]);
    const third = await done(["b", "c"]);
    const last = await done(["d"]);
    equal(await textsAfter(bench.store, first), ["b", "c", "d"]);
    equal(await textsAfter(bench.store, { ...third, index: 2 }), ["c", "d"]);
    equal(await textsAfter(bench.store, third), ["d"]);
    equal(await textsAfter(bench.store, last), []);
    const answer = await bench.store.read(PLAIN_LOG, first, { limit: 2 });
    equal(answer.kind === "entries" && [answer.entries.length, answer.head], [2, last]);
  });

  on("read() goes on from the position of a log that nothing was written to", async (bench) => {
    const { head, start } = await bench.store.state(PLAIN_LOG);
    equal([head, start], [NO_ENTRIES, NO_ENTRIES]);
    equal(await textsAfter(bench.store, head), []);
    await logWriter(bench.store).done(["a"]);
    equal(await textsAfter(bench.store, head), ["a"]);
  });

  on("read() stops whoever has a position that is not of this log", async (bench) => {
    const { done } = logWriter(bench.store);
    await done(["a", "b"]);
    const head = await done(["c"]);
    const strangers = [
      { ...head, epoch: "other" },
      { ...head, tag: "other" },
      { ...head, index: 4 },
      { ...head, index: 1, tag: "other" },
      { ...head, index: 0, tag: "other" },
    ];
    for (const stranger of strangers) {
      equal(await bench.store.read(PLAIN_LOG, stranger, { limit: 10 }), { kind: "regressed" });
    }
  });

  on("read() gives large entries in several answers, each once", async (bench) => {
    const { done } = logWriter(bench.store);
    for (let at = 0; at < 8; at++) await done([`${at}`.repeat(250_000), "small"]);
    const seen: string[] = [];
    let answers = 0;
    for (let after = NO_ENTRIES; after.index < 16; answers++) {
      const answer = await bench.store.read(PLAIN_LOG, after, { limit: 100 });
      if (answer.kind !== "entries") throw new Error(answer.kind);
      const last = answer.entries.at(-1);
      seen.push(...answer.entries.map(({ entry }) => entry.slice(0, 5)));
      after = { ...answer.head, index: last?.index ?? 99, tag: last?.tag ?? "" };
    }
    ok(answers > 1 && answers <= 8, `${answers} answers`);
    equal(seen.filter((text) => text === "small").length, 8);
    equal(seen.length, 16);
  });
}
