/**
 * A backend in memory on which things go wrong for logs: hints are lost and doubled, answers come late, not at all, or are
 * lost after the store has done what was asked.
 *
 * @module
 */

import { memory, type MemoryBackend } from "../../../adapters/memory/mod.ts";
import type { LogStore } from "../../../src/log/port.ts";
import type { WakeFeed } from "../../../src/wakes/port.ts";
import { answered, happens, onItsWay, reached, type Sea } from "../sea.ts";

/** A backend. */
export function roughBackend(sea: Sea): MemoryBackend {
  const { dice, clock, random, saw } = sea;
  const isolation = dice(0, 3) === 0 ? "request" : "process";
  const backend = memory({ clock, random, isolation });
  const { log: store, wakes } = backend;
  const asked = async <Value>(ask: () => Promise<Value>, isWrite: boolean): Promise<Value> => {
    reached(sea, 20);
    const found = await ask();
    await onItsWay(sea);
    if (isWrite) answered(sea, 12);
    else reached(sea, 20);
    return found;
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
        if (event.kind === "wake" && happens(sea, 4)) return saw("lost wake");
        if (event.kind === "wake" && happens(sea, 6)) listener(event);
        listener(event);
      }, signal),
  };
  return { ...backend, log, wakes: rough };
}
