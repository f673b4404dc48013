import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { FETCH_MAX, RedisStore } from "../../../src/backbone/mod.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import {
  Backbone,
  countingBackend,
  eventsOf,
  people,
  refusalOf,
} from "../../support/backbone/people.ts";

Deno.test("Collection.getByUnique() loads the model once, and then has it without a request", async () => {
  const { backend, collection } = people();
  await collection().add({ username: "Ada" }).save();
  const users = collection();
  const before = backend.requests();
  const events = eventsOf(users);
  const ada = await users.getByUnique("username", "aDA");
  deepStrictEqual([ada.id, ada.collection, users.length], [1, users, 1]);
  deepStrictEqual(events, ["request", "add", "update", "sync"]);
  strictEqual(backend.requests() - before, 1);
  strictEqual(await users.getByUnique("username", "Ada"), ada);
  strictEqual(await users.getByUnique("id", 1), ada);
  strictEqual(await users.getByUnique("id", "1"), ada);
  strictEqual(backend.requests() - before, 1);
  strictEqual(await users.getByUnique("username", "ADA"), ada);
  strictEqual(users.length, 1);
});

Deno.test("Collection.getByUnique() calls back with the model, or with the collection and the failure", async () => {
  const { collection } = people();
  await collection().add({ username: "ada" }).save();
  const users = collection();
  const context = {};
  for (const isLoaded of [false, true]) {
    const told = await new Promise<readonly unknown[]>((resolve) => {
      users.getByUnique("username", "ada", {
        context,
        success(this: unknown, model: unknown) {
          resolve([this === context, model]);
        },
      });
      strictEqual(users.length === 1, isLoaded);
    });
    deepStrictEqual(told, [true, users.get(1)]);
  }
  const [given, failure] = await new Promise<[unknown, Record<string, unknown>]>((resolve) => {
    users.getByUnique("username", "bob", {
      error: (...args: [unknown, Record<string, unknown>]) => resolve(args),
    });
  });
  strictEqual(given, users);
  deepStrictEqual([failure.errorCode, failure.errorMessage], [404, "Not found"]);
  strictEqual((await refusalOf(users.getByUnique("id", 9))).errorCode, 404);
});

Deno.test("Collection.getByUnique() takes values of any kind, and refuses what is none", async () => {
  const { collection } = people({ unique: ["number", ["team", "name"]] });
  for (const number of [0, 5, "5", false, "İ"]) await collection().add({ number }).save();
  await collection().add({ team: 1, name: "Ada" }).save();
  const users = collection();
  for (const number of [0, 5, "5", false, "İ"]) {
    strictEqual((await users.getByUnique("number", number)).get("number"), number);
  }
  strictEqual((await users.getByUnique(["team", "name"], [1, "ada"])).id, 6);
  strictEqual(await users.getByUnique(["team", "name"], [1, "Ada"]), users.get(6));
  for (const value of [null, undefined, {}, NaN, "\ud800", "x".repeat(50_000)]) {
    strictEqual((await refusalOf(users.getByUnique("number", value))).errorCode, 422);
  }
  strictEqual((await refusalOf(users.getByUnique("name", "Ada"))).errorCode, 422);
  strictEqual((await refusalOf(users.getByUnique(["team", "name"], [1]))).errorCode, 422);
  strictEqual((await refusalOf(users.getByUnique([], []))).errorCode, 422);
});

Deno.test("Collection.getByUnique() finds values of ten kilobytes and every character", async () => {
  const { collection } = people();
  const names = [
    "a|b",
    "a:b",
    "a\nb",
    "\u0000",
    "{x}",
    "}{",
    "🙂",
    "y".repeat(10_240),
    "__proto__",
  ];
  for (const username of names) await collection().add({ username }).save();
  for (const [at, username] of names.entries()) {
    strictEqual((await collection().getByUnique("username", username)).id, at + 1);
  }
});

