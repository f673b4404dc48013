/**
 * What every journal behind a store of documents must do.
 *
 * A store of documents is a journal as it is, so most of this is what `document_store.ts` asks as well, of documents that
 * are real: a journal that keeps whole documents makes each from the one before.
 *
 * @module
 */

import type { Op } from "../../src/documents/change.ts";
import type { DocumentAdvance, DocumentJournal } from "../../src/documents/journal_port.ts";
import type { DocumentCommit, NewOp } from "../../src/documents/port.ts";
import { equal, ok } from "./assert.ts";
import { documentWriter, of, PLAIN_UNIT, readOne, sequences } from "./document_writes.ts";
import type { Bench, OpenBench, TestFunction } from "./harness.ts";

/** What the suite of journals runs on. */
export type JournalBench = Bench<DocumentJournal>;

const JSON_URI = "http://sharejs.org/types/JSONv0";

type OnJournal = (name: string, run: (bench: JournalBench) => Promise<void>) => void;

/** Registers the suite with a runner. */
export function documentJournalContract(
  test: TestFunction,
  open: OpenBench<DocumentJournal>,
): void {
  const on: OnJournal = (name, run) => {
    test(`DocumentJournal.${name}`, async () => {
      await using bench = await open();
      await run(bench);
    });
  };
  appending(on);
  refusing(on);
  reading(on);
  advancing(on);
}

/** A writer of a JSON document with a count, of which it knows what each commit makes. */
function counter(journal: DocumentJournal, source = "w") {
  const writer = documentWriter(journal, PLAIN_UNIT, source);
  const creation = (n = 0) => writer.op({ kind: "create", type: JSON_URI, data: { n } });
  const added = () => writer.op({ kind: "op", op: [{ p: ["n"], na: 1 }] });
  const at = (n: number): Partial<DocumentCommit> => ({
    snapshot: { type: JSON_URI, data: { n } },
  });
  return {
    ...writer,
    creation,
    added,
    /** Creates the document and brings it to a version, at which it counts one less. */
    async to(version: number) {
      await writer.done(0, [creation()], at(0));
      for (let n = 1; n < version; n++) await writer.done(n, [added()], at(n));
      return of(await readOne(journal), "snapshot").head;
    },
  };
}

function appending(on: OnJournal): void {
  on("commit() appends at the expected version, with a head and a time", async ({ store }) => {
    const writer = counter(store);
    const first = of(await writer.commit(0, [writer.creation()]), "done");
    ok(first.atMs > 0, "the commit has a time");
    const { epoch, version, tag } = await writer.done(1, [writer.added(), writer.added()]);
    equal([version, tag, epoch], [3, "w3", first.head.epoch]);
    ok(/^\d+-[\w-]+\.[\w-]+$/.test(epoch), "an epoch begins with a time");
  });

  on("commit() keeps every kind of operation and what stands beside it", async (bench) => {
    const writer = counter(bench.store, "a~!b");
    const data = { text: '\n\t\u2028 é 🙂 " \\', n: 1, list: [], nothing: null };
    const given = [
      writer.op({ kind: "create", type: JSON_URI, data, meta: { who: "me" } }),
      writer.op({ kind: "op", op: [{ p: ["text", 0], si: "x" }], fixup: [] }),
      writer.op({ kind: "none" }),
      writer.op({ kind: "del" }),
      writer.op({ kind: "create", type: JSON_URI, data: 0 }),
    ];
    await writer.done(0, given, { snapshot: { type: JSON_URI, data: 0 } });
    const peer = await bench.peer();
    const { ops } = of(await readOne(peer, { version: 0 }), "ops");
    const bare = ops.map(({ version: _, atMs: __, ...rest }) => rest);
    equal(bare.map(plain), given.map(plain));
    equal(ops.map(({ version }) => version), [0, 1, 2, 3, 4]);
    equal(of(await readOne(peer), "snapshot").snapshot.data, 0);
  });

  on("commit() lets one of many writers through", async (bench) => {
    const journals = [bench.store, await bench.peer()];
    const results = await Promise.all(Array.from({ length: 10 }, (_, at) => {
      const writer = counter(journals[at % 2] ?? bench.store, `w${at}-`);
      return writer.commit(0, [writer.creation(at)]);
    }));
    equal(results.filter(({ kind }) => kind === "done").length, 1);
    equal(results.filter(({ kind }) => kind === "behind").length, 9);
    equal(of(await readOne(bench.store), "snapshot").head.version, 1);
  });

  on("commit() lets operations that commute go after what others appended", async (bench) => {
    const { store } = bench;
    const [one, other] = [counter(store), counter(await bench.peer(), "o")];
    const { epoch, tag } = await one.to(2);
    await one.done(2, [one.added(), one.added()]);
    const base = { epoch, version: 2, tag };
    const commutes = { base, commutes: true } as const;
    const late = of(await other.commit(0, [other.added(), other.added()], commutes), "done");
    equal([late.head.version, sequences(late.missed ?? [])], [6, [3, 4]]);
    equal(late.missed?.map(({ version }) => version), [2, 3]);
    const next = of(await one.commit(6, [one.added()], { commutes: true }), "done");
    equal([next.head.version, next.missed], [7, undefined]);
    const { ops } = of(await readOne(store, { version: 4 }), "ops");
    equal(ops.map(({ source, version }) => [source, version]), [["o", 4], ["o", 5], ["w", 6]]);
    await one.done(7, [one.op({ kind: "del" })], {
      snapshot: { type: undefined, data: undefined },
    });
    equal(of(await other.commit(0, [other.added()], commutes), "behind").head.version, 8);
    const wrong = { ...commutes, base: { ...base, tag: "other" } };
    equal((await other.commit(0, [other.added()], wrong)).kind, "foreign");
  });

  on("commit() keeps documents and collections apart", async ({ store }) => {
    for (const collection of ["a", "a.b"]) {
      const unit = { ...PLAIN_UNIT, collection };
      const writer = documentWriter(store, unit, collection);
      for (const id of ["b.c", "c"]) {
        const op = writer.op({ kind: "create", type: JSON_URI, data: id });
        await writer.done(0, [op], { id, snapshot: { type: JSON_URI, data: id } });
      }
      const found = await store.read(unit, [{ id: "c" }, { id: "x" }, { id: "b.c" }]);
      equal(found.map((read) => read.kind === "snapshot" && read.snapshot.data), [
        "c",
        false,
        "b.c",
      ]);
    }
  });
}

