import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { defineModel } from "../../../src/models/mod.ts";
import { inMemory, person, User } from "../../support/models/users.ts";
import { z } from "zod";

Deno.test("Model.create() gives the record with its id, fields and version", async () => {
  const { model } = inMemory(User);
  const ada = await model.create({ ...person("Ada"), age: 36 });
  deepStrictEqual({ ...ada, $version: "" }, {
    id: 1,
    email: "Ada@x.org",
    name: "Ada",
    age: 36,
    $version: "",
  });
  deepStrictEqual(await model.get(1), ada);
  strictEqual(await model.get(2), undefined);
});

Deno.test("Model.create() takes an id that is given, 0 too, and draws numbers past it", async () => {
  const { model } = inMemory(User);
  strictEqual((await model.create({ ...person("a"), id: 0 })).id, 0);
  strictEqual((await model.create({ ...person("b"), id: 10 })).id, 10);
  strictEqual((await model.create(person("c"))).id, 11);
  await rejects(model.create({ ...person("d"), id: 10 }), { code: "ERR_EXISTS" });
  strictEqual(await model.getByUnique("email", "d@x.org"), undefined);
});

Deno.test("Model.create() draws UUIDs that sort by age, and ids by a function", async () => {
  const schema = z.object({ text: z.string() });
  const { model, clock } = inMemory(defineModel({ key: "n", schema, id: "uuid" }));
  const first = await model.create({ text: "a" });
  await clock.advance(2);
  const second = await model.create({ text: "b" });
  ok(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(first.id));
  ok(first.id < second.id);
  const slugs = inMemory(defineModel({ key: "n", schema, id: ({ text }) => `slug-${text}` })).model;
  strictEqual((await slugs.create({ text: "a" })).id, "slug-a");
  strictEqual((await slugs.create({ text: "a", id: "given" })).id, "given");
});

Deno.test("Model.create() names the field and the owner of a value that is taken", async () => {
  const { model } = inMemory(User);
  await model.create({ ...person("Ada"), team: 1 });
  await rejects(model.create(person("ada")), { code: "ERR_UNIQUE", field: "email", owner: 1 });
  await rejects(model.create({ email: "b@x.org", name: "ADA", team: 1 }), {
    code: "ERR_UNIQUE",
    fields: ["team", "name"],
    owner: 1,
  });
  strictEqual((await model.create({ email: "b@x.org", name: "Ada", team: 2 })).id, 2);
});

Deno.test("Model.create() shares no null and no missing field, and 0 and false are values", async () => {
  const schema = z.object({ a: z.union([z.string(), z.number(), z.boolean()]).nullish() });
  const { model } = inMemory(defineModel({ key: "n", schema, unique: ["a"], index: ["a"] }));
  for (const a of [null, null, undefined, undefined, 0, false, "", "0", "null"]) {
    await model.create({ a });
  }
  for (const a of [0, false, "", "0", "null", -0]) {
    await rejects(model.create({ a }), { code: "ERR_UNIQUE" });
  }
  strictEqual((await model.find({ a: 0 })).records.length, 1);
  strictEqual(await model.count({ a: { gte: "" } }), 3);
});

Deno.test("Model.create() keeps parts apart of fields that are unique together", async () => {
  const schema = z.object({ a: z.string(), b: z.string() });
  const { model } = inMemory(defineModel({ key: "n", schema, unique: [["a", "b"]] }));
  await model.create({ a: "a", b: "b|c" });
  await model.create({ a: "a|b", b: "c" });
  await model.create({ a: "a\u0000sb", b: "c" });
  await model.create({ a: "a", b: "b\u0000sc" });
  strictEqual((await model.getByUnique(["a", "b"], ["A|B", "C"]))?.id, 2);
});

