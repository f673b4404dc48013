import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { HoldfastError } from "../../../src/errors.ts";
import { memory } from "../../../adapters/memory/mod.ts";
import { RedisStore } from "../../../src/backbone/mod.ts";
import {
  Backbone,
  eventsOf,
  type People,
  people,
  refusalOf,
} from "../../support/backbone/people.ts";

/** Collections of people who have tags and followers. */
function tagged(options: Parameters<typeof people>[0] = {}): People {
  const { collection, ...rest } = people(options);
  const model = Backbone.RedisModel.extend({ sets: { tags: {}, followers: {} } });
  return { ...rest, collection: (properties = {}) => collection({ model, ...properties }) };
}

Deno.test("RedisModel.setAdd() adds, saves, and tells its listeners once", async () => {
  const { store, collection } = tagged();
  const ada = collection().add({ username: "ada" });
  await ada.save();
  const events = eventsOf(ada);
  let told: readonly unknown[] = [];
  ada.on("change:set:followers", (...args: readonly unknown[]) => told = args);
  await ada.setAdd("followers", 7);
  deepStrictEqual(events, ["change:sets", "change", "change:set:followers", "request", "sync"]);
  deepStrictEqual(told, [ada, 7, {}]);
  deepStrictEqual(ada.setContents("followers"), ["7"]);
  deepStrictEqual([ada.setContains("followers", 7), ada.setContains("tags", "7")], [true, false]);
  deepStrictEqual((await store.model.members(1, "followers").list()).records, ["7"]);
  strictEqual(
    await store.model.get(1).then((record) => record !== undefined && "sets" in record),
    false,
  );
  strictEqual(ada.setAdd("followers", "7"), undefined);
  strictEqual(events.length, 5);
});

Deno.test("RedisModel.setDelete() removes, saves, and does nothing for what is not there", async () => {
  const { store, collection } = tagged();
  const ada = collection().add({ username: "ada" });
  await ada.setAdd("tags", "a");
  await ada.setAdd("tags", "b");
  strictEqual(ada.id, 1);
  await ada.setDelete("tags", "a");
  strictEqual(ada.setDelete("tags", "a"), undefined);
  deepStrictEqual(ada.setContents("tags"), ["b"]);
  deepStrictEqual((await store.model.members(1, "tags").list()).records, ["b"]);
});

Deno.test("RedisModel.setAdd() with noSave waits for a save, silent tells nobody", async () => {
  const { backend, store, collection } = tagged();
  const ada = collection().add({ username: "ada" });
  await ada.save();
  const before = backend.requests();
  const events = eventsOf(ada);
  strictEqual(ada.setAdd("tags", "a", { noSave: true }), undefined);
  strictEqual(ada.setAdd("tags", "b", { noSave: true, silent: true }), undefined);
  deepStrictEqual(events, ["change:sets", "change", "change:set:tags"]);
  strictEqual(backend.requests(), before);
  deepStrictEqual(ada.previous("sets"), { tags: { a: true } });
  await ada.save({ age: 36 });
  deepStrictEqual((await store.model.members(1, "tags").list()).records, ["a", "b"]);
});

Deno.test("RedisModel.setAdd() refuses sets that are not defined, and what is no member", () => {
  const ada = tagged().collection().add({ username: "ada" });
  for (const key of ["friends", "toString", "__proto__"]) {
    throws(() => ada.setAdd(key, 1), { code: "ERR_INVALID_ARGUMENT", message: /is not defined/ });
    throws(() => ada.setContents(key), { code: "ERR_INVALID_ARGUMENT" });
  }
  for (const value of [undefined, null, {}, () => {}]) {
    throws(() => ada.setAdd("tags", value), { code: "ERR_INVALID_ARGUMENT" });
    throws(() => ada.setContains("tags", value), { code: "ERR_INVALID_ARGUMENT" });
  }
  throws(() => new Backbone.RedisModel().setAdd("tags", 1), { code: "ERR_INVALID_ARGUMENT" });
});

Deno.test("RedisModel.save() writes a set apart: what two users add is both there", async () => {
  const { backend, collection } = tagged();
  const [here, there] = [collection(), collection()];
  const ada = here.add({ username: "ada" });
  await ada.save();
  const other = await there.getByUnique("username", "ada");
  await other.save({ age: 36 });
  const before = backend.requests();
  await ada.setAdd("followers", 1);
  strictEqual(backend.requests() - before, 1);
  await other.setAdd("followers", 2);
  await ada.setAdd("followers", 3);
  await other.setDelete("followers", 2);
  await ada.fetch();
  deepStrictEqual(ada.setContents("followers"), ["1", "3"]);
  strictEqual(ada.get("age"), 36);
});

Deno.test("RedisModel.save() of members that come at once keeps them all", async () => {
  const { store, collection } = tagged();
  const ada = collection().add({ username: "ada" });
  const saves = Array.from({ length: 50 }, (_, n) => ada.setAdd("followers", n));
  await Promise.all(saves);
  strictEqual((await store.model.members(1, "followers").list()).records.length, 50);
  strictEqual(ada.setContents("followers").length, 50);
  strictEqual(await store.model.count(), 1);
});

