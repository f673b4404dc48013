import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { inMemory, person, User } from "../../support/models/users.ts";

Deno.test("Model writes under one token happen once, and answer like the first", async () => {
  const { model } = inMemory(User);
  const first = await model.create({ ...person("ada"), age: 1 }, { token: "c" });
  const changed = await model.update(first, { age: 2 }, { token: "u" });
  deepStrictEqual(await model.create({ age: 1, ...person("ada") }, { token: "c" }), first);
  deepStrictEqual(await model.update(first, { age: 2 }, { token: "u" }), changed);
  strictEqual(await model.count(), 1);
  strictEqual(await model.delete(1, { token: "d" }), true);
  await model.create({ ...person("ada"), id: 1 });
  strictEqual(await model.delete(1, { token: "d" }), true);
  strictEqual(await model.count(), 1);
});

Deno.test("Model.patch() under one token counts once, though others wrote in between", async () => {
  const { model } = inMemory(User);
  await model.create({ ...person("ada"), age: 0 });
  const add = () => model.patch(1, ({ age = 0 }) => ({ age: age + 1 }), { token: "p" });
  strictEqual((await add()).age, 1);
  await model.patch(1, () => ({ age: 10 }));
  strictEqual((await add()).age, 1);
  strictEqual((await model.get(1))?.age, 10);
});

Deno.test("Model.patch() at a version answers a second arrival like the first, and refuses any other", async () => {
  const { model } = inMemory(User);
  const ada = await model.create({ ...person("ada"), age: 0 });
  const { $version: version } = ada;
  const first = await model.patch(1, { age: 1 }, { version, token: "p" });
  const now = await model.patch(1, { age: 2 }, { version: first.$version });
  deepStrictEqual(await model.patch(1, { age: 1 }, { version, token: "p" }), first);
  for (const token of ["q", "q", undefined]) {
    await rejects(model.patch(1, { age: 3 }, { version, token }), {
      code: "ERR_CONFLICT",
      current: now,
    });
  }
  deepStrictEqual(await model.get(1), now);
  await rejects(model.patch(1, { age: 9 }, { version, token: "p" }), { code: "ERR_TOKEN_REUSED" });
});

Deno.test("Model writes refuse a token that named other data", async () => {
  const { model } = inMemory(User);
  await model.create(person("ada"), { token: "t" });
  await rejects(model.create(person("bob"), { token: "t" }), { code: "ERR_TOKEN_REUSED" });
  await rejects(model.delete(1, { token: "t" }), { code: "ERR_TOKEN_REUSED" });
  strictEqual(await model.count(), 1);
});

Deno.test("Model.batch() under one token happens once", async () => {
  const { model } = inMemory(User);
  const run = () =>
    model.batch((batch) => {
      batch.create(person("a"));
      batch.create(person("b"));
    }, { token: "b" });
  deepStrictEqual(await run(), await run());
  strictEqual(await model.count(), 2);
});

Deno.test("Model folds a log exactly once by positions", async () => {
  const { model } = inMemory(User);
  const fold = async (index: number, name: string) =>
    await model.create({ ...person(name), id: index }, { position: { source: "log", index } });
  await fold(1, "a");
  await fold(2, "b");
  strictEqual((await fold(1, "a")).name, "a");
  await fold(4, "d");
  await rejects(model.create(person("x"), { position: { source: "new", index: 2 } }), {
    code: "ERR_OUTCOME_UNKNOWN",
  });
  strictEqual(await model.count(), 3);
});

Deno.test("Model writes that were passed long ago answer with the record, or say that nobody knows", async () => {
  const { model } = inMemory(User);
  await model.create({ ...person("a"), id: 1 }, { position: { source: "log", index: 5 - 4 } });
  await model.create({ ...person("b"), id: 2 }, { position: { source: "log", index: 9 } });
  const passed = { position: { source: "log", index: 3 } };
  strictEqual((await model.create({ ...person("a"), id: 1 }, passed)).name, "a");
  const lost = model.create({ ...person("z"), id: 7 }, { position: { source: "log", index: 4 } });
  await rejects(lost, { code: "ERR_OUTCOME_UNKNOWN" });
});
