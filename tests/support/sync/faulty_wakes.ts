/**
 * A feed of hints that loses, doubles and delays them, as a seed says.
 *
 * @module
 */

import type { Random } from "../../../src/random.ts";
import type { Clock } from "../../../src/clock.ts";
import type { WakeFeed } from "../../../src/wakes/port.ts";

/** Puts faults between a feed and its listeners. A gap is never lost: a driver tells it after each interruption. */
export function faultyWakes(wakes: WakeFeed, random: Random, clock: Clock): WakeFeed {
  return {
    publish: (channel, wake, options) => wakes.publish(channel, wake, options),
    subscribe: (channel, listener, signal) => {
      wakes.subscribe(channel, (event) => {
        const tell = () => {
          if (!signal.aborted) listener(event);
        };
        const fate = event.kind === "wake" ? random.float() : 1;
        if (fate < 0.3) return;
        if (fate < 0.5) tell();
        if (fate < 0.8) clock.after(random.float() * 20, tell);
        else tell();
      }, signal);
    },
  };
}
