/**
 * A turn of the host's task queue, for simulations in which nothing waits for the host itself.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** Lets every promise that can settle now do so. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
