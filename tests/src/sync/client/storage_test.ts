import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { connectSync } from "../../../../src/sync/client/client.ts";
import type { ConnectOptions } from "../../../../src/sync/client/face.ts";
import {
  memoryStorage,
  PLACES_MAX,
  type SyncLocks,
  type SyncStorage,
} from "../../../../src/sync/client/storage.ts";
import { type Script, scripted } from "./scripted_hub.ts";

/** Locks as a browser has them, of all its tabs together. */
function locksOfTabs(): SyncLocks {
  const held = new Set<string>();
  return {
    request: async (name, _options, callback) => {
      await Promise.resolve();
      if (held.has(name)) return await callback(null);
      held.add(name);
      try {
        return await callback({ name });
      } finally {
        held.delete(name);
      }
    },
  };
}

/** A storage that answers later. */
function slowStorage(texts: Map<string, string> = new Map()): SyncStorage {
  return {
    getItem: async (key) => await texts.get(key),
    setItem: async (key, value) => {
      await Promise.resolve();
      texts.set(key, value);
    },
    removeItem: async (key) => {
      await Promise.resolve();
      texts.delete(key);
    },
  };
}

/** A life of a client that writes one thing offline. */
async function writeOffline(hub: Script, options: ConnectOptions, text: string): Promise<void> {
  const client = connectSync("wss://host/sync", { ...hub.options, ...options });
  client.collection("Todo").upsert({ text }).catch(() => {});
  await hub.clock.advance(0);
  await client.close();
}

/** What a life that comes online sends. */
async function sentBy(hub: Script, options: ConnectOptions): Promise<readonly unknown[]> {
  const client = connectSync("wss://host/sync", { ...hub.options, ...options });
  client.connect();
  await hub.clock.advance(0);
  hub.socket.open();
  await hub.clock.advance(0);
  const sent: unknown[] = [];
  for (let count = client.pending; count > 0; count--) {
    const { data } = hub.socket.last("Todo:upsert");
    sent.push(Object(data).text);
    const seq = 100 + sent.length;
    hub.socket.answer("Todo:upsert", {
      data: { ...Object(data), id: seq, $version: `${seq}-x` },
      seq,
    });
    await hub.clock.advance(0);
  }
  await client.close();
  return sent;
}

for (
  const [kind, make] of [["answers at once", memoryStorage], [
    "answers later",
    slowStorage,
  ]] as const
) {
  Deno.test(`SyncClient sends what an earlier life left in a storage that ${kind}`, async () => {
    const hub = scripted();
    const storage = make();
    await writeOffline(hub, { storage }, "first");
    await writeOffline(hub, { storage }, "second");
    deepStrictEqual(await sentBy(hub, { storage }), ["first", "second"]);
    strictEqual(await storage.getItem("holdfast.sync.default") ?? undefined, undefined);
  });

  Deno.test(`SyncClient keeps a position in a storage that ${kind} before it sends`, async () => {
    const hub = scripted();
    const storage = make();
    const client = connectSync("wss://host/sync", { ...hub.options, storage });
    const made = client.collection("Todo").upsert({ text: "tea" });
    await hub.clock.advance(0);
    hub.socket.open();
    await hub.clock.advance(0);
    const { tx } = hub.socket.last("Todo:upsert");
    const kept = JSON.parse(await storage.getItem("holdfast.sync.default") ?? "[]");
    deepStrictEqual([kept[0].tx, kept[0].sends], [tx, 1]);
    await client.close();
    await rejects(made, { code: "ERR_CLOSED" });
    const next = connectSync("wss://host/sync", { ...hub.options, storage });
    next.connect();
    await hub.clock.advance(0);
    hub.socket.open();
    await hub.clock.advance(0);
    strictEqual(hub.socket.last("Todo:upsert").tx, tx, "the same write");
    await next.close();
  });
}

Deno.test("SyncClient shows what an earlier life left before it is online", async () => {
  const hub = scripted();
  const storage = memoryStorage();
  await writeOffline(hub, { storage }, "first");
  const client = connectSync("wss://host/sync", { ...hub.options, storage });
  const todos = client.collection("Todo");
  await hub.clock.advance(0);
  deepStrictEqual(todos.records.map(({ text }) => text), ["first"]);
  await client.close();
});

