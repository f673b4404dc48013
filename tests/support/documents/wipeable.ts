/**
 * A store of documents in memory that can be wiped, as a Redis is by FLUSHALL.
 *
 * @module
 */

import { memoryDocumentStore } from "../../../adapters/memory/documents.ts";
import { memoryWakes } from "../../../adapters/memory/wakes.ts";
import { systemClock } from "../../../src/clock.ts";
import type { WakeFeed } from "../../../src/wakes/port.ts";
import type { FrontDocumentStore } from "../../../src/documents/journal_port.ts";

/** The store, and what wipes it. */
export function wipeable(wakes: WakeFeed = memoryWakes()): {
  readonly store: FrontDocumentStore;
  readonly wipe: () => Promise<void>;
} {
  const made = () => memoryDocumentStore({ clock: systemClock(), wakes });
  let store = made();
  return {
    store: {
      commit: (...args) => store.commit(...args),
      advance: (...args) => store.advance(...args),
      read: (...args) => store.read(...args),
      history: (...args) => store.history(...args),
      changes: (...args) => store.changes(...args),
      page: (...args) => store.page(...args),
    },
    wipe: () => {
      store = made();
      return Promise.resolve();
    },
  };
}
