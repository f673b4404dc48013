/** @module */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import type { DocumentHooks } from "../../../../src/documents/middleware.ts";
import type { FrontDocumentStore } from "../../../../src/documents/journal_port.ts";
import { HoldfastError } from "../../../../src/errors.ts";
import { settle } from "../../../contracts/manual_clock.ts";
import { RawClient, testServer, type Told } from "../../../support/documents/server.ts";

type Options = Parameters<typeof testServer>[1] & { readonly subjects?: readonly string[] };

/** A server with documents `1` to `3`, and raw clients: the first writes. */
async function served({ subjects = ["", ""], ...options }: Options = {}, backend = memory()) {
  const server = testServer(backend, options);
  const clients = await Promise.all(
    subjects.map((subject) => RawClient.greeted(server, { subject })),
  );
  const [writer] = clients;
  if (writer === undefined) throw new Error("A test needs a client");
  let sequence = 0;
  const submit = (d: string, change: object, v?: number, c = "things") =>
    writer.ask({ a: "op", c, d, seq: ++sequence, ...(v === undefined ? {} : { v }), ...change });
  const create = (d: string, data: object) => submit(d, { create: { type: "json", data } });
  const add = (d: string, na: number) => submit(d, { op: [{ p: ["n"], na }] });
  for (const n of [1, 2, 3]) await create(`${n}`, { n, secret: `secret ${n}` });
  return {
    server,
    clients,
    submit,
    create,
    add,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await settle();
    },
  };
}

/** Everything that a client was told, once things have calmed down. */
async function toldTo(client: RawClient | undefined): Promise<readonly Told[]> {
  for (let turn = 0; turn < 5; turn++) await settle();
  return client?.told.splice(0) ?? [];
}

/** The ids that a reply or a diff has. */
function idsIn(values: unknown): readonly unknown[] {
  return Array.isArray(values) ? values.map(({ d }) => d) : [];
}

