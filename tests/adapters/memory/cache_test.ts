import { manualClock, testCacheStore } from "../../contracts/mod.ts";
import { memoryCacheStore } from "../../../adapters/memory/cache.ts";

testCacheStore(Deno.test, () => {
  const clock = manualClock();
  const store = memoryCacheStore({ clock });
  return Promise.resolve({
    store,
    peer: () => Promise.resolve(store),
    advance: (ms) => clock.advance(ms),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});
