/** @module */

import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import { type DocumentHooks, rejectedSilently } from "../../../../src/documents/middleware.ts";
import { createDocuments } from "../../../../src/documents/mod.ts";
import { HoldfastError } from "../../../../src/errors.ts";
import { json } from "../../../../src/ot/mod.ts";
import { RawClient, testServer, type Told } from "../../../support/documents/server.ts";

const FIDO = { c: "dogs", d: "fido" };
const create = { type: json.uri, data: { n: 1 } };

function codeOf(message: Told | undefined): unknown {
  return (message?.error as { readonly code?: unknown } | undefined)?.code;
}

async function greeted(use: DocumentHooks, subject = "ann") {
  const server = testServer(memory(), { rules: { use } });
  const client = await RawClient.greeted(server, { subject });
  const dataOf = async (): Promise<unknown> => {
    const { data } = await client.ask({ a: "f", ...FIDO });
    return (data as Told).data;
  };
  return { server, client, dataOf, [Symbol.dispose]: () => server.close() };
}

Deno.test("authorize refuses reading, submitting and catching up, each document by itself", async () => {
  const server = testServer(memory(), {
    rules: {
      authorize: ({ session, id }) => session.subject === "ann" || id !== "fido",
      collections: { cats: { authorize: ({ action }) => action !== "submit" } },
    },
  });
  const ann = await RawClient.greeted(server, { subject: "ann" });
  const tom = await RawClient.greeted(server, { subject: "tom" });
  await ann.ask({ a: "op", ...FIDO, v: 0, seq: 1, create });
  strictEqual(codeOf(await tom.ask({ a: "f", ...FIDO })), "ERR_FORBIDDEN");
  strictEqual(codeOf(await tom.ask({ a: "s", ...FIDO, v: 0 })), "ERR_FORBIDDEN");
  strictEqual(codeOf(await tom.ask({ a: "nf", id: 1, ...FIDO, v: 1 })), "ERR_FORBIDDEN");
  const { data } = await tom.ask({ a: "bs", c: "dogs", b: ["fido", "spot"] });
  const { fido, spot } = data as Record<string, Told>;
  deepStrictEqual([codeOf(fido), spot], ["ERR_FORBIDDEN", { v: 0, type: null }]);
  const edit = { a: "op", v: 1, seq: 1, op: [{ p: ["n"], na: 1 }] };
  strictEqual(codeOf(await tom.ask({ ...edit, ...FIDO })), "ERR_FORBIDDEN");
  strictEqual(codeOf(await ann.ask({ ...edit, c: "cats", d: "tom" })), "ERR_FORBIDDEN");
  // What is refused is not subscribed to.
  await ann.ask({ ...edit, ...FIDO, seq: 2 });
  await tom.ask({ a: "pp" });
  deepStrictEqual(tom.told, []);
  server.close();
});

Deno.test("use.read refuses single documents, aloud or silently, and shows others in another form", async () => {
  using given = await greeted({
    read: (context) => {
      context.reject("spot", new Error("not you"));
      context.rejectSilently("rex");
      for (const document of context.documents) {
        if (document.id === "fido" && context.kind === "snapshots") document.data = { n: "hidden" };
      }
    },
  });
  const { client, dataOf } = given;
  await client.ask({ a: "op", ...FIDO, v: 0, seq: 1, create });
  deepStrictEqual(await dataOf(), { n: "hidden" });
  const { data } = await client.ask({ a: "bf", c: "dogs", b: ["spot", "rex"] });
  const { spot, rex } = data as Record<string, Told>;
  deepStrictEqual(spot?.error, { code: "ERR_FORBIDDEN", message: "not you" });
  strictEqual(codeOf(rex), "ERR_SNAPSHOT_READ_SILENT_REJECTION");
});

