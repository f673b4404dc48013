/**
 * Writers for appends that bring none: one for each append that is under way at a time, so that a store has few to know.
 *
 * A lane counts its appends and is free again once its last one was answered or given up. So of two appends of one lane the
 * later one has the higher sequence, and an earlier one that arrives after it is refused by the store.
 *
 * @module
 */

import type { LogWriter } from "./port.ts";

/** A lane that was idle for so long, in milliseconds, is left: well before a store may forget it. */
export const LANE_IDLE_MS = 60_000;
/** The most lanes that wait for their next append. */
export const LANES_MAX = 64;

/** The lanes of one log in one process. Values only, so that requests may share them. */
export class Lanes {
  readonly #free: { readonly writer: LogWriter; readonly atMs: number }[] = [];

  /** The writer of the next append of a lane that is free; `undefined` if there is none. */
  take(nowMs: number): LogWriter | undefined {
    const last = this.#free.pop();
    if (last !== undefined && nowMs - last.atMs < LANE_IDLE_MS) {
      return { id: last.writer.id, sequence: last.writer.sequence + 1 };
    }
    // The others were idle for longer still.
    this.#free.length = 0;
    return undefined;
  }

  /** Frees a writer's lane. */
  free(writer: LogWriter, nowMs: number): void {
    if (this.#free.length < LANES_MAX) this.#free.push({ writer, atMs: nowMs });
  }
}
