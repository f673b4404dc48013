/**
 * Wake-up hints within one process: the memory driver of the port.
 *
 * @module
 */

import { FanOut } from "../../src/wakes/fan_out.ts";
import type { WakeFeed } from "../../src/wakes/port.ts";
import { carriedWake, checkChannel } from "../../src/wakes/wake.ts";

/** A feed of its own: who shares the value shares the hints. Holds nothing but its listeners; no timer, no promise. */
export function memoryWakes(): WakeFeed {
  const listeners = new FanOut();
  return {
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
    hears: (channel) => listeners.hears(channel),
    subscribe(channel, listener, signal): void {
      checkChannel(channel);
      listeners.subscribe(channel, listener, signal, { first: { kind: "gap" } });
    },
  };
}