Deno.test("use.read stands before operations as well, so that nobody reads a document by its history", async () => {
  const kinds: string[] = [];
  using given = await greeted({
    read: (context) => {
      kinds.push(context.kind);
      if (context.kind !== "snapshots") context.reject("fido", new Error("no"));
    },
  });
  const { client } = given;
  await client.ask({ a: "op", ...FIDO, v: 0, seq: 1, create });
  strictEqual(codeOf(await client.ask({ a: "f", ...FIDO, v: 0 })), "ERR_FORBIDDEN");
  strictEqual(codeOf(await client.ask({ a: "nf", id: 1, ...FIDO, v: 1 })), "ERR_FORBIDDEN");
  deepStrictEqual(kinds, ["ops", "history"]);
});

Deno.test("use.submit refuses with its own words and code, silently, or makes nothing of it", async () => {
  using given = await greeted({
    submit: (context) => {
      const { change, extra } = context;
      if (extra.source === "bad") throw Object.assign(new Error("bad words"), { code: "BAD" });
      if (extra.source === "soft") throw rejectedSilently();
      if (extra.source === "void" && change.kind === "op") context.change = { kind: "none" };
    },
  });
  const { client, dataOf } = given;
  await client.ask({ a: "op", ...FIDO, v: 0, seq: 1, create });
  const add = (seq: number, source: string): Promise<Told> =>
    client.ask({ a: "op", ...FIDO, v: 1, seq, op: [{ p: ["n"], na: 1 }], x: { source } });
  deepStrictEqual((await add(2, "bad")).error, { code: "BAD", message: "bad words" });
  strictEqual(codeOf(await add(3, "soft")), "ERR_OP_SUBMIT_REJECTED");
  strictEqual((await add(4, "void")).v, 1);
  deepStrictEqual(await dataOf(), { n: 1 });
});

Deno.test("use.apply adds to an operation once, also after a lost race, and its author gets the addition alone", async () => {
  const backend = memory();
  const add = { p: ["touched"], na: 1 };
  let laps = 0;
  const meddling = testServer(backend);
  const rival = await RawClient.greeted(meddling);
  const use: DocumentHooks = {
    apply: async (context) => {
      if (context.change.kind !== "op") return;
      // Another process commits between this lap and its commit, the first time.
      if (laps++ === 0) {
        await rival.ask({ a: "op", ...FIDO, v: 1, seq: 1, op: [{ p: ["n"], na: 10 }] });
      }
      context.fixup([add]);
      context.fixup([add]);
    },
  };
  const server = testServer(backend, { rules: { use } });
  const [a, b] = [await RawClient.greeted(server), await RawClient.greeted(server)];
  await a.ask({
    a: "op",
    ...FIDO,
    v: 0,
    seq: 1,
    create: { type: json.uri, data: { n: 1, touched: 0 } },
  });
  await b.ask({ a: "s", ...FIDO });
  await rival.ask({ a: "f", ...FIDO });
  a.send({ a: "op", ...FIDO, v: 1, seq: 2, op: [{ p: ["n"], na: 1 }] });
  strictEqual((await a.next()).v, 1);
  const { v, fixup } = await a.next();
  strictEqual(laps, 2);
  const added = (fixup as Told[]).map(({ op }) => op);
  deepStrictEqual([v, added], [2, [[{ p: ["touched"], na: 2 }]]]);
  const { data } = await a.ask({ a: "f", ...FIDO });
  deepStrictEqual((data as Told).data, { n: 12, touched: 2 });
  const seen = [await b.next(), await b.next()].map(({ v, op }) => [v, op]);
  deepStrictEqual(seen, [
    [1, [{ p: ["n"], na: 10 }]],
    [2, [{ p: ["n"], na: 1 }, { p: ["touched"], na: 2 }]],
  ]);
  server.close();
  meddling.close();
});

