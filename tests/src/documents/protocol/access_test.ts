/** @module */

import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import { HoldfastError } from "../../../../src/errors.ts";
import { json } from "../../../../src/ot/mod.ts";
import { RawClient, testServer, type Told } from "../../../support/documents/server.ts";
import { manualClock } from "../../../contracts/manual_clock.ts";

const FIDO = { c: "dogs", d: "fido" };
const SECRET = "a secret of a test";
const create = { type: json.uri, data: { n: 1 } };

function codeOf({ error }: Told): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

Deno.test("DocumentServer refuses an operation in the name of another subject, and the victim's own commits", async () => {
  const server = testServer(memory());
  const victim = await RawClient.greeted(server, { subject: "ann" });
  const thief = await RawClient.greeted(server, { subject: "tom", id: victim.id });
  ok(thief.id !== victim.id);
  await victim.ask({ a: "op", ...FIDO, v: 0, seq: 1, create });
  const stolen = { a: "op", ...FIDO, v: 1, src: victim.id, seq: 2, op: [{ p: ["n"], na: 9 }] };
  strictEqual(codeOf(await thief.ask(stolen)), "ERR_SOURCE_REFUSED");
  const own = await victim.ask({ a: "op", ...FIDO, v: 1, seq: 2, op: [{ p: ["n"], na: 1 }] });
  deepStrictEqual([own.v, own.error], [1, undefined]);
  const { data } = await victim.ask({ a: "f", ...FIDO });
  deepStrictEqual((data as Told).data, { n: 2 });
  server.close();
});

Deno.test("DocumentServer knows an id again in another process and after a restart, by the secret alone", async () => {
  const backend = memory();
  const before = testServer(backend, { server: { secret: SECRET } });
  const ann = await RawClient.greeted(before, { subject: "ann" });
  await ann.ask({ a: "op", ...FIDO, v: 0, seq: 1, create });
  before.close();
  const after = testServer(backend, { server: { secret: SECRET } });
  const again = await RawClient.greeted(after, { subject: "ann", id: ann.id });
  strictEqual(again.id, ann.id);
  // The same operation, sent again: it is known.
  const ack = await again.ask({ a: "op", ...FIDO, v: 0, src: ann.id, seq: 1, create });
  deepStrictEqual([ack.v, ack.src, ack.error], [0, ann.id, undefined]);
  const tom = await RawClient.greeted(after, { subject: "tom", id: ann.id });
  ok(tom.id !== ann.id);
  const other = testServer(backend, { server: { secret: "another secret, of others" } });
  const stranger = await RawClient.greeted(other, { subject: "ann", id: ann.id });
  ok(stranger.id !== ann.id);
  after.close();
  other.close();
});

Deno.test("DocumentServer takes earlier ids of the same subject, as a client's storage brings them", async () => {
  const server = testServer(memory());
  const old = await RawClient.greeted(server, { subject: "ann" });
  old.close();
  const now = await RawClient.greeted(server, { subject: "ann" });
  const ack = await now.ask({ a: "op", ...FIDO, v: 0, src: old.id, seq: 1, create });
  deepStrictEqual([ack.v, ack.src], [0, old.id]);
  // Its own operation comes back under the id that it was sent with.
  now.send({ a: "f", ...FIDO, v: 0 });
  strictEqual((await now.next()).src, old.id);
  server.close();
});

Deno.test("DocumentServer wants a secret where processes share the documents", () => {
  const server = testServer(memory(), { server: { isShared: true } });
  const request = new Request("http://localhost/", { headers: { upgrade: "websocket" } });
  throws(
    () => server.upgrade(request, () => ({} as never)),
    (error) => HoldfastError.is(error, "ERR_INVALID_OPTION"),
  );
});

Deno.test("DocumentServer asks who it is, by the token of the handshake, and ends what nobody knows", async () => {
  const server = testServer(memory(), {
    server: {
      authenticate: ({ token }) => Promise.resolve(token === "right" ? "ann" : undefined),
    },
  });
  const sockets = [fakeSocket(), fakeSocket()];
  for (const { socket } of sockets) server.accept(socket);
  const [right, wrong] = sockets;
  right?.say({ a: "hs", id: null, token: "right" });
  wrong?.say({ a: "hs", id: null, token: "wrong" });
  const greeted = await right?.until(({ a }) => a === "hs");
  strictEqual(typeof greeted?.id, "string");
  const refused = await wrong?.until(({ a }) => a === "hs");
  strictEqual(codeOf(refused ?? {}), "ERR_UNAUTHORIZED");
  strictEqual(await wrong?.ended, 4401);
  server.close();
  strictEqual(await right?.ended, 4503);
});

Deno.test("DocumentServer tells its owner of an authenticate that fails, and the client nothing of it", async () => {
  const heard: unknown[] = [];
  const failure = new Error("no key");
  const authenticate = () => Promise.reject(failure);
  const onError = (error: unknown) => heard.push(error);
  const server = testServer(memory(), { server: { authenticate, onError } });
  const { socket, say, until, ended } = fakeSocket();
  server.accept(socket);
  say({ a: "hs", id: null });
  strictEqual(codeOf(await until(({ a }) => a === "hs") ?? {}), "ERR_INVARIANT");
  strictEqual(await ended, 4500);
  deepStrictEqual(heard, [failure]);
  server.close();
});

Deno.test("DocumentServer hangs up on who never says who it is", async () => {
  const clock = manualClock();
  const server = testServer({ ...memory({ clock }), clock });
  const { socket, ended } = fakeSocket();
  server.accept(socket);
  await clock.advance(10_000);
  strictEqual(await ended, 4408);
});

/** A socket of no host, as `accept` takes it. */
function fakeSocket() {
  const listeners = new Map<string, (event: { readonly data?: unknown }) => void>();
  const told: Told[] = [];
  let wake = (): void => {};
  let end = (_code: number): void => {};
  const ended = new Promise<number>((resolve) => end = resolve);
  return {
    ended,
    socket: {
      readyState: 1,
      send: (text: string): void => {
        told.push(JSON.parse(text));
        wake();
      },
      close: (code = 1000): void => end(code),
      addEventListener: (
        type: string,
        listener: (event: { readonly data?: unknown }) => void,
      ): void => {
        listeners.set(type, listener);
      },
    },
    say: (message: Told): void => listeners.get("message")?.({ data: JSON.stringify(message) }),
    until: async (isIt: (message: Told) => boolean): Promise<Told> => {
      for (;;) {
        const found = told.find(isIt);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
  };
}
