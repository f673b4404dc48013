/** @module */

import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import { publicSource } from "../../../../src/documents/protocol/messages.ts";
import { json } from "../../../../src/ot/mod.ts";
import { RawClient, testServer, type Told } from "../../../support/documents/server.ts";

const FIDO = { c: "dogs", d: "fido" };

/** A server with dogs/fido at version 1, and two clients. */
async function kennel() {
  const server = testServer(memory());
  const a = await RawClient.greeted(server);
  const b = await RawClient.greeted(server);
  await a.ask({ a: "op", ...FIDO, v: 0, seq: 1, create: { type: json.uri, data: { n: 1 } } });
  const add = (client: RawClient, v: number, seq: number, na = 1): Promise<Told> =>
    client.ask({ a: "op", ...FIDO, v, seq, op: [{ p: ["n"], na }] });
  return { server, a, b, add, [Symbol.dispose]: () => server.close() };
}

/** A message without what only our own clients look at. */
function plain({ e: _e, g: _g, ...message }: Told): Told {
  return message;
}

Deno.test("DocumentServer says init at once, and gives an id by a handshake", async () => {
  using server = closing(testServer(memory()));
  const client = new RawClient(server);
  const init = await client.next();
  deepStrictEqual([init.a, init.protocol, init.protocolMinor, init.type], ["init", 1, 2, json.uri]);
  client.send({ a: "hs", id: null, protocol: 1, protocolMinor: 2 });
  client.send({ a: "hs", id: null, protocol: 1, protocolMinor: 2 });
  const first = await client.next();
  const second = await client.next();
  strictEqual(first.a, "hs");
  strictEqual(first.holdfast, undefined);
  deepStrictEqual(first, second);
  strictEqual(publicSource(String(first.id)), init.id);
});

Deno.test("DocumentServer refuses another protocol, and takes the right one after it", async () => {
  using server = closing(testServer(memory()));
  const client = new RawClient(server);
  const refused = await client.ask({ a: "hs", id: null, protocol: 2 });
  strictEqual(codeOf(refused), "ERR_PROTOCOL_VERSION_NOT_SUPPORTED");
  const greeted = await client.ask({ a: "hs", id: null, protocol: 1 });
  strictEqual(typeof greeted.id, "string");
});

Deno.test("DocumentServer serves a client that does not shake hands", async () => {
  using server = closing(testServer(memory()));
  const client = new RawClient(server);
  const { id } = await client.next();
  const create = { type: json.uri, data: {} };
  const ack = await client.ask({ a: "op", ...FIDO, v: 0, src: String(id), seq: 1, create });
  deepStrictEqual([ack.v, ack.src, ack.error], [0, id, undefined]);
});

Deno.test("DocumentServer answers fetches with a snapshot, or with what follows a version", async () => {
  using kept = await kennel();
  const { b } = kept;
  deepStrictEqual(await b.ask({ a: "f", c: "dogs", d: "none" }), {
    a: "f",
    c: "dogs",
    d: "none",
    data: { v: 0, type: null },
  });
  const { data } = await b.ask({ a: "f", ...FIDO });
  deepStrictEqual(plain(data as Told), { v: 1, data: { n: 1 } });
  b.send({ a: "f", ...FIDO, v: 0 });
  const op = await b.next();
  deepStrictEqual([op.a, op.v, op.seq, op.create], ["op", 0, 1, {
    type: json.uri,
    data: { n: 1 },
  }]);
  deepStrictEqual(await b.next(), { a: "f", ...FIDO });
});

Deno.test("DocumentServer answers many documents at once, each once", async () => {
  using kept = await kennel();
  const { b } = kept;
  const { data } = await b.ask({ a: "bs", c: "dogs", b: ["fido", "spot", "fido"] });
  deepStrictEqual(Object.keys(Object(data)), ["fido", "spot"]);
  b.send({ a: "bf", c: "dogs", b: { fido: 0, spot: 0 } });
  strictEqual((await b.next()).v, 0);
  deepStrictEqual(await b.next(), { a: "bf", c: "dogs", b: { fido: 0, spot: 0 } });
  deepStrictEqual(await b.ask({ a: "bu", c: "dogs", b: ["fido"] }), {
    a: "bu",
    c: "dogs",
    b: ["fido"],
  });
});

Deno.test("DocumentServer sends an operation to who subscribes, and to its author only the acknowledgement", async () => {
  using kept = await kennel();
  const { a, b, add } = kept;
  await a.ask({ a: "s", ...FIDO });
  await b.ask({ a: "s", ...FIDO });
  const ack = await add(a, 1, 2);
  deepStrictEqual([ack.v, ack.seq, ack.src, ack.op], [1, 2, a.id, undefined]);
  const op = await b.next();
  deepStrictEqual([op.a, op.v, op.seq, op.op], ["op", 1, 2, [{ p: ["n"], na: 1 }]]);
  await add(b, 2, 1);
  strictEqual((await a.next()).v, 2);
  deepStrictEqual([a.told, b.told], [[], []]);
});

