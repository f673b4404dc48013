/**
 * Wake-up hints within one process: the memory driver of the port.
 *
 * @module
 */

import { FanOut } from "../../src/wakes/fan_out.ts";
import type { WakeFeed } from "../../src/wakes/port.ts";
import { carriedWake, checkChannel } from "../../src/wakes/wake.ts";

/** A feed that can tell whether a hint would reach anybody. */
export interface MemoryWakeFeed extends WakeFeed {
  /** Whether somebody is subscribed to a channel now. */
  hears(channel: string): boolean;
}

/** A feed of its own: who shares the value shares the hints. Holds nothing but its listeners; no timer, no promise. */
export function memoryWakes(): MemoryWakeFeed {
  const listeners = new FanOut();
  return {
    hears: (channel) => listeners.hears(channel),
    publish(channel, wake, { signal } = {}): Promise<void> {
      try {
        checkChannel(channel);
        signal?.throwIfAborted();
        // Where nobody listens, the wake is checked and its entry, the long part, left unread.
        const isHeard = listeners.hears(channel);
        const carried = carriedWake(isHeard ? wake : { ...wake, entry: undefined });
        if (isHeard) listeners.deliver(channel, { kind: "wake", wake: carried });
        return Promise.resolve();
      } catch (error) {
        // The caller's mistake or the signal's reason, told the way a server would: by the promise.
        return Promise.reject(error);
      }
    },
    subscribe(channel, listener, signal): void {
      checkChannel(channel);
      listeners.subscribe(channel, listener, signal, { first: { kind: "gap" } });
    },
  };
}
