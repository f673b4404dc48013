import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { author, codeOf, coreOn, must, snapshotIn } from "../../support/documents/core.ts";

const VOTE = [{ p: ["n"], na: 1 }];

Deno.test("DocumentCore.submit() creates, edits, deletes and creates again", async () => {
  const core = coreOn();
  const ada = author(core, "ada");
  const made = must(await ada.create({ n: 0 }, { base: { version: 0 } }), "committed");
  strictEqual(made.op.version, 0);
  const edited = must(await ada.edit(VOTE, { base: { version: 1 } }), "committed");
  deepStrictEqual([edited.op.version, edited.epoch, edited.missed], [1, made.epoch, []]);
  const snapshot = await snapshotIn(core);
  deepStrictEqual([snapshot.version, snapshot.data, snapshot.epoch], [2, { n: 1 }, made.epoch]);
  strictEqual(snapshot.type, "http://sharejs.org/types/JSONv0");
  ok(snapshot.meta.createdAtMs > 0);
  must(await ada.submit({ kind: "del" }, { base: { version: 2 } }), "committed");
  const gone = await snapshotIn(core);
  deepStrictEqual([gone.version, gone.type, gone.data], [3, undefined, undefined]);
  must(await ada.create({ n: 5 }, { base: { version: 3 } }), "committed");
  deepStrictEqual((await snapshotIn(core)).data, { n: 5 });
});

Deno.test("DocumentCore.submit() lets one of two creators through (case 1)", async () => {
  const core = coreOn();
  const results = await Promise.all([
    author(core, "a").create({ x: 3 }, { base: { version: 0 } }),
    author(core, "b").create({ x: 5 }, { base: { version: 0 } }),
  ]);
  strictEqual(must(results[0], "committed").op.version, 0);
  strictEqual(codeOf(results[1]), "ERR_DOC_ALREADY_CREATED");
  strictEqual((await snapshotIn(core)).version, 1);
});

Deno.test("DocumentCore.submit() leads an edit past what it missed, to the left (case 3)", async () => {
  const core = coreOn();
  await author(core, "o").create({ l: [] });
  await author(core, "a").edit([{ p: ["l", 0], li: "a" }], { base: { version: 1 } });
  const late = await author(core, "b").edit([{ p: ["l", 0], li: "b" }], { base: { version: 1 } });
  const { op, missed } = must(late, "committed");
  deepStrictEqual([op.version, missed.map(({ source }) => source)], [2, ["a"]]);
  const { version, data } = await snapshotIn(core);
  deepStrictEqual([version, data], [3, { l: ["b", "a"] }]);
});

Deno.test("DocumentCore.submit() refuses the one edit of a lap that does not fit", async () => {
  const core = coreOn();
  await author(core, "o").create({ n: 0, l: ["old"] });
  const base = { version: 1 };
  const results = await Promise.all([
    author(core, "a").edit([{ p: ["l", 0], li: { deep: 1 } }], { base }),
    author(core, "b").edit([{ p: ["l", 9], li: "too far" }], { base }),
    author(core, "c").edit([{ p: ["l", 0], ld: "something else" }], { base }),
    author(core, "d").edit(VOTE, { base }),
  ]);
  const kinds = results.map(({ kind }) => kind);
  deepStrictEqual(kinds, ["committed", "refused", "committed", "committed"]);
  deepStrictEqual(must(results[2], "committed").op, {
    ...must(results[2], "committed").op,
    ...{ kind: "op", op: [{ p: ["l", 1], ld: "old" }], version: 2 },
  });
  const { version, data } = await snapshotIn(core);
  deepStrictEqual([version, data], [4, { n: 1, l: [{ deep: 1 }] }]);
});

