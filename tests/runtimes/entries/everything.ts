/**
 * One of every part, created at module scope as a function would.
 *
 * @module
 */

import { memory } from "../../../adapters/memory/mod.ts";
import {
  type Cache,
  createCache,
  createHandler,
  createLog,
  createModel,
  defineModel,
  type Handler,
  type Log,
  open,
  serveCache,
  serveDocuments,
  serveLog,
  serveModels,
  serveNode,
  serveSync,
} from "../../../mod.ts";
import { redis } from "../../../adapters/redis/mod.ts";
import { connectDocuments, type Connection } from "../../../src/documents/client/mod.ts";
import { createDocuments, type Documents } from "../../../src/documents/mod.ts";
import { connectLog, type RemoteLog } from "../../../src/log/mod.ts";
import { createPathModel, type PathModel } from "../../../src/path_model/mod.ts";
import {
  connectNode,
  createNode,
  httpTransport,
  inProcess,
  keyValue,
  keyValueMachine,
  webSocketTransport,
} from "../../../src/raft/mod.ts";
import { createSync, type SyncHub } from "../../../src/sync/mod.ts";
import { connectSync, type SyncClient } from "../../../src/sync/client/mod.ts";
import { todoSchema } from "../cases/fields.ts";

const elsewhere = redis({ url: "https://redis.example", token: "secret", isolation: "request" });

/** Every part, on a backend in memory and on one elsewhere. */
export const parts: readonly Parts[] = [
  open({}, { isolation: "request" }),
  memory(),
  elsewhere,
].map((backend) => {
  const todos = createModel(backend, defineModel({ key: "todo", schema: todoSchema }));
  const cache = createCache(backend, { name: "pages", ttl: "10m", stale: "1h" });
  const log = createLog(backend, { name: "orders" });
  const secret = "sixteen characters and more";
  const documents = createDocuments(backend, { secret });
  const hub = createSync(backend, { models: [todos] });
  const machine = keyValueMachine();
  const transport = inProcess();
  const node = createNode(backend, { url: "local://a", transport, machine });
  keyValue(node, machine);
  const handler = createHandler([
    serveCache(cache),
    serveModels({ todos }),
    serveDocuments(documents),
    serveLog(log),
    serveNode(node),
    serveSync(hub),
  ], { limits: { rate: { perSecond: 1, burst: 1 } } });
  return { cache, log, documents, hub, handler };
});

/** What stands on a backend. */
export interface Parts {
  /** A cache. */
  readonly cache: Cache;
  /** A log. */
  readonly log: Log;
  /** Documents. */
  readonly documents: Documents;
  /** A hub. */
  readonly hub: SyncHub;
  /** A handler with every part that stands in one. */
  readonly handler: Handler;
}

/** A client of a hub elsewhere. */
export const client: SyncClient = connectSync("https://hub.example/sync");

/** A client of documents elsewhere. */
export const connection: Connection = connectDocuments("wss://documents.example/documents");

/** A model of paths over it. */
export const model: PathModel = createPathModel(connection);

/** A client of a log elsewhere. */
export const remoteLog: RemoteLog = connectLog("https://log.example/orders");

/** A client of nodes elsewhere. */
export const remoteNode: object = connectNode(["https://a.example/node"]);

/** Ways between nodes. */
export const transports: readonly object[] = [httpTransport(), webSocketTransport()];