Deno.test("Model.getByUnique() folds as its field says", async () => {
  const schema = z.object({ lower: z.string(), exact: z.string(), nfkc: z.string() });
  const { model } = inMemory(defineModel({
    key: "n",
    schema,
    unique: ["lower", { field: "exact", fold: "exact" }, { field: "nfkc", fold: "nfkc" }],
  }));
  await model.create({ lower: "ÀÉ", exact: "Ab", nfkc: "ﬁX" });
  strictEqual((await model.getByUnique("lower", "àé"))?.id, 1);
  strictEqual(await model.getByUnique("exact", "ab"), undefined);
  strictEqual((await model.getByUnique("exact", "Ab"))?.id, 1);
  strictEqual((await model.getByUnique("nfkc", "fix"))?.id, 1);
});

Deno.test("Model.update() changes what it is given, removes undefined, and moves values", async () => {
  const { model } = inMemory(User);
  const bob = await model.create({ ...person("bob"), age: 1 });
  const fred = await model.update(bob, { email: "fred@x.org", age: undefined });
  strictEqual("age" in fred, false);
  notStrictEqual(fred.$version, bob.$version);
  strictEqual(await model.getByUnique("email", "bob@x.org"), undefined);
  strictEqual((await model.getByUnique("email", "fred@x.org"))?.id, 1);
  strictEqual((await model.find({ age: { gte: 0 } })).records.length, 0);
  await model.create(person("bob"));
});

Deno.test("Model.update() of what changed since carries the record as it is now", async () => {
  const { model } = inMemory(User);
  const ada = await model.create(person("ada"));
  const now = await model.update(ada, { age: 1 });
  await rejects(model.update(ada, { age: 2 }), { code: "ERR_CONFLICT", current: now });
  await model.delete(now);
  await rejects(model.update(now, { age: 2 }), { code: "ERR_CONFLICT", current: undefined });
});

Deno.test("Model.update() to a value that is taken changes nothing", async () => {
  const { model } = inMemory(User);
  const ada = await model.create(person("ada"));
  await model.create(person("bob"));
  await rejects(model.update(ada, { email: "BOB@x.org", age: 3 }), { owner: 2 });
  deepStrictEqual(await model.get(1), ada);
  strictEqual((await model.getByUnique("email", "ada@x.org"))?.id, 1);
});

Deno.test("Model.patch() counts every one of fifty at once", async () => {
  const { model } = inMemory(User);
  await model.create({ ...person("ada"), age: 0 });
  await Promise.all(
    Array.from({ length: 50 }, () => model.patch(1, ({ age = 0 }) => ({ age: age + 1 }))),
  );
  strictEqual((await model.get(1))?.age, 50);
});

Deno.test("Model.patch() ends at its bound, and fails for a record that is not there", async () => {
  const { model } = inMemory(User);
  await model.create({ ...person("ada"), age: 0 });
  let tries = 0;
  const interrupted = model.patch(1, (ada) => {
    tries++;
    void model.update(ada, { age: 1 });
    return { age: 2 };
  }, { attemptsMax: 3 });
  await rejects(interrupted, { code: "ERR_CONFLICT" });
  strictEqual(tries, 3);
  await rejects(model.patch(9, { age: 1 }), { code: "ERR_NOT_FOUND" });
});

Deno.test("Model.replace() puts other fields, at a version if one is given", async () => {
  const { model } = inMemory(User);
  const ada = await model.create({ ...person("ada"), age: 1 });
  const eve = await model.replace(1, person("eve"), { version: ada.$version });
  strictEqual("age" in eve, false);
  await rejects(model.replace(1, person("x"), { version: ada.$version }), { current: eve });
  strictEqual((await model.replace(1, person("ida"))).name, "ida");
  await rejects(model.replace(2, person("ida")), { code: "ERR_NOT_FOUND" });
});

Deno.test("Model.upsert() creates, then replaces, and never takes another's value", async () => {
  const { model } = inMemory(User);
  await model.upsert({ ...person("ada"), id: 5, age: 1 });
  const again = await model.upsert({ ...person("ada"), id: 5 });
  strictEqual("age" in again, false);
  await rejects(model.upsert({ ...person("ada"), id: 6 }), { owner: 5 });
  strictEqual(await model.count(), 1);
});

