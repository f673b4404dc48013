import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { defineModel, type FindOptions, type Page, type QueryOf } from "../../../src/models/mod.ts";
import { inMemory, person, User, type UserTypes } from "../../support/models/users.ts";
import { z } from "zod";

type Query = QueryOf<UserTypes>;

Deno.test("Model.find() answers equality and ranges, in order and backwards", async () => {
  const { model } = inMemory(User);
  const ages = [-5, 0, 0.5, 18, 64.9, 65, 1e21, 5e-324, 100];
  for (const [at, age] of ages.entries()) await model.create({ ...person(`p${at}`), age, team: 1 });
  await model.create(person("ageless"));
  const found = async (query: Query, options?: FindOptions) =>
    (await model.find(query, options)).records.map(({ age }) => age);
  const inOrder = ages.toSorted((a, b) => a - b);
  deepStrictEqual(await found({ age: {} }), inOrder);
  deepStrictEqual(await found({ age: {} }, { reverse: true }), inOrder.toReversed());
  deepStrictEqual(await found({ age: 18 }), [18]);
  deepStrictEqual(await found({ age: { gte: 18, lt: 65 } }), [18, 64.9]);
  deepStrictEqual(await found({ age: { gt: 18, lte: 65 } }), [64.9, 65]);
  deepStrictEqual(await found({ age: { lt: 0 } }), [-5]);
  deepStrictEqual(await found({ age: { lte: 0 } }), [-5, 0]);
  deepStrictEqual(await found({ team: 1, age: { gt: 65 } }), [100, 1e21]);
  deepStrictEqual(await found({ team: 2 }), []);
  deepStrictEqual((await model.find({})).records.length, 10);
});

Deno.test("Model.find() orders texts by their bytes, and types apart", async () => {
  const schema = z.object({ v: z.union([z.string(), z.number(), z.boolean()]) });
  const { model } = inMemory(defineModel({ key: "n", schema, index: ["v"] }));
  const values = [
    "b",
    "a",
    "ab",
    "",
    "\u{1f600}",
    "\ufffd",
    "é",
    "a\u0000",
    "a\u0000b",
    3,
    -1,
    true,
    false,
  ];
  for (const v of values) await model.create({ v });
  const { records } = await model.find({ v: {} });
  deepStrictEqual(records.map(({ v }) => v), [
    false,
    true,
    -1,
    3,
    "",
    "a",
    "a\u0000",
    "a\u0000b",
    "ab",
    "b",
    "é",
    "\ufffd",
    "\u{1f600}",
  ]);
  const texts = await model.find({ v: { gt: "a", lt: "b" } });
  deepStrictEqual(texts.records.map(({ v }) => v), ["a\u0000", "a\u0000b", "ab"]);
  deepStrictEqual((await model.find({ v: { gte: 0 } })).records.map(({ v }) => v), [3]);
});

Deno.test("Model.find() pages through equals once each while records come and go", async () => {
  const { model } = inMemory(User);
  for (let at = 1; at <= 100; at++) await model.create({ ...person(`p${at}`), team: 1 });
  const seen: number[] = [];
  let page: Page<{ id: number }> = await model.find({ name: { gte: "p" } }, { limit: 7 });
  for (let pages = 1;; pages++) {
    seen.push(...page.records.map(({ id }) => id));
    if (page.cursor === undefined) break;
    if (pages === 3) await model.delete(seen[0] ?? 0);
    page = await model.find({ name: { gte: "p" } }, { limit: 7, cursor: page.cursor });
  }
  strictEqual(seen.length, 100);
  strictEqual(new Set(seen).size, 100);
});

Deno.test("Model.find() takes cursors of its own query only", async () => {
  const { model } = inMemory(User);
  for (let at = 0; at < 5; at++) await model.create({ ...person(`p${at}`), age: at });
  const { cursor = "" } = await model.find({ age: {} }, { limit: 2 });
  const altered = `${cursor.slice(0, 4)}${cursor[4] === "A" ? "B" : "A"}${cursor.slice(5)}`;
  const bad: readonly (readonly [Query, FindOptions])[] = [
    [{}, { cursor }],
    [{ age: {} }, { cursor, reverse: true }],
    [{ age: { gte: 1 } }, { cursor }],
    [{ age: {} }, { cursor: altered }],
    [{ age: {} }, { cursor: "" }],
    [{ age: {} }, { cursor: "garbage!" }],
    [{ age: {} }, { cursor: 5 as never }],
  ];
  for (const [query, options] of bad) {
    await rejects(model.find(query, options), { code: "ERR_INVALID_CURSOR" });
  }
});

Deno.test("Model.count() counts all, or what a query finds", async () => {
  const { model } = inMemory(User);
  for (let at = 0; at < 5; at++) await model.create({ ...person(`p${at}`), age: at % 2 });
  deepStrictEqual([await model.count(), await model.count({}), await model.count({ age: 1 })], [
    5,
    5,
    2,
  ]);
});

Deno.test("Model.members() adds, removes, replaces, lists and looks back", async () => {
  const { model } = inMemory(User);
  for (const name of ["a", "b"]) await model.create(person(name));
  const followers = model.members(1, "followers");
  strictEqual(await followers.add([7, 10, "x", true, 7]), 4);
  strictEqual(await followers.add(7), 0);
  deepStrictEqual((await followers.list()).records, [true, 7, 10, "x"]);
  deepStrictEqual([await followers.has(7), await followers.has("7")], [true, false]);
  strictEqual(await followers.remove([7, 99]), 1);
  strictEqual(await followers.replace([10, 11]), 3);
  await model.members(2, "followers").add(11);
  const holders = async (value: number) =>
    (await model.memberOf("followers", value)).records.map(({ id }) => id);
  deepStrictEqual([await holders(11), await holders(10), await holders(7)], [[1, 2], [1], []]);
  await model.delete(1);
  deepStrictEqual(await holders(11), [2]);
  await rejects(model.members(1, "followers").add(1), { code: "ERR_NOT_FOUND" });
});

Deno.test("Model.members().list() pages", async () => {
  const { model } = inMemory(User);
  await model.create(person("a"));
  const followers = model.members(1, "followers");
  await followers.add(Array.from({ length: 25 }, (_, at) => at));
  const first = await followers.list({ limit: 10 });
  const second = await followers.list({ limit: 10, cursor: first.cursor });
  const third = await followers.list({ limit: 10, cursor: second.cursor });
  deepStrictEqual([...first.records, ...second.records, ...third.records].length, 25);
  strictEqual(third.cursor, undefined);
  const other = model.members(1, "tags").list({ cursor: first.cursor });
  await rejects(other, { code: "ERR_INVALID_CURSOR" });
});
