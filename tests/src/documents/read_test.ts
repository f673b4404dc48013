import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import type { Op } from "../../../src/documents/change.ts";
import type { FollowEvent } from "../../../src/documents/core.ts";
import { manualClock } from "../../contracts/manual_clock.ts";
import { author, codeOf, coreOn, must, snapshotIn } from "../../support/documents/core.ts";
import { eventually } from "../../support/eventually.ts";

const VOTE = [{ p: ["n"], na: 1 }];

Deno.test("DocumentCore.read() gives snapshots, tails and nothing, in the order asked for", async () => {
  const core = coreOn(memory(), { collections: { things: { shards: 4 } } });
  for (let id = 0; id < 20; id++) await author(core, "a", `${id}`).create({ id });
  await author(core, "b", "7").edit([{ p: ["x"], oi: 1 }]);
  const ids = ["9", "none", "7", "3"];
  const found = await core.read("things", ids.map((id) => ({ id })));
  deepStrictEqual(found.map((one) => must(one, "snapshot").snapshot.data), [
    { id: 9 },
    undefined,
    { id: 7, x: 1 },
    { id: 3 },
  ]);
  const [tail, head] = await core.read("things", [{ id: "7", after: { version: 1 } }, {
    id: "7",
    after: { version: 2 },
  }]);
  deepStrictEqual(must(tail, "ops").ops.map(({ version }) => version), [1]);
  deepStrictEqual([must(head, "ops").ops, must(head, "ops").head.version], [[], 2]);
  deepStrictEqual(await core.read("things", []), []);
});

Deno.test("DocumentCore.read() of what was never written is version 0, and foreign to who had more", async () => {
  const core = coreOn();
  const [nothing, zero, other] = await core.read("things", [
    { id: "1" },
    { id: "1", after: { version: 0, epoch: "" } },
    { id: "1", after: { version: 3, epoch: "1-a.b" } },
  ]);
  const { snapshot } = must(nothing, "snapshot");
  deepStrictEqual([snapshot.version, snapshot.epoch, snapshot.type], [0, "", undefined]);
  deepStrictEqual(must(zero, "ops").ops, []);
  deepStrictEqual([must(other, "snapshot").reason, must(other, "snapshot").snapshot.version], [
    "foreign",
    0,
  ]);
});

Deno.test("DocumentCore.read() folds a snapshot and what follows it (case 49)", async () => {
  const backend = memory();
  const writing = coreOn(backend, { keep: { snapshotEvery: 10 } });
  await author(writing, "a").create({ n: 0 });
  for (let at = 0; at < 13; at++) await author(writing, `b${at}`).edit(VOTE);
  // Another process, which has no copy.
  const { data, version } = await snapshotIn(coreOn(backend));
  deepStrictEqual([data, version], [{ n: 13 }, 14]);
  const replayed = await coreOn(backend).history("things", "1", { version: 14 });
  deepStrictEqual(replayed.data, data);
});

Deno.test("DocumentCore.read() answers with the times of the store's clock", async () => {
  const clock = manualClock(5_000);
  const core = coreOn(memory({ clock }));
  await author(core, "a").create({ n: 0 });
  await clock.advance(50);
  await author(core, "a").edit(VOTE, { sequence: 2 });
  deepStrictEqual((await snapshotIn(core)).meta, { createdAtMs: 5_000, changedAtMs: 5_050 });
});

Deno.test("DocumentCore.read() refuses names that are none", async () => {
  const core = coreOn();
  for (const id of ["", "a\u0000b", "constructor", "\ud800", "x".repeat(257)]) {
    await rejects(core.read("things", [{ id }]), { code: "ERR_INVALID_ID" });
  }
  await rejects(core.read("", [{ id: "1" }]), { code: "ERR_INVALID_ID" });
  await rejects(core.read("things", [{ id: "1", after: { version: 0.5 } }]), {
    code: "ERR_INVALID_ARGUMENT",
  });
});

Deno.test("DocumentCore.history() tells what a document was at a version or a time", async () => {
  const clock = manualClock(1_000);
  const core = coreOn(memory({ clock }), { keep: { snapshotEvery: 7 } });
  await author(core, "a").create({ n: 0 });
  const ada = author(core, "b");
  for (let at = 0; at < 20; at++) {
    await clock.advance(10);
    await ada.edit(VOTE);
  }
  const at = async (moment: { version: number } | { atMs: number }) => {
    const { version, data } = await core.history("things", "1", moment);
    return [version, data];
  };
  deepStrictEqual(await at({ version: 0 }), [0, undefined]);
  deepStrictEqual(await at({ version: 1 }), [1, { n: 0 }]);
  deepStrictEqual(await at({ version: 12 }), [12, { n: 11 }]);
  deepStrictEqual(await at({ version: 21 }), [21, { n: 20 }]);
  deepStrictEqual(await at({ atMs: 1_000 }), [1, { n: 0 }]);
  deepStrictEqual(await at({ atMs: 1_105 }), [11, { n: 10 }]);
  deepStrictEqual(await at({ atMs: 9_999 }), [21, { n: 20 }]);
  deepStrictEqual(await at({ atMs: 1 }), [0, undefined]);
  await rejects(core.history("things", "1", { version: 22 }), {
    code: "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT",
  });
  await rejects(core.history("things", "1", { version: -1 }), { code: "ERR_INVALID_ARGUMENT" });
  strictEqual((await core.history("things", "2", { version: 0 })).version, 0);
});

