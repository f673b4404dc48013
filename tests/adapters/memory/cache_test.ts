import { memoryCacheStore } from "../../../adapters/memory/cache.ts";
import { type CacheStore, wrapStore } from "../../../src/cache/mod.ts";
import { manualClock, testCacheStore, type TestFunction } from "../../contracts/mod.ts";

/** Registers the suite for the store itself, or for what is made around it. */
function testAround(test: TestFunction, around: (store: CacheStore) => CacheStore): void {
  testCacheStore(test, () => {
    const clock = manualClock();
    const store = around(memoryCacheStore({ clock }));
    return Promise.resolve({
      store,
      peer: () => Promise.resolve(store),
      advance: (ms) => clock.advance(ms),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  });
}

testAround(Deno.test, (store) => store);

testAround(
  (name, run) => Deno.test(`wrapStore() keeps ${name}`, run),
  (store) => wrapStore(store, {}),
);
