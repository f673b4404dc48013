/**
 * The writes of one connection whose echoes are still to come.
 *
 * @module
 */

import { seqOfVersion } from "./messages.ts";
import type { ModelEvent } from "./model_event.ts";

/** How many are remembered; of more, the first ones are echoed without their names. */
export const ECHOES_MAX = 1_000;

interface Awaited {
  readonly model: string;
  readonly version: string;
  readonly tx: string;
}

/** Names of writes, until their changes come by. */
export class Echoes {
  #awaited: Awaited[] = [];

  /** Whether none is to come. */
  get isEmpty(): boolean {
    return this.#awaited.length === 0;
  }

  /** A write was acknowledged. */
  expect(model: string, version: string, tx: string): void {
    this.#awaited.push({ model, version, tx });
    if (this.#awaited.length > ECHOES_MAX) this.#awaited.shift();
  }

  /** A change comes by: the name of the write that made it. Those that must have come before it will come no more. */
  take({ model, version, seq }: ModelEvent): string | undefined {
    const found = this.#awaited.find((one) => one.model === model && one.version === version);
    this.#awaited = this.#awaited.filter((one) =>
      one.model !== model || seqOfVersion(one.version) > seq
    );
    return found?.tx;
  }
}
