/**
 * Unmodified ShareDB clients at two servers of documents, on one Redis.
 *
 * @module
 */
// The real client has no types.
// deno-lint-ignore-file no-explicit-any

import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createRequire } from "node:module";
import process from "node:process";
import { redis } from "../../../adapters/redis/mod.ts";
import { systemClock } from "../../../src/clock.ts";
import type { DocumentServer } from "../../../src/documents/protocol/server.ts";
import { RawClient, testServer } from "../../support/documents/server.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const { Connection } = createRequire(import.meta.url)("sharedb/lib/client");
const SECRET = "the secret of all processes";

/**
 * Two servers, as of two processes, on one Redis behind a strict gateway. An id that is younger than the data by more
 * than clocks may err is known to be so at both; `aheadMs` makes their ids younger.
 */
async function twoServers({ aheadMs = 0 } = {}) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startRedis());
  const { url, token } = stack.use(await startGateway(server, { isStrict: true }));
  const [here, there] = [0, 1].map(() => {
    const clock = { ...systemClock(), now: () => Date.now() + aheadMs };
    const shared = { secret: SECRET, isShared: true, clock };
    const one = testServer(redis({ url, token }), { server: shared });
    stack.defer(() => one.close());
    return one;
  });
  ok(here !== undefined && there !== undefined);
  return { here, there, server, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A socket of the real client's to a server within the process. */
function socketTo(server: DocumentServer): any {
  const link = server.link("ann")({
    opened: () => socket.onopen(),
    received: (text) => process.nextTick(() => socket.onmessage({ data: text })),
    closed: () => socket.over(),
  });
  const socket = {
    readyState: 1,
    onopen: (): void => {},
    onmessage: (_event: { readonly data: string }): void => {},
    onclose: (): void => {},
    send: (text: string): void => link.send(text),
    close: (): void => {
      link.close();
      socket.over();
    },
    over: (): void => {
      if (socket.readyState === 3) return;
      socket.readyState = 3;
      socket.onclose();
    },
  };
  return socket;
}

function done(call: (callback: (error: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => call((error) => error ? reject(error) : resolve()));
}

redisTest(
  "npm sharedb's clients at two servers on Redis converge, and move from one to the other",
  async () => {
    await using servers = await twoServers({ aheadMs: 60_000 });
    const { here, there } = servers;
    const connections = [here, there].map((server) => new Connection(socketTo(server)));
    const docs = connections.map((connection) => connection.get("posts", "1"));
    const [a, b] = docs;
    await done((callback) => a.create([], callback));
    await Promise.all(docs.map((doc) => done((callback) => doc.subscribe(callback))));
    const edit = (doc: any, who: string): Promise<void> =>
      done((callback) => doc.submitOp([{ p: [0], li: who }], callback));
    await Promise.all([edit(a, "a1"), edit(b, "b1")]);
    // Its id is known at the other server, and what it sent is not taken for new.
    const { id } = connections[0];
    const late = edit(a, "a2");
    await new Promise((resolve) => setTimeout(resolve, 1));
    connections[0].close();
    await edit(b, "b2");
    connections[0].bindToSocket(socketTo(there));
    await late;
    strictEqual(connections[0].id, id);
    // The first server may still be at what it was sent before; what it is asked now comes after it.
    const last = new Connection(socketTo(here)).get("posts", "1");
    await done((callback) => last.fetch(callback));
    await edit(last, "c1");
    await eventually("both have everything", () => a.version === 6 && b.version === 6);
    deepStrictEqual(a.data, b.data);
    deepStrictEqual(a.data.toSorted(), ["a1", "a2", "b1", "b2", "c1"]);
  },
);

redisTest(
  "npm sharedb's client begins anew after Redis was flushed, at whichever server",
  async () => {
    await using servers = await twoServers();
    const { here, there, server } = servers;
    const connection = new Connection(socketTo(here));
    const doc = connection.get("posts", "1");
    doc.on("error", () => {});
    await done((callback) => doc.create(["old"], callback));
    await done((callback) => doc.subscribe(callback));
    connection.close();
    await server.command("FLUSHALL");
    const other = new Connection(socketTo(there)).get("posts", "1");
    await done((callback) => other.create(["new"], callback));
    for (const li of ["x", "y"]) {
      await done((callback) => other.submitOp([{ p: [0], li }], callback));
    }
    let refused: unknown;
    doc.submitOp([{ p: [0], li: "late" }], (error: unknown) => refused = error);
    connection.bindToSocket(socketTo(there));
    await eventually("it has begun anew", () => doc.version === other.version);
    notStrictEqual(refused, undefined);
    deepStrictEqual(doc.data, ["y", "x", "new"]);
    deepStrictEqual(other.data, doc.data);
  },
);

redisTest(
  "presence at one server on Redis is told at the other, also when its connection drops",
  async () => {
    await using servers = await twoServers();
    const a = await RawClient.greeted(servers.here);
    const b = await RawClient.greeted(servers.there);
    await b.ask({ a: "ps", ch: "room", seq: 1 });
    await a.ask({ a: "p", ch: "room", id: "caret", p: { at: 1 }, pv: 3 });
    deepStrictEqual((await b.next(({ a }) => a === "p")).p, { at: 1 });
    a.close();
    const gone = await b.next(({ a }) => a === "p");
    strictEqual(gone.p, null);
    ok(Number(gone.pv) > 3);
  },
);
