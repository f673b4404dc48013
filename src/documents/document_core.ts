/**
 * The core: documents of a backend, below every protocol and every right.
 *
 * @module
 */

import type { DocumentCore } from "./core.ts";
import type { CoreContext } from "./core_context.ts";
import { followDocuments, type Tails } from "./follow.ts";
import { documentAt } from "./history.ts";
import type { DocumentsBackend } from "./port.ts";
import { readDocuments } from "./read.ts";
import { RecentDocuments } from "./recent.ts";
import type { CoreSettings } from "./settings.ts";
import { Queues } from "./submit.ts";
import { Tags } from "./tags.ts";

/** The documents of a backend. Does nothing until it is asked. */
export function documentCore(backend: DocumentsBackend, settings: CoreSettings): DocumentCore {
  const { documents, wakes, clock, random, isolation, durability } = backend;
  const recents = new RecentDocuments(settings.recentMax);
  const stores = { documents, wakes, clock, random, isolation, durability };
  const context: CoreContext = { ...stores, settings, recents, tags: new Tags(random) };
  const queues = new Queues(context);
  const tails: Tails = new Map();
  return {
    types: settings.types,
    read: (collection, wants, options) => readDocuments(context, collection, wants, options),
    submit: (collection, id, submission, options) =>
      new Promise((resolve, reject) => {
        queues.enter(collection, id, submission, { resolve, reject }, options?.signal);
      }),
    enter: (collection, id, submission, submitter) =>
      queues.enter(collection, id, submission, submitter),
    history: (collection, id, moment, options) =>
      documentAt(context, collection, id, moment, options),
    follow: (collection, ids, listener, signal) =>
      followDocuments(context, tails, collection, ids, listener, signal),
  };
}
