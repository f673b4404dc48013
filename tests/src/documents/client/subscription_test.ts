/**
 * Subscriptions, many documents at once, and connections that are lost.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { HoldfastError } from "../../../../src/errors.ts";
import { connectDocuments, connectLink } from "../../../../src/documents/client/mod.ts";
import {
  stepSubscription,
  type SubscriptionEffect,
  type SubscriptionEvent,
  UNSUBSCRIBED,
} from "../../../../src/documents/client/subscription.ts";
import { json } from "../../../../src/ot/mod.ts";
import { cut, seats } from "../../../support/documents/table.ts";

const VOTE = [{ p: ["n"], na: 1 }];

Deno.test("subscribe, unsubscribe, subscribe at once ends subscribed; each is told once, in order", async () => {
  const { seat, done, run, server } = seats();
  const doc = seat().connection.get("posts", "1");
  const told: string[] = [];
  const all = [
    doc.subscribe().then(() => told.push("first")),
    doc.unsubscribe().then(() => told.push("second")),
    doc.subscribe().then(() => told.push("third")),
  ];
  await done(Promise.all(all));
  deepStrictEqual(told, ["first", "second", "third"]);
  strictEqual(doc.isSubscribed, true);
  strictEqual(server.heard.filter(({ a }) => a === "s").length, 1);
  run();
});

Deno.test("subscriptions are counted, and one unsubscribe too many has no effect", async () => {
  const { seat, done } = seats();
  const doc = seat().connection.get("posts", "1");
  await done(Promise.all([doc.subscribe(), doc.subscribe()]));
  await done(doc.unsubscribe());
  strictEqual(doc.isSubscribed, true);
  await done(doc.unsubscribe());
  strictEqual(doc.isSubscribed, false);
  await done(doc.unsubscribe());
  await done(doc.subscribe());
  strictEqual(doc.isSubscribed, true);
});

Deno.test("documents that are asked for in one moment are asked for in one message", async () => {
  const { seat, done, server } = seats();
  const { connection } = seat();
  const docs = Array.from({ length: 20 }, (_, at) => connection.get("posts", `${at}`));
  await done(Promise.all(docs.map((doc) => doc.subscribe())));
  deepStrictEqual(server.heard.map(({ a }) => a), ["hs", "bs"]);
  await done(Promise.all(docs.map((doc) => doc.fetch())));
  deepStrictEqual(server.heard.map(({ a }) => a), ["hs", "bs", "bf"]);
});

Deno.test("a connection that comes back subscribes to everything in one message, from where it was", async () => {
  const { seat, done, run, server } = seats();
  const { connection, ways } = seat();
  const docs = Array.from({ length: 3 }, (_, at) => connection.get("posts", `${at}`));
  await done(Promise.all(docs.map((doc) => doc.subscribe())));
  await done(Promise.all(docs.map((doc) => doc.create({ n: 0 }))));
  const before = server.heard.length;
  for (const way of [...ways]) way.cut();
  run();
  const after = server.heard.slice(before);
  deepStrictEqual(after.map(({ a }) => a), ["hs", "bs"]);
  deepStrictEqual(after[1]?.b, { 0: 1, 1: 1, 2: 1 });
  strictEqual(after[0]?.id, connection.id);
  ok(docs.every(({ isSubscribed }) => isSubscribed));
});

Deno.test("a document stays followed though who reads it when the connection is back is told that it cannot be", () => {
  const error = new HoldfastError("ERR_UNAVAILABLE", "Cannot be reached");
  const events: readonly SubscriptionEvent[] = [
    { kind: "wish", wish: { ticket: 1, isFor: true } },
    { kind: "flush" },
    { kind: "answered", asked: "s" },
    { kind: "offline" },
    { kind: "read", ticket: 2, isWhole: false },
    { kind: "wish", wish: { ticket: 3, isFor: true } },
    { kind: "flush" },
    { kind: "answered", asked: "s", error },
    { kind: "rested" },
    { kind: "flush" },
  ];
  let state = UNSUBSCRIBED;
  const done: SubscriptionEffect[] = [];
  for (const event of events) {
    const step = stepSubscription(state, event);
    state = step.state;
    done.push(...step.effects);
  }
  deepStrictEqual(done, [
    { kind: "ask", asked: "s", isWhole: false },
    { kind: "settled", tickets: [1], error: undefined },
    { kind: "settled", tickets: [], error: undefined },
    { kind: "ask", asked: "s", isWhole: false },
    { kind: "settled", tickets: [3], error },
    { kind: "settled", tickets: [2], error },
    { kind: "rest", attempt: 0 },
    { kind: "ask", asked: "s", isWhole: false },
  ]);
  strictEqual(state.wanted, 1);
});

Deno.test("a message asks for 500 documents, and more go into another", async () => {
  const { seat, done, server } = seats();
  const { connection } = seat();
  const docs = Array.from({ length: 501 }, (_, at) => connection.get("posts", `${at}`));
  await done(Promise.all(docs.map((doc) => doc.fetch())));
  deepStrictEqual(server.heard.map(({ a }) => a), ["hs", "bf", "f"]);
});

Deno.test("what was committed while the way was lost is caught up with", async () => {
  const { follower, done, run } = seats();
  const [a, b] = [await follower(), await follower()];
  await done(a.doc.create({ n: 0 }));
  b.guest.isAway = true;
  cut(b.guest);
  run(5);
  for (let i = 0; i < 3; i++) await done(a.doc.submit(VOTE));
  b.guest.isAway = false;
  run();
  deepStrictEqual(b.doc.data, { n: 3 });
});

Deno.test("a client that was away for longer than operations are kept loses nothing", async () => {
  const { follower, done, run, server } = seats({ keep: 2 });
  const [a, b] = [await follower(), await follower()];
  await done(a.doc.create({ n: 0, l: ["x"] }));
  b.guest.isAway = true;
  cut(b.guest);
  run(5);
  const late = b.doc.submit([{ p: ["l", 1], li: "late" }]);
  for (let i = 0; i < 5; i++) await done(a.doc.submit(VOTE));
  await done(a.doc.submit([{ p: ["l", 0], li: "first" }]));
  b.guest.isAway = false;
  await done(late);
  deepStrictEqual(b.doc.data, { n: 5, l: ["first", "x", "late"] });
  deepStrictEqual(b.doc.data, server.doc("posts", "1").live?.data);
});

Deno.test("a server that falls silent is asked, given up and found again", async () => {
  const { seat, run, done, server } = seats();
  let isSilent = false;
  const guest = seat({ silenceMs: 100, delayMs: () => isSilent ? 1e7 : 1 });
  const doc = guest.connection.get("posts", "1");
  doc.subscribe();
  run(500);
  strictEqual(doc.isSubscribed, true);
  ok(server.heard.some(({ a }) => a === "pp"));
  const states: string[] = [];
  guest.connection.on("state", (state) => states.push(state));
  isSilent = true;
  run(500);
  isSilent = false;
  run(500);
  ok(states.includes("waiting"), `${states}`);
  strictEqual(guest.connection.state, "connected");
  guest.connection.close();
  await rejects(done(doc.subscribe().then(() => doc.fetch())), { code: "ERR_CLOSED" }).catch(
    () => {},
  );
});

Deno.test("a closed connection refuses who waits with ERR_CLOSED", async () => {
  const { seat, run } = seats();
  const guest = seat();
  guest.isAway = true;
  const doc = guest.connection.get("posts", "1");
  const all = Promise.allSettled([doc.subscribe(), doc.create({}), doc.whenNothingPending()]);
  run(50);
  guest.connection.close();
  for (const result of await all) {
    ok(result.status === "rejected" && HoldfastError.is(result.reason, "ERR_CLOSED"));
  }
});

Deno.test("connection.history() tells a document as it was", async () => {
  const { follower, done, codeOf } = seats();
  const { doc, guest: { connection } } = await follower();
  await done(doc.create({ n: 0 }));
  await done(doc.submit(VOTE));
  const past = await done(connection.history("posts", "1", { version: 1 }));
  deepStrictEqual(past, { version: 1, type: doc.type?.uri, data: { n: 0 } });
  strictEqual(await codeOf(connection.history("posts", "1", {})), "ERR_INVALID_ARGUMENT");
  strictEqual(
    await codeOf(connection.history("posts", "1", { version: 1, time: 1 })),
    "ERR_INVALID_ARGUMENT",
  );
});

Deno.test("connectDocuments() refuses what is no address or option before anything happens", () => {
  const codeOf = (act: () => unknown): unknown => {
    try {
      act();
      return "none";
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  strictEqual(codeOf(() => connectDocuments("nowhere")), "ERR_INVALID_ARGUMENT");
  strictEqual(codeOf(() => connectDocuments("file:///x")), "ERR_INVALID_ARGUMENT");
  strictEqual(
    codeOf(() => connectDocuments("wss://x", { nope: 1 } as never)),
    "ERR_INVALID_OPTION",
  );
  strictEqual(codeOf(() => connectDocuments("wss://x", { retry: -1 })), "ERR_INVALID_OPTION");
  strictEqual(
    codeOf(() => connectDocuments("wss://x", { storage: {} as never })),
    "ERR_INVALID_OPTION",
  );
  strictEqual(codeOf(() => connectLink(() => ({ send() {}, close() {} }), {})), "none");
});

Deno.test("a document of a type that is not known here is an error of who asked, and of nobody else", async () => {
  const { follower, seat, done, codeOf } = seats();
  const { doc } = await follower();
  await done(doc.create("Hello", { type: "text" }));
  const { connection } = seat({ types: [json] });
  strictEqual(await codeOf(connection.get("posts", "1").fetch()), "ERR_UNKNOWN_TYPE");
  strictEqual(await codeOf(connection.get("posts", "2").fetch()), "none");
});

Deno.test("a host that refuses to open a socket is asked again", async () => {
  let refusals = 2;
  const connection = connectLink((listener) => {
    if (refusals-- > 0) throw new Error("Not from this page");
    queueMicrotask(() => listener.closed({ isFinal: true, reason: "enough" }));
    return { send: () => {}, close: () => {} };
  }, { retry: 1 });
  const told: string[] = [];
  connection.on("error", ({ message }) => told.push(message));
  await rejects(connection.get("posts", "1").fetch(), { code: "ERR_UNAUTHORIZED" });
  strictEqual(refusals, -1);
  deepStrictEqual(told.slice(0, 2), ["Not from this page", "Not from this page"]);
});

Deno.test("connection.get() refuses a name that no document can have, and others are untouched", async () => {
  const { seat, done } = seats();
  const { connection } = seat();
  for (const bad of ["", "__proto__", "constructor", "a\u0000b", "\ud800", "x".repeat(257), 7]) {
    throws(() => connection.get("posts", bad as string), { code: "ERR_INVALID_ID" });
    throws(() => connection.get(bad as string, "1"), { code: "ERR_INVALID_ID" });
  }
  const docs = [["a", "b.c"], ["a.b", "c"], ["toString", "valueOf"]].map(([c = "", d = ""]) =>
    connection.get(c, d)
  );
  await done(Promise.all(docs.map((doc) => doc.subscribe())));
  await done(Promise.all(docs.map((doc, at) => doc.create({ at }))));
  deepStrictEqual(docs.map(({ data }) => data), [{ at: 0 }, { at: 1 }, { at: 2 }]);
});
