/**
 * ShareDB's own suites of a database and of a pubsub (npm `sharedb`, `test/db` and `test/pubsub`) on our store and our
 * wake-ups: in memory, or on Redis with the address and token of a REST front as arguments. Prints a report as JSON.
 *
 * @module
 */

import { request as httpRequest } from "node:http";
import { createRequire } from "node:module";
import process from "node:process";
import { Readable } from "node:stream";
import { memory } from "../../../adapters/memory/mod.ts";
import { redis } from "../../../adapters/redis/mod.ts";
import { type Clock, systemClock } from "../../../src/clock.ts";
import type { DocumentStore } from "../../../src/documents/port.ts";
import type { WakeFeed } from "../../../src/wakes/port.ts";
import { runAsProgram, runSuites } from "./runner.ts";
import { StoreDatabase, WakesPubSub } from "./store_database.ts";

const require = createRequire(import.meta.url);
const [url, token] = process.argv.slice(2);

/** The host's timers before any suite jumps ahead by hours: the time limits of requests are not theirs. */
const { setTimeout, clearTimeout } = globalThis;
const clock: Clock = {
  ...systemClock(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};

/** A fresh backend that shares nothing with any other. */
function fresh(): { readonly documents: DocumentStore; readonly wakes: WakeFeed } {
  if (url === undefined || token === undefined) return memory();
  return redis({ url, token, namespace: crypto.randomUUID(), fetch: plainFetch, clock });
}

/** A `fetch` without timers of its own: suites stop all timers, and Node's `fetch` with them. */
function plainFetch(
  url: string,
  { method, headers, body, signal }: RequestInit,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: headers as Record<string, string>,
      signal: signal ?? undefined,
    };
    const request = httpRequest(url, options, (response) => {
      const status = response.statusCode ?? 500;
      const told = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      const stream = Readable.toWeb(response) as ReadableStream<Uint8Array>;
      resolve(new Response(stream, { status, headers: Object.fromEntries(told) }));
    });
    request.on("error", reject);
    request.end(body ?? "");
  });
}

function declareSuites(): void {
  require("sharedb/test/db")({
    create: (...args: unknown[]) => {
      const callback = args.pop() as (error: unknown, db: unknown) => void;
      callback(null, new StoreDatabase(fresh().documents, args[0]));
    },
    getQuery: ({ query, sort }: { query: unknown; sort: unknown }) => ({ filter: query, sort }),
  });
  require("sharedb/test/pubsub")((callback: (error: unknown, pubsub: unknown) => void) =>
    callback(null, new WakesPubSub(fresh().wakes))
  );
}

await runAsProgram(runSuites(declareSuites));
