import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createSync, type SyncOptions } from "../../../src/sync/mod.ts";
import { connectPeer } from "../../support/sync/peer.ts";
import { todosOn } from "../../support/sync/todos.ts";
import { eventually } from "../../support/eventually.ts";

interface User {
  readonly id: string;
  readonly isAdmin?: boolean;
}

function opened(options: Partial<SyncOptions<User>> = {}) {
  const backend = memory();
  const todos = todosOn(backend);
  const errors: unknown[] = [];
  const hub = createSync<User>(backend, {
    models: [todos],
    onError: (error) => errors.push(error),
    ...options,
  });
  return { backend, todos, hub, errors };
}

Deno.test("Hub answers the seed's three verbs as its clients send them", async () => {
  const { hub } = opened();
  await using _hub = hub;
  const peer = await connectPeer(hub);
  const made = await peer.ask("Todo:upsert", { text: "tea", extra: 1 });
  deepStrictEqual([made.event, made.data.id, made.data.text], ["Todo:upsert", 1, "tea"]);
  strictEqual(made.data.$version, made.v);
  const replaced = await peer.ask("Todo:upsert", { ...made.data, text: "coffee" });
  strictEqual(replaced.data.text, "coffee");
  const one = await peer.ask("Todo:read", { id: 1 });
  deepStrictEqual(one.data, replaced.data);
  const all = await peer.ask("Todo:read");
  deepStrictEqual(all.data, [replaced.data]);
  strictEqual(all.seq, 2);
  deepStrictEqual((await peer.ask("Todo:delete", made.data)).data, {});
  deepStrictEqual((await peer.ask("Todo:delete", { id: 1 })).data, {});
  await peer.until("Todo:delete", 1);
  const missing = await peer.ask("Todo:read", { id: 1 });
  deepStrictEqual([missing.data, missing.code, typeof missing.error], [
    null,
    "ERR_NOT_FOUND",
    "string",
  ]);
});

Deno.test("Hub acknowledges before it echoes, and echoes with the sender's tx to the sender alone", async () => {
  const { hub } = opened();
  await using _hub = hub;
  const mine = await connectPeer(hub);
  const other = await connectPeer(hub);
  await mine.ask("$sync:hello", {});
  await mine.ask("$sync:subscribe", { model: "Todo" });
  for (const tx of ["a", "b/1", "b/2"]) await mine.ask("Todo:upsert", { text: tx }, { tx });
  const echoes = await mine.until("Todo:upsert", 3);
  deepStrictEqual(echoes.map(({ tx }) => tx), ["a", "b/1", "b/2"]);
  const order = mine.heard.filter(({ event }) => event === "Todo:upsert").map((
    { id, v },
  ) => [id === undefined ? "echo" : "answer", v]);
  for (const [kind, v] of order) {
    if (kind === "echo") {
      ok(
        order.findIndex(([k, w]) => k === "answer" && w === v) <
          order.findIndex(([k, w]) => k === "echo" && w === v),
      );
    }
  }
  const heard = await other.until("Todo:upsert", 3);
  deepStrictEqual(heard.map(({ tx, seq }) => [tx, seq]), [[undefined, 1], [undefined, 2], [
    undefined,
    3,
  ]]);
});

Deno.test("Hub makes a write that is sent again once", async () => {
  const { hub, todos } = opened();
  await using _hub = hub;
  const peer = await connectPeer(hub);
  for (const tx of ["a", "q/1"]) {
    const first = await peer.ask("Todo:upsert", { text: "x" }, { tx });
    const second = await peer.ask("Todo:upsert", { text: "x" }, { tx });
    deepStrictEqual(second.data, first.data);
  }
  strictEqual((await todos.find({})).records.length, 2);
  const reused = await peer.ask("Todo:upsert", { text: "other" }, { tx: "a" });
  strictEqual(reused.code, "ERR_TOKEN_REUSED");
  const unknown = await peer.ask("Todo:upsert", { text: "x" }, { tx: "new/7" });
  strictEqual(unknown.code, "ERR_OUTCOME_UNKNOWN");
  strictEqual((await todos.find({})).records.length, 2);
});

Deno.test("Hub keeps the names of one user's writes apart from those of another", async () => {
  const { hub } = opened();
  await using _hub = hub;
  const ada = await connectPeer(hub, { id: "ada" });
  const bob = await connectPeer(hub, { id: "bob" });
  const first = await ada.ask("Todo:upsert", { text: "x" }, { tx: "t/1" });
  const second = await bob.ask("Todo:upsert", { text: "x" }, { tx: "t/1" });
  deepStrictEqual([first.data.id, second.data.id], [1, 2]);
});

