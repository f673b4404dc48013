/**
 * What a known mistake is: a few replacements in the source.
 *
 * @module
 */

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
}

/** A mistake, its seed, and its edits. */
export function mistake(
  name: string,
  seed: number,
  ...edits: readonly (readonly [file: string, find: string, replace: string])[]
): Mutation {
  return { name, seed, edits: edits.map(([file, find, replace]) => ({ file, find, replace })) };
}
