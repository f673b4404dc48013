/**
 * What the simulators of worlds have in common: a world that is lived through, and what came of that.
 *
 * @module
 */

import { HoldfastError } from "../../src/errors.ts";

/** What came of a run. */
export interface Run {
  /** What does not hold. */
  readonly failure: Error | undefined;
  /** What happened, and how often. */
  readonly seen: ReadonlyMap<string, number>;
}

/** A world that a seed makes. */
export interface World {
  /** What happened, and how often. */
  readonly seen: ReadonlyMap<string, number>;
  /** Lives to the end; throws what does not hold. */
  live(): Promise<void>;
  /** Ends what it has begun. */
  end(): void | Promise<void>;
}

/** Lives through a world. */
export async function lived(world: World): Promise<Run> {
  try {
    await world.live();
    return { failure: undefined, seen: world.seen };
  } catch (error) {
    // Whatever it is, it is the finding.
    return { failure: error instanceof Error ? error : new Error(String(error)), seen: world.seen };
  } finally {
    await world.end();
  }
}

/** The code of an error; what it says, where it has none. */
export function codeOf(error: unknown): string {
  if (HoldfastError.is(error)) return error.code;
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? String(error.code) : error.message;
}
