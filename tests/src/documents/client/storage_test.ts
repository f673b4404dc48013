/**
 * What waits survives the client's process: at every step it can end, and another one goes on.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { cut, seats } from "../../../support/documents/table.ts";

const VOTE = [{ p: ["n"], na: 1 }];

Deno.test("what waits is kept until it is committed, and then no longer", async () => {
  const { follower, done, run } = seats();
  const storage = new Map<string, string>([["theirs", "not ours"]]);
  const { doc, guest } = await follower({ storage });
  await done(doc.create({ n: 0 }));
  guest.isAway = true;
  cut(guest);
  run(5);
  doc.submit(VOTE);
  run(5);
  strictEqual(storage.size, 2);
  guest.isAway = false;
  await done(doc.whenNothingPending());
  deepStrictEqual([...storage], [["theirs", "not ours"]]);
});

Deno.test("another process goes on where one ended, under the same source and sequence", async () => {
  for (const at of ["before it was sent", "after it was sent", "after it was committed"]) {
    const { follower, seat, done, run, server } = seats();
    const storage = new Map<string, string>();
    const { doc, guest } = await follower({ storage });
    await done(doc.create({ n: 0 }));
    if (at === "before it was sent") cut(guest);
    doc.submit(VOTE).catch(() => {});
    if (at === "after it was sent") run(0);
    if (at === "after it was committed") run(1);
    const copy = new Map(storage);
    cut(guest);
    guest.connection.close();
    run();
    const next = seat({ storage: copy });
    await done(next.connection.ready());
    await done(next.connection.whenNothingPending());
    deepStrictEqual(server.doc("posts", "1").live?.data, { n: 1 }, at);
    deepStrictEqual(next.connection.get("posts", "1").data, { n: 1 }, at);
    const sent = server.heard.filter(({ a, op }) => a === "op" && op !== undefined);
    ok(new Set(sent.map(({ src, seq }) => `${src} ${seq}`)).size === 1, at);
    strictEqual(copy.size, 0, at);
  }
});

Deno.test("what was done offline is seen again offline, and goes out later", async () => {
  const { follower, seat, done, run, server } = seats();
  const storage = new Map<string, string>();
  const { doc, guest } = await follower({ storage });
  await done(doc.create({ n: 0 }));
  guest.isAway = true;
  cut(guest);
  run(5);
  doc.submit(VOTE).catch(() => {});
  doc.submit(VOTE, { compose: false }).catch(() => {});
  guest.connection.close();
  run();
  const next = seat({ storage });
  next.isAway = true;
  const ready = next.connection.ready();
  run(1);
  await ready;
  const again = next.connection.get("posts", "1");
  deepStrictEqual(again.data, { n: 2 });
  strictEqual(again.pending.length, 2);
  next.isAway = false;
  await done(again.whenNothingPending());
  deepStrictEqual(server.doc("posts", "1").live?.data, { n: 2 });
});

Deno.test("what was stored is led past what others did meanwhile", async () => {
  const { follower, seat, done, run } = seats();
  const storage = new Map<string, string>();
  const [a, b] = [await follower({ storage }), await follower()];
  await done(a.doc.create({ l: ["x"] }));
  a.guest.isAway = true;
  cut(a.guest);
  run(5);
  a.doc.submit([{ p: ["l", 1], li: "mine" }]).catch(() => {});
  a.guest.connection.close();
  await done(b.doc.submit([{ p: ["l", 0], li: "theirs" }]));
  const next = seat({ storage }).connection;
  await done(next.ready());
  await done(next.whenNothingPending());
  deepStrictEqual(b.doc.data, { l: ["theirs", "x", "mine"] });
});

Deno.test("a storage that fails is told of, and holds nothing back", async () => {
  const { seat, done, server } = seats();
  const storage = {
    entries: () => [],
    set: () => Promise.reject(new Error("The disk is full")),
    delete: () => {
      throw new Error("The disk is away");
    },
  };
  const { connection } = seat({ storage });
  const told: string[] = [];
  connection.on("error", ({ message }) => told.push(message));
  const doc = connection.get("posts", "1");
  const created = doc.create({ n: 0 });
  for (let turn = 0; turn < 20 && server.doc("posts", "1").version === 0; turn++) {
    await done(Promise.resolve());
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await done(created);
  strictEqual(server.doc("posts", "1").version, 1);
  ok(told.includes("The disk is full"));
});

Deno.test("what in a storage cannot be read is told of, and left where it is", async () => {
  const { seat, done } = seats();
  const bad = '{"form":1,"queue":[{"change":{"kind":"no such"}}]}';
  const storage = new Map([['holdfast:["posts","1"]', bad], ['holdfast:["posts","2"]', "{"]]);
  const { connection } = seat({ storage });
  const codes: unknown[] = [];
  connection.on("error", (error) => codes.push((error as { code?: string }).code));
  await done(connection.ready());
  deepStrictEqual(codes, ["ERR_MALFORMED", "ERR_MALFORMED"]);
  strictEqual(storage.size, 2);
});

Deno.test("what was done before the storage was read gives way to what it has, and is told so", async () => {
  const { follower, seat, done, run, server } = seats();
  const storage = new Map<string, string>();
  const { doc, guest } = await follower({ storage });
  await done(doc.create({ n: 0 }));
  guest.isAway = true;
  cut(guest);
  run(5);
  doc.submit(VOTE).catch(() => {});
  guest.connection.close();
  const slow = {
    entries: () => new Promise<Iterable<[string, string]>>((resolve) => resolve([...storage])),
    set: (name: string, text: string) => storage.set(name, text),
    delete: (name: string) => storage.delete(name),
  };
  const { connection } = seat({ storage: slow });
  const early = connection.get("posts", "1");
  const results = Promise.allSettled([early.create({}), early.del(), early.create({ n: 7 })]);
  await done(connection.ready());
  const codes = (await results).map((result) => result.status === "rejected" && result.reason.code);
  deepStrictEqual(new Set(codes), new Set(["ERR_DOC_ALREADY_CREATED"]));
  await done(connection.whenNothingPending());
  deepStrictEqual(server.doc("posts", "1").live?.data, { n: 1 });
});