Deno.test("use.commit refuses what an operation makes, and use.afterCommit changes nothing by its failure", async () => {
  const committed: number[] = [];
  using given = await greeted({
    commit: ({ after }) => {
      if (JSON.stringify(after.data) === '{"n":666}') throw new Error("not that");
    },
    afterCommit: ({ version }) => {
      committed.push(version);
      throw new Error("nobody hears this");
    },
  });
  const { client, dataOf } = given;
  await client.ask({ a: "op", ...FIDO, v: 0, seq: 1, create });
  const add = (seq: number, na: number): Promise<Told> =>
    client.ask({ a: "op", ...FIDO, v: 1, seq, op: [{ p: ["n"], na }] });
  deepStrictEqual((await add(2, 665)).error, { code: "ERR_FORBIDDEN", message: "not that" });
  strictEqual((await add(3, 1)).v, 1);
  deepStrictEqual(await dataOf(), { n: 2 });
  deepStrictEqual(committed, [0, 1]);
});

Deno.test("use.connect refuses a connection for good", async () => {
  const server = testServer(memory(), {
    rules: {
      use: {
        connect: ({ subject }) => {
          if (subject === "tom") throw new Error("not tom");
        },
      },
    },
  });
  const tom = new RawClient(server, "tom");
  deepStrictEqual((await tom.ask({ a: "hs", id: null })).error, {
    code: "ERR_FORBIDDEN",
    message: "not tom",
  });
  deepStrictEqual(await tom.end(), { isFinal: true, reason: "refused" });
  server.close();
});

Deno.test("createDocuments() refuses rules that are none", () => {
  for (
    const options of [
      { authorize: true },
      { use: { afterwards: () => {} } },
      { use: { submit: [() => {}, "no"] } },
      { collections: { cats: { authorize: 1 } } },
    ]
  ) {
    throws(
      () => createDocuments(memory(), options as never),
      (error) => HoldfastError.is(error, "ERR_INVALID_OPTION"),
    );
  }
});

Deno.test("onError hears of what rules throw without a code, and of nothing that refuses", async () => {
  const heard: unknown[] = [];
  const defect = new TypeError("x is undefined");
  const rules = {
    onError: (error: unknown) => heard.push(error),
    authorize: ({ id }: { readonly id: string | undefined }) => {
      if (id === "rex") throw defect;
      return id !== "spot";
    },
    use: {
      submit: () => {
        throw Object.assign(new Error("not now"), { code: "ERR_LUNCH" });
      },
    },
  };
  const server = testServer(memory(), { rules });
  const ann = await RawClient.greeted(server, { subject: "ann" });
  strictEqual(codeOf(await ann.ask({ a: "f", c: "dogs", d: "spot" })), "ERR_FORBIDDEN");
  strictEqual(codeOf(await ann.ask({ a: "op", ...FIDO, v: 0, seq: 1, create })), "ERR_LUNCH");
  deepStrictEqual(heard, []);
  strictEqual(codeOf(await ann.ask({ a: "f", c: "dogs", d: "rex" })), "ERR_FORBIDDEN");
  deepStrictEqual(heard, [defect]);
  server.close();
});

Deno.test("onError hears of all that afterCommit throws; every function of it is called", async () => {
  const heard: unknown[] = [];
  const thrown = [new HoldfastError("ERR_LIMIT", "The other store is full"), "plain"];
  const afterCommit = thrown.map((error) => () => {
    throw error;
  });
  const rules = { onError: (error: unknown) => heard.push(error), use: { afterCommit } };
  const server = testServer(memory(), { rules });
  const ann = await RawClient.greeted(server);
  strictEqual(codeOf(await ann.ask({ a: "op", ...FIDO, v: 0, seq: 1, create })), undefined);
  deepStrictEqual(heard, thrown);
  server.close();
});

Deno.test("onError hears of a store that does not serve a connection", async () => {
  const heard: unknown[] = [];
  const away = new HoldfastError("ERR_UNAVAILABLE", "Away");
  const backend = memory();
  const store = { ...backend.documents, read: () => Promise.reject(away) };
  await using documents = createDocuments({ ...backend, documents: store }, {
    onError: (error) => heard.push(error),
  });
  await using client = documents.connect();
  await rejects(client.get("dogs", "fido").fetch(), { code: "ERR_UNAVAILABLE" });
  deepStrictEqual(heard, [away]);
  const wrong = { onError: "loud" as never };
  throws(() => createDocuments(memory(), wrong), { code: "ERR_INVALID_OPTION" });
});
