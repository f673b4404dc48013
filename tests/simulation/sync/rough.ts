/**
 * A backend in memory on which things go wrong for models: hints are lost and doubled, answers come late, not at all, or
 * are lost after the store has done what was asked, journals are trimmed, everything is lost.
 *
 * @module
 */

import { memory, type MemoryBackend } from "../../../adapters/memory/mod.ts";
import { memoryModelStore } from "../../../adapters/memory/models.ts";
import type { Clock } from "../../../src/clock.ts";
import { HoldfastError } from "../../../src/errors.ts";
import type { ModelStore, ModelWrite } from "../../../src/models/port.ts";
import type { Random } from "../../../src/random.ts";
import type { WakeFeed } from "../../../src/wakes/port.ts";
import type { Dice } from "../../src/queries/draw.ts";

/** What decides what goes wrong. */
export interface Sea {
  readonly dice: Dice;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether anything goes wrong now. */
  readonly isRough: () => boolean;
  /** Told of what went wrong. */
  readonly saw: (what: string) => void;
  /** Told of every write that was made. */
  readonly wrote: (write: ModelWrite) => void;
}

/** A backend; its store is wiped by `wipe`. */
export function roughBackend(sea: Sea): { readonly backend: MemoryBackend; wipe(): void } {
  const { dice, clock, random, saw, wrote } = sea;
  const happens = (oneIn: number): boolean => sea.isRough() && dice(0, oneIn) === 0;
  const base = memory({ clock, random, isolation: dice(0, 4) === 0 ? "request" : "process" });
  const wakes: WakeFeed = {
    ...base.wakes,
    publish: async (channel, wake, options) => {
      if (happens(4)) return saw("lost wake");
      if (happens(6)) await base.wakes.publish(channel, wake, options);
      await base.wakes.publish(channel, wake, options);
    },
  };
  const fresh = (): ModelStore => memoryModelStore({ clock, wakes });
  let store = fresh();
  const unreachable = (): void => {
    if (!happens(25)) return;
    saw("unreachable");
    throw new HoldfastError("ERR_UNAVAILABLE", "Cannot reach the store as it must be there");
  };
  const later = async <Value>(ask: () => Promise<Value>): Promise<Value> => {
    unreachable();
    const found = await ask();
    // An answer that is on its way for a while is old when it comes.
    for (let turns = dice(0, 8); turns > 0; turns--) await null;
    unreachable();
    return found;
  };
  const models: ModelStore = {
    commit: async (shape, writes, options) => {
      unreachable();
      const result = await store.commit(shape, writes, options);
      if (result.kind === "done" && !result.isRepeat) writes.forEach(wrote);
      for (let turns = dice(0, 8); turns > 0; turns--) await null;
      if (!happens(20)) return result;
      saw("lost answer");
      throw new HoldfastError("ERR_OUTCOME_UNKNOWN", "Cannot tell what was done", {
        cause: new Error("The answer was lost"),
      });
    },
    get: (...args) => later(() => store.get(...args)),
    getByClaim: (...args) => later(() => store.getByClaim(...args)),
    page: (...args) => later(() => store.page(...args)),
    members: (...args) => later(() => store.members(...args)),
    count: (...args) => store.count(...args),
    changes: async (shape, after, options) => {
      const found = await later(() => store.changes(shape, after, options));
      if (found.kind === "reset" || after === undefined || !happens(12)) return found;
      saw("reset");
      return { kind: "reset", head: found.head };
    },
    sweep: (...args) => store.sweep(...args),
  };
  return { backend: { ...base, models, wakes }, wipe: () => store = fresh() };
}