Deno.test("SyncClient takes nothing from a storage that is no queue", async () => {
  const hub = scripted();
  for (
    const text of [
      "",
      "{",
      "7",
      "null",
      `{"entries": []}`,
      `[1, null, {"key": 1}, {"key":"a","model":"Todo","verb":"drop"}]`,
    ]
  ) {
    const storage = memoryStorage();
    await storage.setItem("holdfast.sync.default", text);
    deepStrictEqual(await sentBy(hub, { storage }), []);
  }
});

Deno.test("SyncClient goes on in memory where a storage fails, and tells of it", async () => {
  for (const fails of ["getItem", "setItem", "removeItem"] as const) {
    for (const isLate of [false, true]) {
      const hub = scripted();
      const working = isLate ? slowStorage() : memoryStorage();
      const error = new DOMException("Full", "QuotaExceededError");
      const fail = (): Promise<undefined> => {
        if (isLate) return Promise.reject(error);
        throw error;
      };
      const storage = { ...working, [fails]: fail };
      const client = connectSync("wss://host/sync", { ...hub.options, storage });
      const told: unknown[] = [];
      client.on("error", (error) => told.push([Reflect.get(error, "code"), error.cause]));
      const made = client.collection("Todo").upsert({ text: "tea" });
      await hub.clock.advance(0);
      hub.socket.open();
      await hub.clock.advance(0);
      hub.socket.answer("Todo:upsert", { data: { id: 1, text: "tea", $version: "1-a" }, seq: 1 });
      strictEqual((await made).id, 1);
      await client.close();
      deepStrictEqual(told[0], ["ERR_UNAVAILABLE", error], `${fails}, ${isLate}`);
    }
  }
});

Deno.test("SyncClient removes what it could not replace, so that nothing old comes back", async () => {
  const hub = scripted();
  const storage = memoryStorage();
  await writeOffline(hub, { storage }, "first");
  let isFull = false;
  const full: SyncStorage = {
    ...storage,
    setItem: (key, value) => {
      if (isFull) throw new Error("Full");
      return storage.setItem(key, value);
    },
  };
  const client = connectSync("wss://host/sync", { ...hub.options, storage: full });
  const todos = client.collection("Todo");
  await hub.clock.advance(0);
  isFull = true;
  todos.upsert({ text: "second" }).catch(() => {});
  strictEqual(await storage.getItem("holdfast.sync.default"), undefined);
  strictEqual(client.pending, 2);
  isFull = false;
  todos.upsert({ text: "third" }).catch(() => {});
  ok(
    (await storage.getItem("holdfast.sync.default"))?.includes("first"),
    "kept again when it can be",
  );
  await client.close();
});

Deno.test("Two tabs on one storage keep their queues apart, and who opens takes what closed ones left", async () => {
  const hub = scripted();
  const shared = { storage: memoryStorage(), locks: locksOfTabs() };
  const one = connectSync("wss://host/sync", { ...hub.options, ...shared });
  one.collection("Todo").upsert({ text: "one" }).catch(() => {});
  await hub.clock.advance(0);
  const two = connectSync("wss://host/sync", { ...hub.options, ...shared });
  two.collection("Todo").upsert({ text: "two" }).catch(() => {});
  await hub.clock.advance(0);
  deepStrictEqual([one.pending, two.pending], [1, 1], "nobody takes what an open tab has");
  await Promise.all([one.close(), two.close()]);
  deepStrictEqual([...await sentBy(hub, shared)].sort(), ["one", "two"]);
  deepStrictEqual(await sentBy(hub, shared), [], "and leaves nothing");
});

Deno.test("SyncClient tells that its queue is in memory where every place of a storage is taken", async () => {
  const hub = scripted();
  const shared = { storage: memoryStorage(), locks: locksOfTabs() };
  const tabs = [];
  for (let at = 0; at <= PLACES_MAX; at++) {
    const client = connectSync("wss://host/sync", { ...hub.options, ...shared });
    const told: unknown[] = [];
    client.on("error", (error) => told.push(Reflect.get(error, "code")));
    client.connect();
    await hub.clock.advance(0);
    tabs.push({ client, told });
  }
  deepStrictEqual(tabs.map(({ told }) => told.length), [...Array(PLACES_MAX).fill(0), 1]);
  for (const { client } of tabs) await client.close();
});