Deno.test("RedisModel.fetch() reads the sets, by itself, by a unique value and in a collection", async () => {
  const { collection } = tagged();
  const users = collection();
  for (let n = 0; n < 40; n++) {
    const user = users.add({ username: `u${n}` });
    user.setAdd("tags", `t${n}`, { noSave: true });
    user.setAdd("tags", "__proto__", { noSave: true });
    await user.save();
  }
  const found = await collection().getByUnique("username", "U7");
  deepStrictEqual(found.setContents("tags"), ["__proto__", "t7"]);
  deepStrictEqual(found.toJSON().sets.followers, {});
  const all = collection();
  await all.fetch();
  deepStrictEqual(
    all.map((user: { setContains(key: string, value: string): boolean }, n: number) =>
      user.setContains("tags", `t${n}`)
    ),
    Array(40).fill(true),
  );
  const u7 = all.get(8);
  u7.setDelete("tags", "t7");
  await u7.setAdd("followers", 1);
  await found.fetch();
  deepStrictEqual([found.setContents("tags"), found.setContents("followers")], [["__proto__"], [
    "1",
  ]]);
});

Deno.test("RedisModel.fetch() reads sets of more members than a page has", async () => {
  const { store, collection } = tagged();
  const ada = collection().add({ username: "ada" });
  await ada.save();
  await store.model.members(1, "tags").add(Array.from({ length: 2_500 }, (_, n) => `t${n}`));
  await ada.fetch();
  strictEqual(ada.setContents("tags").length, 2_500);
});

Deno.test("RedisModel.save() that failed at its sets is completed by the next, as one record", async () => {
  const backend = memory();
  let isDown = false;
  const models: typeof backend.models = {
    ...backend.models,
    commit: (shape, writes, options) =>
      isDown && writes[0]?.kind === "members"
        ? Promise.reject(new HoldfastError("ERR_UNAVAILABLE", "Cannot reach the store"))
        : backend.models.commit(shape, writes, options),
  };
  const { store, collection } = tagged({ redisClient: { ...backend, models } });
  const ada = collection().add({ username: "ada" });
  ada.setAdd("tags", "a", { noSave: true });
  isDown = true;
  strictEqual((await refusalOf(ada.save())).errorCode, 503);
  strictEqual(ada.isNew(), true);
  isDown = false;
  await ada.save();
  strictEqual(ada.id, 1);
  deepStrictEqual((await store.model.members(1, "tags").list()).records, ["a"]);
  strictEqual(await store.model.count(), 1);
});

Deno.test("RedisModel.save() refuses an attribute sets that is none", async () => {
  const { store, collection } = tagged();
  for (const sets of ["a", [], 1, null, { friends: {} }]) {
    const failure = await refusalOf(collection().add({ sets }).save());
    deepStrictEqual([failure.errorCode, failure.code], [422, "ERR_INVALID_VALUE"]);
  }
  strictEqual(await store.model.count(), 0);
  const plain = people().collection().add({ sets: "just an attribute" });
  strictEqual((await plain.save()).sets, "just an attribute");
});

Deno.test("RedisModel.save() of a set whose record is gone is not found", async () => {
  const { collection } = tagged();
  const [here, there] = [collection(), collection()];
  const ada = here.add({ username: "ada" });
  await ada.save();
  await (await there.getByUnique("username", "ada")).destroy({ wait: true });
  strictEqual((await refusalOf(ada.setAdd("tags", "a"))).errorCode, 404);
});

Deno.test("RedisModel.save() as a patch of sets alone leaves the record as it is", async () => {
  const { backend, store, collection } = tagged();
  const ada = collection().add({ username: "ada" });
  await ada.save();
  const version = (await store.model.get(1))?.$version;
  const before = backend.requests();
  await ada.save({ sets: { tags: { a: true } } }, { patch: true });
  strictEqual(backend.requests() - before, 1);
  strictEqual((await store.model.get(1))?.$version, version);
  await ada.save({ age: 1, sets: { tags: {} } }, { patch: true });
  deepStrictEqual((await store.model.members(1, "tags").list()).records, []);
});

Deno.test("RedisModel.destroy() takes the sets along, also by a handle that knows of none", async () => {
  const { backend, store, collection } = tagged();
  const ada = collection().add({ username: "ada" });
  await ada.setAdd("followers", 7);
  const plain = new RedisStore({ key: "person", redisClient: backend, unique: ["username"] });
  const others = new (Backbone.Collection.extend({ redisStore: plain }))();
  await others.fetch();
  await others.at(0).destroy();
  deepStrictEqual((await store.model.memberOf("followers", "7")).records, []);
  const next = collection().add({ id: 1, username: "eve" });
  await next.save();
  await next.fetch();
  deepStrictEqual(next.setContents("followers"), []);
});

Deno.test("RedisModel.sets may stand in a class, as a getter", async () => {
  const { collection } = people();
  class Person extends Backbone.RedisModel {
    get sets() {
      return { tags: {} };
    }
  }
  // deno-lint-ignore no-explicit-any -- Backbone has no types
  const ada: any = collection({ model: Person }).add({ username: "ada" });
  await ada.setAdd("tags", "a");
  const all = collection({ model: Person });
  await all.fetch();
  deepStrictEqual(all.at(0).setContents("tags"), ["a"]);
});
