/** Every part as its user writes it, in memory, from the public doors. @module */

import {
  createCache,
  createDocuments,
  createHandler,
  createLog,
  createModel,
  createSync,
  defineModel,
  once,
  open,
  serveCache,
  serveDocuments,
  serveLog,
  serveModels,
  serveSync,
} from "@holdfast/holdfast";
import { createNode, inProcess, keyValueMachine } from "@holdfast/holdfast/consensus";
import { emptyState, type Input, RaftNode } from "@holdfast/holdfast/consensus/core";
import { createUndo, openPresence } from "@holdfast/holdfast/documents/client";
import { createPathModel } from "@holdfast/holdfast/path-model";
import { connectSync } from "@holdfast/holdfast/sync/client";
import { seededRandom } from "@holdfast/holdfast/testing";
import { createBackboneSync } from "@holdfast/holdfast/backbone";
import Backbone from "backbone";
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import * as Y from "yjs";
import { z } from "zod";
import { yjs } from "../support/documents/yjs.ts";

Deno.test("a cache, as its user writes it", async () => {
  const backend = open({});
  const { signal } = new AbortController();
  const background: Promise<unknown>[] = [];
  const waitUntil = (work: Promise<unknown>) => void background.push(work);
  const db = { user: (id: string, _signal?: AbortSignal) => Promise.resolve({ id }) };

  const cache = createCache(backend, {
    name: "pages",
    ttl: "10m",
    stale: "1h",
    staleIfError: "1d",
  });
  const perRequest = cache.with({ waitUntil, signal });
  const page = await perRequest.getOrCreate("user:1", async (c) => await db.user("1", c.signal), {
    tags: ["user:1"],
  });
  deepStrictEqual(page, { id: "1" });
  const pages = await cache.getOrCreateMany(
    ["b", "a"],
    (missing) => Promise.resolve(new Map(missing.map((id) => [id, `page ${id}`]))),
  );
  deepStrictEqual([...pages], [["b", "page b"], ["a", "page a"]]);
  const getUser = cache.memoize((id: string) => db.user(id), { name: "getUser", ttl: "5m" });
  deepStrictEqual(await getUser("7"), { id: "7" });
  await getUser.invalidate("7");

  await cache.get("a");
  await cache.getEntry("a");
  await cache.getMany(["a", ["hash", "field"], "b"]);
  await cache.set("a", 1, { ttl: "1m" });
  await cache.setMany(new Map([["b", 2]]));
  await cache.delete("a");
  await cache.deleteMany(["a", "b"]);
  await cache.invalidateTags("user:1");
  await cache.invalidate({ hard: true });
  const tenant = cache.namespace("tenant-7");
  await tenant.clear();
  strictEqual(await cache.isCreating("a"), false);
  await cache.idle();
  await Promise.all(background);
});

Deno.test("models, as their user writes them", async () => {
  const User = defineModel({
    key: "user",
    schema: z.object({
      email: z.email(),
      name: z.string(),
      team: z.number().optional(),
      age: z.number(),
    }),
    id: "increment",
    unique: ["email", ["team", "name"]],
    index: ["team", "age"],
    sets: ["tags", "followers"],
  });
  const users = createModel(open({}), User);
  const ada = await users.create({ email: "Ada@x.org", name: "Ada", age: 36 });
  strictEqual(ada.id, 1);
  await users.getMany([3, 1]);
  strictEqual((await users.getByUnique("email", "ada@X.org"))?.name, "Ada");
  const older = await users.update(ada, { age: 37 });
  await rejects(users.update(ada, { age: 38 }), { code: "ERR_CONFLICT" });
  await users.patch(1, (u) => ({ age: u.age + 1 }));
  const full = { email: "ada@x.org", name: "Ada L", age: 40, team: 3 };
  await rejects(users.replace(1, full, { version: older.$version }), { code: "ERR_CONFLICT" });
  await users.replace(1, full);
  await users.getOrCreateByUnique("email", { email: "bob@x.org", name: "Bob", age: 20, team: 3 });
  const { records, cursor } = await users.find({ team: 3 }, { limit: 1 });
  deepStrictEqual([records.length, typeof cursor], [1, "string"]);
  strictEqual(
    (await users.find({ age: { gte: 18, lt: 65 } }, { reverse: true })).records[0]?.id,
    1,
  );
  strictEqual(await users.count(), 2);
  strictEqual(await users.members(1, "followers").add(7), 1);
  strictEqual((await users.memberOf("followers", 7)).records[0]?.id, 1);
  await users.batch((b) => {
    b.create({ email: "eve@x.org", name: "Eve", age: 30 });
    b.delete(2);
  });
  const stop = new AbortController();
  const kinds: string[] = [];
  const after = await users.cursor();
  await users.delete(1);
  for await (const change of users.changes({ after, signal: stop.signal })) {
    kinds.push(change.kind);
    break;
  }
  deepStrictEqual(kinds, ["delete"]);
});