/** The same without what only clients of ours look at. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, part) => name === "e" || name === "g" ? undefined : part),
  );
}

const QUERY = { a: "qs", c: "things" };

Deno.test("an operation reaches a connection once, however many results and subscriptions it is in", async () => {
  await using kept = await served();
  const [, client] = kept.clients;
  await client?.ask({ ...QUERY, id: 1, q: { n: { $gte: 1 } } });
  await client?.ask({ ...QUERY, id: 2, q: { n: { $lte: 2 } } });
  await client?.ask({ a: "s", c: "things", d: "1" });
  await kept.submit("1", { op: [{ p: ["x"], oi: 1 }] });
  deepStrictEqual((await toldTo(client)).map(({ a, d, v }) => [a, d, v]), [["op", "1", 1]]);
  // Its subscription ends, and its place in one of the results: the other one still has it.
  await client?.ask({ a: "u", c: "things", d: "1" });
  await kept.add("1", 8);
  deepStrictEqual((await toldTo(client)).map(({ a, id }) => [a, id]), [["q", 2], [
    "op",
    undefined,
  ]]);
  await client?.ask({ a: "qu", id: 1 });
  await kept.add("1", 1);
  deepStrictEqual(await toldTo(client), []);
});

Deno.test("a query that comes back is told what it missed, and no document that it has", async () => {
  await using kept = await served();
  const [, client] = kept.clients;
  await kept.add("1", 4);
  await kept.submit("3", { del: true });
  client?.send({ ...QUERY, id: 1, q: { $sort: { n: 1 } }, r: [["1", 1], ["2", 1], ["3", 1]] });
  const told = await toldTo(client);
  deepStrictEqual(told.map(({ a, d, v, id, data, diff }) => ({ a, d, v, id, data, diff })), [
    { a: "op", d: "1", v: 1, id: undefined, data: undefined, diff: undefined },
    { a: "qs", d: undefined, v: undefined, id: 1, data: undefined, diff: undefined },
    {
      ...{ a: "q", d: undefined, v: undefined, id: 1, data: undefined },
      diff: [{ type: "remove", index: 2, howMany: 1 }, {
        type: "move",
        from: 0,
        to: 1,
        howMany: 1,
      }],
    },
  ]);
});

Deno.test("a document that is not for who asks is not in the result, whatever becomes of it", async () => {
  const authorize = ({ id, session }: {
    readonly id: string | undefined;
    readonly session: { readonly subject: string };
  }) => id !== "2" || session.subject === "root";
  await using kept = await served({ rules: { authorize }, subjects: ["root", "somebody", "root"] });
  const [, client, root] = kept.clients;
  const q = { n: { $gte: 1 }, $sort: { n: 1 } };
  deepStrictEqual(idsIn((await client?.ask({ ...QUERY, id: 1, q }))?.data), ["1", "3"]);
  deepStrictEqual(idsIn((await root?.ask({ ...QUERY, id: 1, q }))?.data), ["1", "2", "3"]);
  deepStrictEqual(idsIn((await client?.ask({ ...QUERY, a: "qf", id: 2, q }))?.data), ["1", "3"]);
  await kept.add("2", 5);
  deepStrictEqual(await toldTo(client), []);
  deepStrictEqual((await toldTo(root)).map(({ a }) => a), ["q", "op"]);
  await kept.add("1", 9);
  deepStrictEqual((await toldTo(client)).map(({ diff }) => diff), [
    [{ type: "move", from: 0, to: 1, howMany: 1 }],
    undefined,
  ]);
  await kept.submit("2", { del: true });
  deepStrictEqual(await toldTo(client), []);
});

Deno.test("a projection never shows a hidden field: not in results, operations, history, nor by who is in a result", async () => {
  const projections = { shown: { of: "things", fields: ["n"] } };
  await using kept = await served({ projections });
  const [, client] = kept.clients;
  const q = { secret: { $regex: "^secret [12]" }, $sort: { secret: 1 } };
  const reply = await client?.ask({ a: "qs", id: 1, c: "shown", q });
  deepStrictEqual(plain(reply?.data), [1, 2].map((n) => ({ d: `${n}`, v: 1, data: { n } })));
  await client?.ask({ a: "s", c: "shown", d: "3" });
  await kept.submit("2", { op: [{ p: ["secret"], od: "secret 2", oi: "no more" }] });
  await kept.submit("3", {
    op: [{ p: [], od: { n: 3, secret: "secret 3" }, oi: { n: 4, secret: "secret 1b" } }],
  });
  const told = await toldTo(client);
  ok(!JSON.stringify([reply, told]).includes("secret"));
  deepStrictEqual(told.map(({ c, d, op, diff }) => op === undefined ? plain(diff) : [c, d, op]), [
    [{ type: "remove", index: 1, howMany: 1 }],
    ["shown", "2", []],
    ["shown", "3", [{ p: [], od: { n: 3 }, oi: { n: 4 } }]],
    [{ type: "insert", index: 1, values: [{ d: "3", v: 2, data: { n: 4 } }] }],
  ]);
  const past = await client?.ask({ a: "nf", id: 2, c: "shown", d: "2", v: 1 });
  deepStrictEqual(past?.data, { n: 2 });
});

Deno.test("a projection takes no operation beyond its fields, nor by names that objects inherit", async () => {
  await using kept = await served({ projections: { shown: { of: "things", fields: ["n"] } } });
  const refused = [
    { op: [{ p: ["secret"], oi: "x" }] },
    { op: [{ p: ["n"], na: 1 }, { p: [], oi: null }] },
    { op: [{ p: ["constructor", "x"], oi: 1 }] },
    { op: { p: ["secret"], oi: "x" } },
    { create: { type: "json", data: { n: 1, secret: "x" } } },
  ];
  for (const change of refused) {
    const { error } = await kept.submit("1", change, undefined, "shown");
    strictEqual((error as Told).code, "ERR_OP_NOT_ALLOWED_IN_PROJECTION");
  }
  strictEqual((await kept.submit("1", { op: [{ p: ["n"], na: 1 }] }, 1, "shown")).error, undefined);
  strictEqual((await kept.submit("2", { del: true }, undefined, "shown")).error, undefined);
  const { data } = await kept.clients[1]?.ask({ a: "f", c: "things", d: "1" }) ?? {};
  deepStrictEqual((data as Told).data, { n: 2, secret: "secret 1" });
});

Deno.test("a query with channels hears of operations on those, and of no others", async () => {
  const use: DocumentHooks = {
    submit: ({ change, channels }) => {
      if (change.kind === "del") channels.push("deletions");
    },
    query: (context) => {
      if ("only" in context.extra) context.channels = [String(context.extra.only)];
      if ("none" in context.extra) context.channels = [];
    },
  };
  await using kept = await served({ rules: { use } });
  const [, client] = kept.clients;
  await client?.ask({ ...QUERY, id: 1, q: {}, o: { only: "deletions" } });
  await kept.create("4", { n: 4 });
  deepStrictEqual(await toldTo(client), []);
  await kept.submit("1", { del: true });
  deepStrictEqual((await toldTo(client)).map(({ a }) => a), ["q", "op"]);
  const refused = await client?.ask({ ...QUERY, id: 2, q: {}, o: { none: 1 } });
  strictEqual((refused?.error as Told).code, "ERR_QUERY_CHANNEL_MISSING");
});

Deno.test("a connection that is closed while its query is asked leaves nothing behind", async () => {
  const waiting: (() => void)[] = [];
  const use = { query: () => new Promise<void>((resolve) => void waiting.push(resolve)) };
  await using kept = await served({ rules: { use } });
  const [, client] = kept.clients;
  client?.send({ ...QUERY, id: 1, q: {} });
  client?.send({ ...QUERY, id: 2, q: { n: 1 } });
  await toldTo(undefined);
  client?.close();
  for (const go of waiting) go();
  await kept.add("1", 1);
  deepStrictEqual((await toldTo(client)).filter(({ a }) => a === "q" || a === "qs"), []);
});

Deno.test("more live queries than a connection may have are refused, and end one by one", async () => {
  await using kept = await served({ limits: { queriesMax: 2 } });
  const [, client] = kept.clients;
  for (const id of [1, 2, 2]) {
    strictEqual((await client?.ask({ ...QUERY, id, q: {} }))?.error, undefined);
  }
  const refused = await client?.ask({ ...QUERY, id: 3, q: {} });
  strictEqual((refused?.error as Told).code, "ERR_LIMIT");
  await client?.ask({ a: "qu", id: 1 });
  await client?.ask({ a: "qu", id: 77 });
  strictEqual((await client?.ask({ ...QUERY, id: 3, q: {} }))?.error, undefined);
});

Deno.test("a store that cannot be reached refuses the query that needs it, and the next one is answered", async () => {
  const backend = memory();
  let isAway = false;
  const documents: FrontDocumentStore = {
    ...backend.documents,
    list: async (...args) => {
      if (isAway) throw new HoldfastError("ERR_UNAVAILABLE", "Cannot reach the store");
      return await backend.documents.list?.(...args) ?? [];
    },
  };
  await using kept = await served({}, { ...backend, documents });
  const [, client] = kept.clients;
  isAway = true;
  for (const a of ["qf", "qs"]) {
    const refused = await client?.ask({ ...QUERY, a, id: 1, q: {} });
    strictEqual((refused?.error as Told).code, "ERR_UNAVAILABLE");
  }
  isAway = false;
  strictEqual(idsIn((await client?.ask({ ...QUERY, id: 1, q: {} }))?.data).length, 3);
});

Deno.test("where requests must share nothing, each connection has live queries of its own", async () => {
  await using kept = await served({}, memory({ isolation: "request" }));
  const [writer, client] = kept.clients;
  const q = { n: { $gte: 3 } };
  await writer?.ask({ ...QUERY, id: 1, q });
  await client?.ask({ ...QUERY, id: 1, q });
  await kept.create("4", { n: 4 });
  deepStrictEqual((await toldTo(client)).map(({ a }) => a), ["q"]);
  writer?.close();
  strictEqual((await client?.ask({ ...QUERY, id: 2, q }))?.error, undefined);
});
