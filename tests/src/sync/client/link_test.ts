import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { Clock } from "../../../../src/clock.ts";
import { seededRandom } from "../../../../src/random.ts";
import { connectSync } from "../../../../src/sync/client/client.ts";
import { CLOSE_CODES } from "../../../../src/sync/messages.ts";
import { BREAD, MILK, online, scripted, texts } from "./scripted_hub.ts";

Deno.test("SyncClient comes back for ever, with full jitter from 0.5 to 30 seconds", async () => {
  const hub = scripted();
  const waits: number[] = [];
  const after: Clock["after"] = (ms, callback) => {
    // A heartbeat is no wait.
    if (ms !== 25_000) waits.push(ms);
    return hub.clock.after(ms, callback);
  };
  const clock = { ...hub.clock, after };
  const client = connectSync("wss://host/sync", { ...hub.options, clock });
  client.connect();
  await hub.clock.advance(0);
  for (let tries = 0; tries < 60; tries++) {
    hub.socket.break();
    await hub.clock.advance(30_000);
  }
  strictEqual(waits.length, 60);
  ok(waits.every((wait, at) => wait <= Math.min(30_000, 500 * 2 ** at)));
  ok(Math.max(...waits) > 20_000);
  ok(new Set(waits).size > 30, "the waits differ");
  await client.close();
  strictEqual(hub.clock.pending, 0);
});

Deno.test("SyncClient waits as little as at first once it was served", async () => {
  const hub = scripted();
  const { client } = await online(hub);
  for (let tries = 0; tries < 20; tries++) {
    hub.socket.break();
    await hub.clock.advance(30_000);
  }
  hub.socket.open();
  hub.socket.answer("$sync:hello", { data: { heartbeatMs: 25_000 } });
  const sockets = hub.sockets.length;
  hub.socket.break();
  await hub.clock.advance(501);
  strictEqual(hub.sockets.length, sockets + 1);
  await client.close();
});

Deno.test("SyncClient.connect() does not wait any longer", async () => {
  const hub = scripted();
  const client = connectSync("wss://host/sync", hub.options);
  client.connect();
  for (let tries = 0; tries < 20; tries++) {
    await hub.clock.advance(0);
    hub.socket.break();
    client.connect();
  }
  await hub.clock.advance(0);
  strictEqual(hub.sockets.length, 21);
  await client.close();
});

Deno.test("SyncClient notices a connection that has gone silent", async () => {
  const hub = scripted();
  const { client } = await online(hub);
  const states: string[] = [];
  client.on("state", (state) => states.push(state));
  for (let beats = 0; beats < 10; beats++) {
    await hub.clock.advance(25_000);
    hub.socket.say({ event: "$sync:ping", data: {} });
    deepStrictEqual(hub.socket.last("$sync:ping"), { event: "$sync:ping" });
  }
  strictEqual(hub.sockets.length, 1);
  await hub.clock.advance(80_000);
  ok(hub.sockets[0]?.isClosed);
  strictEqual(hub.sockets.length, 2);
  deepStrictEqual(states, ["offline"]);
  await client.close();
});

Deno.test("SyncClient goes when the hub says bye, and comes back when it said", async () => {
  const hub = scripted();
  const { client } = await online(hub);
  hub.socket.say({ event: "$sync:bye", data: { afterMs: 10_000 } });
  ok(hub.socket.isClosed);
  await hub.clock.advance(9_999);
  strictEqual(hub.sockets.length, 1);
  await hub.clock.advance(502);
  strictEqual(hub.sockets.length, 2);
  await client.close();
});

Deno.test("SyncClient reads anew where events cannot go on, and shows the old records meanwhile", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  const resets: unknown[] = [];
  todos.on("reset", ({ records }) => resets.push(records.length));
  hub.socket.say({ event: "$sync:reset", data: { model: "Todo", cursor: "f.2.t", seq: 2 } });
  deepStrictEqual(texts(todos), ["milk", "bread"]);
  // Another journal, whose numbers begin anew.
  hub.socket.say({ event: "Todo:upsert", data: { ...MILK, text: "m", $version: "3-z" }, seq: 3 });
  hub.socket.answer("Todo:read", { data: [{ ...BREAD, $version: "1-z" }] });
  deepStrictEqual(texts(todos), ["m", "bread"]);
  deepStrictEqual(resets, [2]);
  await client.close();
});

