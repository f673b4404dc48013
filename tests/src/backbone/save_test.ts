import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Backbone, people, refusalOf } from "../../support/backbone/people.ts";

Deno.test("Model.save() of a hundred models with one username stores one", async () => {
  const { store, collection } = people();
  const users = collection();
  const saves = Array.from(
    { length: 100 },
    (_, i) => users.add({ username: i % 2 === 0 ? "ada" : "ADA" }).save(),
  );
  const results = await Promise.allSettled(saves);
  const refused = results.filter((result) => result.status === "rejected");
  strictEqual(refused.length, 99);
  ok(refused.every(({ reason }) => reason.errorCode === 409 && reason.owner === 1));
  strictEqual(await store.model.count(), 1);
  strictEqual((await collection().add({ username: "bob" }).save()).id, 2);
});

Deno.test("Model.save() answers with what is stored, and adds nothing to the attributes", async () => {
  const users = people().collection();
  const ada = users.add({ username: "Ada", tags: ["a", []], n: 9007199254740991, nothing: null });
  deepStrictEqual(await ada.save(), {
    id: 1,
    username: "Ada",
    tags: ["a", []],
    n: 9007199254740991,
    nothing: null,
  });
  const again = new (Backbone.Model.extend({ redisStore: users.redisStore }))({ id: 1 });
  await again.fetch();
  deepStrictEqual(again.toJSON(), ada.toJSON());
});

Deno.test("Model.save() keeps an id that is given, 0 too, with its unique values", async () => {
  const users = people().collection();
  await users.add({ id: 0, username: "zero" }).save();
  await users.add({ id: 10, username: "ten" }).save();
  strictEqual((await users.add({ username: "next" }).save()).id, 11);
  strictEqual((await refusalOf(users.add({ username: "TEN" }).save())).owner, 10);
  strictEqual((await refusalOf(users.add({ id: 12, username: "zero" }).save())).owner, 0);
});

Deno.test("Model.save() moves unique values, whatever set() came before", async () => {
  const { collection } = people();
  const users = collection();
  const bob = users.add({ username: "bob" });
  await bob.save();
  bob.set("username", "fred");
  bob.set("age", 7);
  await bob.save();
  strictEqual((await refusalOf(collection().getByUnique("username", "bob"))).errorCode, 404);
  strictEqual((await collection().getByUnique("username", "FRED")).id, bob.id);
  await users.add({ username: "bob" }).save();
});

Deno.test("Model.save() to a value that is taken changes nothing in the store", async () => {
  const { collection } = people();
  const users = collection();
  const ada = users.add({ username: "ada" });
  await ada.save();
  await users.add({ username: "bob" }).save();
  const failure = await refusalOf(ada.save({ username: "Bob", age: 3 }));
  deepStrictEqual([failure.errorCode, failure.field, failure.owner], [409, "username", 2]);
  const stored = await collection().getByUnique("username", "ada");
  deepStrictEqual(stored.toJSON(), { id: 1, username: "ada" });
  await ada.save({ username: "eve" });
});

Deno.test("Model.save() shares a unique attribute that is missing or null, also with itself", async () => {
  const users = people().collection();
  for (const username of [undefined, null, undefined, null]) {
    const user = users.add({ username });
    await user.save();
    await user.save({ age: 1 });
  }
  for (const username of [0, "", false]) await users.add({ username }).save();
  strictEqual((await refusalOf(users.add({ username: 0 }).save())).errorCode, 409);
  strictEqual((await refusalOf(users.add({ username: "" }).save())).errorCode, 409);
});

Deno.test("Model.save() of what changed since carries the current attributes; fetch() makes it good", async () => {
  const { collection } = people();
  const [here, there] = [collection(), collection()];
  await here.add({ username: "ada" }).save();
  await there.fetch();
  await there.at(0).save({ age: 36 });
  const ada = here.at(0);
  const failure = await refusalOf(ada.save({ age: 1 }));
  deepStrictEqual([failure.errorCode, failure.code], [409, "ERR_CONFLICT"]);
  deepStrictEqual(failure.current, { id: 1, username: "ada", age: 36 });
  strictEqual((await refusalOf(ada.save({ age: 1 }))).errorCode, 409);
  await ada.fetch();
  strictEqual((await ada.save({ age: 37 })).age, 37);
});

