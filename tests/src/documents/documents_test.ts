import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { openPresence } from "../../../src/documents/client/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
import { manualClock } from "../../contracts/manual_clock.ts";
import { eventually } from "../../support/eventually.ts";

Deno.test("createDocuments() refuses options and backends that are none", () => {
  const code = (options: unknown, expected: string) =>
    throws(() => createDocuments(memory(), options as never), { code: expected });
  code({ colections: {} }, "ERR_INVALID_OPTION");
  code({ collections: { posts: { shard: 2 } } }, "ERR_INVALID_OPTION");
  code({ collections: { posts: { shards: 0 } } }, "ERR_INVALID_OPTION");
  code({ collections: { posts: { type: "no" } } }, "ERR_UNKNOWN_TYPE");
  code({ collections: { posts: { index: [""] } } }, "ERR_INVALID_OPTION");
  code({ collections: { ["__proto__"]: {} } }, "ERR_INVALID_ID");
  code({ keep: { ops: -1 } }, "ERR_INVALID_OPTION");
  code({ keep: { snapshotEvery: 0 } }, "ERR_INVALID_OPTION");
  code({ retriesMax: 0.5 }, "ERR_INVALID_OPTION");
  code({ types: [{}] }, "ERR_INVALID_ARGUMENT");
  code({ secret: "short" }, "ERR_INVALID_OPTION");
  throws(() => createDocuments({} as never), { code: "ERR_INVALID_ARGUMENT" });
});

Deno.test("Documents.submit() takes one of op, create and del, and gives refusals as errors", async () => {
  await using documents = createDocuments(memory());
  const submit = (submission: object) => documents.submit("posts", "1", submission);
  await rejects(submit({}), { code: "ERR_INVALID_ARGUMENT" });
  await rejects(submit({ op: [], del: true }), { code: "ERR_INVALID_ARGUMENT" });
  await rejects(submit({ create: 1 }), { code: "ERR_INVALID_ARGUMENT" });
  await rejects(submit({ create: {}, source: "a" }), { code: "ERR_INVALID_ARGUMENT" });
  const endless: unknown[] = [];
  endless.push(endless);
  await rejects(submit({ op: endless }), { code: "ERR_INVALID_ARGUMENT" });
  await rejects(submit({ del: true, version: 3 }), {
    code: "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT",
  });
  await rejects(submit({ op: [] }), { code: "ERR_DOC_DOES_NOT_EXIST" });
  strictEqual((await submit({ create: { data: 1 } })).version, 0);
  await rejects(submit({ create: { data: 1 } }), { code: "ERR_DOC_ALREADY_CREATED" });
  await rejects(submit({ op: [() => {}] }), { code: "ERR_OP_MALFORMED" });
  await rejects(submit({ op: [{ p: ["x"], oi: new Date() }] }), { code: "ERR_OP_MALFORMED" });
});

Deno.test("Documents.submit() tells what was missed, and a second arrival", async () => {
  await using documents = createDocuments(memory());
  await documents.submit("posts", "1", { create: { data: { n: 0 } } });
  const op = [{ p: ["n"], na: 1 }];
  await documents.submit("posts", "1", { op, version: 1, source: "a", sequence: 1 });
  const late = { op, version: 1, source: "b", sequence: 1 };
  const first = await documents.submit("posts", "1", late);
  deepStrictEqual([first.version, first.isDuplicate, first.missed?.length], [2, false, 1]);
  const again = await documents.submit("posts", "1", late);
  deepStrictEqual([again.version, again.isDuplicate, again.missed?.length], [2, true, 1]);
});

Deno.test("Documents give and take copies: nobody's later change is anybody else's", async () => {
  await using documents = createDocuments(memory());
  const data = { tags: ["a"] };
  await documents.submit("posts", "1", { create: { data } });
  data.tags.push("mine");
  const fetched = await documents.fetch("posts", "1");
  (fetched.data as typeof data).tags.push("mine");
  deepStrictEqual((await documents.fetch("posts", "1")).data, { tags: ["a"] });
});

Deno.test("Documents create by the type of their collection", async () => {
  await using documents = createDocuments(memory(), { collections: { notes: { type: "text" } } });
  await documents.submit("notes", "1", { create: { data: "Hello" } });
  await documents.submit("notes", "1", { op: [5, " you"] });
  const { data, type } = await documents.fetch("notes", "1");
  deepStrictEqual([data, type], ["Hello you", "http://sharejs.org/types/textv1"]);
});

Deno.test("Documents.history() takes a version, a Date or milliseconds", async () => {
  const clock = manualClock(1_000);
  await using documents = createDocuments(memory({ clock }));
  await documents.submit("posts", "1", { create: { data: 0 } });
  await clock.advance(10);
  await documents.submit("posts", "1", { del: true });
  const at = async (moment: { version: number } | { at: Date | number }) =>
    (await documents.history("posts", "1", moment)).data;
  deepStrictEqual(
    [await at({ version: 1 }), await at({ at: 1_005 }), await at({ at: new Date(1_010) })],
    [0, 0, undefined],
  );
  await rejects(at({ at: NaN }), { code: "ERR_INVALID_ARGUMENT" });
});

Deno.test("Documents.fetchMany() gives what is there and what is not, in order", async () => {
  await using documents = createDocuments(memory());
  await documents.submit("posts", "b", { create: { data: 1 } });
  const found = await documents.fetchMany("posts", ["a", "b"]);
  deepStrictEqual(found.map(({ id, version, data }) => [id, version, data]), [["a", 0, undefined], [
    "b",
    1,
    1,
  ]]);
});

Deno.test("Documents.presence() is a room that clients are in too, and ends with close()", async () => {
  const documents = createDocuments(memory());
  const room = documents.presence("room");
  strictEqual(documents.presence("room"), room);
  throws(() => documents.presence(""), { code: "ERR_INVALID_ARGUMENT" });
  const connection = documents.connect({ subject: "ada" });
  const theirs = openPresence(connection, "room");
  await Promise.all([room.join(), theirs.join()]);
  room.set("server", { here: true });
  await eventually("the client sees the server", () => theirs.others.size === 1);
  deepStrictEqual([...theirs.others], [["server", { here: true }]]);
  connection.close();
  documents.close();
  await rejects(room.join(), { code: "ERR_CLOSED" });
});

Deno.test("Documents.presence() refuses where a connection cannot outlive a request", async () => {
  await using documents = createDocuments(memory({ isolation: "request" }));
  throws(() => documents.presence("room"), { code: "ERR_NOT_SUPPORTED" });
});
