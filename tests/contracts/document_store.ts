/**
 * What every driver of the port of documents must do.
 *
 * @module
 */

import { equal, ok } from "./assert.ts";
import { documentBounds } from "./document_store_bounds.ts";
import { documentIndexes } from "./document_store_indexes.ts";
import { documentJournal } from "./document_store_journal.ts";
import { documentRefusals } from "./document_store_refusals.ts";
import {
  documentWriter,
  of,
  type OnDocuments,
  type OpenDocumentBench,
  PLAIN_UNIT,
  readOne,
  sequences,
} from "./document_writes.ts";
import type { TestFunction } from "./harness.ts";

/** Registers the suite with a runner. */
export function documentStoreContract(test: TestFunction, open: OpenDocumentBench): void {
  const on: OnDocuments = (name, run) => {
    test(`DocumentStore.${name}`, async () => {
      await using bench = await open();
      await run(bench);
    });
  };
  appending(on);
  reading(on);
  names(on);
  documentRefusals(on);
  documentBounds(on);
  documentIndexes(on);
  documentJournal(on);
}

function appending(on: OnDocuments): void {
  on("commit() gives versions from 0, a head with the last tag, and times", async ({ store }) => {
    const writer = documentWriter(store);
    const first = of(await writer.commit(0), "done");
    ok(first.atMs > 0, "the commit has a time");
    equal([first.head.version, first.head.tag, first.head.firstVersion], [1, "w1", 0]);
    const { epoch, version, tag } = await writer.done(1, [writer.op(), writer.op()]);
    equal([version, tag, epoch], [3, "w3", first.head.epoch]);
    ok(/^\d+-[\w-]+\.[\w-]+$/.test(epoch), "an epoch tells when its unit began");
  });

  on(
    "commit() tells operations in their places as a reader gets them, if it tells any",
    async (bench) => {
      const writer = documentWriter(bench.store);
      const { ops } = of(await writer.commit(0, [writer.op(), writer.op()]), "done");
      const read = of(await readOne(bench.store, { version: 0 }), "ops");
      if (ops !== undefined) equal(ops, read.ops);
    },
  );

  on(
    "commit() keeps every kind of operation, its source and what stands beside it",
    async (bench) => {
      const writer = documentWriter(bench.store, PLAIN_UNIT, "a~!b");
      const data = { text: '\n\t\u2028 é 🙂 " \\', big: 9007199254740991, list: [], nothing: null };
      const given = [
        writer.op({ kind: "create", type: "uri", data, meta: { who: "me" } }),
        writer.op({ kind: "op", op: [{ p: ["text", 0], si: "x".repeat(20_000) }] }),
        writer.op({ kind: "del" }),
        writer.op({ kind: "none" }),
        writer.op({ kind: "create", type: "uri", data: undefined }),
        writer.op({ kind: "op", op: null }),
      ];
      await writer.done(0, given);
      const { ops } = of(await readOne(await bench.peer(), { version: 0 }), "ops");
      equal(ops.length, 6);
      equal(ops.map(({ version }) => version), [0, 1, 2, 3, 4, 5]);
      const bare = ops.map(({ version: _, atMs, ...rest }) => {
        ok(atMs > 0, "every operation has a time");
        return rest;
      });
      const kept = given.map((op) => JSON.parse(JSON.stringify(op)));
      equal(JSON.parse(JSON.stringify(bare.map(sorted))), kept.map(sorted));
    },
  );

  on("commit() lets one of many writers through", async (bench) => {
    const stores = [bench.store, await bench.peer()];
    const writers = Array.from(
      { length: 20 },
      (_, at) => documentWriter(stores[at % 2] ?? bench.store, PLAIN_UNIT, `w${at}-`),
    );
    const results = await Promise.all(writers.map((writer) => writer.commit(0)));
    equal(results.filter(({ kind }) => kind === "done").length, 1);
    for (const result of results.filter(({ kind }) => kind !== "done")) {
      equal(of(result, "behind").ops.length, 1);
    }
  });
}

