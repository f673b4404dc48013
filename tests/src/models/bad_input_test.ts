import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { inMemory, person, User } from "../../support/models/users.ts";
import { z } from "zod";

const schema = z.object({ a: z.string(), n: z.number().optional() });

Deno.test("defineModel() refuses what cannot work", () => {
  const bad: readonly (readonly [string, object])[] = [
    ["ERR_INVALID_KEY", { key: "a|b", schema }],
    ["ERR_INVALID_KEY", { key: "", schema }],
    ["ERR_INVALID_KEY", { key: "{a}", schema }],
    ["ERR_INVALID_KEY", { key: "a\u0000", schema }],
    ["ERR_INVALID_KEY", { key: "x".repeat(129), schema }],
    ["ERR_INVALID_KEY", { key: 5, schema }],
    ["ERR_INVALID_KEY", { key: "a{b}", schema, layout: "seed" }],
    ["ERR_INVALID_OPTION", { key: "k", name: "$k", schema }],
    ["ERR_INVALID_OPTION", { key: "a:b", schema }],
    ["ERR_INVALID_OPTION", { key: "k" }],
    ["ERR_INVALID_OPTION", { key: "k", schema: {} }],
    ["ERR_INVALID_OPTION", { key: "k", schema, unique: ["b"] }],
    ["ERR_INVALID_OPTION", { key: "k", schema, unique: ["a:b"] }],
    ["ERR_INVALID_OPTION", { key: "k", schema, unique: ["a", "a"] }],
    ["ERR_INVALID_OPTION", { key: "k", schema, unique: ["id"] }],
    ["ERR_INVALID_OPTION", { key: "k", schema, unique: [{ field: "a", fold: "upper" }] }],
    ["ERR_INVALID_OPTION", { key: "k", schema, index: ["a", "a"] }],
    ["ERR_INVALID_OPTION", { key: "k", schema, index: ["b"] }],
    ["ERR_INVALID_OPTION", { key: "k", schema, index: [[]] }],
    ["ERR_INVALID_OPTION", { key: "k", schema, scopes: ["b"] }],
    ["ERR_INVALID_OPTION", { key: "k", schema, sets: ["s", "s"] }],
    ["ERR_INVALID_OPTION", { key: "k", schema, id: "ulid" }],
    ["ERR_INVALID_OPTION", { key: "k", schema, shards: 3 }],
    ["ERR_INVALID_OPTION", { key: "k", schema, shards: 2, layout: "seed" }],
    ["ERR_INVALID_OPTION", { key: "k", schema, ttl: "60" }],
    ["ERR_INVALID_OPTION", { key: "k", schema, version: 2 }],
    ["ERR_INVALID_OPTION", { key: "k", schema, journal: { entriesMax: 1 } }],
    ["ERR_INVALID_OPTION", { key: "k", schema, journal: { bytes: 1 } }],
    ["ERR_INVALID_OPTION", { key: "k", schema, uniqe: ["a"] }],
    ["ERR_INVALID_OPTION", { key: "k", schema, unique: "a" }],
    ["ERR_INVALID_OPTION", { key: "k", schema, index: "a" }],
    ["ERR_INVALID_OPTION", { key: "k", schema, sets: "s" }],
    ["ERR_INVALID_OPTION", { key: "k", schema, scopes: "a" }],
  ];
  for (const [code, options] of bad) {
    throws(() => defineModel(options as never), { code }, JSON.stringify(options));
  }
});

Deno.test("Model.create() tells every issue with its path, and uses no id up", async () => {
  const { model } = inMemory(User);
  const bad = { email: "nobody", name: 5 } as never;
  const issues = await model.create(bad).catch(({ issues }) => issues);
  deepStrictEqual(issues.map(({ path }: { path: string[] }) => path), [["email"], ["name"]]);
  strictEqual((await model.create(person("ada"))).id, 1);
});

Deno.test("Model.getByUnique() and update() say what they are to be given", async () => {
  const { model } = inMemory(User);
  const invalid = { code: "ERR_INVALID_ARGUMENT" };
  await rejects(model.getByUnique({ email: "a" } as never, undefined as never), invalid);
  await rejects(model.update(1 as never, { name: "a" }), { ...invalid, message: /record in hand/ });
});