Deno.test("DocumentCore.history() goes as far back as milestones are kept", async () => {
  const keep = { ops: 20, snapshotEvery: 5, milestoneEvery: 50 };
  const core = coreOn(memory(), { keep });
  await author(core, "a").create({ n: 0 });
  const ada = author(core, "b");
  for (let at = 0; at < 219; at++) await ada.edit(VOTE);
  deepStrictEqual((await core.history("things", "1", { version: 50 })).data, { n: 49 });
  deepStrictEqual((await core.history("things", "1", { version: 219 })).data, { n: 218 });
  await rejects(core.history("things", "1", { version: 51 }), { code: "ERR_OPS_TRIMMED" });
  await rejects(core.history("things", "1", { version: 3 }), { code: "ERR_OPS_TRIMMED" });
});

Deno.test("DocumentCore.follow() tells each operation once and in order, as one object", async () => {
  const core = coreOn();
  const stop = new AbortController();
  const heard: FollowEvent[][] = [[], [], []];
  const listen = (at: number, ids: string[] | undefined) =>
    core.follow("things", ids, (event) => void heard[at]?.push(event), stop.signal);
  await Promise.all([listen(0, ["1"]), listen(1, ["1", "2"]), listen(2, undefined)]);
  await author(core, "a").create({ n: 0 });
  await author(core, "a", "2").create({ n: 0 });
  await author(core, "a", "3").create({ n: 0 });
  const writers = Array.from({ length: 30 }, (_, at) => author(core, `b${at}`));
  await Promise.all(writers.map((one) => one.edit(VOTE)));
  const ops = (at: number) =>
    (heard[at] ?? []).flatMap((event) => event.kind === "ops" ? event.ops : []);
  await eventually("all are told", () => ops(0).length === 31 && ops(2).length === 33);
  deepStrictEqual(ops(0).map(({ version }) => version), Array.from({ length: 31 }, (_, at) => at));
  strictEqual(ops(1).length, 32);
  ok(ops(0)[5] === ops(2).filter(({ source }) => source !== "a")[4], "one object for all");
  stop.abort();
  await author(core, "z").edit(VOTE);
  strictEqual(ops(0).length, 31);
});

Deno.test("DocumentCore.follow() tells what its process committed as the submitter got it, to others a copy", async () => {
  const backend = memory();
  const [core, other] = [coreOn(backend), coreOn(backend)];
  const stop = new AbortController();
  const [own, others]: [Op[], Op[]] = [[], []];
  const into = (list: Op[]) => (event: FollowEvent): void => {
    if (event.kind === "ops") list.push(...event.ops);
  };
  await core.follow("things", ["1"], into(own), stop.signal);
  await other.follow("things", ["1"], into(others), stop.signal);
  await author(core, "a").create({ n: 0 });
  const committed = await Promise.all(
    Array.from({ length: 5 }, (_, at) => author(core, `b${at}`).edit(VOTE)),
  );
  await eventually("all are told", () => own.length === 6 && others.length === 6);
  committed.forEach((result, at) => strictEqual(own[at + 1], must(result, "committed").op));
  deepStrictEqual(others, own);
  ok(others[1] !== own[1], "another process has values of its own");
  stop.abort();
});

Deno.test("DocumentCore.follow() reads what is too large to travel", async () => {
  const backend = memory();
  const [follower, core] = [coreOn(backend), coreOn(backend)];
  await author(core, "a").create({ t: "" });
  const stop = new AbortController();
  const heard: FollowEvent[] = [];
  await follower.follow("things", ["1"], (event) => void heard.push(event), stop.signal);
  await author(core, "b").edit([{ p: ["t", 0], si: "x".repeat(20_000) }]);
  await author(core, "c").edit([{ p: ["t", 0], si: "y" }]);
  const versions = () =>
    heard.flatMap((event) => event.kind === "ops" ? event.ops : [])
      .map(({ version }) => version);
  await eventually("both are told", () => versions().length === 2);
  deepStrictEqual(versions(), [1, 2]);
  stop.abort();
});

Deno.test("DocumentCore.follow() and then read() miss nothing (case 19)", async () => {
  const core = coreOn();
  await author(core, "a").create({ l: [] });
  const stop = new AbortController();
  const seen = new Set<number>();
  const writing = (async () => {
    for (let at = 0; at < 50; at++) await author(core, `w${at}`).edit([{ p: ["l", 0], li: at }]);
  })();
  await core.follow("things", ["1"], (event) => {
    for (const op of event.kind === "ops" ? event.ops : []) seen.add(op.version);
  }, stop.signal);
  const { version } = await snapshotIn(core);
  await writing;
  const missing = () =>
    Array.from({ length: 51 - version }, (_, at) => version + at).filter((one) => !seen.has(one));
  await eventually("the rest is told", () => missing().length === 0);
  stop.abort();
});

Deno.test("DocumentCore.follow() begins nothing for a signal that is aborted", async () => {
  const core = coreOn();
  await rejects(core.follow("things", ["1"], () => {}, AbortSignal.abort(new Error("no"))), {
    message: "no",
  });
  strictEqual(codeOf(await author(core, "a").edit(VOTE)), "ERR_DOC_DOES_NOT_EXIST");
});
