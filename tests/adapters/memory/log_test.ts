import { memoryLogStore } from "../../../adapters/memory/log.ts";
import { memoryWakes } from "../../../adapters/memory/wakes.ts";
import { logStoreContract } from "../../contracts/log_store.ts";
import { manualClock } from "../../contracts/mod.ts";

logStoreContract(Deno.test, () => {
  const clock = manualClock();
  const store = memoryLogStore({ clock, wakes: memoryWakes() });
  return Promise.resolve({
    store,
    peer: () => Promise.resolve(store),
    advance: clock.advance,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});
