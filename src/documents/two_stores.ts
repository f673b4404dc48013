/**
 * Which stores documents are in: one, or two where a journal stands behind.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { JournaledBackend } from "./journal_port.ts";
import { journaledStore } from "./journaled_store.ts";
import type { DocumentsBackend, DocumentStore } from "./port.ts";

/** Where the order of commits is: in the journal, if that keeps one. */
export function sourceOf({ documents, journal }: JournaledBackend): Pick<DocumentStore, "changes"> {
  const { changes } = journal ?? {};
  return changes === undefined ? documents : { changes };
}

/** A backend whose documents are those of both stores, if there are two. */
export function backendOf(stores: JournaledBackend): DocumentsBackend {
  const { documents, journal, ...rest } = stores;
  if (journal === undefined) return stores;
  const { advance } = documents;
  if (advance === undefined) {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      "Cannot create documents as documents must be a store that can be in front of a journal",
    );
  }
  return { ...rest, documents: journaledStore({ ...documents, advance }, journal) };
}