function refusing(on: OnJournal): void {
  on("commit() tells who is behind what he missed, and who is ahead the head", async (bench) => {
    const { store } = bench;
    const writer = counter(store);
    await writer.to(4);
    const late = of(await counter(store, "o").commit(1, [writer.added()]), "behind");
    equal([sequences(late.ops), late.head.version], [[2, 3, 4], 4]);
    equal(of(await writer.commit(5, [writer.added()]), "ahead").head.version, 4);
    equal(of(await readOne(store), "snapshot").head.version, 4);
  });

  on("commit() refuses another epoch and another tag", async ({ store }) => {
    const writer = counter(store);
    const { epoch, tag } = await writer.to(3);
    const on = async (base: DocumentCommit["base"]) =>
      (await writer.commit(0, [writer.added()], { base })).kind;
    equal(await on({ version: 3, epoch: "1-a.b", tag }), "foreign");
    equal(await on({ version: 3, epoch, tag: "w2" }), "foreign");
    equal(await on({ version: 2, epoch, tag: "w3" }), "foreign");
    equal(await on({ version: 2, epoch, tag: "w2" }), "behind");
    equal(await on({ version: 0, epoch: "", tag: "" }), "behind");
    equal(await on({ version: 3, epoch, tag }), "done");
  });

  on("commit() finds again what was appended since its base", async ({ store }) => {
    const writer = counter(store);
    await writer.to(2);
    const op = writer.added();
    await writer.done(2, [op]);
    await writer.done(3, [writer.added()]);
    for (const version of [1, 2]) {
      equal(of(await writer.commit(version, [op]), "duplicate").known, [{ at: 0, version: 2 }]);
    }
    equal(of(await readOne(store), "snapshot").head.version, 4);
  });

  on("commit() makes one operation of many arrivals of it", async (bench) => {
    const journals = [bench.store, await bench.peer()];
    const writer = counter(bench.store);
    await writer.to(1);
    const op = writer.added();
    const results = await Promise.all(
      Array.from(
        { length: 6 },
        (_, at) => documentWriter(journals[at % 2] ?? bench.store).commit(1, [op]),
      ),
    );
    equal(results.filter(({ kind }) => kind === "done").length, 1);
    equal(results.filter(({ kind }) => kind === "duplicate").length, 5);
  });
}