Deno.test("DocumentCore.submit() commits many contenders' edits, each once (case 5)", async () => {
  const core = coreOn();
  await author(core, "o").create({ l: [] });
  const authors = Array.from({ length: 50 }, (_, at) => author(core, `a${at}`));
  for (let round = 0; round < 40; round++) {
    const results = await Promise.all(
      authors.map((one, at) =>
        one.edit([{ p: ["l", 0], li: `${at}.${round}` }], {
          base: { version: 1 + round * 50 },
        })
      ),
    );
    for (const result of results) must(result, "committed");
  }
  const { data, version } = await snapshotIn(core);
  const { l } = data as { l: string[] };
  deepStrictEqual([new Set(l).size, l.length, version], [2_000, 2_000, 2_001]);
});

Deno.test("DocumentCore.submit() answers a second arrival as the first (case 6)", async () => {
  const core = coreOn();
  await author(core, "o").create({ n: 0 });
  const op = { source: "a", sequence: 7, base: { version: 1 } };
  await author(core, "a").edit(VOTE, op);
  await author(core, "b").edit(VOTE);
  const again = must(await author(core, "a").edit(VOTE, op), "duplicate");
  deepStrictEqual([again.version, again.missed], [1, []]);
  const other = coreOn();
  strictEqual((await snapshotIn(core)).version, 3);
  strictEqual((await snapshotIn(other)).version, 0);
});

Deno.test("DocumentCore.submit() knows a second arrival 600 operations later, trimmed (case 7)", async () => {
  const core = coreOn(memory(), { keep: { ops: 500 } });
  await author(core, "o").create({ n: 0 });
  const op = { source: "a", sequence: 7, base: { version: 1 } };
  await author(core, "a").edit(VOTE, op);
  const other = author(core, "b");
  for (let at = 0; at < 600; at++) must(await other.edit(VOTE), "committed");
  const [tail] = await core.read("things", [{ id: "1", after: { version: 2 } }]);
  strictEqual(must(tail, "snapshot").reason, "trimmed");
  strictEqual(must(await author(core, "a").edit(VOTE, op), "duplicate").version, 1);
  deepStrictEqual((await snapshotIn(core)).data, { n: 601 });
});

Deno.test("DocumentCore.submit() without a version goes to the head, and still only once", async () => {
  const core = coreOn();
  const created = { source: "o", sequence: 1 };
  await author(core, "o").create({ n: 0 }, created);
  const op = { source: "a", sequence: 1 };
  must(await author(core, "a").edit(VOTE, op), "committed");
  strictEqual(must(await author(core, "a").edit(VOTE, op), "duplicate").version, 1);
  strictEqual(must(await author(core, "o").create({ n: 0 }, created), "duplicate").version, 0);
  deepStrictEqual((await snapshotIn(core)).data, { n: 1 });
});

Deno.test("DocumentCore.submit() commits one of many arrivals at once", async () => {
  const core = coreOn();
  await author(core, "o").create({ n: 0 });
  const op = { source: "a", sequence: 1, base: { version: 1 } };
  const results = await Promise.all(
    Array.from({ length: 10 }, () => author(core, "a").edit(VOTE, op)),
  );
  deepStrictEqual(results.map(({ kind }) => kind).sort(), [
    "committed",
    ...Array(9).fill("duplicate"),
  ]);
  deepStrictEqual((await snapshotIn(core)).data, { n: 1 });
});

Deno.test("DocumentCore.submit() composes a fixup, tells it, and tells it again (case 27)", async () => {
  const core = coreOn();
  await author(core, "o").create({ n: 0 });
  const hooks = { apply: () => [{ p: ["touched"], oi: 1 }] };
  const op = { source: "a", sequence: 1, base: { version: 1 }, hooks };
  const done = must(await author(core, "a").edit(VOTE, op), "committed");
  deepStrictEqual(done.fixup, [{ p: ["touched"], oi: 1 }]);
  deepStrictEqual((await snapshotIn(core)).data, { n: 1, touched: 1 });
  deepStrictEqual(done.op.kind === "op" && done.op.op, [{ p: ["n"], na: 1 }, {
    p: ["touched"],
    oi: 1,
  }]);
  const again = must(await author(core, "a").edit(VOTE, op), "duplicate");
  deepStrictEqual(again.fixup, done.fixup);
  const created = { apply: () => [{ p: ["touched"], oi: 1 }] };
  await author(core, "a", "2").create({ n: 0 }, { hooks: created });
  deepStrictEqual((await snapshotIn(core, "2")).data, { n: 0, touched: 1 });
});