Deno.test("DocumentServer shows others a source that proves nothing", async () => {
  using kept = await kennel();
  const { a, b, add } = kept;
  await b.ask({ a: "s", ...FIDO });
  await add(a, 1, 2);
  const { src } = await b.next();
  strictEqual(src, publicSource(a.id));
  notStrictEqual(src, a.id);
  // Used as a source of one's own, it is refused.
  const spoofed = await b.ask({ a: "op", ...FIDO, v: 2, src: String(src), seq: 3, op: [] });
  strictEqual(codeOf(spoofed), "ERR_SOURCE_REFUSED");
});

Deno.test("DocumentServer sends what an author missed before the acknowledgement, once", async () => {
  using kept = await kennel();
  const { a, b, add } = kept;
  await add(a, 1, 2);
  await add(a, 2, 3);
  b.send({ a: "op", ...FIDO, v: 1, seq: 1, op: [{ p: ["n"], na: 5 }] });
  const seen = [await b.next(), await b.next(), await b.next()];
  deepStrictEqual(seen.map(({ v, seq, op }) => [v, seq, op !== undefined]), [
    [1, 2, true],
    [2, 3, true],
    [3, 1, false],
  ]);
});

Deno.test("DocumentServer acknowledges a second arrival like the first", async () => {
  using kept = await kennel();
  const { a, add } = kept;
  const first = await add(a, 1, 2);
  const again = await add(a, 1, 2);
  deepStrictEqual([again.v, again.src, again.seq], [first.v, first.src, first.seq]);
  // Also where its version is not said.
  const { v } = await a.ask({ a: "op", ...FIDO, seq: 2, op: [{ p: ["n"], na: 1 }] });
  strictEqual(v, 1);
  const { data } = await a.ask({ a: "f", ...FIDO });
  deepStrictEqual((data as Told).data, { n: 2 });
});

Deno.test("DocumentServer answers history, pings, and what is not to be had", async () => {
  using kept = await kennel();
  const { a, add } = kept;
  await add(a, 1, 2);
  deepStrictEqual(await a.ask({ a: "nf", id: 7, ...FIDO, v: 1 }), {
    a: "nf",
    id: 7,
    v: 1,
    type: json.uri,
    data: { n: 1 },
    m: null,
  });
  strictEqual((await a.ask({ a: "nt", id: 8, ...FIDO, ts: null })).v, 2);
  deepStrictEqual(await a.ask({ a: "pp", n: 3 }), { a: "pp", n: 3 });
  const query = await a.ask({ a: "qf", id: 1, c: "dogs", q: { $where: "1" } });
  deepStrictEqual([query.id, codeOf(query)], [1, "ERR_QUERY_OPERATOR"]);
});

Deno.test("DocumentServer ends a subscription with its wish, in order", async () => {
  using kept = await kennel();
  const { a, b, add } = kept;
  b.send({ a: "s", ...FIDO, n: 1 });
  b.send({ a: "u", ...FIDO, n: 2 });
  b.send({ a: "s", ...FIDO, n: 3 });
  const replies = [await b.next(), await b.next(), await b.next()];
  deepStrictEqual(replies.map(({ a, n }) => [a, n]), [["s", 1], ["u", 2], ["s", 3]]);
  await add(a, 1, 2);
  strictEqual((await b.next()).v, 1);
  await b.ask({ a: "u", ...FIDO });
  await add(a, 2, 3);
  await b.ask({ a: "pp" });
  deepStrictEqual(b.told, []);
});

Deno.test("DocumentServer keeps collections and ids apart whose names join to the same", async () => {
  using kept = await kennel();
  const { a, b } = kept;
  await b.ask({ a: "s", c: "a", d: "b.c" });
  const create = { type: json.uri, data: 1 };
  await a.ask({ a: "op", c: "a.b", d: "c", v: 0, seq: 5, create });
  await a.ask({ a: "op", c: "a", d: "b.c", v: 0, seq: 6, create });
  const op = await b.next();
  deepStrictEqual([op.c, op.d, op.seq], ["a", "b.c", 6]);
  deepStrictEqual(b.told, []);
});

Deno.test("DocumentServer closes: its clients may come back elsewhere", async () => {
  using kept = await kennel();
  const { server, a } = kept;
  server.close();
  deepStrictEqual(await a.end(), { isFinal: false, reason: "closing" });
  strictEqual(server.connections, 0);
});

function codeOf({ error }: Told): unknown {
  ok(error !== undefined, "It is no refusal");
  return (error as { readonly code?: unknown }).code;
}

function closing<T extends { close(): void }>(server: T): T & Disposable {
  return Object.assign(server, { [Symbol.dispose]: () => server.close() });
}