Deno.test("Model.save() of what was deleted elsewhere, or here, is not found", async () => {
  const { collection } = people();
  const [here, there] = [collection(), collection()];
  const ada = here.add({ username: "ada" });
  await ada.save();
  await there.fetch();
  await there.at(0).destroy({ wait: true });
  const failure = await refusalOf(ada.save({ age: 1 }));
  deepStrictEqual([failure.errorCode, failure.errorMessage], [404, "Not found"]);
  const bob = here.add({ username: "bob" });
  await bob.save();
  await bob.destroy();
  for (const options of [{}, { patch: true }]) {
    strictEqual((await refusalOf(bob.save({ age: 1 }, options))).errorCode, 404);
  }
  strictEqual((await refusalOf(bob.fetch())).errorCode, 404);
});

Deno.test("Model.save() twice at once ends as the second says, and makes one record", async () => {
  const { store, collection } = people();
  const ada = collection().add({ username: "ada" });
  await Promise.all([ada.save({ age: 1 }), ada.save({ age: 2 }), ada.save({ age: 3 })]);
  deepStrictEqual(ada.toJSON(), { username: "ada", age: 3, id: 1 });
  strictEqual((await store.model.get(1))?.age, 3);
  strictEqual(await store.model.count(), 1);
});

Deno.test("Model.save() that failed makes the next one neither fail nor build on it", async () => {
  const users = people().collection();
  await users.add({ username: "bob" }).save();
  const ada = users.add({ username: "bob" });
  const [first, second] = [ada.save(), ada.save({ username: "ada" })];
  strictEqual((await refusalOf(first)).errorCode, 409);
  strictEqual((await second).id, 2);
  ada.unset("id");
  strictEqual((await ada.save({ username: "eve" })).id, 3);
});

Deno.test("Model.save() does not undo what was set while it was on its way, unless it waits", async () => {
  const { store, collection } = people();
  const users = collection();
  const ada = users.add({ username: "ada", nick: "a" });
  const saved = ada.save();
  ada.set({ username: "countess" });
  ada.unset("nick");
  await saved;
  deepStrictEqual(ada.toJSON(), { username: "countess", id: 1 });
  await ada.save();
  deepStrictEqual((await collection().getByUnique("username", "countess")).toJSON(), ada.toJSON());
  const waiting = ada.save({ age: 1 }, { wait: true });
  ada.set({ age: 2 });
  await waiting;
  deepStrictEqual([ada.get("age"), (await store.model.get(1))?.age], [1, 1]);
});

Deno.test("Model.save() with wait takes an id that comes with it, and changes nothing on failure", async () => {
  const users = people().collection();
  const ada = users.add({ username: "ada" });
  const saved = ada.save({ id: "x1" }, { wait: true });
  strictEqual(ada.isNew(), true);
  await saved;
  strictEqual(ada.id, "x1");
  const bob = users.add({ username: "bob" });
  await refusalOf(bob.save({ username: "ada" }, { wait: true }));
  strictEqual(bob.get("username"), "bob");
});

Deno.test("Model.save() as a patch writes what it is given over whatever others wrote", async () => {
  const { collection } = people();
  const [here, there] = [collection(), collection()];
  const ada = here.add({ username: "ada", nick: "a" });
  await ada.save();
  await there.fetch();
  await there.at(0).save({ age: 36 });
  deepStrictEqual(await ada.save({ nick: undefined, city: "London" }, { patch: true }), {
    id: 1,
    username: "ada",
    age: 36,
    city: "London",
  });
  await ada.save({ age: 37 });
  const missing = new (Backbone.Model.extend({ redisStore: here.redisStore }))({ id: 99 });
  strictEqual((await refusalOf(missing.save({ a: 1 }, { patch: true }))).errorCode, 404);
});

Deno.test("Model.save() with one token twice is one write", async () => {
  const { store, collection } = people({ unique: [] });
  const token = "queue/1";
  await collection().add({ text: "a" }).save(null, { token });
  strictEqual((await collection().add({ text: "a" }).save(null, { token })).id, 1);
  strictEqual(await store.model.count(), 1);
  strictEqual(
    (await refusalOf(collection().add({ text: "b" }).save(null, { token }))).errorCode,
    409,
  );
});

Deno.test("Model.save() asks the model's own validate() before the store", async () => {
  const { backend, collection } = people();
  const Model = Backbone.Model.extend({
    validate: ({ age }: { age?: number }) => age === 0 && "too young",
  });
  const users = collection({ model: Model });
  const ada = users.add({ username: "ada", age: 1 });
  await ada.save();
  const before = backend.requests();
  strictEqual(ada.save({ age: 0 }), false);
  strictEqual(ada.save({ age: 0 }, { wait: true }), false);
  strictEqual(users.create({ age: 0 }, { validate: true }), false);
  strictEqual(users.create({ age: 0 }).isNew(), true);
  deepStrictEqual([ada.validationError, backend.requests()], ["too young", before]);
});

