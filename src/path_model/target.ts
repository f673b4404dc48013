/**
 * Documents as something that a model holds.
 *
 * @module
 */

import type { Doc } from "../documents/client/mod.ts";
import type { Holdable } from "./holds.ts";
import type { Shared } from "./options.ts";

/** What tells a document from all others. */
export function documentKey(collection: string, id: string): string {
  return `${collection}\u0000${id}`;
}

/** A document that can be held. With `fetchOnly`, to subscribe is to fetch. */
export function documentTarget(
  { store, fetchOnly }: Pick<Shared, "store" | "fetchOnly">,
  collection: string,
  id: string,
): Holdable {
  // The document of the moment: one that was left is another one when it is wanted again. To look for it is not to want it.
  store.document(collection, id);
  const known = (): Doc | undefined => store.known(collection, id)?.doc;
  const fetch = (): Promise<void> => store.document(collection, id).doc.fetch();
  return {
    key: documentKey(collection, id),
    fetch,
    subscribe: () => fetchOnly ? fetch() : store.document(collection, id).doc.subscribe(),
    unsubscribe: async () => {
      if (!fetchOnly) await known()?.unsubscribe();
    },
    leave: async () => {
      try {
        await known()?.destroy();
        // Who edits it while it leaves has it stay until that is committed.
        return known()?.hasPending !== true;
      } catch {
        // The connection is closed: there is nothing to wait for.
        return true;
      }
    },
    forget: () => store.forget(collection, id),
  };
}
