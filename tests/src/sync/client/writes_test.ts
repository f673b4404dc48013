import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { connectSync } from "../../../../src/sync/client/client.ts";
import type { SyncError } from "../../../../src/sync/client/sync_error.ts";
import { QUEUE_MAX } from "../../../../src/sync/client/writes.ts";
import { MILK, online, scripted, texts, type Todo } from "./scripted_hub.ts";

Deno.test("SyncCollection.upsert() is seen at once, and has one record after answer and echo", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  const told: unknown[] = [];
  todos.on(
    "upsert",
    ({ record, isPending, replaces }) => told.push([record.id, isPending, replaces]),
  );
  const made = todos.upsert({ text: "tea" });
  const temporary = todos.records.at(-1)?.id ?? "";
  deepStrictEqual(texts(todos), ["milk", "bread", "tea"]);
  strictEqual(client.pending, 1);
  const { tx = "" } = hub.socket.last("Todo:upsert");
  ok(/^[\w-]{22}\.\d+\/1$/.test(String(tx)));
  const record = { id: 3, text: "tea", $version: "11-c" };
  // Even an echo that comes before the answer.
  hub.socket.say({ event: "Todo:upsert", data: record, seq: 11, cursor: "e.11.t", v: "11-c" });
  strictEqual(todos.records.length, 3);
  hub.socket.answer("Todo:upsert", { data: record, seq: 11, v: "11-c" });
  deepStrictEqual(await made, record);
  hub.socket.say({ event: "Todo:upsert", data: record, seq: 11, cursor: "e.11.t", v: "11-c", tx });
  deepStrictEqual(todos.records.map(({ id }) => id), [1, 2, 3]);
  deepStrictEqual(told, [[temporary, true, undefined], [3, false, temporary]]);
  strictEqual(todos.get(temporary)?.id, 3, "the temporary id still works");
  strictEqual(client.pending, 0);
  await client.close();
});

Deno.test("SyncCollection sends one write of a model at a time, and joins those that wait", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  void todos.upsert({ id: 1, text: "milk 1" });
  void todos.upsert({ id: 1, text: "milk 2" });
  const last = todos.upsert({ id: 1, text: "milk 3" });
  const sent = () => hub.socket.sent.filter(({ event }) => event === "Todo:upsert");
  strictEqual(sent().length, 1);
  strictEqual(sent()[0]?.v, "3-a");
  hub.socket.answer("Todo:upsert", { data: { id: 1, text: "milk 1", $version: "11-c" }, seq: 11 });
  strictEqual(sent().length, 2);
  const { data, v } = hub.socket.last("Todo:upsert");
  deepStrictEqual([data, v], [{ text: "milk 3", id: 1 }, "11-c"]);
  hub.socket.answer("Todo:upsert", { data: { id: 1, text: "milk 3", $version: "12-d" }, seq: 12 });
  strictEqual((await last).$version, "12-d");
  await client.close();
});

Deno.test("SyncCollection does not send what was created and deleted before it could be", async () => {
  const hub = scripted();
  const client = connectSync("wss://host/sync", hub.options);
  const todos = client.collection<Todo>("Todo");
  const made = todos.upsert({ text: "tea" });
  const [{ id } = { id: 0 }] = todos.records;
  await Promise.all([todos.delete(id), made]);
  strictEqual(client.pending, 0);
  await hub.clock.advance(0);
  hub.socket.open();
  deepStrictEqual(hub.socket.sent.map(({ event }) => event), ["$sync:hello", "$sync:subscribe"]);
  await client.close();
});

Deno.test("SyncCollection shows again what the server has when it refuses a write", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  const refused: unknown[] = [];
  client.on("refused", ({ id, error }) => refused.push([id, error.code]));
  const made = todos.upsert({ id: 1, text: "milk!" });
  deepStrictEqual(texts(todos), ["milk!", "bread"]);
  hub.socket.answer("Todo:upsert", {
    data: null,
    error: "No",
    code: "ERR_UNIQUE",
    details: { owner: 2 },
  });
  await rejects(made, { code: "ERR_UNIQUE", message: "No", details: { owner: 2 } });
  deepStrictEqual(texts(todos), ["milk", "bread"]);
  deepStrictEqual(refused, [[1, "ERR_UNIQUE"]]);
  await client.close();
});