Deno.test("Model.parse() sees what the store answers, and toJSON() is what it gets", async () => {
  const Model = Backbone.Model.extend({
    idAttribute: "_id",
    parse: ({ born, ...rest }: { born: string }) => ({ ...rest, born: new Date(born) }),
  });
  const { store, collection } = people();
  const users = collection({ model: Model });
  const ada = users.add({ username: "ada", born: new Date(0) });
  deepStrictEqual(await ada.save(), { _id: 1, username: "ada", born: "1970-01-01T00:00:00.000Z" });
  deepStrictEqual([ada.id, ada.get("born")], [1, new Date(0)]);
  deepStrictEqual((await store.model.get(1))?.born, "1970-01-01T00:00:00.000Z");
  const others = collection({ model: Model });
  await others.fetch();
  deepStrictEqual(others.get(1).get("born"), new Date(0));
  strictEqual((await collection({ model: Model }).getByUnique("_id", 1)).id, 1);
});

Deno.test("Model.save() refuses by its path what JSON would alter, and writes nothing", async () => {
  const { store, collection } = people();
  const users = collection();
  const cycle: { self?: unknown } = {};
  cycle.self = { cycle };
  const never = { toJSON: () => ({ never }) };
  const deep: unknown = JSON.parse(`${"[".repeat(9_000)}1${"]".repeat(9_000)}`);
  const cases = [NaN, 1n, () => {}, Symbol("a"), "\ud800", cycle, never, deep, new Map()];
  for (const value of cases) {
    const failure = await refusalOf(users.add({ a: { b: value } }).save());
    deepStrictEqual([failure.errorCode, failure.code], [422, "ERR_INVALID_VALUE"]);
    const [issue] = failure.issues as readonly { path: readonly string[] }[];
    deepStrictEqual(issue?.path.slice(0, 2), ["a", "b"]);
  }
  strictEqual(await store.model.count(), 0);
  strictEqual((await refusalOf(users.add({ a: "x".repeat(1_100_000) }).save())).errorCode, 413);
  strictEqual((await refusalOf(users.add({ username: { a: 1 } }).save())).errorCode, 422);
  strictEqual((await users.add({ username: "ada" }).save()).id, 1);
});

Deno.test("Model.save() refuses attributes that records keep for themselves", async () => {
  const users = people().collection();
  for (const name of ["$version", "$expiresAt"]) {
    const failure = await refusalOf(users.add({ [name]: "x" }).save());
    deepStrictEqual([failure.errorCode, failure.code], [422, "ERR_INVALID_ARGUMENT"]);
  }
  const Model = Backbone.Model.extend({ idAttribute: "_id", redisStore: users.redisStore });
  strictEqual((await refusalOf(new Model({ id: 5 }).save())).errorCode, 422);
});

Deno.test("Model.save() and fetch() take odd ids as they are, and refuse what is none", async () => {
  const { store } = people();
  const Model = Backbone.Model.extend({ redisStore: store });
  for (const id of ["__proto__", "constructor", "hasOwnProperty", "a|b:{c}", "🙂"]) {
    await new Model({ id, text: id }).save();
    const model = new Model({ id });
    await model.fetch();
    deepStrictEqual(model.get("text"), id);
  }
  strictEqual(Object.hasOwn(Object.prototype, "text"), false);
  for (const id of ["", "a\n", "\ud800", 1.5, -1, NaN, {}, true, "x".repeat(600)]) {
    strictEqual((await refusalOf(new Model({ id }).save())).code, "ERR_INVALID_ID");
    strictEqual((await refusalOf(new Model({ id }).fetch())).errorCode, 422);
  }
  strictEqual((await refusalOf(new Model().fetch())).code, "ERR_INVALID_ID");
});

Deno.test("Model.save() never lets attributes of a request pollute anything", async () => {
  const { store, collection } = people();
  const attributes = JSON.parse('{"username":"ada","x":{"__proto__":{"isAdmin":true}}}');
  const failure = await refusalOf(collection().add(attributes).save());
  strictEqual(failure.errorCode, 422);
  strictEqual(Reflect.get({}, "isAdmin"), undefined);
  strictEqual(await store.model.count(), 0);
});