Deno.test("Collection.getByUnique() brings a model up to date that was changed elsewhere", async () => {
  const { collection } = people();
  const [here, there] = [collection(), collection()];
  const bob = here.add({ username: "bob" });
  await bob.save();
  await there.fetch();
  await there.at(0).save({ username: "fred" });
  strictEqual(await here.getByUnique("username", "fred"), bob);
  strictEqual(bob.get("username"), "fred");
  await bob.save({ age: 1 });
});

Deno.test("Collection.getByUnique() goes by what is stored, not by what is only set", async () => {
  const users = people().collection();
  const [ada, bob] = [users.add({ username: "ada" }), users.add({ username: "bob" })];
  await Promise.all([ada.save(), bob.save()]);
  ada.set("username", "bob");
  strictEqual(await users.getByUnique("username", "bob"), bob);
});

Deno.test("Collection.getByUnique() by id asks for what was never stored, and takes no cid for an id", async () => {
  const users = people().collection();
  const ada = users.add({ id: 5, username: "ada" });
  strictEqual((await refusalOf(users.getByUnique("id", 5))).errorCode, 404);
  strictEqual((await refusalOf(users.getByUnique("id", ada.cid))).errorCode, 404);
  strictEqual((await refusalOf(users.getByUnique("id", "constructor"))).errorCode, 404);
  await ada.save();
  strictEqual(await users.getByUnique("id", "5"), ada);
});

Deno.test("Collection.getByUnique() fails if the collection does not take the model in", async () => {
  const { collection } = people();
  await collection().add({ username: "ada" }).save();
  const Model = Backbone.Model.extend({ validate: () => "never" });
  const users = collection({ model: Model });
  let told: { errorCode?: number } = {};
  const call = users.getByUnique("username", "ada", {
    validate: true,
    error: (_: unknown, failure: object) => told = failure,
  });
  strictEqual((await refusalOf(call)).errorCode, 422);
  strictEqual(told.errorCode, 422);
});

Deno.test("Collection.fetch() reads all there are, and their saves build on it", async () => {
  const { store, backend, collection } = people({ unique: [] });
  for (let from = 0; from < 2_500; from += 500) {
    await store.model.batch((batch) => {
      for (let n = from; n < from + 500; n++) batch.create({ n });
    });
  }
  const [here, there] = [collection(), collection()];
  const before = backend.requests();
  await here.fetch();
  strictEqual(backend.requests() - before, 3);
  strictEqual(new Set(here.pluck("n")).size, 2_500);
  await there.fetch();
  await here.at(7).save({ n: -1 });
  strictEqual((await refusalOf(there.at(7).save({ n: -2 }))).errorCode, 409);
  await there.fetch();
  await there.at(7).save({ n: -2 });
});

Deno.test("Collection.fetch() reads pages by limit and cursor, each record once", async () => {
  const { collection } = people({ unique: [] });
  for (let n = 0; n < 17; n++) await collection().add({ n }).save();
  const users = collection();
  let cursor: string | undefined;
  let pages = 0;
  do {
    await users.fetch({
      limit: 5,
      cursor,
      remove: false,
      success: (_: unknown, __: unknown, options: { cursor?: string }) => cursor = options.cursor,
    });
    strictEqual(users.length, Math.min(17, ++pages * 5));
  } while (cursor !== undefined);
  strictEqual(pages, 4);
  await users.at(0).save({ n: 100 });
  strictEqual((await refusalOf(users.fetch({ cursor: "x" }))).code, "ERR_INVALID_CURSOR");
  strictEqual((await refusalOf(users.fetch({ limit: 0 }))).errorCode, 422);
});