Deno.test("SyncClient begins a reading anew that a disconnection has cut", async () => {
  const hub = scripted();
  const client = connectSync("wss://host/sync", hub.options);
  const todos = client.collection("Todo");
  await hub.clock.advance(0);
  hub.socket.open();
  hub.socket.answer("$sync:subscribe", { data: { cursor: "e.9.t", seq: 9, reset: true } });
  hub.socket.answer("Todo:read", { data: [MILK], next: "p2" });
  hub.socket.break();
  await hub.clock.advance(500);
  hub.socket.open();
  deepStrictEqual(hub.socket.last("$sync:subscribe").data, { model: "Todo" });
  hub.socket.answer("$sync:subscribe", { data: { cursor: "e.9.t", seq: 9, reset: true } });
  hub.socket.answer("Todo:read", { data: [BREAD] });
  deepStrictEqual(todos.records.map(({ id }) => id), [2]);
  await client.close();
});

Deno.test("SyncCollection.ready rejects where the server refuses, and waits where that passes", async () => {
  const hub = scripted();
  const client = connectSync("wss://host/sync", hub.options);
  const codes: unknown[] = [];
  client.on("error", (error) => codes.push("code" in error && error.code));
  const todos = client.collection("Todo");
  const nothing = client.collection("Nothing");
  await hub.clock.advance(0);
  hub.socket.open();
  const [first, second] = hub.socket.sent.filter(({ event }) => event === "$sync:subscribe");
  const failure = { event: "$sync:subscribe", data: null, error: "No" };
  hub.socket.say({ ...failure, id: first?.id ?? null, code: "ERR_UNAVAILABLE" });
  hub.socket.say({ ...failure, id: second?.id ?? null, code: "ERR_NOT_FOUND" });
  await rejects(nothing.ready, { code: "ERR_NOT_FOUND" });
  deepStrictEqual(codes, ["ERR_NOT_FOUND"]);
  await hub.clock.advance(4_001);
  hub.socket.answer("$sync:subscribe", { data: { cursor: "e.9.t", seq: 9, reset: true } });
  hub.socket.answer("Todo:read", { data: [MILK] });
  await todos.ready;
  await client.close();
  strictEqual(hub.clock.pending, 0);
});

for (const code of [CLOSE_CODES.tooLarge, 1009]) {
  Deno.test(`SyncClient gives up the write for which it is closed by ${code}`, async () => {
    const hub = scripted();
    const { client, todos } = await online(hub);
    client.on("refused", () => {});
    const large = todos.upsert({ text: "x".repeat(50_000) });
    void client.collection("Note").upsert({ text: "small" });
    hub.socket.break(code);
    await rejects(large, { code: "ERR_TOO_LARGE" });
    strictEqual(client.pending, 1);
    await hub.clock.advance(500);
    hub.socket.open();
    strictEqual(hub.socket.sent.filter(({ event }) => event === "Note:upsert").length, 1);
    await client.close();
  });
}

Deno.test("SyncClient takes an answer that comes too late for no event", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  todos.upsert({ id: 1, text: "mine" }).catch(() => {});
  const { id = null } = hub.socket.last("Todo:upsert");
  await hub.clock.advance(10_000);
  hub.socket.say({ id, event: "Todo:upsert", data: { ...MILK, $version: "20-x" }, seq: 20 });
  hub.socket.say({
    event: "Todo:upsert",
    data: { ...BREAD, text: "b", $version: "15-x" },
    seq: 15,
  });
  strictEqual(todos.get(2)?.text, "b");
  await client.close();
});

Deno.test("SyncClient moves its cursor past what is not for its eyes", async () => {
  const hub = scripted();
  const { client } = await online(hub);
  hub.socket.say({ event: "$sync:ping", data: { cursors: { Todo: "e.99.t", Other: "x" } } });
  hub.socket.break();
  await hub.clock.advance(500);
  hub.socket.open();
  deepStrictEqual(hub.socket.last("$sync:subscribe").data, { model: "Todo", after: "e.99.t" });
  await client.close();
});

