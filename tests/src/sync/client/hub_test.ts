import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import { randomInteger, seededRandom } from "../../../../src/random.ts";
import {
  type ConnectOptions,
  connectSync,
  memoryStorage,
  type SyncClient,
  type SyncCollection,
} from "../../../../src/sync/client/mod.ts";
import { eventually } from "../../../support/eventually.ts";
import { serveTodos, type TodoHub } from "../../../support/sync/todo_hub.ts";
import type { Todo } from "../../../support/sync/todos.ts";

const ROADS = ["ws", "http"] as const;

/** A client of a hub with its to-dos. */
async function join(
  hub: TodoHub,
  road: typeof ROADS[number],
  options: ConnectOptions = {},
): Promise<{ client: SyncClient; todos: SyncCollection<Todo> }> {
  const client = connectSync(hub.url(road), options);
  const todos = client.collection<Todo>("Todo");
  await todos.ready;
  return { client, todos };
}

function texts({ records }: SyncCollection<Todo>): readonly unknown[] {
  return records.map(({ id, text }) => [id, text]);
}

for (const road of ROADS) {
  Deno.test(`SyncClient over ${road} has everybody's records, its own once`, async () => {
    await using hub = serveTodos();
    const [one, two] = await Promise.all([join(hub, road), join(hub, road)]);
    await using _one = one.client;
    await using _two = two.client;
    const made = await one.todos.upsert({ text: "milk" });
    strictEqual(made.id, 1);
    await eventually("it is told", () => two.todos.records.length === 1);
    await two.todos.upsert({ id: 1, done: true }, { patch: true });
    await eventually("it is told", () => one.todos.get(1)?.done === true);
    deepStrictEqual(one.todos.records, two.todos.records);
    await one.todos.delete(1);
    await one.todos.delete(1);
    await eventually("it is told", () => two.todos.records.length === 0);
  });

  Deno.test(`SyncClient over ${road} sends 50 offline writes in order, once, and gets what it missed`, async () => {
    await using hub = serveTodos();
    const [one, two] = await Promise.all([join(hub, road), join(hub, road)]);
    await using _one = one.client;
    await using _two = two.client;
    const told: unknown[] = [];
    one.todos.on("upsert", ({ record, isPending }) => isPending || told.push(record.text));
    hub.cut(true);
    await eventually("both are offline", () => one.client.state === "offline");
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, at) => hub.todos.create({ text: `other ${at}` })),
    );
    const made = Array.from({ length: 50 }, (_, at) => one.todos.upsert({ text: `own ${at}` }));
    strictEqual(one.todos.records.length, 50);
    hub.cut(false);
    one.client.connect();
    two.client.connect();
    const own = await Promise.all(made);
    deepStrictEqual(own.map(({ id }) => id), own.map((_, at) => others.length + 1 + at));
    await eventually("the other has all", () => two.todos.records.length === 70);
    await eventually("this one has all", () => one.todos.records.length === 70);
    deepStrictEqual(texts(one.todos), texts(two.todos));
    deepStrictEqual(
      told.filter((text) => String(text).startsWith("other")),
      others.map(({ text }) => text),
    );
    strictEqual(await hub.todos.count(), 70);
  });

  Deno.test(`SyncClient over ${road} makes every write once, however often it is cut off`, async () => {
    await using hub = serveTodos();
    const { client, todos } = await join(hub, road);
    await using _ = client;
    const random = seededRandom(5);
    const made: Promise<unknown>[] = [];
    for (let round = 0; round < 12; round++) {
      for (let at = 0; at < 10; at++) made.push(todos.upsert({ text: `${round}-${at}` }));
      const acknowledged = randomInteger(random, 0, 9);
      await eventually("some are made", () => client.pending <= 10 - acknowledged);
      hub.cut(true);
      await eventually("it is offline", () => client.state === "offline");
      hub.cut(false);
      client.connect();
      await eventually("it is back", () => client.state === "online");
    }
    await Promise.all(made);
    const stored = (await hub.todos.find({}, { limit: 1_000 })).records.map(({ text }) => text);
    deepStrictEqual(
      stored,
      Array.from({ length: 120 }, (_, at) => `${Math.floor(at / 10)}-${at % 10}`),
    );
    await eventually("it sees them", () => todos.records.every(({ $version }) => $version));
    deepStrictEqual(todos.records.map(({ text }) => text), stored);
  });

  Deno.test(`SyncClient over ${road} is refused what the hub refuses`, async () => {
    await using hub = serveTodos();
    const { client, todos } = await join(hub, road);
    await using _ = client;
    client.on("refused", () => {});
    await todos.upsert({ text: "a", code: "x" });
    await rejects(todos.upsert({ text: "b", code: "x" }), { code: "ERR_UNIQUE" });
    await rejects(todos.upsert({ text: 7 as never }), { code: "ERR_INVALID_VALUE" });
    await rejects(client.collection("Nothing").upsert({ text: "b" }), { code: "ERR_NOT_FOUND" });
    await rejects(client.collection("Nothing").ready, { code: "ERR_NOT_FOUND" });
    const first = todos.get(1);
    await hub.todos.patch(1, { text: "theirs" });
    await eventually("it is told", () => todos.get(1)?.text === "theirs");
    hub.cut(true);
    await eventually("it is offline", () => client.state === "offline");
    const late = todos.upsert({ ...first, id: 1, text: "mine" });
    await hub.todos.patch(1, { text: "theirs again" });
    hub.cut(false);
    client.connect();
    await rejects(late, { code: "ERR_CONFLICT" });
    strictEqual(todos.get(1)?.text, "theirs again");
    strictEqual(todos.records.length, 1);
  });
}