Deno.test("SyncCollection gives up what names a record that was refused", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  client.on("refused", () => {});
  const parent = todos.upsert({ text: "parent" });
  const { id = 0 } = todos.records.at(-1) ?? {};
  const child = client.collection("Note").upsert({ todo: id });
  hub.socket.answer("Todo:upsert", { data: null, error: "No", code: "ERR_INVALID_VALUE" });
  await rejects(parent, { code: "ERR_INVALID_VALUE" });
  await rejects(child, { code: "ERR_NOT_FOUND" });
  strictEqual(client.pending, 0);
  await client.close();
});

Deno.test("SyncClient writes the server's id into what names a temporary one", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  const made = todos.upsert({ text: "tea" });
  const { id = 0 } = todos.records.at(-1) ?? {};
  void client.collection("Note").upsert({ todos: [{ id }] });
  ok(!hub.socket.sent.some(({ event }) => event === "Note:upsert"), "it waits");
  hub.socket.answer("Todo:upsert", { data: { id: 3, text: "tea", $version: "11-c" }, seq: 11 });
  await made;
  deepStrictEqual(hub.socket.last("Note:upsert").data, { todos: [{ id: 3 }] });
  await client.close();
});

Deno.test("SyncClient tells a conflict with what is there now, under reject", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  client.on("refused", () => {});
  const made = todos.upsert({ id: 1, text: "mine" });
  const current = { id: 1, text: "theirs", $version: "11-c" };
  hub.socket.answer("Todo:upsert", {
    data: null,
    error: "No",
    code: "ERR_CONFLICT",
    details: { current },
  });
  await rejects(made, (error: SyncError) => {
    deepStrictEqual([error.code, error.current], ["ERR_CONFLICT", current]);
    return true;
  });
  deepStrictEqual(texts(todos), ["theirs", "bread"]);
  await client.close();
});

Deno.test("SyncClient expects no version, under lastWrite", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub, { onConflict: "lastWrite" });
  void todos.upsert({ id: 1, text: "mine" });
  strictEqual(hub.socket.last("Todo:upsert").v, undefined);
  await client.close();
});

Deno.test("SyncClient makes a write anew as a function says, under a new position", async () => {
  const hub = scripted();
  const seen: unknown[] = [];
  const { client, todos } = await online(hub, {
    onConflict: (conflict) => {
      seen.push(conflict);
      return { ...conflict.theirs, ...conflict.mine, both: true };
    },
  });
  const made = todos.upsert({ id: 1, text: "mine" });
  const { tx } = hub.socket.last("Todo:upsert");
  const current = { id: 1, text: "theirs", done: true, $version: "11-c" };
  hub.socket.answer("Todo:upsert", {
    data: null,
    error: "No",
    code: "ERR_CONFLICT",
    details: { current },
  });
  const again = hub.socket.last("Todo:upsert");
  ok(again.tx !== tx);
  deepStrictEqual([again.data, again.v], [{ id: 1, text: "mine", done: true, both: true }, "11-c"]);
  const mine = { $version: "3-a", text: "mine", id: 1 };
  deepStrictEqual(seen, [{ model: "Todo", base: MILK, mine, theirs: current }]);
  hub.socket.answer("Todo:upsert", {
    data: { ...current, text: "mine", $version: "12-d" },
    seq: 12,
  });
  await made;
  deepStrictEqual(texts(todos), ["mine", "bread"]);
  await client.close();
});

Deno.test("SyncClient never sends again what nobody knows to be made", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  const made = todos.upsert({ text: "tea" });
  const { tx } = hub.socket.last("Todo:upsert");
  hub.socket.break();
  await hub.clock.advance(30_000);
  hub.socket.open();
  strictEqual(hub.socket.last("Todo:upsert").tx, tx, "the same position");
  hub.socket.answer("Todo:upsert", { data: null, error: "?", code: "ERR_OUTCOME_UNKNOWN" });
  await rejects(made, { code: "ERR_OUTCOME_UNKNOWN" });
  strictEqual(client.pending, 0);
  await client.close();
});

