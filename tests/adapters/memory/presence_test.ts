import { memoryPresenceStore } from "../../../adapters/memory/presence.ts";
import { memoryWakes } from "../../../adapters/memory/wakes.ts";
import { manualClock } from "../../contracts/manual_clock.ts";
import { presenceStoreContract } from "../../contracts/presence_store.ts";

presenceStoreContract(Deno.test, () => {
  const clock = manualClock();
  const wakes = memoryWakes();
  const store = memoryPresenceStore({ clock, wakes });
  return Promise.resolve({
    store,
    wakes,
    peer: () => Promise.resolve(store),
    advance: clock.advance,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});
