/**
 * The suite of documents: what is not appended, and what its sender is told.
 *
 * @module
 */

import { equal } from "./assert.ts";
import {
  documentWriter,
  of,
  type OnDocuments,
  PLAIN_UNIT,
  readOne,
  sequences,
} from "./document_writes.ts";

/** Registers the tests. */
export function documentRefusals(on: OnDocuments): void {
  on("commit() tells who is behind what he missed", async ({ store }) => {
    const [one, other] = [documentWriter(store), documentWriter(store, PLAIN_UNIT, "o")];
    await one.done(0, [one.op(), one.op(), one.op()]);
    const late = of(await other.commit(1), "behind");
    equal([sequences(late.ops), late.head.version], [[2, 3], 3]);
    equal(late.ops.map(({ version }) => version), [1, 2]);
    equal(of(await readOne(store), "snapshot").head.version, 3);
  });

  on(
    "commit() tells who comes first how many he left behind since the commit before",
    async (bench) => {
      const { store } = bench;
      const [one, other] = [
        documentWriter(store),
        documentWriter(await bench.peer(), PLAIN_UNIT, "o"),
      ];
      equal(of(await one.commit(0), "done").losers, undefined);
      for (let turn = 0; turn < 3; turn++) of(await other.commit(0), "behind");
      equal(of(await one.commit(1), "done").losers, 3);
      equal(of(await one.commit(2), "done").losers, undefined);
      of(await other.commit(0), "behind");
      equal(of(await other.commit(3), "done").losers, 1);
      // One that only asks, with a tag that nobody has, counts if it has lost before.
      const { head: { epoch, version } } = of(await one.commit(4), "done");
      const base = { epoch, version, tag: "" };
      equal((await other.commit(0, undefined, { base })).kind, "foreign");
      equal((await other.commit(0, undefined, { base, isNew: true })).kind, "foreign");
      equal(of(await one.commit(5), "done").losers, 1);
    },
  );

  on("commit() refuses a version that is to come, also of nothing", async ({ store }) => {
    const writer = documentWriter(store);
    equal(of(await writer.commit(1), "ahead").head.version, 0);
    await writer.done(0);
    equal(of(await writer.commit(2), "ahead").head.version, 1);
    equal(of(await readOne(store), "snapshot").head.version, 1);
  });

  on("commit() refuses a base of another epoch or with another tag", async ({ store }) => {
    const writer = documentWriter(store);
    const { epoch, tag } = await writer.done(0, [writer.op(), writer.op()]);
    const on = (base: { version: number; epoch?: string; tag?: string }) =>
      writer.commit(0, undefined, { base });
    equal((await on({ version: 2, epoch: "1-a.b", tag })).kind, "foreign");
    equal((await on({ version: 2, epoch, tag: "w1" })).kind, "foreign");
    equal((await on({ version: 1, epoch, tag: "w2" })).kind, "foreign");
    equal((await on({ version: 1, epoch, tag: "w1" })).kind, "behind");
    equal((await on({ version: 9, epoch: "1-a.b" })).kind, "foreign");
    equal((await on({ version: 0, epoch: "", tag: "" })).kind, "behind");
    equal((await on({ version: 2, epoch, tag })).kind, "done");
  });

  on("commit() refuses an epoch of what was never written", async ({ store }) => {
    const writer = documentWriter(store);
    const base = { version: 3, epoch: "1-a.b", tag: "t" };
    equal((await writer.commit(0, undefined, { base })).kind, "foreign");
    equal((await readOne(store)).kind, "absent");
  });

  on("commit() answers a second arrival with the first one's version", async (bench) => {
    const { store } = bench;
    const [one, other] = [documentWriter(store), documentWriter(store, PLAIN_UNIT, "o")];
    const op = one.op();
    await other.done(0);
    await one.done(1, [op]);
    await other.done(2);
    for (
      const base of [{ version: 1 }, { version: 3 }, { version: 0, epoch: "" }, { version: 9 }]
    ) {
      const again = of(await one.commit(0, [op], { base }), "duplicate");
      equal([again.known, again.head.version], [[{ at: 0, version: 1 }], 3]);
    }
    const { ops } = of(await one.commit(0, [op]), "duplicate");
    equal(ops.map(({ source }) => source), ["o", "w", "o"]);
    equal(of(await one.commit(1, [op], { base: { version: 1, tag: "x" } }), "duplicate").ops, []);
    equal(of(await readOne(await bench.peer()), "snapshot").head.version, 3);
  });

  on("commit() writes nothing of a batch of which some was written", async ({ store }) => {
    const writer = documentWriter(store);
    const [a, b, c] = [writer.op(), writer.op(), writer.op()];
    await writer.done(0, [a, b]);
    const result = of(await writer.commit(2, [c, b, a]), "duplicate");
    equal(result.known, [{ at: 1, version: 1 }, { at: 2, version: 0 }]);
    equal(of(await readOne(store), "snapshot").head.version, 2);
    await writer.done(2, [c]);
  });

  on("commit() tells sources apart that count alike", async ({ store }) => {
    const [one, other] = [documentWriter(store), documentWriter(store, PLAIN_UNIT, "w2")];
    await one.done(0);
    await other.done(1);
    const { ops } = of(await readOne(store), "snapshot");
    equal(ops.map(({ source, sequence }) => `${source}:${sequence}`), ["w:1", "w2:1"]);
  });

  on("commit() makes one operation of many arrivals of it", async (bench) => {
    const stores = [bench.store, await bench.peer()];
    const op = documentWriter(bench.store).op();
    const results = await Promise.all(
      Array.from(
        { length: 20 },
        (_, at) => documentWriter(stores[at % 2] ?? bench.store).commit(0, [op]),
      ),
    );
    equal(results.filter(({ kind }) => kind === "done").length, 1);
    equal(results.filter(({ kind }) => kind === "duplicate").length, 19);
  });
}