Deno.test("SyncClient goes under a new source where the server forgot one before the first sending", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  void todos.upsert({ text: "a" });
  hub.socket.answer("Todo:upsert", { data: { id: 3, text: "a", $version: "11-c" }, seq: 11 });
  void todos.upsert({ text: "b" });
  const { tx: first } = hub.socket.last("Todo:upsert");
  ok(String(first).endsWith("/2"));
  hub.socket.answer("Todo:upsert", { data: null, error: "?", code: "ERR_OUTCOME_UNKNOWN" });
  const { tx } = hub.socket.last("Todo:upsert");
  ok(String(tx).endsWith("/1"));
  ok(String(tx).split("/")[0] !== String(first).split("/")[0]);
  strictEqual(client.pending, 1);
  await client.close();
});

Deno.test("SyncClient sends again what passes, not before the server's hint", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  void todos.upsert({ text: "tea" });
  const count = () => hub.socket.sent.filter(({ event }) => event === "Todo:upsert").length;
  hub.socket.answer("Todo:upsert", {
    data: null,
    error: "Slow",
    code: "ERR_RATE_LIMITED",
    details: { retryAfterMs: 5_000 },
  });
  await hub.clock.advance(4_900);
  strictEqual(count(), 1);
  await hub.clock.advance(700);
  strictEqual(count(), 2);
  await client.close();
});

Deno.test("SyncClient sends again what passes, though a later creation is taken back meanwhile", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  const first = todos.upsert({ text: "tea" });
  hub.socket.answer("Todo:upsert", { data: null, error: "Later", code: "ERR_UNAVAILABLE" });
  const second = todos.upsert({ text: "jam" });
  const id = todos.records.find(({ text }) => text === "jam")?.id ?? 0;
  await Promise.all([todos.delete(id), second]);
  await hub.clock.advance(30_000);
  hub.socket.answer("Todo:upsert", { data: { id: 3, text: "tea", $version: "11-c" }, seq: 11 });
  strictEqual((await first).id, 3);
  await client.close();
});

Deno.test("SyncClient sends again what is not answered in time, under the same position", async () => {
  const hub = scripted();
  const { client, todos } = await online(hub);
  void todos.upsert({ text: "tea" });
  const { tx } = hub.socket.last("Todo:upsert");
  await hub.clock.advance(10_600);
  const sent = hub.socket.sent.filter(({ event }) => event === "Todo:upsert");
  deepStrictEqual(sent.map((message) => message.tx), [tx, tx]);
  await client.close();
});

Deno.test("SyncClient keeps at most so many writes, and none larger than a message", async () => {
  const hub = scripted();
  const client = connectSync("wss://host/sync", hub.options);
  const todos = client.collection("Todo");
  const made = Array.from({ length: QUEUE_MAX }, (_, at) => todos.upsert({ at }));
  await rejects(todos.upsert({ at: -1 }), { code: "ERR_LIMIT" });
  strictEqual(client.pending, QUEUE_MAX);
  strictEqual(todos.records.length, QUEUE_MAX);
  await client.close();
  deepStrictEqual(
    new Set((await Promise.allSettled(made)).map(({ status }) => status)),
    new Set(["rejected"]),
  );
  const other = connectSync("wss://host/sync", hub.options).collection("Todo");
  await rejects(other.upsert({ text: "x".repeat(262_144) }), { code: "ERR_TOO_LARGE" });
  await rejects(other.upsert([] as never), { code: "ERR_INVALID_ARGUMENT" });
  await rejects(other.upsert("text" as never), { code: "ERR_INVALID_ARGUMENT" });
  await rejects(other.upsert({ id: null } as never), { code: "ERR_INVALID_ID" });
  await rejects(other.delete(1.5), { code: "ERR_INVALID_ID" });
});
