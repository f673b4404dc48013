/**
 * What a store must do that stands in front of a journal: begin anew from a journal's snapshot.
 *
 * @module
 */

import type { Op } from "../../src/documents/change.ts";
import type { DocumentAdvance, FrontDocumentStore } from "../../src/documents/journal_port.ts";
import { equal, ok } from "./assert.ts";
import { documentWriter, of, PLAIN_UNIT, readOne, sequences } from "./document_writes.ts";
import type { OpenBench, TestFunction } from "./harness.ts";

const EPOCH = "5-a.b";

/** Registers the suite with a runner. */
export function documentFrontContract(
  test: TestFunction,
  open: OpenBench<FrontDocumentStore>,
): void {
  const on = (name: string, run: (store: FrontDocumentStore) => Promise<void>): void => {
    test(`FrontDocumentStore.${name}`, async () => {
      await using bench = await open();
      await run(bench.store);
    });
  };

  on("advance() begins from a snapshot, with the operations around it", async (store) => {
    equal((await store.advance(PLAIN_UNIT, seed(54, 57, 56))).kind, "done");
    const { head, snapshot, ops } = of(await readOne(store), "snapshot");
    equal([head.epoch, head.version, head.tag, head.firstVersion], [EPOCH, 57, "t56", 54]);
    equal([snapshot.version, snapshot.data, sequences(ops)], [56, { n: 56 }, [56]]);
    equal([snapshot.createdAtMs, snapshot.changedAtMs], [7, 8]);
    equal(of(await readOne(store, { epoch: EPOCH, version: 55, tag: "t54" }), "ops").ops.length, 2);
    const { version: _, atMs: __, ...again } = op(55);
    const base = { epoch: EPOCH, version: 57, tag: "t56" };
    const writer = documentWriter(store);
    equal(of(await writer.commit(0, [again], { base }), "duplicate").known[0]?.version, 55);
    const done = of(await writer.commit(0, [writer.op()], { base }), "done");
    equal([done.head.version, done.head.epoch], [58, EPOCH]);
  });

  on("advance() begins from a snapshot alone", async (store) => {
    const alone = { ...seed(57, 57, 57), from: { version: 57, tag: "t56" } };
    equal((await store.advance(PLAIN_UNIT, alone)).kind, "done");
    const { head, snapshot, ops } = of(await readOne(store), "snapshot");
    equal([head.version, head.tag, snapshot.data, ops], [57, "t56", { n: 57 }, []]);
    equal((await store.advance(PLAIN_UNIT, seed(54, 56, 55))).head.version, 57);
  });

  on("advance() leaves the further of two", async (store) => {
    const results = await Promise.all([
      store.advance(PLAIN_UNIT, seed(50, 57, 50)),
      store.advance(PLAIN_UNIT, seed(40, 56, 56)),
    ]);
    equal(results.map(({ kind }) => kind), ["done", "done"]);
    const { head } = of(await readOne(store), "snapshot");
    equal([head.version, head.tag], [57, "t56"]);
  });

  on("advance() takes the place of another life, and of other tags", async (store) => {
    const writer = documentWriter(store);
    await writer.done(0, [writer.op(), writer.op()], { snapshot: { type: "uri", data: 1 } });
    await store.advance(PLAIN_UNIT, seed(2, 4, 3));
    equal((await readOne(store, { epoch: EPOCH, version: 4, tag: "t3" })).kind, "ops");
    const other = seed(2, 5, 4);
    const ops = other.ops.map((one) => ({ ...one, tag: `u${one.version}` }));
    equal((await store.advance(PLAIN_UNIT, { ...other, ops })).kind, "done");
    const { head, ops: kept } = of(await readOne(store, { version: 2 }), "ops");
    equal([head.tag, kept.map(({ tag }) => tag)], ["u4", ["u2", "u3", "u4"]]);
    equal((await writer.commit(0, [writer.op({ sequence: 1 })])).kind, "trimmed");
  });

  on("advance() takes the place of what went another way, however far that went", async (store) => {
    await store.advance(PLAIN_UNIT, seed(2, 6, 2));
    const other = seed(2, 4, 2);
    const ops = other.ops.map((one) => ({ ...one, tag: `u${one.version}` }));
    const bare = { ...other, ops, snapshot: undefined };
    equal((await store.advance(PLAIN_UNIT, bare)).kind, "gap");
    equal(of(await readOne(store, { version: 2 }), "ops").head.version, 6);
    equal((await store.advance(PLAIN_UNIT, { ...other, ops })).kind, "done");
    const { head, ops: kept } = of(await readOne(store, { version: 2 }), "ops");
    equal([head.version, kept.map(({ tag }) => tag)], [4, ["u2", "u3"]]);
    // Of one that is as far, and of one that went on from there, the further stays.
    await store.advance(PLAIN_UNIT, { ...seed(4, 6, undefined), from: { version: 4, tag: "u3" } });
    equal((await store.advance(PLAIN_UNIT, { ...other, ops })).head.version, 6);
  });

  on("advance() tells how many lost, as a commit does", async (store) => {
    const writer = documentWriter(store);
    await store.advance(PLAIN_UNIT, seed(0, 4, undefined));
    const base = { epoch: EPOCH, version: 4, tag: "" };
    equal((await writer.commit(0, undefined, { base, isNew: true })).kind, "foreign");
    const next = await store.advance(PLAIN_UNIT, seed(4, 5, undefined));
    equal(of(next, "done").losers, 1);
    equal(of(await store.advance(PLAIN_UNIT, seed(5, 6, undefined)), "done").losers, undefined);
    equal(of(await store.advance(PLAIN_UNIT, seed(5, 6, undefined)), "done").losers, undefined);
  });

  on("advance() tells of what it appends, as a commit does", async (store) => {
    const { head: before } = await store.changes(PLAIN_UNIT, undefined, { limit: 1 });
    await store.advance(PLAIN_UNIT, seed(54, 57, 56));
    await store.advance(PLAIN_UNIT, seed(57, 59, undefined));
    await store.advance(PLAIN_UNIT, seed(57, 59, undefined));
    const read = await store.changes(PLAIN_UNIT, before, { limit: 9 });
    const { head } = await store.changes(PLAIN_UNIT, undefined, { limit: 1 });
    equal([head.index - before.index, head.tag], [2, "t58"]);
    ok(read.kind === "reset" || read.entries.length === 2, "the journal has both");
  });
}

function op(version: number): Op {
  const edit = { kind: "op", op: [{ p: ["n"], na: 1 }] } as const;
  return { source: "s", sequence: version, ...edit, version, tag: `t${version}`, atMs: 9 };
}

function seed(from: number, to: number, snapshotAt: number | undefined): DocumentAdvance {
  return {
    id: "1",
    epoch: EPOCH,
    from: { version: from, tag: `t${from - 1}` },
    ops: Array.from({ length: to - from }, (_, at) => op(from + at)),
    snapshot: snapshotAt === undefined ? undefined : {
      version: snapshotAt,
      tag: `t${snapshotAt - 1}`,
      createdAtMs: 7,
      changedAtMs: 8,
      type: "uri",
      data: { n: snapshotAt },
    },
  };
}
