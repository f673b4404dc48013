/**
 * Everything in memory: the embedded default, which needs no server and lives as long as its process.
 *
 * @module
 */

import type { BackendBase } from "../../src/backend.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { ModelStore } from "../../src/models/port.ts";
import { type Random, systemRandom } from "../../src/random.ts";
import type { WakeFeed } from "../../src/wakes/port.ts";
import { memoryModels, type MemoryModelsOptions } from "./models.ts";
import { memoryWakes } from "./wakes.ts";

export { memoryModels, type MemoryModelsOptions, memoryWakes };

/** Options of {@linkcode memory}. */
export interface MemoryOptions {
  /** Where the parts read the time. Default: the host's clock. */
  readonly clock?: Clock;
  /** Where the parts roll their dice. Default: the host's generator. */
  readonly random?: Random;
}

/** What {@linkcode memory} gives. */
export interface MemoryBackend extends BackendBase {
  /** Records. */
  readonly models: ModelStore;
  /** Wake-up hints. */
  readonly wakes: WakeFeed;
}

/** A backend in memory with every store. Two of them share nothing. */
export function memory(
  { clock = systemClock(), random = systemRandom() }: MemoryOptions = {},
): MemoryBackend {
  const wakes = memoryWakes();
  const models = memoryModels({ clock, wakes });
  return { clock, random, isolation: "process", durability: "memory", models, wakes };
}
