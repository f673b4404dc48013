/**
 * What a known mistake is: a few replacements in the source.
 *
 * @module
 */

import type { Focus } from "../plan.ts";

/** One replacement in one file. The text must occur there exactly once. */
export interface Edit {
  /** Relative to the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** One mistake. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** A seed that finds it, for a quick check. */
  readonly seed: number;
  /** Where to look; anywhere if this is missing. */
  readonly focus?: Focus;
}

/** A mistake, its seed, and its edits. */
export function mistake(
  name: string,
  seed: number,
  ...edits: readonly (readonly [file: string, find: string, replace: string])[]
): Mutation {
  return { name, seed, edits: edits.map(([file, find, replace]) => ({ file, find, replace })) };
}

/** A mistake that shows so rarely that one has to look for it: some courses of events, in some settings. */
export function rare(focus: Focus, mutation: Mutation): Mutation {
  return { ...mutation, focus };
}
