import { deepStrictEqual, fail, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { seededRandom } from "../../../../src/random.ts";
import { connectSync } from "../../../../src/sync/client/client.ts";
import { BREAD, MILK, online, scripted, texts, type Todo } from "./scripted_hub.ts";

Deno.test("connectSync() does nothing until it is used", async () => {
  const hub = scripted();
  const random = { ...seededRandom(1), bytes: () => fail("rolls dice") };
  const client = connectSync("wss://host/sync", { ...hub.options, random });
  strictEqual(hub.clock.pending, 0);
  await hub.clock.advance(60_000);
  strictEqual(hub.sockets.length, 0);
  await client.close();
});

Deno.test("connectSync() refuses what cannot work, before anything happens", () => {
  const { options } = scripted();
  for (
    const [url, bad] of [
      ["ftp://host", {}],
      ["/sync", {}],
      ["wss://host", { onConflict: "mine" }],
      ["wss://host", { storage: {} }],
      ["wss://host", { retries: 3 }],
    ] as const
  ) {
    throws(() => connectSync(url, { ...options, ...bad as object }), {
      code: "ERR_INVALID_OPTION",
    });
  }
});

Deno.test("SyncClient shows a token as a subprotocol, asked anew for every connection", async () => {
  const hub = scripted();
  let asked = 0;
  const client = connectSync("wss://host/sync", { ...hub.options, token: () => `tökén${++asked}` });
  client.connect();
  await hub.clock.advance(0);
  hub.socket.break();
  await hub.clock.advance(30_000);
  const [first, second] = hub.sockets;
  deepStrictEqual(first?.protocols, ["holdfast", "holdfast.token.dMO2a8OpbjE"]);
  deepStrictEqual(second?.protocols, ["holdfast", "holdfast.token.dMO2a8OpbjI"]);
  await client.close();
});

Deno.test("SyncCollection is ready once all pages are there, and in the order of ids", async () => {
  const hub = scripted();
  const client = connectSync("wss://host/sync", hub.options);
  const todos = client.collection<Todo>("Todo");
  await hub.clock.advance(0);
  hub.socket.open();
  hub.socket.answer("$sync:subscribe", { data: { cursor: "e.9.t", seq: 9, reset: true } });
  hub.socket.answer("Todo:read", { data: [BREAD], next: "p2" });
  deepStrictEqual(todos.records, []);
  deepStrictEqual(hub.socket.last("Todo:read").data, { limit: 1_000, after: "p2" });
  hub.socket.answer("Todo:read", { data: [{ id: "x", text: "x" }, MILK] });
  await todos.ready;
  deepStrictEqual(texts(todos), ["milk", "bread", "x"]);
  await client.close();
});

Deno.test("SyncCollection takes its own order", async () => {
  const hub = scripted();
  const client = connectSync("wss://host/sync", hub.options);
  const todos = client.collection<Todo>("Todo", { order: (a, b) => a.text < b.text ? -1 : 1 });
  await hub.clock.advance(0);
  hub.socket.serve("Todo", [MILK, BREAD]);
  deepStrictEqual(texts(todos), ["bread", "milk"]);
  await client.close();
});

Deno.test("SyncCollection has events of others in order, and none twice", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  const told: unknown[] = [];
  todos.on("upsert", ({ record }) => told.push(record.text));
  todos.on("delete", ({ id }) => told.push(id));
  const tea = { event: "Todo:upsert", data: { id: 3, text: "tea", $version: "11-c" }, seq: 11 };
  hub.socket.say(tea);
  hub.socket.say(tea);
  hub.socket.say({ event: "Todo:delete", data: { id: 1 }, seq: 12, cursor: "e.12.t" });
  hub.socket.say({ event: "Todo:upsert", data: { ...MILK, text: "old" }, seq: 4 });
  deepStrictEqual(told, ["tea", 1]);
  deepStrictEqual(texts(todos), ["bread", "tea"]);
  hub.socket.break();
  await hub.clock.advance(30_000);
  hub.socket.open();
  deepStrictEqual(hub.socket.last("$sync:subscribe").data, { model: "Todo", after: "e.12.t" });
  await client.close();
});

Deno.test("SyncCollection goes on only from what it is told after the answer to its subscription", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  hub.socket.break();
  await hub.clock.advance(30_000);
  hub.socket.open();
  // A hub that cannot know yet what is at the other end tells it of everything.
  const jam = { id: 4, text: "jam", $version: "12-d" };
  hub.socket.say({ event: "Todo:upsert", data: jam, seq: 12, cursor: "e.12.t" });
  hub.socket.say({ event: "$sync:ping", data: { cursors: { Todo: "e.12.t" } } });
  hub.socket.say({ event: "$sync:reset", data: { model: "Todo", cursor: "e.12.t", seq: 12 } });
  deepStrictEqual(hub.socket.last("$sync:subscribe").data, { model: "Todo", after: "e.10.t" });
  const data = { model: "Todo", cursor: "e.12.t", seq: 12, reset: false };
  hub.socket.answer("$sync:subscribe", { data });
  const tea = { id: 3, text: "tea", $version: "11-c" };
  hub.socket.say({ event: "Todo:upsert", data: tea, seq: 11, cursor: "e.11.t" });
  hub.socket.say({ event: "Todo:upsert", data: jam, seq: 12, cursor: "e.12.t" });
  deepStrictEqual(texts(todos), ["milk", "bread", "tea", "jam"]);
  await client.close();
});