Deno.test("Raft's core, as its user drives it", () => {
  const bootstrap = [{ id: "a", incarnation: 1 }];
  const config = { id: "a", cluster: "shop", bootstrap, random: seededRandom(1) };
  const node = new RaftNode(config, emptyState());
  const step = (input: Input): void => {
    // A real loop waits for its store here; this one has stored everything at once.
    for (const { sequence } of node.step(input).writes) step({ kind: "stored", sequence });
  };
  for (let nowMs = 0; nowMs < 3_000; nowMs += 50) step({ kind: "tick", nowMs, timeMs: nowMs });
  strictEqual(node.status().role, "leader");
});

Deno.test("a sync hub and its client, as their user writes them", async () => {
  const backend = open({});
  const Todo = defineModel({ key: "todo", name: "Todo", schema: z.object({ text: z.string() }) });
  const todos = createModel(backend, Todo);
  await using hub = createSync(backend, {
    models: [todos],
    authenticate: () => ({ id: "ada" }),
    authorize: ({ verb }) => verb !== "delete",
    limits: { messagesPerSecond: 100 },
  });
  const handler = createHandler([serveSync(hub)], { upgrade: Deno.upgradeWebSocket });
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const client = connectSync(`ws://127.0.0.1:${server.addr.port}/sync`);
  const live = client.collection<{ text: string }>("Todo");
  await live.ready;
  const heard: unknown[] = [];
  live.on("upsert", ({ record, isPending }) => isPending || heard.push(record.text));
  const milk = await live.upsert({ text: "milk" });
  await rejects(live.delete(milk.id), { code: "ERR_FORBIDDEN" });
  // Seen when it was made, and again when its deletion was taken back.
  deepStrictEqual([heard, (await todos.get(1))?.text], [["milk", "milk"], "milk"]);
  const sync: unknown = createBackboneSync(client, { backbone: Backbone });
  strictEqual(typeof sync, "function");
  await client.close();
});

