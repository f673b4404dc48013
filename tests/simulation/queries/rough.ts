/**
 * A backend in memory on which things go wrong: hints are lost and doubled, answers come late or not at all, journals are
 * trimmed, everything is lost.
 *
 * @module
 */

import { memoryDocumentStore } from "../../../adapters/memory/documents.ts";
import { memoryWakes } from "../../../adapters/memory/wakes.ts";
import type { DocumentsBackend, DocumentStore } from "../../../src/documents/port.ts";
import { happens, onItsWay, reached, roughWakes, type Sea } from "../sea.ts";

/** What decides what goes wrong. */
export interface DocumentSea extends Sea {
  /** Whether the store lists its documents, or has only their indexes. */
  readonly hasList: boolean;
}

/** A backend. */
export function roughBackend(sea: DocumentSea): DocumentsBackend {
  const { dice, clock, random } = sea;
  const wakes = roughWakes(sea, memoryWakes());
  return {
    clock,
    random,
    isolation: dice(0, 4) === 0 ? "request" : "process",
    durability: "memory",
    wakes,
    documents: roughStore(sea, () => memoryDocumentStore({ clock, wakes })),
  };
}

function roughStore(sea: DocumentSea, fresh: () => DocumentStore): DocumentStore {
  const mayBeWiped = sea.dice(0, 3) === 0;
  let store = fresh();
  const later = async <Value>(answer: Promise<Value>): Promise<Value> => {
    const found = await answer;
    await onItsWay(sea);
    reached(sea, 25);
    return found;
  };
  return {
    commit: (...args) => {
      if (mayBeWiped && happens(sea, 40)) {
        sea.saw("wiped");
        store = fresh();
      }
      return store.commit(...args);
    },
    history: (...args) => store.history(...args),
    read: (...args) => later(store.read(...args)),
    page: (...args) => later(store.page(...args)),
    ...sea.hasList &&
      { list: (...args) => later(store.list?.(...args) ?? Promise.resolve([])) },
    changes: async (unit, after, options) => {
      const found = await later(store.changes(unit, after, options));
      if (found.kind === "reset" || after === undefined || !happens(sea, 12)) return found;
      sea.saw("reset");
      return { kind: "reset", head: found.head };
    },
  };
}
