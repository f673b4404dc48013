/** @module */

import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import { createDocuments } from "../../../../src/documents/mod.ts";
import { HoldfastError } from "../../../../src/errors.ts";
import { json } from "../../../../src/ot/mod.ts";
import { manualClock } from "../../../contracts/manual_clock.ts";
import { eventually } from "../../../support/eventually.ts";
import { RawClient, testServer, type Told } from "../../../support/documents/server.ts";

const FIDO = { c: "dogs", d: "fido" };

/** A socket of a host whose buffer a test fills and empties. */
class HostSocket {
  readyState = 1;
  bufferedAmount = 0;
  readonly told: Told[] = [];
  closed: number | undefined;
  readonly #listeners = new Map<string, ((event: { readonly data?: unknown }) => void)[]>();

  send(text: string): void {
    this.told.push(JSON.parse(text));
  }

  close(code?: number): void {
    this.readyState = 3;
    this.closed = code;
  }

  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void {
    this.#listeners.set(type, [...this.#listeners.get(type) ?? [], listener]);
  }

  /** The host tells something. */
  emit(type: string, data?: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data });
  }

  /** The client says something. */
  say(message: Told): void {
    this.emit("message", JSON.stringify(message));
  }

  /** How many operations came. */
  get ops(): number {
    return this.told.filter(({ a, op }) => a === "op" && op !== undefined).length;
  }
}

async function slowReader(limits: { readonly backlogMsMax?: number } = {}) {
  const clock = manualClock();
  const server = testServer({ ...memory({ clock }), clock }, {
    limits: { backlogBytesMax: 100, ...limits },
  });
  const writer = await RawClient.greeted(server);
  await writer.ask({ a: "op", ...FIDO, v: 0, seq: 1, create: { type: json.uri, data: { n: 1 } } });
  const socket = new HostSocket();
  server.accept(socket);
  socket.say({ a: "hs", id: null });
  socket.say({ a: "s", ...FIDO });
  await eventually("it is subscribed", () => socket.told.some(({ a }) => a === "s"));
  let seq = 1;
  const vote = (): Promise<Told> =>
    writer.ask({ a: "op", ...FIDO, v: seq, seq: ++seq, op: [{ p: ["n"], na: 1 }] });
  return { clock, server, socket, vote, [Symbol.dispose]: () => server.close() };
}

Deno.test("a reader who is slow is left out of what others do, and reads it once it has caught up", async () => {
  using given = await slowReader();
  const { clock, socket, vote } = given;
  socket.bufferedAmount = 101;
  await vote();
  await eventually("it is told the one that filled its buffer", () => socket.ops === 1);
  await vote();
  await vote();
  await clock.advance(200);
  strictEqual(socket.ops, 1);
  socket.bufferedAmount = 0;
  await clock.advance(100);
  await eventually("it has everything", () => socket.ops === 3);
  await vote();
  await eventually("it hears again", () => socket.ops === 4);
  strictEqual(socket.closed, undefined);
});

Deno.test("a reader who stays slow is hung up on, and the others are not", async () => {
  using given = await slowReader({ backlogMsMax: 1_000 });
  const { clock, server, socket, vote } = given;
  socket.bufferedAmount = 101;
  await vote();
  await eventually("it is told", () => socket.ops === 1);
  await clock.advance(1_200);
  strictEqual(socket.closed, 4503);
  strictEqual(server.connections, 1);
  strictEqual((await vote()).error, undefined);
});

Deno.test("a connection is over when its socket says so, and nothing of it is left", async () => {
  using given = await slowReader();
  const { clock, server, socket, vote } = given;
  socket.emit("close");
  strictEqual(server.connections, 1);
  await vote();
  deepStrictEqual([socket.ops, clock.pending], [0, clock.pending]);
  server.close();
  strictEqual(server.connections, 0);
});

Deno.test("a socket that is still being opened begins when it is open", async () => {
  const server = testServer(memory());
  const socket = new HostSocket();
  socket.readyState = 0;
  server.accept(socket);
  strictEqual(socket.told.length, 0);
  socket.readyState = 1;
  socket.emit("open");
  strictEqual(socket.told[0]?.a, "init");
  socket.say({ a: "hs", id: null });
  await eventually("it is greeted", () => socket.told.length === 2);
  server.close();
});

Deno.test("bytes are refused like any other text that is no message", async () => {
  const server = testServer(memory());
  const socket = new HostSocket();
  server.accept(socket);
  socket.emit("message", new Uint8Array(3));
  await eventually("it is answered", () => socket.told.length === 2);
  strictEqual((socket.told[1]?.error as Told).code, "ERR_MESSAGE_BADLY_FORMED");
  server.close();
});

Deno.test("upgrade answers what asks for no socket, and takes none once it is closed", async () => {
  await using documents = createDocuments(memory());
  const refuse = (): never => {
    throw new Error("The host is not to be asked");
  };
  const plain = documents.upgrade(new Request("http://localhost/"), refuse);
  strictEqual(plain.status, 426);
  documents.close();
  const headers = { upgrade: "WebSocket" };
  const late = documents.upgrade(new Request("http://localhost/", { headers }), refuse);
  strictEqual(late.status, 503);
});

Deno.test("createDocuments() refuses limits that are none", () => {
  for (const limits of [{ bulkMax: 0 }, { heartbeatMs: 1.5 }, { other: 1 }, "many"]) {
    throws(
      () => createDocuments(memory(), { limits: limits as never }),
      (error) => HoldfastError.is(error, "ERR_INVALID_OPTION"),
    );
  }
});

Deno.test("connections that may share nothing follow for themselves", async () => {
  const backend = memory({ isolation: "request" });
  const server = testServer(backend);
  const [a, b, c] = [
    await RawClient.greeted(server),
    await RawClient.greeted(server),
    await RawClient.greeted(server),
  ];
  await a.ask({ a: "op", ...FIDO, v: 0, seq: 1, create: { type: json.uri, data: { n: 1 } } });
  for (const client of [b, c]) await client.ask({ a: "s", ...FIDO });
  await a.ask({ a: "op", ...FIDO, v: 1, seq: 2, op: [{ p: ["n"], na: 1 }] });
  deepStrictEqual([(await b.next()).v, (await c.next()).v], [1, 1]);
  b.close();
  await a.ask({ a: "op", ...FIDO, v: 2, seq: 3, op: [{ p: ["n"], na: 1 }] });
  strictEqual((await c.next()).v, 2);
  server.close();
});
