import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { RedisStore, StoreError, TURNS_MAX } from "../../../src/backbone/mod.ts";
import { HoldfastError } from "../../../src/errors.ts";
import {
  Backbone,
  countingBackend,
  eventsOf,
  people,
  refusalOf,
} from "../../support/backbone/people.ts";

Deno.test("RedisStore.infect() serves those with a store, and leaves all others to the old sync", async () => {
  const { collection } = people();
  const asked: string[] = [];
  Backbone.ajax = ({ type, url, success }: AjaxRequest) => {
    asked.push(`${type} ${url}`);
    success({ id: 5 });
  };
  const plain = new (Backbone.Collection.extend({ url: "/plain" }))();
  const odd = new (Backbone.Collection.extend({ url: "/odd", store: { create() {} } }))();
  plain.create({ a: 1 });
  odd.create({ a: 1 });
  await collection().add({ a: 1 }).save();
  deepStrictEqual(asked, ["POST /plain", "POST /odd"]);
  strictEqual(plain.at(0).id, 5);
  throws(() => new Backbone.Model().save(), /A "url" property or function must be specified/);
});

Deno.test("RedisStore.infect() finds the store of a model, a collection, and a class of models", async () => {
  const { store, collection } = people();
  const Own = Backbone.Model.extend({ redisStore: store });
  const ada = new Own({ username: "ada" });
  await ada.save();
  const byClass = new (Backbone.Collection.extend({ model: Own }))();
  await byClass.fetch();
  strictEqual((await byClass.getByUnique("username", "ADA")).id, ada.id);
  const byStore = collection({ redisStore: undefined, store });
  await byStore.fetch();
  strictEqual(byStore.length, 1);
});

Deno.test("RedisStore.infect() keeps the store of a model that its collection has let go", async () => {
  const users = people().collection();
  const ada = users.add({ username: "ada" });
  await ada.save();
  users.remove(ada);
  await ada.save({ age: 36 });
  await users.fetch();
  strictEqual(users.at(0).get("age"), 36);
});

Deno.test("RedisStore.infect() changes nothing a second time, and refuses what is not Backbone", () => {
  people();
  const { sync, RedisModel } = Backbone;
  RedisStore.infect(Backbone);
  strictEqual(Backbone.sync, sync);
  strictEqual(Backbone.RedisModel, RedisModel);
  for (const bad of [undefined, {}, { sync() {} }, "Backbone"]) {
    throws(() => RedisStore.infect(bad as never), { code: "ERR_INVALID_ARGUMENT" });
  }
});

Deno.test("RedisStore.infect() refuses a redisStore that is none, when it is used", () => {
  const users = people().collection({ redisStore: { key: "person" } });
  throws(() => users.fetch(), { code: "ERR_INVALID_OPTION" });
  throws(() => users.getByUnique("username", "a"), { code: "ERR_INVALID_OPTION" });
  throws(() => new Backbone.Collection().getByUnique("a", 1), { code: "ERR_INVALID_ARGUMENT" });
});

Deno.test("new RedisStore() takes the seed's options and refuses what cannot work", () => {
  const redisClient = memory();
  const { models, wakes, clock, random } = redisClient;
  new RedisStore({ key: "a", redisClient });
  new RedisStore({ key: "a", redisClient: { models, wakes, clock, random }, unique: [] });
  const make = (options: object) => () => new RedisStore({ key: "a", redisClient, ...options });
  throws(make({ uniqe: ["a"] }), { code: "ERR_INVALID_OPTION", message: /"uniqe"/ });
  throws(make({ redisClient: { INCR() {} } }), {
    code: "ERR_INVALID_OPTION",
    name: "ArgumentError",
  });
  throws(make({ redisClient: undefined }), { code: "ERR_INVALID_OPTION" });
  throws(make({ key: "a|b" }), { code: "ERR_INVALID_KEY" });
  throws(make({ key: "" }), { code: "ERR_INVALID_KEY" });
  throws(make({ unique: ["a:b"] }), { code: "ERR_INVALID_OPTION" });
  throws(make({ unique: ["a", "a"] }), { code: "ERR_INVALID_OPTION" });
  throws(make({ layout: "old" }), { code: "ERR_INVALID_OPTION" });
  throws(() => new RedisStore(undefined as never), { code: "ERR_INVALID_OPTION" });
});

Deno.test("Backbone.sync fires the events of a server's answers, in Backbone's own order", async () => {
  const { collection } = people();
  const served = await traceOf(collection());
  Backbone.ajax = answerLikeServer();
  deepStrictEqual(served, await traceOf(new (Backbone.Collection.extend({ url: "/people" }))()));
});

/** What happens to a collection and its model over a life, call by call. */
// deno-lint-ignore no-explicit-any -- Backbone has no types
async function traceOf(users: any): Promise<readonly (readonly string[])[]> {
  const events = eventsOf(users) as string[];
  const steps: string[][] = [];
  // deno-lint-ignore no-explicit-any -- Backbone has no types
  const step = async (call: (done: (result: string) => object) => any) => {
    await new Promise<void>((resolve) => {
      call((result) => ({
        success: () => (events.push(result), queueMicrotask(resolve)),
        error: () => (events.push(`no ${result}`), queueMicrotask(resolve)),
      }));
    });
    steps.push(events.splice(0));
  };
  await step((done) => users.create({ text: "a" }, done("created")));
  await step((done) => users.create({ text: "b" }, { ...done("created"), wait: true }));
  const [first, second] = users.models;
  await step((done) => first.save({ text: "c" }, done("saved")));
  await step((done) => first.save({ text: "d" }, { ...done("saved"), wait: true }));
  await step((done) => first.save({ text: "e" }, { ...done("saved"), patch: true }));
  await step((done) => first.fetch(done("fetched")));
  await step((done) => users.fetch(done("fetched")));
  await step((done) => users.fetch({ ...done("fetched"), reset: true }));
  await step((done) => users.get(first.id).destroy({ ...done("destroyed"), wait: true }));
  await step((done) => users.get(second.id).destroy(done("destroyed")));
  await step((done) => new users.model({ id: 9 }, { collection: users }).fetch(done("fetched")));
  return steps;
}

