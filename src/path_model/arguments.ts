/**
 * The arguments of the ancestor's methods: a path that may be left out, and a callback that may follow.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { Path } from "./path.ts";

/**
 * Called when a mutation is committed, or with why it was not. `value` is the id that `add` gave, and what is left after
 * `unfetch` and `unsubscribe`.
 */
export type Done = (error?: unknown, value?: unknown) => void;

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

/**
 * Takes arguments apart of which so many follow the path.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if one of them is missing.
 */
export function taken(args: readonly unknown[], count: number): Taken {
  const { given, done } = withoutCallback(args);
  const hasPath = given.length > count;
  // A callback that is not given may stand there as undefined, behind the rest.
  const rest = given.slice(hasPath ? 1 : 0).slice(0, count);
  if (rest.length < count || rest.includes(undefined)) throw invalid("be given");
  return { path: hasPath ? pathOf(given[0]) : undefined, rest, done };
}

/** Takes arguments apart that are numbers but for the path; those that are undefined are left out. */
export function takenNumbers(
  args: readonly unknown[],
): Taken & { readonly rest: readonly number[] } {
  const { given, done } = withoutCallback(args);
  const hasPath = given.length > 0 && typeof given[0] !== "number";
  const rest = given.slice(hasPath ? 1 : 0).filter((each) => each !== undefined);
  if (!rest.every((each) => typeof each === "number")) throw invalid("be a number");
  return { path: hasPath ? pathOf(given[0]) : undefined, rest, done };
}

function withoutCallback(args: readonly unknown[]): {
  readonly given: readonly unknown[];
  readonly done: Done | undefined;
} {
  const last = args.at(-1);
  if (typeof last !== "function") return { given: args, done: undefined };
  // Whether it takes what it is called with is its author's to say.
  return { given: args.slice(0, -1), done: last as Done };
}

/** What stands where a path may: `segmentsOf` says whether it is one. */
function pathOf(value: unknown): Path | undefined {
  return value as Path | undefined;
}

function invalid(rule: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_ARGUMENT", `Cannot use an argument as it must ${rule}`);
}