Deno.test("Hub tells a conflict with what is there now", async () => {
  const { hub } = opened();
  await using _hub = hub;
  const peer = await connectPeer(hub);
  const { v } = await peer.ask("Todo:upsert", { text: "1" });
  const ok1 = await peer.ask("Todo:upsert", { id: 1, text: "2" }, { v });
  const conflict = await peer.ask("Todo:upsert", { id: 1, text: "3" }, { v });
  deepStrictEqual([conflict.code, conflict.details.current], ["ERR_CONFLICT", ok1.data]);
  const patched = await peer.ask("Todo:upsert", { id: 1, done: true }, { v: ok1.v, patch: true });
  deepStrictEqual([patched.data.text, patched.data.done], ["2", true]);
  const stale = await peer.ask("Todo:upsert", { id: 1, done: false }, { v, patch: true });
  strictEqual(stale.code, "ERR_CONFLICT");
  const exists = await peer.ask("Todo:upsert", { id: 1, text: "4" }, { v: null });
  strictEqual(exists.code, "ERR_EXISTS");
  strictEqual((await peer.ask("Todo:delete", { id: 1 }, { v })).code, "ERR_CONFLICT");
  deepStrictEqual((await peer.ask("Todo:delete", { id: 1 }, { v: patched.v })).data, {});
});

Deno.test("Hub resumes exactly, or says reset", async () => {
  const { hub, todos } = opened();
  await using _hub = hub;
  const peer = await connectPeer(hub);
  await peer.ask("$sync:hello", {});
  const start = await peer.ask("$sync:subscribe", { model: "Todo" });
  deepStrictEqual([start.data.seq, start.data.reset], [0, true]);
  await todos.create({ text: "0" });
  const [first] = await peer.until("Todo:upsert", 1);
  peer.end();
  for (let i = 1; i <= 50; i++) await todos.create({ text: String(i) });
  const again = await connectPeer(hub);
  await again.ask("$sync:hello", {});
  const resumed = await again.ask("$sync:resume", { model: "Todo", after: first.cursor });
  strictEqual(resumed.data.reset, false);
  await todos.create({ text: "51" });
  const told = await again.until("Todo:upsert", 51);
  deepStrictEqual(
    told.map(({ data }) => data.text),
    Array.from({ length: 51 }, (_, i) => String(i + 1)),
  );
  for (
    const after of [
      "garbage",
      "e.99999.t",
      `${first.cursor}x`,
      first.cursor.replace(".1.", ".9999."),
    ]
  ) {
    const reset = await again.ask("$sync:subscribe", { model: "Todo", after });
    strictEqual(reset.data.reset, true, after);
  }
});

Deno.test("Hub filters rows: live, read, resumed, deleted, written", async () => {
  const { hub, todos } = opened({
    sees: (user, { scopes }) => user?.isAdmin === true || scopes.owner === user?.id,
  });
  await using _hub = hub;
  const ada = await connectPeer(hub, { id: "ada" });
  const bob = await connectPeer(hub, { id: "bob" });
  for (const peer of [ada, bob]) {
    await peer.ask("$sync:hello", {});
    await peer.ask("$sync:subscribe", { model: "Todo" });
  }
  const start = ada.heard.find(({ event }) => event === "$sync:subscribe").data.cursor;
  const made = await ada.ask("Todo:upsert", { id: 5, text: "hers", owner: "ada" });
  strictEqual(made.code, undefined);
  strictEqual((await bob.ask("Todo:read", { id: 5 })).code, "ERR_NOT_FOUND");
  deepStrictEqual((await bob.ask("Todo:read")).data, []);
  strictEqual(
    (await bob.ask("Todo:upsert", { id: 5, text: "his", owner: "bob" })).code,
    "ERR_FORBIDDEN",
  );
  strictEqual(
    (await bob.ask("Todo:upsert", { id: 6, text: "x", owner: "ada" })).code,
    "ERR_FORBIDDEN",
  );
  strictEqual(
    (await bob.ask("Todo:upsert", { id: 5, owner: "bob" }, { patch: true })).code,
    "ERR_FORBIDDEN",
  );
  const conflict = await bob.ask("Todo:upsert", { id: 5, text: "x", owner: "bob" }, { v: "1-x" });
  deepStrictEqual([conflict.code, conflict.details], ["ERR_FORBIDDEN", undefined]);
  deepStrictEqual((await bob.ask("Todo:delete", { id: 5 })).data, {});
  strictEqual((await todos.get(5))?.text, "hers");
  // What leaves sight arrives as a deletion; what comes into it, as a record.
  await todos.patch(5, { owner: "bob" });
  await bob.until("Todo:upsert", 1);
  deepStrictEqual((await ada.until("Todo:delete", 1)).map(({ data }) => data), [{ id: 5 }]);
  await todos.delete(5);
  await bob.until("Todo:delete", 1);
  await ada.ask("Todo:upsert", { text: "last", owner: "ada" });
  await ada.until("Todo:upsert", 2);
  strictEqual(ada.events("Todo:delete").length, 1);
  const late = await connectPeer(hub, { id: "bob" });
  await late.ask("$sync:hello", {});
  await late.ask("$sync:resume", { model: "Todo", after: start });
  await late.until("Todo:delete", 1);
  deepStrictEqual(
    late.heard.filter(({ id, event }) => id === undefined && event.startsWith("Todo:")).map((
      { event },
    ) => event),
    ["Todo:upsert", "Todo:delete"],
  );
});

