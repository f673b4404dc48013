/**
 * Documents as something that a model holds.
 *
 * @module
 */

import type { Holdable } from "./holds.ts";
import type { ModelStore } from "./store.ts";

/** What tells a document from all others. */
export function documentKey(collection: string, id: string): string {
  return `${collection}\u0000${id}`;
}

/** A document that can be held. With `fetchOnly`, to subscribe is to fetch. */
export function documentTarget(
  store: ModelStore,
  collection: string,
  id: string,
  fetchOnly: boolean,
): Holdable {
  const doc = store.doc(collection, id);
  const fetch = (): Promise<void> => store.doc(collection, id).fetch();
  return {
    key: documentKey(collection, id),
    get isSubscribed() {
      return !fetchOnly && doc.isSubscribed;
    },
    fetch,
    subscribe: () => fetchOnly ? fetch() : store.doc(collection, id).subscribe(),
    unsubscribe: () => doc.unsubscribe(),
    // A document whose connection is closed has nothing to wait for.
    leave: () => doc.destroy().catch(() => {}),
    forget: () => store.forget(collection, id),
  };
}
