/** @module */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import { publicSource } from "../../../../src/documents/protocol/messages.ts";
import { json } from "../../../../src/ot/mod.ts";
import { RawClient, testServer, type Told } from "../../../support/documents/server.ts";

const FIDO = { c: "dogs", d: "fido" };
const ROOM = "dogs.fido";

function codeOf({ error }: Told): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

const isPresence = ({ a }: Told): boolean => a === "p";

Deno.test("presence that is not to be had is refused, not left unanswered", async () => {
  const { presence: _none, ...backend } = memory();
  const server = testServer(backend);
  const client = await RawClient.greeted(server);
  for (
    const message of [
      { a: "ps", ch: "x", seq: 1 },
      { a: "pu", ch: "x", seq: 2 },
      { a: "p", ch: "x", id: "1", p: {}, pv: 0 },
      { a: "pr", ch: "x" },
    ]
  ) {
    strictEqual(codeOf(await client.ask(message)), "ERR_PRESENCE_DISABLED");
  }
  server.close();
});

Deno.test("presence is told to who is there and to who comes, and to its author as the reply", async () => {
  const server = testServer(memory());
  const [a, b] = [await RawClient.greeted(server), await RawClient.greeted(server)];
  const reply = await a.ask({ a: "p", ch: "x", id: "mouse", p: { at: 1 }, pv: 0 });
  deepStrictEqual([reply.src, reply.p, reply.pv], [a.id, { at: 1 }, 0]);
  b.send({ a: "ps", ch: "x", seq: 1 });
  deepStrictEqual((await b.next()).p, { at: 1 });
  deepStrictEqual(await b.next(), { a: "ps", ch: "x", seq: 1 });
  await a.ask({ a: "p", ch: "x", id: "mouse", p: { at: 2 }, pv: 1 });
  const told = await b.next(isPresence);
  deepStrictEqual([told.src, told.id, told.p, told.pv], [
    publicSource(a.id),
    "mouse",
    { at: 2 },
    1,
  ]);
  server.close();
});

Deno.test("presence of a connection that drops is told as gone, later than all that it said", async () => {
  const backend = memory();
  // Two processes on one backend.
  const [here, there] = [testServer(backend), testServer(backend)];
  const a = await RawClient.greeted(here);
  const b = await RawClient.greeted(there);
  await b.ask({ a: "ps", ch: "x", seq: 1 });
  await a.ask({ a: "p", ch: "x", id: "mouse", p: 7, pv: 5 });
  strictEqual((await b.next(isPresence)).p, 7);
  a.close();
  const gone = await b.next(isPresence);
  deepStrictEqual([gone.id, gone.p, gone.src], ["mouse", null, publicSource(a.id)]);
  ok(Number(gone.pv) > 5);
  here.close();
  there.close();
});

Deno.test("presence that is older than the last is old news", async () => {
  const server = testServer(memory());
  const [a, b] = [await RawClient.greeted(server), await RawClient.greeted(server)];
  await b.ask({ a: "ps", ch: "x", seq: 1 });
  await a.ask({ a: "p", ch: "x", id: "m", p: 3, pv: 3 });
  await a.ask({ a: "p", ch: "x", id: "m", p: 2, pv: 2 });
  await a.ask({ a: "p", ch: "x", id: "m", p: 4, pv: 4 });
  const seen: unknown[] = [];
  while (seen.at(-1) !== 4) seen.push((await b.next(isPresence)).p);
  ok(!seen.includes(2));
  server.close();
});

Deno.test("presence on a document moves to its head before it is told", async () => {
  const server = testServer(memory());
  const [a, b] = [await RawClient.greeted(server), await RawClient.greeted(server)];
  const create = { type: json.uri, data: { l: ["x", "y"] } };
  await a.ask({ a: "op", ...FIDO, v: 0, seq: 1, create });
  await b.ask({ a: "op", ...FIDO, v: 1, seq: 1, op: [{ p: ["l", 0], li: "first" }] });
  await b.ask({ a: "ps", ch: ROOM, seq: 1 });
  const at = { p: ["l", 1] };
  const place = { ch: ROOM, id: "caret", ...FIDO, v: 1, t: json.uri };
  const reply = await a.ask({ a: "p", ...place, p: at, pv: 0 });
  deepStrictEqual([reply.v, reply.p], [2, { p: ["l", 2] }]);
  const told = await b.next(isPresence);
  deepStrictEqual([told.v, told.p, told.c, told.d], [2, { p: ["l", 2] }, "dogs", "fido"]);
  server.close();
});

Deno.test("presence on documents whose channels have one name is told to those of the document alone", async () => {
  const server = testServer(memory());
  const [a, b] = [await RawClient.greeted(server), await RawClient.greeted(server)];
  const ch = "a.b.c";
  await b.ask({ a: "p", ch, c: "a", d: "b.c", id: "b", p: 0, pv: 0 });
  await b.ask({ a: "ps", ch, seq: 1 });
  await a.ask({ a: "p", ch, c: "a.b", d: "c", id: "other", p: 1, pv: 0 });
  await a.ask({ a: "p", ch, c: "a", d: "b.c", id: "same", p: 2, pv: 0 });
  strictEqual((await b.next(isPresence)).id, "same");
  strictEqual(
    codeOf(await a.ask({ a: "p", ch: "else", c: "a", d: "b", id: "x", p: 1, pv: 0 })),
    "ERR_MESSAGE_BADLY_FORMED",
  );
  server.close();
});

Deno.test("presence on a document is told to nobody who may not be there", async () => {
  const server = testServer(memory(), {
    rules: {
      authorize: ({ action, collection, session }) =>
        action !== "presence" || collection !== "secrets" || session.subject === "ann",
    },
  });
  const ann = await RawClient.greeted(server, { subject: "ann" });
  const tom = await RawClient.greeted(server, { subject: "tom" });
  await tom.ask({ a: "ps", ch: "secrets.1", seq: 1 });
  await ann.ask({ a: "p", ch: "secrets.1", c: "secrets", d: "1", id: "ann", p: 1, pv: 0 });
  const own = { a: "p", ch: "secrets.1", c: "secrets", d: "1", id: "tom", p: 1, pv: 0 };
  strictEqual(codeOf(await tom.ask(own)), "ERR_FORBIDDEN");
  deepStrictEqual(tom.told.filter(isPresence), []);
  server.close();
});
