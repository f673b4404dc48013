/**
 * The simulator of logs with a mistake in what it simulates.
 *
 * @module
 */

import { copyWith } from "../mutant_copy.ts";
import type { Mutation } from "../mutations/mistake.ts";
import type { runSeed } from "./run.ts";

/** The simulator with a mistake. */
export interface Mutant {
  readonly runSeed: typeof runSeed;
  /** Removes the copy. */
  remove(): Promise<void>;
}

const ENTRY = "tests/simulation/log/run.ts";

/** Loads the simulator with a mistake. @throws as {@linkcode copyWith}. */
export async function loadMutant(mutation: Mutation): Promise<Mutant> {
  const copy = await copyWith(mutation, [ENTRY]);
  return { ...await copy.load<{ runSeed: typeof runSeed }>(ENTRY), remove: copy.remove };
}
