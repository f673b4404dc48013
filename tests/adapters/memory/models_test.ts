import { memoryModelStore } from "../../../adapters/memory/models.ts";
import { memoryWakes } from "../../../adapters/memory/wakes.ts";
import { manualClock } from "../../contracts/mod.ts";
import { modelStoreContract } from "../../contracts/model_store.ts";
import { type ModelBench, PLAIN_SHAPE } from "../../contracts/model_writes.ts";

for (const shards of [1, 8]) {
  modelStoreContract(
    (name, run) => Deno.test(`${name} (${shards} shards)`, run),
    () => Promise.resolve(open(shards)),
  );
}

function open(shards: number): ModelBench {
  const clock = manualClock();
  const store = memoryModelStore({ clock, wakes: memoryWakes() });
  return {
    shape: { ...PLAIN_SHAPE, shards },
    store,
    peer: () => Promise.resolve(store),
    advance: clock.advance,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