Deno.test("SyncClient goes on with what its last life left, against a hub that has forgotten nothing", async () => {
  await using hub = serveTodos();
  const storage = memoryStorage();
  const first = await join(hub, "ws", { storage, locks: null });
  hub.cut(true);
  await eventually("it is offline", () => first.client.state === "offline");
  first.todos.upsert({ text: "kept" }).catch(() => {});
  await first.client.close();
  hub.cut(false);
  const second = await join(hub, "ws", { storage, locks: null });
  await using _ = second.client;
  await eventually("it is sent", () => second.client.pending === 0);
  deepStrictEqual(texts(second.todos), [[1, "kept"]]);
});

Deno.test("SyncClient has all of a collection of several pages, and what is written meanwhile", async () => {
  const backend = memory();
  await using hub = serveTodos({ backend });
  for (let at = 0; at < 5; at++) {
    await hub.todos.batch((batch) => {
      for (let one = 0; one < 500; one++) batch.create({ text: `${at}-${one}` });
    });
  }
  const client = connectSync(hub.url("ws"));
  await using _ = client;
  const todos = client.collection<Todo>("Todo");
  for (let at = 0; at < 20; at++) {
    await hub.todos.create({ text: `late ${at}` });
    await client.read("Todo", { id: 1 });
  }
  await todos.ready;
  const count = await hub.todos.count();
  await eventually("all are there", () => todos.records.length === count);
  ok(count > 2_500);
});

Deno.test("SyncClient is told by presence when another comes and goes", async () => {
  await using hub = serveTodos();
  const [one, two] = await Promise.all([join(hub, "ws"), join(hub, "ws")]);
  await using _one = one.client;
  const room = one.client.presence("list", { name: "Ada" });
  two.client.presence("list", { name: "Bob" });
  await eventually("both are there", () => room.members.size === 2);
  deepStrictEqual(
    new Set([...room.members.values()].map((meta) => Object(meta).name)),
    new Set(["Ada", "Bob"]),
  );
  await two.client.close();
  await eventually("one is there", () => room.members.size === 1);
});
