import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import {
  type Change,
  createModel,
  defineModel,
  exportLines,
  importLines,
  type ImportOptions,
  type ModelTypes,
  reindex,
} from "../../../src/models/mod.ts";
import { inMemory, person, User } from "../../support/models/users.ts";
import { z } from "zod";

const schema = z.object({ a: z.string(), n: z.number().optional() });

Deno.test("Model records live as long as their ttl, and sweep() retires them", async () => {
  const Short = defineModel({ key: "n", schema, unique: ["a"], ttl: "10s" });
  const { model, clock } = inMemory(Short);
  const short = await model.create({ a: "x" });
  await model.create({ a: "y" }, { ttl: "1h" });
  await model.create({ a: "z" }, { ttl: Infinity });
  ok((short.$expiresAt ?? 0) - clock.now() === 10_000);
  await clock.advance(5_000);
  const kept = await model.update(short, { n: 1 });
  strictEqual(kept.$expiresAt, short.$expiresAt);
  await clock.advance(5_000);
  strictEqual(await model.get(1), undefined);
  strictEqual(await model.getByUnique("a", "x"), undefined);
  strictEqual(await model.count(), 3);
  strictEqual(await model.sweep(), 1);
  strictEqual(await model.count(), 2);
  strictEqual((await model.create({ a: "x" })).id, 4);
});

Deno.test("Model.delete() hides where it is soft; restore() brings back, purge() does not", async () => {
  const Soft = defineModel({ key: "n", schema, unique: ["a"], index: ["n"], softDelete: true });
  const { model } = inMemory(Soft);
  const one = await model.create({ a: "x", n: 1 });
  strictEqual(await model.delete(one), true);
  strictEqual(await model.delete(1), false);
  deepStrictEqual([await model.get(1), await model.getByUnique("a", "x"), await model.count()], [
    undefined,
    undefined,
    0,
  ]);
  strictEqual((await model.find({ n: 1 })).records.length, 0);
  deepStrictEqual((await model.deleted()).records.map(({ a }) => a), ["x"]);
  await rejects(model.replace(1, { a: "y" }), { code: "ERR_NOT_FOUND" });
  await rejects(model.update(one, { a: "y" }), { code: "ERR_CONFLICT", current: undefined });
  await model.create({ a: "x" });
  await rejects(model.restore(1), { code: "ERR_UNIQUE", owner: 2 });
  await model.delete(2);
  strictEqual((await model.restore(1)).n, 1);
  strictEqual((await model.getByUnique("a", "x"))?.id, 1);
  strictEqual(await model.purge(2), true);
  await rejects(model.restore(2), { code: "ERR_NOT_FOUND" });
});

Deno.test("Model migrates old records when they are read, and stores them with the next write", async () => {
  const { model: old, backend } = inMemory(defineModel({ key: "n", schema, index: ["a"] }));
  const first = await old.create({ a: "x" });
  const Now = defineModel({
    key: "n",
    schema: z.object({ b: z.string(), n: z.number().optional() }),
    index: ["b"],
    version: 2,
    migrate: ({ a, ...rest }, version) => ({ ...rest, b: `${a}${version}` }),
  });
  const model = createModel(backend, Now);
  strictEqual((await model.get(1))?.b, "x1");
  strictEqual((await model.find({ b: "x1" })).records.length, 0);
  const progress: unknown[] = [];
  await reindex(backend, Now, { onProgress: (step) => progress.push(step) });
  strictEqual((await model.find({ b: "x1" })).records.length, 1);
  deepStrictEqual(progress, [{ done: 1, total: 1 }, { done: 1, total: 1 }]);
  ok((await model.get(1))?.$version !== first.$version);
});

Deno.test("reindex() reports what a new unique field cannot hold, and does the rest", async () => {
  const { model: old, backend } = inMemory(defineModel({ key: "n", schema }));
  for (const a of ["x", "y", "X", "z"]) await old.create({ a });
  const Unique = defineModel({ key: "n", schema, unique: ["a"] });
  const model = createModel(backend, Unique);
  await rejects(reindex(backend, Unique), { code: "ERR_UNIQUE" });
  const failed: unknown[] = [];
  await reindex(backend, Unique, { onFailure: ({ id }) => failed.push(id) });
  strictEqual(failed.length, 1);
  strictEqual((await model.getByUnique("a", "z"))?.id, 4);
});