Deno.test("SyncClient is told by presence who is there, and joins again after a disconnection", async () => {
  const hub = scripted();
  const { client } = await online(hub);
  const room = client.presence("list", { name: "Ada" });
  deepStrictEqual(hub.socket.last("$sync:presence").data, { room: "list", meta: { name: "Ada" } });
  const members = [{ key: "ada", meta: { name: "Ada" } }, { key: "__proto__", meta: 1 }];
  hub.socket.answer("$sync:presence", { data: { room: "list", pv: 3, members } });
  deepStrictEqual([...room.members.keys()], ["ada", "__proto__"]);
  const say = (data: object) =>
    hub.socket.say({ event: "$sync:presence", data: { room: "list", ...data } });
  say({ pv: 4, joins: [{ key: "bob", meta: 2 }], leaves: [{ key: "ada" }] });
  say({ pv: 4, joins: [{ key: "late", meta: 2 }], leaves: [] });
  deepStrictEqual([...room.members], [["__proto__", 1], ["bob", 2]]);
  say({ pv: 5, joins: [{ key: "cy", meta: null }], leaves: [], all: true });
  deepStrictEqual([...room.members], [["cy", null]]);
  hub.socket.break();
  await hub.clock.advance(500);
  hub.socket.open();
  deepStrictEqual(hub.socket.last("$sync:presence").data, { room: "list", meta: { name: "Ada" } });
  room.leave();
  deepStrictEqual(hub.socket.last("$sync:presence").data, { room: "list", meta: null });
  await client.close();
});

Deno.test("SyncClient lives through whatever a server sends", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  client.on("refused", () => {});
  const random = seededRandom(11);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random.float() * items.length)];
  const values: readonly unknown[] = [
    ...[null, true, 0, -1, 1e308, "", "x", [], {}, [null], { id: {} }, { id: 1e20 }, "__proto__"],
    ...["Todo", "1", "constructor", { __proto__: null, id: "__proto__", $version: "20-p" }],
    ...[{ id: "constructor" }, { id: 1, $version: { a: 1 } }, [[[[]]]], { Todo: 7 }, {
      model: "Todo",
    }],
    JSON.parse(`{"__proto__": {"polluted": true}, "id": "toString"}`),
  ];
  const events = ["Todo:upsert", "Todo:delete", "Todo:read", "$sync:ping", "$sync:presence"];
  const all = [
    ...events,
    "$sync:subscribe",
    "$sync:reset",
    "$sync:hello",
    ":",
    "",
    "Todo",
    "a:b:c",
  ];
  client.presence("room", 1);
  for (let turn = 0; turn < 5_000; turn++) {
    const message: Record<string, unknown> = { event: pick<unknown>([...all, ...values]) };
    for (
      const name of ["id", "data", "seq", "cursor", "v", "tx", "error", "code", "details", "next"]
    ) {
      if (random.float() < 0.4) message[name] = pick(values);
    }
    if (random.float() < 0.3) message.id = String(Math.floor(random.float() * 40));
    if (random.float() < 0.1) void todos.upsert({ text: "mine" }).catch(() => {});
    const text = JSON.stringify(random.float() < 0.9 ? message : pick(values));
    hub.socket.say(random.float() < 0.05 ? text.slice(1) : text);
    if (turn % 500 === 499) await hub.clock.advance(1_000);
  }
  strictEqual(Reflect.get({}, "polluted"), undefined);
  ok(todos.records.every(({ id }) => typeof id === "string" || Number.isSafeInteger(id)));
  hub.socket.break();
  await hub.clock.advance(30_000);
  hub.socket.serve("Todo", [MILK, { id: "__proto__", text: "p", $version: "4-p" }]);
  while (client.pending > 0) {
    hub.socket.answer("Todo:upsert", { data: null, error: "No", code: "ERR_INVALID_VALUE" });
  }
  strictEqual(todos.get("__proto__")?.text, "p");
  await client.close();
  strictEqual(hub.clock.pending, 0);
});