Deno.test(`Collection.fetch() of more than ${FETCH_MAX} records is no part of them, but an error`, async () => {
  const { store, collection } = people({ unique: [] });
  for (let from = 0; from < FETCH_MAX; from += 1_000) {
    await store.model.batch((batch) => {
      for (let n = from; n < from + 1_000; n++) batch.create({ n });
    });
  }
  const users = collection();
  await users.fetch();
  strictEqual(users.length, FETCH_MAX);
  await store.model.create({ n: FETCH_MAX });
  const failure = await refusalOf(collection().fetch());
  deepStrictEqual([failure.errorCode, failure.code], [413, "ERR_LIMIT"]);
});

Deno.test("Collection.fetch() that resets or merges knows what each model was read as", async () => {
  const { collection } = people();
  const [here, there] = [collection(), collection()];
  await here.add({ username: "ada" }).save();
  await there.fetch();
  await there.at(0).save({ age: 1 });
  await here.fetch({ reset: true });
  await here.at(0).save({ age: 2 });
  await there.fetch({ merge: false });
  strictEqual(there.at(0).get("age"), 1);
  strictEqual((await refusalOf(there.at(0).save())).errorCode, 409);
});

Deno.test("Collection.fetch() lets a listener save what was just added", async () => {
  const { store, collection } = people();
  await collection().add({ username: "ada" }).save();
  const users = collection();
  const saved = new Promise((resolve) => {
    users.on(
      "add",
      (model: { save(attributes: object): unknown }) => resolve(model.save({ seen: 1 })),
    );
  });
  await users.fetch();
  await saved;
  strictEqual((await store.model.get(1))?.seen, 1);
});

Deno.test("a store may be a model: with its schema, its indexes and its ids", async () => {
  RedisStore.infect(Backbone);
  const backend = countingBackend();
  const schema = z.object({ name: z.string(), age: z.number().default(18) });
  const definition = defineModel({
    key: "p",
    schema,
    id: "uuid",
    unique: ["name"],
    index: ["age"],
  });
  const model = createModel(backend, definition);
  const users = new (Backbone.Collection.extend({ store: model }))();
  const ada = users.add({ name: "Ada" });
  await ada.save();
  deepStrictEqual([ada.get("age"), ada.id.length], [18, 36]);
  await users.add({ name: "Bob", age: 7 }).save();
  await users.fetch({ data: { age: { gte: 18 } } });
  deepStrictEqual(users.pluck("name"), ["Ada"]);
  strictEqual((await users.getByUnique("name", "bob")).get("age"), 7);
  const failure = await refusalOf(users.add({ name: 5 }).save());
  strictEqual(failure.errorCode, 422);
  const [issue] = failure.issues as readonly { path: readonly string[] }[];
  deepStrictEqual(issue?.path, ["name"]);
  strictEqual((await refusalOf(users.fetch({ data: { name: "Ada" } }))).errorCode, 422);
  strictEqual((await refusalOf(users.fetch({ data: "age=1" }))).errorCode, 422);
  strictEqual((await refusalOf(users.fetch({ data: [] }))).errorCode, 422);
});

Deno.test("Collection.fetch() reads the others when a record is corrupt, and onFailure is given", async () => {
  RedisStore.infect(Backbone);
  const backend = countingBackend();
  const broken = (stored: object) => {
    if (Reflect.get(stored, "text") === "bad") throw new Error("corrupt");
    return stored as { text: string };
  };
  const model = createModel(
    backend,
    defineModel({
      key: "n",
      schema: z.object({ text: z.string() }),
      codec: { encode: (fields) => fields, decode: broken },
    }),
  );
  const schema = z.object({ text: z.string() });
  const writer = createModel(backend, defineModel({ key: "n", schema }));
  for (const text of ["a", "bad", "b"]) await writer.create({ text });
  const notes = new (Backbone.Collection.extend({ redisStore: model }))();
  ok(await refusalOf(notes.fetch()) instanceof Error);
  const failed: unknown[] = [];
  await notes.fetch({ onFailure: ({ id }: { id: number }) => failed.push(id) });
  deepStrictEqual([notes.pluck("text"), failed], [["a", "b"], [2]]);
});