Deno.test("Model.create() refuses by path what JSON does not carry", async () => {
  const open = z.object({ a: z.unknown() });
  const { model } = inMemory(defineModel({ key: "n", schema: open }));
  const cycle: Record<string, unknown> = {};
  cycle.self = { cycle };
  const deep: Record<string, unknown> = {};
  let at = deep;
  for (let depth = 0; depth < 100; depth++) at = at.a = {} as Record<string, unknown>;
  const bad: readonly (readonly [unknown, readonly string[]])[] = [
    [{ big: 1n }, ["a", "big"]],
    [{ list: [1, () => {}] }, ["a", "list", "1"]],
    [{ n: NaN }, ["a", "n"]],
    [[Infinity], ["a", "0"]],
    [new Date(0), ["a"]],
    [new Map(), ["a"]],
    [Symbol("s"), ["a"]],
    [cycle, ["a", "self", "cycle"]],
    [[, 1], ["a", "0"]],
    ["\ud800", ["a"]],
    [{ toJSON: 1, x: { toJSON: () => 1 } }, ["a", "x"]],
    [JSON.parse(`{"__proto__":1}`), ["a", "__proto__"]],
  ];
  for (const [a, path] of bad) {
    const issues = await model.create({ a }).catch(({ issues }) => issues);
    deepStrictEqual(issues?.[0]?.path, path, String(path));
  }
  await rejects(model.create({ a: deep }), { code: "ERR_INVALID_VALUE" });
  await rejects(model.create({ a: "x".repeat(1_048_577) }), { code: "ERR_TOO_LARGE" });
  strictEqual(await model.count(), 0);
  strictEqual(({} as { polluted?: unknown }).polluted, undefined);
});

Deno.test("Model.create() refuses a schema that does not accept what it gives, before it writes", async () => {
  const odd = z.object({
    n: z.preprocess((v) => (typeof v === "string" ? Number(v) : null), z.number()),
  });
  const { model } = inMemory(defineModel({ key: "n", schema: odd as unknown as typeof schema }));
  await rejects(model.create({ n: "1" } as never), { code: "ERR_INVALID_OPTION" });
  strictEqual(await model.count(), 0);
});

Deno.test("Model refuses ids that are none, with a code of their own", async () => {
  const { model } = inMemory(User);
  const uuids = inMemory(defineModel({ key: "n", schema, id: "uuid" })).model;
  const bad = [-1, 1.5, NaN, 2 ** 53, "", "\u0000", "\ud800", "x".repeat(513), null, {}, true];
  for (const id of bad) {
    await rejects(async () => await model.get(id as never), { code: "ERR_INVALID_ID" });
    if (id !== null) {
      await rejects(model.create({ ...person("a"), id: id as never }), { code: "ERR_INVALID_ID" });
    }
  }
  await rejects(uuids.get(5 as never), { code: "ERR_INVALID_ID" });
  strictEqual(await model.count(), 0);
});

Deno.test("Model keeps ids that are names of Object.prototype, and pollutes nothing", async () => {
  const { model } = inMemory(defineModel({ key: "n", schema, id: "uuid" }));
  const ids = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  for (const id of ids) await model.create({ id, a: id });
  deepStrictEqual((await model.find({})).records.map(({ id }) => id), ids.toSorted());
  for (const id of ids) strictEqual((await model.get(id))?.a, id);
  strictEqual(Object.hasOwn(Object.prototype, "a"), false);
});

Deno.test("Model refuses unique values that are none, with a code of their own", async () => {
  const { model } = inMemory(User);
  for (const value of [null, undefined, {}, "\ud800", "x".repeat(16_385), NaN]) {
    await rejects(model.getByUnique("email", value as never), { code: "ERR_INVALID_KEY" });
  }
  await rejects(model.getByUnique("name" as never, "x" as never), { code: "ERR_INVALID_ARGUMENT" });
  await rejects(model.getByUnique(["team", "name"], [1] as never), {
    code: "ERR_INVALID_ARGUMENT",
  });
  const texts = inMemory(defineModel({ key: "n", schema, unique: ["a"] })).model;
  const long = "é".repeat(5_000);
  await texts.create({ a: long });
  strictEqual((await texts.getByUnique("a", long.toUpperCase()))?.id, 1);
  await rejects(texts.create({ a: "x".repeat(16_385) }), { code: "ERR_INVALID_KEY" });
});

