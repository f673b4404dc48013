/**
 * Stores around stores: to count, to compress, to encrypt, to log.
 *
 * @module
 */

import type { CacheStore } from "./port.ts";

/** The methods of a store. */
export type StoreMethod = Exclude<keyof CacheStore, "textMax">;

/** What to do instead of some methods of a store. Each gets the store inside, and what it was called with. */
export type StoreWrapper = {
  readonly [Method in StoreMethod]?: (
    inner: CacheStore,
    ...call: Parameters<CacheStore[Method]>
  ) => ReturnType<CacheStore[Method]>;
};

/**
 * A store that does some things its own way and leaves all others to the store inside. Wraps may be stacked; the
 * outermost sees a call first.
 *
 * @example
 * ```ts
 * import { createCache, wrapStore } from "@holdfast/holdfast/cache";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { strictEqual } from "node:assert/strict";
 *
 * const backend = memory();
 * let reads = 0;
 * const counted = wrapStore(backend.cache, {
 *   read: (inner, ...call) => (reads++, inner.read(...call)),
 * });
 * await createCache({ ...backend, cache: counted }, { name: "pages" }).get("home");
 * strictEqual(reads, 1);
 * ```
 */
export function wrapStore(store: CacheStore, wrapper: StoreWrapper): CacheStore {
  const { time, read, lease, settle, write, remove, renew, leased } = wrapper;
  return {
    get textMax() {
      return store.textMax;
    },
    time: (...call) => time ? time(store, ...call) : store.time(...call),
    read: (...call) => read ? read(store, ...call) : store.read(...call),
    lease: (...call) => lease ? lease(store, ...call) : store.lease(...call),
    settle: (...call) => settle ? settle(store, ...call) : store.settle(...call),
    write: (...call) => write ? write(store, ...call) : store.write(...call),
    remove: (...call) => remove ? remove(store, ...call) : store.remove(...call),
    renew: (...call) => renew ? renew(store, ...call) : store.renew(...call),
    leased: (...call) => leased ? leased(store, ...call) : store.leased(...call),
  };
}
