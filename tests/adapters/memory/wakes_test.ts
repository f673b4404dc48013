import { memoryWakes } from "../../../adapters/memory/wakes.ts";
import { manualClock, type OpenBench } from "../../contracts/mod.ts";
import { wakeFeedContract } from "../../contracts/wake_feed.ts";
import type { WakeFeed } from "../../../src/wakes/port.ts";

const open: OpenBench<WakeFeed> = () => {
  const store = memoryWakes();
  const clock = manualClock();
  return Promise.resolve({
    store,
    peer: () => Promise.resolve(store),
    advance: clock.advance,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
};

wakeFeedContract(Deno.test, open);