function reading(on: OnJournal): void {
  on("read() gives the document, and what follows what a reader has", async (bench) => {
    const writer = counter(bench.store);
    const { epoch } = await writer.to(5);
    const peer = await bench.peer();
    const { head, snapshot, ops } = of(await readOne(peer), "snapshot");
    equal([head.version, snapshot.version + ops.length], [5, 5]);
    equal([snapshot.data, snapshot.type], [{ n: snapshot.version - 1 }, JSON_URI]);
    const since = of(await readOne(peer, { epoch, version: 2, tag: "w2" }), "ops");
    equal([sequences(since.ops), since.head.version], [[3, 4, 5], 5]);
    equal(of(await readOne(peer, { epoch, version: 5, tag: "w5" }), "ops").ops, []);
    equal((await readOne(peer, { epoch, version: 5, tag: "w4" })).kind, "snapshot");
    equal((await readOne(peer, { epoch, version: 6 })).kind, "snapshot");
    equal((await readOne(peer, { epoch: "1-a.b", version: 2 })).kind, "snapshot");
    const [none] = await peer.read(PLAIN_UNIT, [{ id: "none" }]);
    equal(none?.kind, "absent");
  });

  on("read() gives a journal's earlier operations to who must find repeats", async ({ store }) => {
    await counter(store).to(3);
    const [read] = await store.read(PLAIN_UNIT, [{ id: "1" }]);
    if (store.findsRepeats) return;
    equal(read?.earlier?.map(({ sequence }) => sequence), [1, 2, 3]);
  });

  on("history() gives a snapshot before the moment, and what leads there", async ({ store }) => {
    await counter(store).to(4);
    for (const version of [0, 2, 4]) {
      const { snapshot, ops } = of(await store.history(PLAIN_UNIT, "1", { version }), "found");
      ok(snapshot.version <= version && snapshot.version + ops.length >= version, "leads there");
    }
    equal((await store.history(PLAIN_UNIT, "2", { version: 0 })).kind, "absent");
  });
}

function advancing(on: OnJournal): void {
  const settled = (version: number, over: Partial<NewOp> = {}): Op => {
    const edit = { kind: "op", op: [{ p: ["n"], na: 1 }] } as const;
    const change = version === 0
      ? { kind: "create", type: JSON_URI, data: { n: 0 } } as const
      : edit;
    const place = { version, tag: `t${version}`, atMs: 1_000 + version };
    return { source: "s", sequence: version, ...change, ...place, ...over } as Op;
  };
  const upTo = (from: number, to: number, epoch: string): DocumentAdvance => ({
    id: "1",
    epoch,
    from: { version: from, tag: from === 0 ? "" : `t${from - 1}` },
    ops: Array.from({ length: to - from }, (_, at) => settled(from + at)),
    snapshot: undefined,
  });

  on("advance() keeps versions, tags and times, and goes no step back", async (bench) => {
    const { store } = bench;
    equal((await store.advance(PLAIN_UNIT, upTo(0, 3, "5-a.b"))).kind, "done");
    const { head, ops } = of(await readOne(store, { version: 0 }), "ops");
    equal(ops.map(({ tag, atMs, version }) => [tag, atMs, version]), [
      ["t0", 1_000, 0],
      ["t1", 1_001, 1],
      ["t2", 1_002, 2],
    ]);
    const { epoch } = head;
    const results = await Promise.all([
      store.advance(PLAIN_UNIT, upTo(1, 5, epoch)),
      (await bench.peer()).advance(PLAIN_UNIT, upTo(0, 4, epoch)),
    ]);
    equal(results.map(({ kind }) => kind), ["done", "done"]);
    equal(of(await readOne(store), "snapshot").head.version, 5);
    equal((await store.advance(PLAIN_UNIT, upTo(0, 2, epoch))).head.version, 5);
    equal((await readOne(store, { epoch, version: 5, tag: "t4" })).kind, "ops");
    const found = of(await readOne(store, { version: 0 }), "ops");
    equal(sequences(found.ops), [0, 1, 2, 3, 4]);
  });

  on("advance() says where there is a gap, and writes nothing", async ({ store }) => {
    equal((await store.advance(PLAIN_UNIT, upTo(3, 5, "5-a.b"))).kind, "gap");
    equal((await readOne(store)).kind, "absent");
    await store.advance(PLAIN_UNIT, upTo(0, 2, "5-a.b"));
    const { epoch } = of(await readOne(store), "snapshot").head;
    const gap = await store.advance(PLAIN_UNIT, upTo(3, 5, epoch));
    equal([gap.kind, gap.head.version], ["gap", 2]);
    const other = { ...upTo(2, 4, epoch), from: { version: 2, tag: "other" } };
    equal((await store.advance(PLAIN_UNIT, other)).kind, "gap");
    equal(of(await readOne(store), "snapshot").head.version, 2);
  });

  on("advance() lets the next commit follow, and its operations be found again", async (bench) => {
    const { store } = bench;
    await store.advance(PLAIN_UNIT, upTo(0, 3, "5-a.b"));
    const { epoch, version, tag } = of(await readOne(store), "snapshot").head;
    const { version: _, atMs: __, ...again } = settled(2);
    const base = { epoch, version: 2, tag: "t1" };
    const repeat = await counter(store).commit(0, [again], { base });
    equal(of(repeat, "duplicate").known, [{ at: 0, version: 2 }]);
    const writer = counter(store);
    const head = await writer.done(0, [writer.added()], { base: { epoch, version, tag } });
    equal([head.version, head.epoch], [4, epoch]);
  });
}

function plain(value: object): unknown {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1));
}