Deno.test("SyncCollection reads all anew, though it was told to while a record was created, and cut off", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  const made = todos.upsert({ text: "tea" });
  hub.socket.say({ event: "$sync:reset", data: { model: "Todo", cursor: "e.20.t", seq: 20 } });
  hub.socket.last("Todo:read");
  hub.socket.break();
  await hub.clock.advance(30_000);
  hub.socket.open();
  deepStrictEqual(hub.socket.last("$sync:subscribe").data, { model: "Todo" });
  const data = { model: "Todo", cursor: "e.20.t", seq: 20, reset: true };
  hub.socket.answer("$sync:subscribe", { data });
  const tea = { id: 3, text: "tea", $version: "19-c" };
  hub.socket.answer("Todo:upsert", { data: tea, seq: 19 });
  await made;
  hub.socket.answer("Todo:read", { data: [BREAD, tea] });
  deepStrictEqual(texts(todos), ["bread", "tea"]);
  await client.close();
});

Deno.test("SyncCollection forgets with a connection what it held back while a record was created", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  const made = todos.upsert({ text: "tea" });
  // The store loses this before it is told again.
  const jam = { id: 3, text: "jam", $version: "11-c" };
  hub.socket.say({ event: "Todo:upsert", data: jam, seq: 11, cursor: "e.11.t" });
  hub.socket.break();
  await hub.clock.advance(30_000);
  hub.socket.open();
  deepStrictEqual(hub.socket.last("$sync:subscribe").data, { model: "Todo", after: "e.10.t" });
  const data = { model: "Todo", cursor: "e.11.u", seq: 11, reset: false };
  hub.socket.answer("$sync:subscribe", { data });
  const tea = { id: 3, text: "tea", $version: "11-u" };
  hub.socket.answer("Todo:upsert", { data: tea, seq: 11 });
  await made;
  hub.socket.say({ event: "Todo:upsert", data: tea, seq: 11, cursor: "e.11.u" });
  deepStrictEqual(texts(todos), ["milk", "bread", "tea"]);
  await client.close();
});

Deno.test("SyncCollection takes no answer for new that was asked for before all was read anew", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  const [first, second] = [todos.upsert({ id: 1, done: true }, { patch: true }), todos.delete(2)];
  // The store is wiped after it has written, and before that is told.
  hub.socket.say({ event: "$sync:reset", data: { model: "Todo", cursor: "f.1.t", seq: 1 } });
  hub.socket.answer("Todo:upsert", { data: { ...MILK, done: true, $version: "11-c" }, seq: 11 });
  await first;
  const jam = { id: 1, text: "jam", $version: "1-t" };
  hub.socket.answer("Todo:read", { data: [jam] });
  deepStrictEqual(texts(todos), ["jam"]);
  hub.socket.answer("Todo:delete", { data: null, seq: 2 });
  await second;
  hub.socket.say({ event: "Todo:upsert", data: { ...BREAD, $version: "2-u" }, seq: 2 });
  deepStrictEqual(texts(todos), ["jam", "bread"]);
  await client.close();
});

Deno.test("SyncCollection does not go on from before the first write once it has records", async () => {
  const hub = scripted();
  const client = connectSync("wss://host/sync", hub.options);
  client.collection("Todo");
  await hub.clock.advance(0);
  hub.socket.serve("Todo", [MILK], 0);
  hub.socket.break();
  await hub.clock.advance(30_000);
  hub.socket.open();
  // Whatever the store has by then, it leads on from there: even if it has lost this record.
  deepStrictEqual(hub.socket.last("$sync:subscribe").data, { model: "Todo" });
  await client.close();
});

Deno.test("SyncClient.close() rejects what waits with ERR_CLOSED and leaves no timers", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  const made = todos.upsert({ text: "tea" });
  const read = client.read("Todo", { id: 1 });
  await hub.clock.advance(0);
  await client.close();
  await rejects(made, { code: "ERR_CLOSED" });
  await rejects(read, { code: "ERR_CLOSED" });
  await rejects(todos.upsert({ text: "more" }), { code: "ERR_CLOSED" });
  await rejects(client.read("Todo"), { code: "ERR_CLOSED" });
  strictEqual(hub.clock.pending, 0);
  ok(hub.socket.isClosed);
  await client.close();
});

Deno.test("SyncClient.read() waits to be online, and no longer than its signal says", async () => {
  const hub = scripted();
  const client = connectSync("wss://host/sync", hub.options);
  const stop = new AbortController();
  const given = client.read("Todo", {}, { signal: stop.signal });
  stop.abort(new Error("enough"));
  await rejects(given, { message: "enough" });
  const read = client.read("Todo", { id: 1 });
  await hub.clock.advance(0);
  hub.socket.open();
  await hub.clock.advance(0);
  hub.socket.answer("Todo:read", { data: MILK });
  deepStrictEqual(await read, { data: MILK, next: undefined });
  const missing = client.read("Todo", { id: 9 });
  await hub.clock.advance(0);
  hub.socket.answer("Todo:read", { data: null, error: "Not found", code: "ERR_NOT_FOUND" });
  await rejects(missing, { code: "ERR_NOT_FOUND" });
  await client.close();
});

Deno.test("SyncClient begins anew where a token does not come, and where it cannot be had", async () => {
  const hub = scripted();
  const tokens: (() => string | Promise<string>)[] = [
    () => new Promise<string>(() => {}),
    () => {
      throw new Error("No token");
    },
    () => "t3",
  ];
  const token = () => tokens.shift()?.() ?? "late";
  const client = connectSync("wss://host/sync", { ...hub.options, token });
  const failures: unknown[] = [];
  client.on("error", ({ cause }) => failures.push(cause));
  client.connect();
  await hub.clock.advance(120_000);
  deepStrictEqual(failures, [new Error("No token")]);
  strictEqual(hub.sockets.length, 1);
  await client.close();
  strictEqual(hub.clock.pending, 0);
  await rejects(client.collection("Todo").ready, { code: "ERR_CLOSED" });
});
