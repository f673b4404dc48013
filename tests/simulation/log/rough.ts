/**
 * A backend in memory on which things go wrong for logs: hints are lost and doubled, answers come late, not at all, or are
 * lost after the store has done what was asked.
 *
 * @module
 */

import { memory, type MemoryBackend } from "../../../adapters/memory/mod.ts";
import type { Clock } from "../../../src/clock.ts";
import { HoldfastError } from "../../../src/errors.ts";
import type { LogStore } from "../../../src/log/port.ts";
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
}

/** A backend. */
export function roughBackend({ dice, clock, random, isRough, saw }: Sea): MemoryBackend {
  const isolation = dice(0, 3) === 0 ? "request" : "process";
  const backend = memory({ clock, random, isolation });
  const { log: store, wakes } = backend;
  const happens = (oneIn: number): boolean => isRough() && dice(0, oneIn) === 0;
  const unreachable = (): void => {
    if (!happens(20)) return;
    saw("unreachable");
    throw new HoldfastError("ERR_UNAVAILABLE", "Cannot reach the store as it must be there");
  };
  const asked = async <Value>(ask: () => Promise<Value>, isWrite: boolean): Promise<Value> => {
    unreachable();
    const found = await ask();
    // An answer that is on its way for a while is old when it comes.
    for (let turns = dice(0, 8); turns > 0; turns--) await null;
    if (!isWrite) unreachable();
    if (!isWrite || !happens(12)) return found;
    saw("lost answer");
    const cause = new Error("The answer was lost");
    throw new HoldfastError("ERR_OUTCOME_UNKNOWN", "Cannot tell what was done", { cause });
  };
  const log: LogStore = {
    append: (...args) => asked(() => store.append(...args), true),
    read: (...args) => asked(() => store.read(...args), false),
    state: (...args) => asked(() => store.state(...args), false),
    fence: (...args) => asked(() => store.fence(...args), true),
    seal: (...args) => asked(() => store.seal(...args), true),
    trim: (...args) => asked(() => store.trim(...args), true),
    snapshot: (...args) => asked(() => store.snapshot(...args), false),
    commit: (...args) => asked(() => store.commit(...args), true),
  };
  const rough: WakeFeed = {
    ...wakes,
    subscribe: (channel, listener, signal) =>
      wakes.subscribe(channel, (event) => {
        if (event.kind === "wake" && happens(4)) return saw("lost wake");
        if (event.kind === "wake" && happens(6)) listener(event);
        listener(event);
      }, signal),
  };
  return { ...backend, log, wakes: rough };
}
