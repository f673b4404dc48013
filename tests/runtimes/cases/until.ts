/**
 * Waiting for what comes, on a runtime of which no more is known than its timers.
 *
 * @module
 */

/** How often it is looked, in milliseconds. */
const LOOK_MS = 5;

/** Waits until something holds; the suite's own limit ends what never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
