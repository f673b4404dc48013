/**
 * Many connections to one server, ours and npm `sharedb`'s, over sockets that count what is written and do nothing with
 * it: both write text, as any real socket has them do.
 *
 * @module
 */
// npm sharedb has no types.
// deno-lint-ignore-file no-explicit-any

import { createRequire } from "node:module";
import { Duplex } from "node:stream";
import { memory } from "../../adapters/memory/mod.ts";
import { createDocuments } from "../../src/documents/mod.ts";

const require = createRequire(import.meta.url);
const ShareDb: any = require("sharedb");
ShareDb.logger?.setMethods({ info() {}, warn() {}, error() {} });

const TYPE = "http://sharejs.org/types/JSONv0";
const VOTE = [{ p: ["n"], na: 1 }];

/** A server with one document, and connections to it. */
export interface Crowd {
  /** Opens more connections, which shake hands. */
  connect(count: number): Promise<void>;
  /** Subscribes every connection to the document. */
  subscribe(): Promise<void>;
  /** Submits an operation; resolves when every connection was written it. */
  vote(): Promise<void>;
  /** Ends everything. */
  close(): Promise<void>;
}

/** Counts texts, and tells when there were as many as wanted. */
class Counter {
  #count = 0;
  #wanted = Infinity;
  #reached = (): void => {};

  /** One more text. */
  add(): void {
    if (++this.#count === this.#wanted) this.#reached();
  }

  /** Resolves after so many more. */
  wait(more: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = this.#count + more;
      this.#reached = resolve;
    });
  }
}

/** Our server. */
export async function ownCrowd(): Promise<Crowd> {
  const documents = createDocuments(memory());
  await documents.submit("things", "1", { create: { data: { n: 0 } } });
  const counter = new Counter();
  const says: ((message: unknown) => void)[] = [];
  return {
    connect: async (count) => {
      const greeted = counter.wait(2 * count);
      for (let at = 0; at < count; at++) says.push(ownSocket(documents, counter));
      await greeted;
    },
    subscribe: async () => {
      const subscribed = counter.wait(says.length);
      for (const say of says) say({ a: "s", c: "things", d: "1" });
      await subscribed;
    },
    vote: async () => {
      const told = counter.wait(says.length);
      await documents.submit("things", "1", { op: VOTE });
      await told;
    },
    close: async () => await documents[Symbol.asyncDispose](),
  };
}

function ownSocket(documents: ReturnType<typeof createDocuments>, counter: Counter) {
  let receive = (_event: { readonly data?: unknown }): void => {};
  documents.accept({
    readyState: 1,
    bufferedAmount: 0,
    send: () => counter.add(),
    close: () => {},
    addEventListener: (type, listener) => {
      if (type === "message") receive = listener;
    },
  });
  const say = (message: unknown): void => receive({ data: JSON.stringify(message) });
  say({ a: "hs", id: null, protocol: 1, protocolMinor: 2 });
  return say;
}

/** npm `sharedb`'s server. */
export async function otherCrowd(): Promise<Crowd> {
  const backend = new ShareDb();
  const { agent } = backend.connect();
  let sequence = 0;
  const submit = (op: object): Promise<void> =>
    new Promise((resolve, reject) => {
      const origin = { src: "bench", seq: ++sequence };
      backend.submit(agent, "things", "1", { ...op, ...origin }, {}, (error: unknown) => {
        if (error) reject(error);
        else resolve();
      });
    });
  await submit({ create: { type: TYPE, data: { n: 0 } } });
  const counter = new Counter();
  const streams: Duplex[] = [];
  return {
    connect: async (count) => {
      const greeted = counter.wait(2 * count);
      for (let at = 0; at < count; at++) streams.push(otherSocket(backend, counter));
      await greeted;
    },
    subscribe: async () => {
      const subscribed = counter.wait(streams.length);
      for (const stream of streams) stream.push({ a: "s", c: "things", d: "1" });
      await subscribed;
    },
    vote: async () => {
      const told = counter.wait(streams.length);
      await submit({ op: VOTE });
      await told;
    },
    close: () => new Promise((resolve) => backend.close(resolve)),
  };
}

function otherSocket(backend: any, counter: Counter): Duplex {
  const stream = new Duplex({
    objectMode: true,
    read: () => {},
    write: (chunk, _encoding, done) => {
      JSON.stringify(chunk);
      counter.add();
      done();
    },
  });
  backend.listen(stream);
  stream.push({ a: "hs", id: null, protocol: 1, protocolMinor: 2 });
  return stream;
}
