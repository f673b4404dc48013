/**
 * What goes wrong around a store in memory: it cannot be reached, answers come late or are lost, hints as well.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";
import { HoldfastError } from "../../src/errors.ts";
import type { Random } from "../../src/random.ts";
import type { WakeFeed } from "../../src/wakes/port.ts";
import type { Dice } from "../src/queries/draw.ts";

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

/** Whether something goes wrong that does so once in so many times. */
export function happens({ isRough, dice }: Sea, oneIn: number): boolean {
  return isRough() && dice(0, oneIn) === 0;
}

/** Once in so many times the store is not there. @throws `ERR_UNAVAILABLE`. */
export function reached(sea: Sea, oneIn: number): void {
  if (!happens(sea, oneIn)) return;
  sea.saw("unreachable");
  throw new HoldfastError("ERR_UNAVAILABLE", "Cannot reach the store as it must be there");
}

/** Once in so many times nobody hears what the store has done. @throws `ERR_OUTCOME_UNKNOWN`. */
export function answered(sea: Sea, oneIn: number): void {
  if (!happens(sea, oneIn)) return;
  sea.saw("lost answer");
  const cause = new Error("The answer was lost");
  throw new HoldfastError("ERR_OUTCOME_UNKNOWN", "Cannot tell what was done", { cause });
}

/** An answer that is on its way for a while is old when it comes. */
export async function onItsWay({ dice }: Sea): Promise<void> {
  for (let turns = dice(0, 8); turns > 0; turns--) await null;
}

/** A feed that loses and doubles what is published. */
export function roughWakes(sea: Sea, wakes: WakeFeed): WakeFeed {
  return {
    ...wakes,
    publish: async (channel, wake, options) => {
      if (happens(sea, 4)) return sea.saw("lost wake");
      if (happens(sea, 6)) await wakes.publish(channel, wake, options);
      await wakes.publish(channel, wake, options);
    },
  };
}
