/**
 * The arguments of the ancestor's methods: a path that may be left out, and a callback that may follow.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { Path } from "./path.ts";

/** Called when a mutation is committed, or with why it was not. */
export type Done = (error?: unknown) => void;

/** Arguments with a path before them, or without it for the path of the scope; and with a callback, or without. */
export type PathAnd<Rest extends readonly unknown[]> =
  | [...rest: Rest, done?: Done]
  | [path: Path | undefined, ...rest: Rest, done?: Done];

/** Arguments taken apart. */
export interface Taken {
  /** The path; undefined for that of the scope. */
  readonly path: Path | undefined;
  /** The others, as many as there are. */
  readonly rest: readonly unknown[];
  /** The callback. */
  readonly done: Done | undefined;
}

/** Takes arguments apart of which so many follow the path. */
export function taken(args: readonly unknown[], count: number): Taken {
  const { given, done } = withoutCallback(args);
  const hasPath = given.length > count;
  return { path: hasPath ? pathOf(given[0]) : undefined, rest: given.slice(hasPath ? 1 : 0), done };
}

/** Takes arguments apart that are numbers but for the path. */
export function takenNumbers(
  args: readonly unknown[],
): Taken & { readonly rest: readonly number[] } {
  const { given, done } = withoutCallback(args);
  const hasPath = typeof given[0] !== "number";
  const rest = given.slice(hasPath ? 1 : 0).filter((each) => each !== undefined);
  if (!rest.every((each) => typeof each === "number")) {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      "Cannot use an argument as it must be a number",
    );
  }
  return { path: hasPath ? pathOf(given[0]) : undefined, rest, done };
}

function withoutCallback(args: readonly unknown[]): {
  readonly given: readonly unknown[];
  readonly done: Done | undefined;
} {
  const last = args.at(-1);
  if (typeof last === "function") return { given: args.slice(0, -1), done: last as Done };
  // A callback that is not given may stand there as undefined, for a path never comes last.
  return { given: args, done: undefined };
}

/** What stands where a path may: `segmentsOf` says whether it is one. */
function pathOf(value: unknown): Path | undefined {
  return value as Path | undefined;
}
