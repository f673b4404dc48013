/**
 * One of every part, created at module scope as a function would.
 *
 * @module
 */

import {
  type Cache,
  createCache,
  createHandler,
  type Handler,
  type MemoryBackend,
  open,
  serveCache,
} from "../../../mod.ts";
import { connectSync, type SyncClient } from "../../../src/sync/client/mod.ts";

/** A backend. */
export const backend: MemoryBackend = open({}, { isolation: "request" });

/** A cache. */
export const cache: Cache = createCache(backend, { name: "pages", ttl: "10m", stale: "1h" });

/** A handler with every part that stands in one. */
export const handler: Handler = createHandler([serveCache(cache)]);

/** A client of a hub elsewhere. */
export const client: SyncClient = connectSync("https://hub.example/sync");