Deno.test("Hub asks who may do what, per model and verb", async () => {
  const { hub, todos } = opened({
    authorize: ({ subject, verb }) =>
      verb === "read" ? subject?.id !== "eve" : subject?.isAdmin === true,
  });
  await using _hub = hub;
  const admin = await connectPeer(hub, { id: "root", isAdmin: true });
  const reader = await connectPeer(hub, { id: "ada" });
  const eve = await connectPeer(hub, { id: "eve" });
  strictEqual((await reader.ask("Todo:upsert", { text: "x" })).code, "ERR_FORBIDDEN");
  strictEqual((await reader.ask("Todo:delete", { id: 1 })).code, "ERR_FORBIDDEN");
  strictEqual((await eve.ask("Todo:read")).code, "ERR_FORBIDDEN");
  strictEqual((await eve.ask("$sync:subscribe", { model: "Todo" })).code, "ERR_FORBIDDEN");
  await admin.ask("Todo:upsert", { text: "x" });
  await reader.until("Todo:upsert", 1);
  strictEqual(eve.events("Todo:upsert").length, 0);
  strictEqual((await todos.find({})).records.length, 1);
});

Deno.test("Hub tells nothing of what failed inside", async () => {
  const { hub, errors } = opened({
    authorize: () => {
      throw new Error("secret sql");
    },
  });
  await using _hub = hub;
  const peer = await connectPeer(hub);
  const answer = await peer.ask("Todo:read");
  deepStrictEqual([answer.code, answer.error], ["ERR_FAILED", "The request failed"]);
  ok(!JSON.stringify(peer.heard).includes("secret"));
  ok(errors.length > 0);
});

Deno.test("Hub keeps a user in a room until the last connection goes", async () => {
  const { hub } = opened();
  await using _hub = hub;
  const watcher = await connectPeer(hub, { id: "watcher" });
  await watcher.ask("$sync:presence", { room: "lobby", meta: {} });
  const first = await connectPeer(hub, { id: "ada" });
  const second = await connectPeer(hub, { id: "ada" });
  const joined = await first.ask("$sync:presence", { room: "lobby", meta: { at: 1 } });
  deepStrictEqual(joined.data.members.map(({ key }: { key: string }) => key).sort(), [
    "ada",
    "watcher",
  ]);
  await second.ask("$sync:presence", { room: "lobby", meta: { at: 1 } });
  const count = () =>
    watcher.events("$sync:presence").flatMap(({ data }) => data.joins).filter(({ key }) =>
      key === "ada"
    ).length;
  const left = () => watcher.events("$sync:presence").flatMap(({ data }) => data.leaves).length;
  await eventually("ada came", () => count() === 1);
  first.end();
  await second.ask("$sync:presence", { room: "lobby", meta: { at: 2 } });
  await eventually("ada changed", () => count() === 2);
  strictEqual(left(), 0);
  second.end();
  await eventually("ada left", () => left() === 1);
  const versions = watcher.events("$sync:presence").map(({ data }) => data.pv);
  deepStrictEqual(versions, versions.toSorted((a: number, b: number) => a - b));
});
