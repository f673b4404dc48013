/**
 * Documents of a client, against the smallest server, in virtual time.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { cut, seats } from "../../../support/documents/table.ts";

const VOTE = [{ p: ["n"], na: 1 }];

function insert(item: string, at = 0) {
  return [{ p: ["l", at], li: item }];
}

Deno.test("Doc.create(), submit() and del() are seen at once and committed in order", async () => {
  const { follower, done, server } = seats();
  const [a, b] = [await follower(), await follower()];
  const created = a.doc.create({ n: 1 });
  deepStrictEqual(a.doc.data, { n: 1 });
  await done(created);
  deepStrictEqual(b.doc.data, { n: 1 });
  await done(a.doc.submit(VOTE));
  deepStrictEqual(b.doc.data, { n: 2 });
  const deleted = a.doc.del();
  strictEqual(a.doc.data, undefined);
  await done(deleted);
  strictEqual(b.doc.data, undefined);
  strictEqual(server.doc("posts", "1").version, 3);
  strictEqual(b.doc.version, 3);
});

Deno.test("Doc.submit() of one moment goes out as one operation", async () => {
  const { follower, done, server } = seats();
  const { doc } = await follower();
  await done(doc.create({ n: 0 }));
  await done(Promise.all(Array.from({ length: 5_000 }, () => doc.submit(VOTE))));
  deepStrictEqual(doc.data, { n: 5_000 });
  strictEqual(server.doc("posts", "1").version, 2);
});

Deno.test("Doc.submit() with compose: false goes out alone", async () => {
  const { follower, done, server } = seats();
  const { doc } = await follower();
  await done(doc.create({ n: 0 }));
  await done(Promise.all([1, 2, 3].map(() => doc.submit(VOTE, { compose: false }))));
  strictEqual(server.doc("posts", "1").version, 4);
});

Deno.test("Doc.submit() composes into a creation that has not gone out", async () => {
  const { follower, done, server } = seats();
  const { doc } = await follower();
  await done(Promise.all([doc.create({ n: 0 }), doc.submit(VOTE)]));
  strictEqual(server.doc("posts", "1").version, 1);
  deepStrictEqual(server.doc("posts", "1").live?.data, { n: 1 });
});

Deno.test("Doc.submit() by two at once leads to one order for both", async () => {
  const { follower, run, done, server } = seats();
  const [a, b] = [await follower(), await follower()];
  await done(a.doc.create({ l: [] }));
  a.doc.submit(insert("a"));
  run(0);
  b.doc.submit(insert("b"));
  run();
  const expected = { l: ["b", "a"] };
  deepStrictEqual(
    [a.doc.data, b.doc.data, server.doc("posts", "1").live?.data],
    [expected, expected, expected],
  );
  strictEqual(a.doc.version, 3);
});

Deno.test("Doc.submit() refuses a bad operation before anything happens", async () => {
  const { follower, done, codeOf, server } = seats();
  const { doc } = await follower();
  strictEqual(await codeOf(doc.submit(VOTE)), "ERR_DOC_DOES_NOT_EXIST");
  strictEqual(await codeOf(doc.del()), "ERR_DOC_DOES_NOT_EXIST");
  await done(doc.create({ n: 0 }));
  strictEqual(await codeOf(doc.create({})), "ERR_DOC_ALREADY_CREATED");
  strictEqual(
    await codeOf(doc.submit([{ p: ["__proto__", "x"], oi: 1 }])),
    "ERR_OP_PATH_FORBIDDEN",
  );
  strictEqual(await codeOf(doc.submit([{ p: ["constructor"], oi: 1 }])), "ERR_OP_PATH_FORBIDDEN");
  strictEqual(await codeOf(doc.submit({ 0: {}, length: 1 })), "ERR_OP_MALFORMED");
  strictEqual(await codeOf(doc.submit([{ p: ["x"], na: 1 }])), "ERR_OP_MISMATCH");
  strictEqual(await codeOf(doc.create(1, { type: "no such type" })), "ERR_DOC_ALREADY_CREATED");
  deepStrictEqual(doc.data, { n: 0 });
  strictEqual(server.doc("posts", "1").version, 1);
  ok(!("x" in {}));
});

Deno.test("Doc drops operations that come twice, and reads those that come too early", async () => {
  const { follower, done, run, say, server } = seats();
  const { doc } = await follower();
  const other = await follower();
  await done(doc.create({ n: 0 }));
  const { epoch: e } = server.doc("posts", "1");
  other.guest.isAway = true;
  cut(other.guest);
  run(5);
  await done(doc.submit(VOTE));
  await done(doc.submit(VOTE));
  say({ a: "op", c: "posts", d: "1", v: 1, src: "x", seq: 1, op: VOTE, e });
  run();
  deepStrictEqual(doc.data, { n: 2 });
  other.guest.isAway = false;
  run();
  deepStrictEqual(other.doc.data, { n: 2 });
  say({ a: "op", c: "posts", d: "1", v: 4, src: "x", seq: 3, op: VOTE, e });
  run();
  strictEqual(
    other.doc.version,
    3,
    "an operation that nobody committed is asked for, and not waited for",
  );
  strictEqual(other.doc.hasPending, false);
});

Deno.test("Doc heals a lost publish by a heartbeat", async () => {
  let isLost = false;
  const { follower, done, run, server } = seats({ losesPublish: () => isLost });
  const [a, b] = [await follower(), await follower()];
  await done(a.doc.create({ n: 0 }));
  isLost = true;
  await done(a.doc.submit(VOTE));
  deepStrictEqual(b.doc.data, { n: 0 });
  server.beat();
  run();
  deepStrictEqual(b.doc.data, { n: 1 });
});

Deno.test("Doc that is deleted meanwhile refuses what waits, each once", async () => {
  const { follower, done, run } = seats();
  const [a, b] = [await follower(), await follower()];
  await done(a.doc.create({ n: 0 }));
  const deleted = b.doc.del();
  const waiting = [1, 2, 3].map(() => a.doc.submit(VOTE, { compose: false }));
  const results = Promise.allSettled([deleted, ...waiting]);
  run();
  const [first, ...others] = await results;
  strictEqual(first?.status, "fulfilled");
  for (const other of others) {
    strictEqual(other.status === "rejected" && other.reason.code, "ERR_DOC_WAS_DELETED");
  }
  strictEqual(a.doc.data, undefined);
  strictEqual(a.doc.hasPending, false);
});

Deno.test("Doc.create() by two at once succeeds for one, and the other sees that one's", async () => {
  const { follower, run } = seats();
  const [a, b] = [await follower(), await follower()];
  const results = Promise.allSettled([a.doc.create({ x: 3 }), b.doc.create({ x: 5 })]);
  run();
  const [first, second] = await results;
  strictEqual(first?.status, "fulfilled");
  strictEqual(second?.status === "rejected" && second.reason.code, "ERR_DOC_ALREADY_CREATED");
  deepStrictEqual([a.doc.data, b.doc.data], [{ x: 3 }, { x: 3 }]);
});

Deno.test("Doc.pause() holds back what is submitted, and resume() lets it go", async () => {
  const { follower, done, run, server } = seats();
  const { doc } = await follower();
  await done(doc.create({ n: 0 }));
  doc.pause();
  const voted = doc.submit(VOTE);
  run();
  strictEqual(server.doc("posts", "1").version, 1);
  strictEqual(doc.hasWritePending, true);
  doc.resume();
  await done(voted);
  strictEqual(server.doc("posts", "1").version, 2);
});

Deno.test("Doc tells all its listeners everything in one order, also what they do themselves", async () => {
  const { follower, done, run } = seats();
  const [a, b] = [await follower(), await follower()];
  await done(a.doc.create({ n: 0, m: 0 }));
  const heard: string[][] = [[], []];
  let isDone = false;
  for (const list of heard) {
    b.doc.on("op", ({ op, isLocal }) => {
      list.push(`${isLocal} ${JSON.stringify(op)}`);
      if (isDone) return;
      isDone = true;
      b.doc.submit([{ p: ["m"], na: 1 }]);
    });
  }
  await done(a.doc.submit(VOTE));
  run();
  deepStrictEqual(heard[0], heard[1]);
  strictEqual(heard[0]?.length, 2);
  deepStrictEqual(a.doc.data, { n: 1, m: 1 });
});

Deno.test("Doc.submit() rejects with the signal's reason, and the edit goes on", async () => {
  const { follower, done, run, server } = seats();
  const { doc } = await follower();
  await done(doc.create({ n: 0 }));
  const stop = new AbortController();
  const voted = doc.submit(VOTE, { signal: stop.signal });
  stop.abort(new Error("enough"));
  await rejects(voted, { message: "enough" });
  run();
  strictEqual(server.doc("posts", "1").version, 2);
  await rejects(doc.submit(VOTE, { signal: AbortSignal.abort(new Error("before")) }), {
    message: "before",
  });
  deepStrictEqual(doc.data, { n: 1 });
});

Deno.test("Doc.whenNothingPending() waits for the answer, also across a lost connection, and once", async () => {
  const { follower, done, run } = seats();
  const { doc, guest } = await follower();
  await done(doc.create({ n: 0 }));
  doc.submit(VOTE);
  let calls = 0;
  const waiting = doc.whenNothingPending().then(() => calls++);
  strictEqual(doc.hasPending, true);
  run(1);
  cut(guest);
  run(1);
  strictEqual(doc.hasPending, true);
  await done(waiting);
  strictEqual(doc.hasPending, false);
  strictEqual(calls, 1);
  await done(guest.connection.whenNothingPending());
});

Deno.test("Doc.ingest() takes what a server rendered, and goes on from there", async () => {
  const { follower, done, seat, run, server } = seats();
  const { doc } = await follower();
  await done(doc.create({ n: 0 }));
  const snapshot = doc.toSnapshot();
  ok(snapshot !== undefined);
  await done(doc.submit(VOTE));
  const page = seat().connection.get("posts", "1");
  page.ingest(JSON.parse(JSON.stringify(snapshot)));
  deepStrictEqual(page.data, { n: 0 });
  await done(page.subscribe());
  deepStrictEqual(page.data, { n: 1 });
  strictEqual(server.heard.at(-1)?.v, 1, "it asked for what followed, not for the whole");
  page.ingest({ ...snapshot, v: 1 });
  run();
  strictEqual(page.version, 2, "an older one changes nothing");
  for (const v of [undefined, -1, "1", 1.5]) {
    let code: unknown;
    try {
      page.ingest({ v } as never);
    } catch (error) {
      ({ code } = error as { code: string });
    }
    strictEqual(code, "ERR_INVALID_ARGUMENT");
  }
});

Deno.test("Doc.destroy() waits for what is pending, leaves, and is forgotten", async () => {
  const { follower, done, server } = seats();
  const { doc, guest } = await follower();
  await done(doc.create({ n: 0 }));
  const voted = doc.submit(VOTE);
  await done(doc.destroy());
  await voted;
  strictEqual(server.doc("posts", "1").version, 2);
  strictEqual(server.heard.at(-1)?.a, "u");
  ok(guest.connection.get("posts", "1") !== doc);
});

Deno.test("Doc.destroy() is cancelled by a later get()", async () => {
  const { follower, done, run, server } = seats();
  const { doc, guest } = await follower();
  await done(doc.create({ n: 0 }));
  doc.submit(VOTE);
  const left = doc.destroy();
  strictEqual(guest.connection.get("posts", "1"), doc);
  await done(left);
  run();
  strictEqual(doc.isSubscribed, true);
  ok(!server.heard.some(({ a }) => a === "u"));
});