/** What Backbone hands to jQuery. */
interface AjaxRequest {
  readonly type: string;
  readonly url: string;
  readonly data?: string;
  success(response: unknown): void;
  error(response: unknown): void;
}

/** A server of JSON as jQuery would ask it. */
function answerLikeServer(): (request: AjaxRequest) => void {
  const records = new Map<number, object>();
  return ({ type, url, data, success, error }) => {
    const body = data === undefined ? {} : JSON.parse(data);
    const id = Number(/\d+$/.exec(url)?.[0] ?? records.size + 1);
    const answer = (to: (response: unknown) => void, response?: unknown) =>
      queueMicrotask(() => to(response));
    if (type === "DELETE") records.delete(id);
    else if (type !== "GET") records.set(id, { ...records.get(id), ...body, id });
    else if (!/\d$/.test(url)) return answer(success, [...records.values()]);
    else if (!records.has(id)) return answer(error, {});
    answer(success, records.get(id) ?? {});
  };
}

Deno.test("Backbone.sync gives a promise, in options.xhr and to listeners of request too", async () => {
  const users = people().collection();
  const ada = users.add({ username: "ada" });
  let requested: unknown;
  ada.on("request", (_model: unknown, xhr: unknown) => requested = xhr);
  const answer = ada.save();
  strictEqual(requested, answer);
  deepStrictEqual(await answer, { id: 1, username: "ada" });
  let options: { xhr?: unknown } = {};
  const fetched = ada.fetch({
    success: (_model: unknown, _answer: unknown, given: object) => options = given,
  });
  await fetched;
  strictEqual(options.xhr, fetched);
});

Deno.test("Backbone.sync refuses a method that there is not, and needs no options", async () => {
  const users = people().collection();
  const ada = users.add({ id: 1, username: "ada" });
  strictEqual((await refusalOf(Backbone.sync("upsert", ada))).errorCode, 422);
  strictEqual((await refusalOf(Backbone.sync("create", users))).errorCode, 422);
  strictEqual((await refusalOf(Backbone.sync("read", ada))).errorMessage, "Not found");
});

Deno.test("callbacks get the failure in the seed's words, and the promise may be left", async () => {
  const users = people().collection();
  await users.add({ username: "ada" }).save();
  const context = {};
  const told = await new Promise<readonly unknown[]>((resolve) => {
    users.create({ username: "ADA" }, {
      context,
      error(this: unknown, ...args: readonly unknown[]) {
        resolve([this === context, ...args]);
      },
    });
  });
  const [isBound, model, failure] = told as [boolean, { id?: unknown }, StoreError];
  ok(isBound && model.id === undefined && failure instanceof StoreError);
  strictEqual(failure.errorCode, 409);
  strictEqual(failure.errorMessage, "Unique key conflict for key 'username'");
  deepStrictEqual([failure.code, failure.field, failure.owner], ["ERR_UNIQUE", "username", 1]);
  ok(HoldfastError.is(failure) && HoldfastError.is(failure.cause, "ERR_UNIQUE"));
});

Deno.test("callbacks that throw reject the promise, and never turn a success into an error", async () => {
  const users = people().collection();
  const ada = users.add({ username: "ada" });
  let isFailed = false;
  const success = () => {
    throw new Error("mine");
  };
  await rejects(ada.save(null, { success, error: () => isFailed = true }), { message: "mine" });
  deepStrictEqual([isFailed, ada.id], [false, 1]);
  await rejects(users.getByUnique("username", "ada", { success }), { message: "mine" });
  await rejects(people().collection().getByUnique("username", "bob", { error: success }), {
    message: "mine",
  });
  await ada.save({ age: 36 });
  strictEqual((await users.redisStore.model.get(1)).age, 36);
});

Deno.test("a store that cannot be reached answers 503, and the next save works", async () => {
  const backend = countingBackend();
  const { commit } = backend.models;
  let isDown = true;
  const models: typeof backend.models = {
    ...backend.models,
    commit: (...args) =>
      isDown
        ? Promise.reject(new HoldfastError("ERR_UNAVAILABLE", "Cannot reach the store"))
        : commit(...args),
  };
  const users = people({ redisClient: { ...backend, models } }).collection();
  const ada = users.add({ username: "ada" });
  const failure = await refusalOf(ada.save());
  deepStrictEqual([failure.errorCode, failure.code], [503, "ERR_UNAVAILABLE"]);
  isDown = false;
  await ada.save();
  strictEqual(ada.id, 1);
});

Deno.test("what has no code passes as it is: the reason of an abort", async () => {
  const users = people().collection();
  const reason = new Error("enough");
  await rejects(users.fetch({ signal: AbortSignal.abort(reason) }), reason);
});

Deno.test(`a model has at most ${TURNS_MAX} calls that wait for each other`, async () => {
  const ada = people().collection().add({ username: "ada" });
  const saves = Array.from({ length: TURNS_MAX + 1 }, () => ada.save());
  const last = await refusalOf(saves.pop());
  deepStrictEqual([last.errorCode, last.code], [413, "ERR_LIMIT"]);
  strictEqual((await Promise.all(saves)).length, TURNS_MAX);
});
