import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import type { Query } from "../../../../src/documents/client/mod.ts";
import { createDocuments } from "../../../../src/documents/mod.ts";
import { json1 } from "../../../conformance/ot_oracles.ts";
import { eventually } from "../../../support/eventually.ts";

/** Documents `1` to `3` with numbers of their own. */
async function numbered(options: Parameters<typeof createDocuments>[1] = {}) {
  const documents = createDocuments(memory(), options);
  for (const n of [1, 2, 3]) {
    await documents.submit("things", `${n}`, { create: { data: { n, name: `name ${n}` } } });
  }
  return documents;
}

/** What a query tells, as texts. */
function newsOf(query: Query): string[] {
  const news: string[] = [];
  const ids = (docs: readonly { readonly id: string }[]) => docs.map(({ id }) => id).join("+");
  query.on("insert", ({ docs, index }) => news.push(`insert ${ids(docs)} at ${index}`));
  query.on("remove", ({ docs, index }) => news.push(`remove ${ids(docs)} at ${index}`));
  query.on("move", ({ docs, from, index }) => news.push(`move ${ids(docs)} ${from} to ${index}`));
  query.on("extra", (extra) => news.push(`extra ${extra}`));
  query.on("error", ({ code }) => news.push(code));
  return news;
}

Deno.test("Connection.fetchQuery() gives documents in order", async () => {
  await using documents = await numbered();
  await using connection = documents.connect();
  const query = await connection.fetchQuery("things", { n: { $gte: 2 }, $sort: { n: -1 } });
  deepStrictEqual(query.ids, ["3", "2"]);
  deepStrictEqual(query.results.map(({ data }) => data), [
    { n: 3, name: "name 3" },
    { n: 2, name: "name 2" },
  ]);
  strictEqual(query.isSubscribed, false);
});

Deno.test("Connection.subscribeQuery() tells what comes, goes and moves, and the documents' operations", async () => {
  await using documents = await numbered();
  await using connection = documents.connect();
  const query = await connection.subscribeQuery("things", { n: { $gte: 2 }, $sort: { n: 1 } });
  const news = newsOf(query);
  deepStrictEqual(query.ids, ["2", "3"]);
  await documents.submit("things", "1", { op: [{ p: ["n"], na: 4 }] });
  await eventually("it comes", () => query.ids.length === 3);
  await documents.submit("things", "2", { op: [{ p: ["n"], na: 8 }] });
  await eventually("it moves", () => query.ids[2] === "2");
  await documents.submit("things", "3", { del: true });
  await eventually("it goes", () => query.ids.length === 2);
  deepStrictEqual(news, ["insert 1 at 2", "move 2 0 to 2", "remove 3 at 0"]);
  await documents.submit("things", "1", { op: [{ p: ["name"], oi: "other" }] });
  const [first] = query.results;
  await eventually("it is told", () => (first?.data as { name: string }).name === "other");
});

Deno.test("a limited result never shows a document twice, and fills up from what follows", async () => {
  await using documents = await numbered();
  await using connection = documents.connect();
  const query = await connection.subscribeQuery("things", { $sort: { n: 1 }, $limit: 2 });
  query.on("insert", () => strictEqual(new Set(query.ids).size, query.ids.length));
  await documents.submit("things", "1", { op: [{ p: ["n"], na: 8 }] });
  await eventually("the third is in", () => query.ids.join() === "2,3");
});

Deno.test("$count tells the number of matches beside no documents, whenever it changes", async () => {
  await using documents = await numbered();
  await using connection = documents.connect();
  const query = await connection.subscribeQuery("things", { n: { $gt: 1 }, $count: true });
  deepStrictEqual([query.ids, query.extra], [[], 2]);
  const news = newsOf(query);
  await documents.submit("things", "3", { op: [{ p: ["n"], na: -8 }] });
  await eventually("it is less", () => query.extra === 1);
  deepStrictEqual(news, ["extra 1"]);
});

Deno.test("what is no query is refused by its code, and the connection goes on", async () => {
  await using documents = await numbered();
  await using connection = documents.connect();
  const cases: readonly (readonly [unknown, string])[] = [
    [{ $where: "true" }, "ERR_QUERY_OPERATOR"],
    [{ n: { $near: 1 } }, "ERR_QUERY_OPERATOR"],
    [{ n: { $regex: "((a{99}){99}){99}" } }, "ERR_QUERY_PATTERN"],
    [{ $limit: -1 }, "ERR_QUERY_MALFORMED"],
    [[], "ERR_QUERY_MALFORMED"],
    [{ n: "x".repeat(20_000) }, "ERR_TOO_LARGE"],
  ];
  for (const [query, code] of cases) {
    await rejects(connection.fetchQuery("things", query), { code });
    await rejects(connection.subscribeQuery("things", query), { code });
  }
  const fine = await connection.subscribeQuery("things", { n: 1 });
  deepStrictEqual(fine.ids, ["1"]);
});

Deno.test("an operation of another type than JSON's own moves a document in and out of results (case 35)", async () => {
  await using documents = createDocuments(memory(), { types: [json1] });
  await using connection = documents.connect({ types: [json1] });
  const create = { type: json1.uri, data: { n: 1, tags: [] } };
  await documents.submit("things", "1", { create });
  const query = await connection.subscribeQuery("things", { n: { $lt: 5 } });
  const byTag = await connection.subscribeQuery("things", { tags: "new" });
  deepStrictEqual([query.ids, byTag.ids], [["1"], []]);
  await documents.submit("things", "1", { op: ["tags", 0, { i: "new" }] });
  await eventually("it is in both", () => byTag.ids.join() === "1");
  await documents.submit("things", "1", { op: ["n", { r: true, i: 7 }] });
  await eventually("it leaves the first", () => query.ids.length === 0);
  deepStrictEqual(byTag.results.map(({ data }) => data), [{ n: 7, tags: ["new"] }]);
});