function reading(on: OnDocuments): void {
  on("read() answers for each document in the order asked, and says absent", async ({ store }) => {
    const writer = documentWriter(store);
    await writer.done(0, undefined, { id: "b" });
    const found = await store.read(PLAIN_UNIT, [{ id: "x" }, { id: "b" }, {
      id: "a",
      after: { version: 3 },
    }]);
    equal(found.map(({ kind }) => kind), ["absent", "snapshot", "absent"]);
    equal(await store.read(PLAIN_UNIT, []), []);
  });

  on("read() gives the snapshot and what follows it", async ({ store }) => {
    const writer = documentWriter(store);
    const begins = [writer.op({ kind: "create", type: "uri", data: { n: 0 } }), writer.op()];
    const snapshot = { type: "uri", data: { n: 2 }, meta: { by: "w" } };
    await writer.done(0, begins, { snapshot });
    await writer.done(2);
    await writer.done(3);
    const read = of(await readOne(store), "snapshot");
    equal([read.snapshot.version, read.snapshot.tag, read.snapshot.type], [2, "w2", "uri"]);
    equal([read.snapshot.data, read.snapshot.meta], [{ n: 2 }, { by: "w" }]);
    ok(read.snapshot.createdAtMs > 0, "a snapshot tells when its document was created");
    ok(read.snapshot.changedAtMs >= read.snapshot.createdAtMs, "and when it was changed");
    equal(read.ops.map(({ version }) => version), [2, 3]);
    equal([read.head.version, read.head.snapshotVersion], [4, 2]);
  });

  on("read() of a log without a snapshot begins at nothing", async ({ store }) => {
    const writer = documentWriter(store);
    await writer.done(0);
    const { snapshot, ops } = of(await readOne(store), "snapshot");
    equal([snapshot.version, snapshot.type, snapshot.data], [0, undefined, undefined]);
    equal(sequences(ops), [1]);
  });

  on("read() goes on from what a reader has", async ({ store }) => {
    const writer = documentWriter(store);
    const { epoch, tag } = await writer.done(0);
    await writer.done(1, undefined, { snapshot: { type: "uri", data: 1 } });
    await writer.done(2);
    const { ops, head } = of(await readOne(store, { version: 1, epoch, tag }), "ops");
    equal([sequences(ops), head.version], [[2, 3], 3]);
    equal(of(await readOne(store, { version: 3, epoch, tag: "w3" }), "ops").ops, []);
    equal(sequences(of(await readOne(store, { version: 2 }), "ops").ops), [3]);
    equal(sequences(of(await readOne(store, { version: 0, epoch: "", tag: "" }), "ops").ops), [
      1,
      2,
      3,
    ]);
  });

  on("read() gives the whole to a reader whose place is not in the log", async ({ store }) => {
    const writer = documentWriter(store);
    const { epoch } = await writer.done(0, [writer.op(), writer.op()]);
    for (
      const after of [{ version: 1, epoch: "1-x.y" }, { version: 1, epoch, tag: "other" }, {
        version: 3,
      }, { version: 2, tag: "w1" }]
    ) equal((await readOne(store, after)).kind, "snapshot");
  });

  on("read() carries many operations in several answers, none left out", async ({ store }) => {
    const writer = documentWriter(store);
    for (let version = 0; version < 1_200; version += 200) {
      await writer.done(version, Array.from({ length: 200 }, () => writer.op()));
    }
    const first = of(await readOne(store), "snapshot");
    equal([first.ops.length, first.head.version], [1_000, 1_200]);
    const rest = of(await readOne(store, { version: 1_000 }), "ops");
    equal(sequences(rest.ops), Array.from({ length: 200 }, (_, at) => 1_001 + at));
  });

  on("history() finds the nearest snapshot of a version or a time", async (bench) => {
    const { store } = bench;
    const writer = documentWriter(store);
    const at = (n: number) => ({ snapshot: { type: "uri", data: n } });
    await writer.done(0, [writer.op({ kind: "create", type: "uri", data: 0 })]);
    await writer.done(1, undefined, { ...at(2), isMilestone: true });
    await bench.advance(5);
    const middle = of(await writer.commit(2), "done");
    await bench.advance(5);
    await writer.done(3, undefined, at(4));
    const seen = async (moment: { version: number } | { atMs: number }) => {
      const { snapshot, ops } = of(await store.history(PLAIN_UNIT, "1", moment), "found");
      return [snapshot.version, snapshot.data, sequences(ops)];
    };
    equal(await seen({ version: 1 }), [0, undefined, [1, 2, 3, 4]]);
    equal(await seen({ version: 2 }), [2, 2, [3, 4]]);
    equal(await seen({ version: 3 }), [2, 2, [3, 4]]);
    equal(await seen({ version: 9 }), [4, 4, []]);
    equal(await seen({ atMs: middle.atMs }), [2, 2, [3, 4]]);
    equal(await seen({ atMs: 1 }), [0, undefined, [1, 2, 3, 4]]);
    equal((await store.history(PLAIN_UNIT, "2", { version: 0 })).kind, "absent");
  });
}

const ODD_IDS = ["__proto__", "constructor", "0", "a.b", "a:b", "{x}", "}{", "🙂", " ", "d:1", "~"];

function names(on: OnDocuments): void {
  on("commit() takes any text as an id and as a collection", async ({ store }) => {
    for (const name of ODD_IDS) {
      const unit = { ...PLAIN_UNIT, collection: name };
      const writer = documentWriter(store, unit, "s");
      for (const id of ODD_IDS) await writer.done(0, undefined, { id, entries: ["*"] });
      const found = await store.read(unit, ODD_IDS.map((id) => ({ id })));
      equal(found.map(({ kind }) => kind), ODD_IDS.map(() => "snapshot"));
    }
    equal(typeof {}.constructor, "function");
  });

  on("commit() keeps apart what is written alike when joined", async ({ store }) => {
    const pairs = [["a", "b.c"], ["a.b", "c"], ["a#0", "b"], ["a", "0#b"], ["a:b", "c"], [
      "a",
      "b:c",
    ]];
    for (const [at, [collection = "", id = ""]] of pairs.entries()) {
      const unit = { ...PLAIN_UNIT, collection };
      await documentWriter(store, unit, `s${at}`).done(0, undefined, { id });
    }
    for (const [at, [collection = "", id = ""]] of pairs.entries()) {
      const unit = { ...PLAIN_UNIT, collection };
      const [found] = await store.read(unit, [{ id }]);
      equal(of(found, "snapshot").ops.map(({ source }) => source), [`s${at}`]);
    }
  });

  on("commit() keeps shards of a collection apart", async ({ store }) => {
    await documentWriter(store).done(0);
    const other = { ...PLAIN_UNIT, shard: 1 };
    equal((await readOne(store, undefined, other)).kind, "absent");
  });
}

function sorted(value: object): unknown {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
}
