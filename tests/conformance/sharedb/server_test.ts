/**
 * Our client against npm sharedb's own server: the protocol is theirs, in both directions.
 *
 * @module
 */

import { Duplex } from "node:stream";
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import Backend from "sharedb";
import { connectLink, type OpenLink } from "../../../src/documents/client/mod.ts";
import { text } from "../../../src/ot/mod.ts";
import { eventually } from "../../support/eventually.ts";

/** Ways to one of their servers. */
function linkTo(
  backend: { listen(stream: Duplex): unknown },
  streams = new Set<Duplex>(),
): OpenLink {
  return (listener) => {
    const stream = new Duplex({
      objectMode: true,
      read: () => {},
      write: (message, _encoding, done) => {
        listener.received(JSON.stringify(message));
        done();
      },
    });
    streams.add(stream);
    stream.once("close", () => {
      if (streams.delete(stream)) listener.closed({ isFinal: false });
    });
    queueMicrotask(() => {
      backend.listen(stream);
      listener.opened();
    });
    return {
      send: (message) => void stream.push(JSON.parse(message)),
      close: () => {
        streams.delete(stream);
        stream.destroy();
      },
    };
  };
}

function served() {
  const backend = new Backend();
  const streams = new Set<Duplex>();
  const connect = () => connectLink(linkTo(backend, streams), { types: [text], retry: 5 });
  const cut = () => {
    for (const stream of streams) stream.destroy();
  };
  return { backend, connect, cut };
}

Deno.test("our client creates, edits, follows and deletes on npm sharedb's server", async () => {
  const { backend, connect } = served();
  const [a, b] = [connect(), connect()];
  const [mine, theirs] = [a.get("posts", "1"), b.get("posts", "1")];
  await mine.create({ l: [] });
  await theirs.subscribe();
  await mine.subscribe();
  const edits = Array.from({ length: 20 }, (_, at) => [
    mine.submit([{ p: ["l", 0], li: `a${at}` }], { compose: false }),
    theirs.submit([{ p: ["l", 0], li: `b${at}` }], { compose: false }),
  ]).flat();
  await Promise.all(edits);
  await eventually("both have all", () => mine.version === 41 && theirs.version === 41);
  deepStrictEqual(mine.data, theirs.data);
  strictEqual((mine.data as { l: string[] }).l.length, 40);
  const past = await a.history("posts", "1", { version: 1 });
  deepStrictEqual(past.data, { l: [] });
  await mine.del();
  await eventually("it is gone for the other", () => theirs.data === undefined);
  await rejects(theirs.submit([]), { code: "ERR_DOC_DOES_NOT_EXIST" });
  a.close();
  b.close();
  backend.close();
});

Deno.test("our client subscribes to many at once, and comes back, on npm sharedb's server", async () => {
  const { backend, connect, cut } = served();
  const connection = connect();
  const docs = Array.from({ length: 5 }, (_, at) => connection.get("posts", `${at}`));
  await Promise.all(docs.map((doc) => doc.subscribe()));
  await Promise.all(docs.map((doc) => doc.create({ n: 0 })));
  cut();
  await Promise.all(docs.map((doc) => doc.submit([{ p: ["n"], na: 1 }])));
  await eventually("all are followed again", () => docs.every(({ isSubscribed }) => isSubscribed));
  for (const doc of docs) deepStrictEqual([doc.data, doc.version], [{ n: 1 }, 2]);
  connection.close();
  backend.close();
});

Deno.test("our client edits plain text on npm sharedb's server, if that knows the type", async () => {
  const { backend, connect } = served();
  Backend.types.register(text);
  const connection = connect();
  const note = connection.get("notes", "1");
  await note.create("Hello", { type: "text" });
  await note.submit([5, " world"]);
  strictEqual(note.data, "Hello world");
  connection.close();
  backend.close();
});

Deno.test("what npm sharedb's server refuses is taken out alone", async () => {
  const { backend, connect } = served();
  backend.use("submit", ({ op }: { op: { op?: unknown } }, next: (error?: Error) => void) => {
    // Not the whole message: its source is random, and may have these digits as well.
    next(String(JSON.stringify(op.op)).includes("666") ? new Error("No") : undefined);
  });
  const connection = connect();
  const doc = connection.get("posts", "1");
  await doc.create({ n: 1 });
  const bad = doc.submit([{ p: ["n"], na: 666 }], { compose: false });
  const good = doc.submit([{ p: ["n"], na: 1 }], { compose: false });
  await rejects(bad, { message: "No" });
  await good;
  deepStrictEqual(doc.data, { n: 2 });
  connection.close();
  backend.close();
});