Deno.test("SubmitHooks see the document before and after, on every lap", async () => {
  const core = coreOn();
  await author(core, "o").create({ n: 0 });
  const seen: unknown[] = [];
  await author(core, "a").edit(VOTE, {
    base: { version: 1 },
    hooks: {
      apply: ({ op, before }) => void seen.push([op.version, op.source, before.data]),
      commit: ({ before, after }) => void seen.push([before.data, after.version, after.data]),
    },
  });
  deepStrictEqual(seen, [[1, "a", { n: 0 }], [{ n: 0 }, 2, { n: 1 }]]);
});

Deno.test("DocumentCore.submit() leaves out what has become nothing, where that is asked", async () => {
  const core = coreOn();
  await author(core, "o").create({ l: ["x"] });
  const remove = [{ p: ["l", 0], ld: "x" }];
  await author(core, "a").edit(remove, { base: { version: 1 } });
  const late = await author(core, "b").edit(remove, { base: { version: 1 }, skipsEmpty: true });
  strictEqual(codeOf(late), "ERR_NO_OP");
  strictEqual(late.kind === "refused" && late.missed.length, 1);
  must(await author(core, "c").edit(remove, { base: { version: 1 } }), "committed");
  strictEqual((await snapshotIn(core)).version, 3);
});

Deno.test("DocumentCore.submit() ends the waiting of one whose signal is aborted", async () => {
  const core = coreOn();
  await author(core, "o").create({ n: 0 });
  const stop = new AbortController();
  const waiting = core.submit("things", "1", {
    source: "a",
    sequence: 1,
    change: { kind: "op", op: VOTE },
  }, { signal: stop.signal });
  const other = author(core, "b").edit(VOTE);
  stop.abort(new Error("enough"));
  await rejects(waiting, { message: "enough" });
  must(await other, "committed");
  await rejects(
    core.submit("things", "1", { source: "a", sequence: 2, change: { kind: "del" } }, {
      signal: stop.signal,
    }),
    { message: "enough" },
  );
});

Deno.test("DocumentCore.submit() works alone where no promise may be shared", async () => {
  const backend = memory({ isolation: "request" });
  const core = coreOn(backend);
  await author(core, "o").create({ n: 0 });
  const results = await Promise.all(
    Array.from(
      { length: 20 },
      (_, at) => author(core, `a${at}`).edit(VOTE, { base: { version: 1 } }),
    ),
  );
  for (const result of results) must(result, "committed");
  deepStrictEqual((await snapshotIn(core)).data, { n: 20 });
});

Deno.test("DocumentCore keeps a true record of what an edit takes away", async () => {
  const core = coreOn();
  await author(core, "o").create({ a: 1 });
  await author(core, "x").edit([{ p: ["a"], oi: 2 }]);
  const [tail] = await core.read("things", [{ id: "1", after: { version: 1 } }]);
  const [op] = must(tail, "ops").ops;
  deepStrictEqual(op?.kind === "op" && op.op, [{ p: ["a"], oi: 2, od: 1 }]);
});

Deno.test("DocumentCore.submit() needs no copies of documents, only more requests without them", async () => {
  const core = coreOn(memory(), { recentMax: 0 });
  await author(core, "o").create({ n: 0 });
  const results = await Promise.all([
    author(core, "a").edit(VOTE, { base: { version: 1 } }),
    author(core, "b").edit(VOTE, { base: { version: 1 } }),
  ]);
  for (const result of results) must(result, "committed");
  const late = await author(core, "c").edit(VOTE, { base: { version: 1 } });
  deepStrictEqual(must(late, "committed").missed.map(({ source }) => source), ["a", "b"]);
  deepStrictEqual((await snapshotIn(core)).data, { n: 3 });
});