Deno.test("Model.delete() says whether there was one, and refuses what changed", async () => {
  const { model } = inMemory(User);
  const ada = await model.create(person("ada"));
  const now = await model.update(ada, { age: 1 });
  await rejects(model.delete(ada), { code: "ERR_CONFLICT", current: now });
  deepStrictEqual([await model.delete(now), await model.delete(now), await model.delete(1)], [
    true,
    false,
    false,
  ]);
  strictEqual((await model.create(person("ada"))).id, 2);
});

Deno.test("Model.getOrCreateByUnique() creates once for many at once", async () => {
  const { model } = inMemory(User);
  const got = await Promise.all(
    Array.from(
      { length: 20 },
      (_, age) => model.getOrCreateByUnique("email", { ...person("ada"), age }),
    ),
  );
  strictEqual(got.filter(({ isCreated }) => isCreated).length, 1);
  deepStrictEqual(new Set(got.map(({ record }) => record.id)), new Set([1]));
  await model.create({ email: "bob@x.org", name: "bob", team: 1 });
  await rejects(
    model.getOrCreateByUnique("email", { email: "new@x.org", name: "bob", team: 1 }),
    { code: "ERR_UNIQUE", field: "team+name" },
  );
});

Deno.test("Model.getMany() keeps the order, and says undefined for what is missing", async () => {
  const { model } = inMemory(User);
  for (const name of ["a", "b", "c"]) await model.create(person(name));
  const found = await model.getMany([3, 1, 9, 1]);
  deepStrictEqual(found.map((record) => record?.id), [3, 1, undefined, 1]);
});

Deno.test("Model.batch() makes all writes or none, and gives what each gave", async () => {
  const { model } = inMemory(User);
  const ada = await model.create(person("ada"));
  const bob = await model.create(person("bob"));
  const made = await model.batch((batch) => {
    batch.create(person("eve"));
    batch.update(ada, { email: "bob@x.org" });
    batch.delete(bob);
    batch.upsert({ ...person("ida"), id: 9 });
  });
  deepStrictEqual(made.map((record) => record?.id), [10, 1, undefined, 9]);
  await rejects(
    model.batch((batch) => {
      batch.create(person("new"));
      batch.create(person("eve"));
    }),
    { code: "ERR_UNIQUE", owner: 10 },
  );
  strictEqual(await model.getByUnique("email", "new@x.org"), undefined);
  strictEqual(await model.count(), 3);
});

Deno.test("Model.on() tells the writes of its own handle, and hooks may change and refuse", async () => {
  const seen: string[] = [];
  const { model } = inMemory(defineModel({
    key: "n",
    schema: z.object({ text: z.string() }),
    hooks: {
      before: ({ kind, fields }) => {
        if (fields?.text === "bad") throw new Error("refused");
        return kind === "delete" || fields === undefined
          ? undefined
          : { text: fields.text.toUpperCase() };
      },
      after: ({ kind, id }) => void seen.push(`${kind} ${id}`),
    },
  }));
  const stop = new AbortController();
  const heard: unknown[] = [];
  model.on("write", ({ record }) => void heard.push(record?.text), { signal: stop.signal });
  const record = await model.create({ text: "a" });
  strictEqual(record.text, "A");
  await rejects(model.create({ text: "bad" }), { message: "refused" });
  await model.update(record, { text: "b" });
  stop.abort();
  await model.delete(1);
  await model.delete(1);
  deepStrictEqual(seen, ["create 1", "update 1", "delete 1"]);
  deepStrictEqual(heard, ["A", "B"]);
});

Deno.test("Model.with() ends calls by the signal of a request", async () => {
  const { model } = inMemory(User);
  const request = new AbortController();
  const view = model.with({ signal: request.signal });
  await view.create(person("ada"));
  request.abort(new Error("over"));
  await rejects(view.get(1), { message: "over" });
  strictEqual((await model.get(1))?.id, 1);
});

Deno.test("Model gives copies: what a caller does to them changes nothing", async () => {
  const { model } = inMemory(User);
  const tags = ["a"];
  const ada = await model.create({ ...person("ada"), tags });
  tags.push("b");
  ada.tags?.push("c");
  deepStrictEqual((await model.get(1))?.tags, ["a"]);
});
