/**
 * A backend in memory on which things go wrong for models: hints are lost and doubled, answers come late, not at all, or
 * are lost after the store has done what was asked, journals are trimmed, everything is lost.
 *
 * @module
 */

import { memory, type MemoryBackend } from "../../../adapters/memory/mod.ts";
import { memoryModelStore } from "../../../adapters/memory/models.ts";
import type { ModelStore, ModelWrite } from "../../../src/models/port.ts";
import { answered, happens, onItsWay, reached, roughWakes, type Sea } from "../sea.ts";

/** What decides what goes wrong. */
export interface ModelSea extends Sea {
  /** Told of every write that was made. */
  readonly wrote: (write: ModelWrite) => void;
}

/** A backend; its store is wiped by `wipe`. */
export function roughBackend(sea: ModelSea): { readonly backend: MemoryBackend; wipe(): void } {
  const { dice, clock, random, saw, wrote } = sea;
  const base = memory({ clock, random, isolation: dice(0, 4) === 0 ? "request" : "process" });
  const wakes = roughWakes(sea, base.wakes);
  const fresh = (): ModelStore => memoryModelStore({ clock, wakes });
  let store = fresh();
  const later = async <Value>(ask: () => Promise<Value>): Promise<Value> => {
    reached(sea, 25);
    const found = await ask();
    await onItsWay(sea);
    reached(sea, 25);
    return found;
  };
  const models: ModelStore = {
    commit: async (shape, writes, options) => {
      reached(sea, 25);
      const result = await store.commit(shape, writes, options);
      if (result.kind === "done" && !result.isRepeat) writes.forEach(wrote);
      await onItsWay(sea);
      answered(sea, 20);
      return result;
    },
    get: (...args) => later(() => store.get(...args)),
    getByClaim: (...args) => later(() => store.getByClaim(...args)),
    page: (...args) => later(() => store.page(...args)),
    members: (...args) => later(() => store.members(...args)),
    count: (...args) => store.count(...args),
    changes: async (shape, after, options) => {
      const found = await later(() => store.changes(shape, after, options));
      if (found.kind === "reset" || after === undefined || !happens(sea, 12)) return found;
      saw("reset");
      return { kind: "reset", head: found.head };
    },
    sweep: (...args) => store.sweep(...args),
  };
  return { backend: { ...base, models, wakes }, wipe: () => store = fresh() };
}