Deno.test("Model.find() refuses queries that no index answers", async () => {
  const { model } = inMemory(User);
  const bad = [
    { email: "x" },
    { team: { gt: 1 }, age: 3 },
    { age: { gt: 1, gte: 1 } },
    { age: { above: 1 } },
    { age: { gt: 1, lt: "x" } },
    { age: 1, admin: true },
    { team: undefined },
    null,
  ];
  for (const query of bad) {
    await rejects(
      model.find(query as never),
      { code: "ERR_INVALID_ARGUMENT" },
      JSON.stringify(query),
    );
  }
  await rejects(model.find({ age: {} }, { limit: 0 }), { code: "ERR_INVALID_ARGUMENT" });
  await rejects(model.find({ age: {} }, { limit: 1_001 }), { code: "ERR_INVALID_ARGUMENT" });
  await rejects(model.getMany(Array(1_001).fill(1)), { code: "ERR_LIMIT" });
});

Deno.test("Model refuses writes that name nobody", async () => {
  const { model } = inMemory(User);
  const ada = await model.create(person("ada"));
  for (const token of ["", "a b", "é", "x".repeat(121)]) {
    await rejects(model.update(ada, {}, { token }), { code: "ERR_INVALID_ARGUMENT" });
  }
  for (
    const position of [{ source: "", index: 1 }, { source: "a", index: 0 }, {
      source: "a",
      index: 1.5,
    }]
  ) {
    await rejects(model.update(ada, {}, { position }), { code: "ERR_INVALID_ARGUMENT" });
  }
  await rejects(model.update({ ...ada, $version: 5 as never }, {}), {
    code: "ERR_INVALID_ARGUMENT",
  });
  await rejects(model.create(null as never), { code: "ERR_INVALID_ARGUMENT" });
  await rejects(model.create({ ...person("x") }, { ttl: "1m" }), { code: "ERR_INVALID_OPTION" });
  await rejects(model.batch(() => {}), { code: "ERR_LIMIT" });
  // Refused by the schema in a moment, and for what it is at once: neither is left as nobody's rejection.
  const bad = model.batch((batch) => {
    batch.create({ email: 5 } as never);
    batch.create(null as never);
  });
  await rejects(bad, { code: "ERR_INVALID_ARGUMENT" });
  const twice = model.batch((batch) => {
    batch.update(ada, {});
    batch.delete(1);
  });
  await rejects(twice, { code: "ERR_INVALID_ARGUMENT" });
  throws(() => model.members(1, "fans" as never), { code: "ERR_INVALID_ARGUMENT" });
});

Deno.test("Model reads others when one record's data is corrupt", async () => {
  const { model, backend } = inMemory(User);
  for (const name of ["a", "b", "c"]) await model.create(person(name));
  // What a store gives when something else wrote under its keys.
  const models = {
    ...backend.models,
    get: async (...args: Parameters<typeof backend.models.get>) =>
      (await backend.models.get(...args)).map((record) =>
        record?.id === "2" ? { ...record, body: `{"half` } : record
      ),
    page: async (...args: Parameters<typeof backend.models.page>) => {
      const page = await backend.models.page(...args);
      return { ...page, records: page.records.map((r) => r.id === "2" ? { ...r, body: "[]" } : r) };
    },
  };
  const corrupt = createModel({ ...backend, models }, User);
  await rejects(corrupt.get(2), { code: "ERR_MALFORMED" });
  strictEqual((await corrupt.get(1))?.name, "a");
  const failures: unknown[] = [];
  const onFailure = ({ id }: { id: unknown }): void => void failures.push(id);
  const many = await corrupt.getMany([1, 2, 3], { onFailure });
  deepStrictEqual(many.map((record) => record?.name), ["a", undefined, "c"]);
  deepStrictEqual((await corrupt.find({}, { onFailure })).records.map(({ id }) => id), [1, 3]);
  deepStrictEqual(failures, [2, 2]);
  await rejects(corrupt.find({}), { code: "ERR_MALFORMED" });
});
