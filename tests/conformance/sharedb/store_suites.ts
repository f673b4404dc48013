/**
 * ShareDB's own suites of a database and of a pubsub (npm `sharedb`, `test/db` and `test/pubsub`) on our store and our
 * wake-ups: in memory, or on Redis with the address and token of a REST front as arguments. Prints a report as JSON.
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";
import { memory } from "../../../adapters/memory/mod.ts";
import type { DocumentStore } from "../../../src/documents/port.ts";
import type { WakeFeed } from "../../../src/wakes/port.ts";
import { freshRedis } from "./fresh_redis.ts";
import { runAsProgram, runSuites } from "./runner.ts";
import { StoreDatabase, WakesPubSub } from "./store_database.ts";

const require = createRequire(import.meta.url);
const [url, token] = process.argv.slice(2);

/** A fresh backend that shares nothing with any other. */
function fresh(): { readonly documents: DocumentStore; readonly wakes: WakeFeed } {
  if (url === undefined || token === undefined) return memory();
  return freshRedis(url, token);
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
