/**
 * The simulator of Raft with a mistake in what it simulates.
 *
 * @module
 */

import { copyWith } from "./mutant_copy.ts";
import type { Mutation } from "./mutations/mistake.ts";
import type { libraryLoops } from "./library_loop.ts";
import { planOf } from "./plan.ts";
import type { runPlanAsync, RunReport, runSeed } from "./simulation.ts";

/** The simulator with a mistake in what it simulates. */
export interface Mutant {
  readonly runSeed: typeof runSeed;
  /** Runs a seed on the loop that the library ships. */
  runLibrarySeed(seed: number): Promise<RunReport>;
  /** Removes the copy. */
  remove(): Promise<void>;
}

const ENTRY = "tests/simulation/simulation.ts";
const LIBRARY = "tests/simulation/library_loop.ts";

/** Loads the simulator with a mistake. @throws as {@linkcode copyWith}. */
export async function loadMutant(mutation: Mutation): Promise<Mutant> {
  const copy = await copyWith(mutation, [ENTRY, LIBRARY]);
  type Simulator = { runSeed: typeof runSeed; runPlanAsync: typeof runPlanAsync };
  const module = await copy.load<Simulator>(ENTRY);
  return {
    runSeed: module.runSeed,
    runLibrarySeed: async (seed) => {
      const library = await copy.load<{ libraryLoops: typeof libraryLoops }>(LIBRARY);
      return await module.runPlanAsync(planOf(seed), library.libraryLoops());
    },
    remove: copy.remove,
  };
}
