/**
 * Notes, pages and a journal that many work on at once: a model whose changes everybody sees, documents that everybody
 * edits, and a log. WebSockets where the host can make them; event streams and plain requests everywhere.
 *
 * The application is the same on every host: only how a request becomes a socket differs, and `upgrade` says it.
 *
 * @module
 */

import { open, type OpenOptions } from "@holdfast/holdfast";
import { createDocuments } from "@holdfast/holdfast/documents";
import {
  createHandler,
  type Handler,
  serveDocuments,
  serveLog,
  serveModels,
  serveSync,
  type Upgrade,
} from "@holdfast/holdfast/http";
import { createLog } from "@holdfast/holdfast/log";
import { createModel, defineModel } from "@holdfast/holdfast/models";
import { createSync } from "@holdfast/holdfast/sync";
import * as z from "zod";

const Notes = defineModel({
  key: "note",
  name: "Note",
  schema: z.object({ text: z.string().min(1).max(1_000) }),
});

/** How the application stands in its host. */
export interface AppOptions {
  /** How the host makes a request a socket. */
  readonly upgrade: Upgrade;
  /** What stands before all paths; nothing by default. */
  readonly basePath?: string;
  /** How the backend is opened: a host that binds everything to a request says so. */
  readonly backend?: OpenOptions;
}

/** Makes the application's fetch handler. */
export function createApp(
  env: Readonly<Record<string, string | undefined>>,
  { upgrade, basePath = "", backend: options = {} }: AppOptions,
): Handler {
  const backend = open(env, options);
  const notes = createModel(backend, Notes);
  const path = `${basePath}/sync`;
  const hub = createSync(backend, { models: [notes], path });
  // On Redis, a client may come back to another process, which knows it by this.
  const { DOCUMENTS_SECRET: secret } = env;
  const documents = createDocuments(backend, secret === undefined ? {} : { secret });
  const log = createLog(backend, { name: "journal" });
  return createHandler(
    [serveSync(hub), serveDocuments(documents), serveModels({ notes }), serveLog(log)],
    { upgrade, basePath },
  );
}
