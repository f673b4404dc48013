/**
 * What the parts of a log's face share.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import type { Schema } from "../schema.ts";
import type { WakeFeed } from "../wakes/port.ts";
import type { Lanes } from "./lanes.ts";
import type { LogShape, LogStore } from "./port.ts";

/** A log on a backend. */
export interface LogContext<Event> {
  /** Which log, and its bounds. */
  readonly shape: LogShape;
  /** What an event must be. */
  readonly schema: Schema<unknown, Event> | undefined;
  /** Keeps the entries. */
  readonly store: LogStore;
  /** Tells that the log grew. */
  readonly wakes: WakeFeed;
  /** The backend's clock. */
  readonly clock: Clock;
  /** The backend's dice. */
  readonly random: Random;
  /** The writers of appends that bring none. */
  readonly lanes: Lanes;
  /** The signal of calls that bring none. */
  readonly signal: AbortSignal | undefined;
}
