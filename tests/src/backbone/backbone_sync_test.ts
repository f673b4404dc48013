import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import Backbone from "backbone";
import { createBackboneSync } from "../../../src/backbone/mod.ts";
import { connectSync, type SyncClient } from "../../../src/sync/client/mod.ts";
import { eventsOf } from "../../support/backbone/people.ts";
import { eventually } from "../../support/eventually.ts";
import { serveTodos, type TodoHub } from "../../support/sync/todo_hub.ts";

/** Attributes of a model, as Backbone gives them: of no type. */
type Attributes = Record<string, unknown>;

/** A client, and a class of collections on it that are kept up to date as backsync's sample kept them. */
function page(hub: TodoHub, properties: object = { syncName: "Todo", url: neverAsked }) {
  const client = connectSync(hub.url("ws"));
  const sync = createBackboneSync(client, { backbone: Backbone });
  const Item = Backbone.Model.extend({
    sync(...args: unknown[]) {
      return Reflect.apply(sync, undefined, args);
    },
  });
  const List = Backbone.Collection.extend({
    ...properties,
    model: Item,
    sync(...args: unknown[]) {
      return Reflect.apply(sync, undefined, args);
    },
    initialize() {
      this.syncBind("upsert", this.serverUpsert, this);
      this.syncBind("delete", this.serverDelete, this);
    },
    serverUpsert(attributes: Attributes) {
      const model = this.get(attributes.id);
      if (model) model.set(attributes);
      else this.add(attributes);
    },
    serverDelete({ id }: Attributes) {
      this.remove(this.get(id));
    },
  });
  return { client, list: new List() };
}

function neverAsked(): never {
  throw new Error("url() is asked although a name is given");
}

async function ready(client: SyncClient): Promise<void> {
  await client.collection("Todo").ready;
}

function seen(list: { toJSON(): Attributes[] }): readonly unknown[] {
  return list.toJSON().map(({ id, text }) => [id, text]);
}

Deno.test("createBackboneSync() has one model after creation, answer and echo, in every collection", async () => {
  await using hub = serveTodos();
  const [one, two] = [page(hub), page(hub)];
  await using _one = one.client;
  await using _two = two.client;
  await Promise.all([ready(one.client), ready(two.client)]);
  const events = eventsOf(one.list);
  const model = one.list.create({ text: "milk" });
  strictEqual(one.list.length, 1);
  await eventually("both have it", () => model.id === 1 && two.list.length === 1);
  await one.client.read("Todo", { id: 1 });
  deepStrictEqual(seen(one.list), [[1, "milk"]]);
  deepStrictEqual(seen(two.list), [[1, "milk"]]);
  strictEqual(events.filter((name) => name === "add").length, 1);
  deepStrictEqual(events.slice(0, 3), ["add", "update", "request"]);
  ok(events.includes("sync"));
});

Deno.test("createBackboneSync() reads, updates, patches and deletes", async () => {
  await using hub = serveTodos();
  const [one, two] = [page(hub), page(hub)];
  await using _one = one.client;
  await using _two = two.client;
  await Promise.all([ready(one.client), ready(two.client)]);
  const model = one.list.create({ text: "milk", owner: "ada" }, { wait: true });
  await eventually("it is there", () => one.list.length === 1);
  await two.list.fetch();
  const other = two.list.get(1);
  await model.save({ done: true });
  await eventually("the update is there", () => other.get("done") === true);
  await other.save({ text: "oat milk" }, { patch: true });
  await eventually("the patch is there", () => model.get("text") === "oat milk");
  await model.fetch();
  deepStrictEqual(model.toJSON(), { id: 1, text: "oat milk", owner: "ada", done: true });
  await model.destroy({ wait: true });
  await eventually("it is gone", () => two.list.length === 0);
  strictEqual(await hub.todos.count(), 0);
});

Deno.test("createBackboneSync() makes one record of a model that is saved twice before it has an id", async () => {
  await using hub = serveTodos();
  const { client, list } = page(hub);
  await using _ = client;
  await ready(client);
  const model = list.add({ text: "milk" });
  await Promise.all([model.save(), model.save({ text: "oat milk" })]);
  strictEqual(await hub.todos.count(), 1);
  deepStrictEqual(seen(list), [[1, "oat milk"]]);
});

Deno.test("createBackboneSync() keeps what was typed while an answer was on its way", async () => {
  await using hub = serveTodos();
  const { client, list } = page(hub);
  await using _ = client;
  await ready(client);
  const model = list.add({ text: "m" });
  const saved = model.save();
  model.set("text", "milk");
  await saved;
  deepStrictEqual([model.id, model.get("text")], [1, "milk"]);
});

Deno.test("createBackboneSync() tells a refusal in the seed's words", async () => {
  await using hub = serveTodos();
  const { client, list } = page(hub);
  await using _ = client;
  client.on("refused", () => {});
  await ready(client);
  await list.add({ text: "a", code: "x" }).save();
  const twin = list.add({ text: "b", code: "x" });
  const told: Attributes[] = [];
  await rejects(twin.save({}, { error: (_: unknown, failure: Attributes) => told.push(failure) }));
  deepStrictEqual(
    told.map(({ code, errorCode, field, owner }) => ({ code, errorCode, field, owner })),
    [
      { code: "ERR_UNIQUE", errorCode: 409, field: "code", owner: 1 },
    ],
  );
  const nobody = list.add({ id: 99 });
  await rejects(nobody.fetch(), { code: "ERR_NOT_FOUND", errorCode: 404 });
});

Deno.test("createBackboneSync() saves offline, in order, and once", async () => {
  await using hub = serveTodos();
  const { client, list } = page(hub);
  await using _ = client;
  await ready(client);
  hub.cut(true);
  await eventually("it is offline", () => client.state === "offline");
  const models = Array.from({ length: 20 }, (_, at) => list.create({ text: `t${at}` }));
  strictEqual(list.length, 20);
  hub.cut(false);
  client.connect();
  await eventually("all are saved", () => models.every((model) => model.id !== undefined));
  deepStrictEqual(models.map(({ id }) => id), models.map((_, at) => at + 1));
  deepStrictEqual(list.length, 20);
  strictEqual(await hub.todos.count(), 20);
});

Deno.test("createBackboneSync() takes the model's name from the url where none is given", async () => {
  await using hub = serveTodos();
  const { client, list } = page(hub, { url: "https://elsewhere.example/Todo/of/mine?x" });
  await using _ = client;
  await list.add({ text: "milk" }).save();
  strictEqual((await hub.todos.get(1))?.text, "milk");
  const bare = new Backbone.Model();
  throws(() => createBackboneSync(connectSync(hub.url("ws")), { more: 1 } as never), {
    code: "ERR_INVALID_OPTION",
  });
  bare.sync = createBackboneSync(client);
  await rejects(bare.save(), /A "url" property or function must be specified/);
});

Deno.test("syncBind() tells all records where events were missed, and what is gone", async () => {
  await using hub = serveTodos();
  const first = await hub.todos.create({ text: "first" });
  const { client, list } = page(hub);
  await using _ = client;
  await ready(client);
  deepStrictEqual(seen(list), [[1, "first"]]);
  hub.cut(true);
  await eventually("it is offline", () => client.state === "offline");
  await hub.todos.delete(first);
  // More than the hub catches up with.
  await hub.todos.create({ text: "second" });
  hub.cut(false);
  client.connect();
  await eventually("it is told", () => list.length === 1 && list.at(0).get("text") === "second");
});