Deno.test("documents, as their user writes them", async () => {
  await using documents = createDocuments(open({}), {
    authorize: ({ session }) => session.subject === "ada",
    secret: "sixteen characters",
    collections: { posts: { type: "json", index: ["author", "at"] } },
    types: [yjs],
    use: {
      submit: ({ id }) => ok(id !== "frozen"),
      read: () => {},
      query: () => {},
      commit: () => {},
    },
  });
  await using connection = documents.connect({ subject: "ada" });
  const post = connection.get("posts", "1");
  await post.subscribe();
  await post.create({ title: "", n: 0, author: 7, at: 1 });
  const heard: unknown[] = [];
  post.on("op", ({ op }) => heard.push(op));
  await post.submit([{ p: ["n"], na: 1 }]);
  strictEqual(heard.length, 1);
  const submission = { op: [{ p: ["n"], na: 1 }], version: 1, source: "handler", sequence: 1 };
  await documents.submit("posts", "1", submission);
  strictEqual((await documents.submit("posts", "1", submission)).isDuplicate, true);
  await post.fetch();
  deepStrictEqual((await documents.fetch("posts", "1")).data, post.data);
  strictEqual((await documents.history("posts", "1", { version: 1 })).version, 1);
  const room = openPresence(connection, "room");
  room.set("ada", { typing: true });
  const undo = createUndo(post);
  await post.submit([{ p: ["n"], na: 5 }]);
  ok(undo.canUndo);

  await using query = await connection.subscribeQuery("posts", {
    author: 7,
    $sort: { at: -1 },
    $limit: 10,
  });
  const places: number[] = [];
  query.on("insert", ({ index }) => places.push(index));
  await connection.get("posts", "2").create({ title: "b", n: 0, author: 7, at: 2 });
  await connection.whenNothingPending();
  strictEqual(query.extra, undefined);

  const model = createPathModel(connection);
  await model.subscribe("posts.1", model.query("posts", { author: 7 }));
  model.set("posts.1.title", "x");
  model.at("posts.1").push("tags", "new");
  model.on("change", "posts.*.title", () => {});
  await model.whenNothingPending();
  deepStrictEqual(model.get("posts.1.tags"), ["new"]);
  model.unload();
  model.close();

  const drawing = connection.get("drawings", "1", { kind: "updates" });
  const doc = new Y.Doc();
  doc.getText("t").insert(0, "hi");
  await drawing.push(Y.encodeStateAsUpdate(doc));
});

Deno.test("a node and a log, as their user writes them", async () => {
  const backend = open({});
  const transport = inProcess();
  await using node = createNode(backend, {
    url: "local://a",
    transport,
    namespace: "{orders}",
    machine: keyValueMachine(),
  });
  const leaders: unknown[] = [];
  node.on("leader", (leader) => leaders.push(leader));
  await node.ready();
  const session = await node.openSession();
  const command = { kind: "batch", changes: [{ kind: "put", key: "a", value: 1 }] } as const;
  await node.propose(command, {
    session: { session, sequence: 1, acknowledged: 0 },
    timeout: "3s",
  });
  strictEqual((await node.read({ kind: "get", key: "a" })).answer[0]?.value, 1);
  strictEqual(node.peerMeta("local://a"), null);

  const log = createLog(backend, { name: "orders" });
  const writer = { id: "till", sequence: 1 };
  const { first, last } = await log.append([{ n: 1 }], { writer });
  deepStrictEqual(await log.append([{ n: 1 }], { writer }).then(({ last }) => last), last);
  await rejects(
    log.append([{ n: 2 }], { expect: first.index === 1 ? undefined : first }).then(() =>
      log.append([{ n: 3 }], { expect: last })
    ),
    { code: "ERR_CONFLICT" },
  );
  const stop = new AbortController();
  for await (const entry of log.tail({ from: first, signal: stop.signal })) {
    strictEqual(typeof entry.position.index, "number");
    break;
  }
});

Deno.test("all parts in one handler, kept by once(), as a function host has them", async () => {
  const app = once((env: Record<string, string | undefined>) => {
    const backend = open(env, { isolation: "request" });
    const Note = defineModel({ key: "note", name: "Note", schema: z.object({ text: z.string() }) });
    const notes = createModel(backend, Note);
    return createHandler([
      serveModels({ notes }),
      serveDocuments(createDocuments(backend)),
      serveLog(createLog(backend, { name: "orders" })),
      serveSync(createSync(backend, { models: [notes] })),
      serveCache(createCache(backend, { name: "pages", ttl: "1m" })),
      () => new Response("page"),
    ], { authorize: ({ action }) => action === "read" });
  });
  const fetch = (path: string, init?: RequestInit) => {
    const env = {};
    return app(env)(new Request(`http://localhost${path}`, init), env, { waitUntil: () => {} });
  };
  strictEqual(await (await fetch("/")).text(), "page");
  strictEqual((await fetch("/notes")).status, 200);
  strictEqual((await fetch("/openapi.json")).status, 200);
  const headers = { "content-type": "application/json" };
  strictEqual((await fetch("/notes", { method: "POST", headers, body: "{}" })).status, 401);
});