Deno.test("Model stores by its codec what JSON does not carry", async () => {
  const Event = defineModel({
    key: "n",
    schema: z.object({ at: z.date() }),
    index: [],
    codec: {
      encode: ({ at }) => ({ at: at.getTime() }),
      decode: ({ at }) => ({ at: new Date(Number(at)) }),
    },
  });
  const { model } = inMemory(Event);
  const at = new Date(5);
  const made = await model.create({ at });
  deepStrictEqual(made.at, at);
  deepStrictEqual((await model.get(1))?.at, at);
  deepStrictEqual((await model.update(made, { at: new Date(6) })).at.getTime(), 6);
});

Deno.test("exportLines() and importLines() carry records, sets and dates of expiry", async () => {
  const Full = defineModel({
    key: "n",
    schema,
    unique: ["a"],
    sets: ["s"],
    ttl: Infinity,
    softDelete: true,
  });
  const { model, clock, backend } = inMemory(Full);
  for (const a of ["x", "y", "z"]) await model.create({ a }, { ttl: a === "y" ? "1h" : Infinity });
  await model.members(1, "s").add([1, "one"]);
  await model.delete(3);
  const lines: string[] = [];
  const steps: unknown[] = [];
  const onProgress = (step: unknown) => steps.push(step);
  for await (const line of exportLines(backend, Full, { onProgress })) lines.push(line);
  deepStrictEqual(steps.at(-1), { done: 3, total: 3 });
  const { model: copy, clock: there, backend: other } = inMemory(Full);
  const copied = (some: readonly string[], options?: ImportOptions) =>
    importLines(other, Full, some, options);
  await there.advance(clock.now() - there.now());
  strictEqual(await copied(lines), 3);
  deepStrictEqual((await copy.members(1, "s").list()).records, [1, "one"]);
  strictEqual((await copy.get(2))?.$expiresAt, (await model.get(2))?.$expiresAt);
  deepStrictEqual((await copy.deleted()).records.map(({ id }) => id), [3]);
  await rejects(copied(lines), { code: "ERR_EXISTS" });
  strictEqual(await copied(lines, { existing: "keep" }), 0);
  strictEqual(await copied(lines, { existing: "replace" }), 3);
  await rejects(copied(["{"]), { code: "ERR_MALFORMED" });
  await rejects(copied([`{"id":9}`]), { code: "ERR_MALFORMED" });
});

Deno.test("Model.changes() tells what came and what comes, once and in order", async () => {
  const { model } = inMemory(User);
  const start = await model.cursor();
  const ada = await model.create({ ...person("ada"), team: 1 });
  const stop = new AbortController();
  const seen: Change<ModelTypes>[] = [];
  const reading = (async () => {
    for await (const change of model.changes({ after: start, signal: stop.signal })) {
      seen.push(change);
      if (change.kind === "delete") return;
    }
  })();
  const moved = await model.update(ada, { team: 2 });
  await model.members(1, "tags").add(["a", 1]);
  await model.delete(moved);
  await reading;
  deepStrictEqual(seen.map(({ kind }) => kind), ["create", "update", "members", "delete"]);
  const [created, updated, members] = seen;
  if (created?.kind !== "create" || updated?.kind !== "update" || members?.kind !== "members") {
    throw new Error("must be a creation, an update and members");
  }
  deepStrictEqual(created.record, ada);
  deepStrictEqual([updated.before, updated.after, updated.record], [
    { team: 1 },
    { team: 2 },
    moved,
  ]);
  deepStrictEqual(members.added, ["a", 1]);
});

Deno.test("Model.changes() says reset to who fell behind, and refuses cursors that are none", async () => {
  const Small = defineModel({ key: "n", schema, journal: { entriesMax: 100 } });
  const { model } = inMemory(Small);
  await model.create({ a: "x" });
  const old = await model.cursor();
  for (let at = 0; at < 150; at++) await model.create({ a: "x" });
  const first = await model.changes({ after: old }).next();
  deepStrictEqual(first.value, { kind: "reset", cursor: await model.cursor() });
  await rejects(model.changes({ after: "garbage" }).next(), { code: "ERR_INVALID_CURSOR" });
  const silent = inMemory(defineModel({ key: "n", schema, journal: false })).model;
  await rejects(silent.changes().next(), { code: "ERR_INVALID_OPTION" });
});
