/**
 * Mutators as promises.
 *
 * @module
 */

/** The mutators. */
export const MUTATORS = [
  "set",
  "setNull",
  "setEach",
  "setDiff",
  "setDiffDeep",
  "setArrayDiff",
  "setArrayDiffDeep",
  "del",
  "add",
  "create",
  "createNull",
  "increment",
  "push",
  "unshift",
  "insert",
  "pop",
  "shift",
  "remove",
  "move",
  "stringInsert",
  "stringRemove",
] as const;

/** The name of a mutator. */
export type Mutator = (typeof MUTATORS)[number];

type Mutate = (this: unknown, ...args: unknown[]) => unknown;

/** The mutators of a view, each as a function that gives a promise. */
export function promised(
  view: Readonly<Record<Mutator, unknown>>,
): Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>> {
  return Object.fromEntries(MUTATORS.map((name) => [
    name,
    (...args) =>
      new Promise((resolve, reject) => {
        const done = (error?: unknown): void => {
          // After the mutator gave its result, which may be in this very call.
          queueMicrotask(() => error === undefined ? resolve(result) : reject(error));
        };
        // Every one of them takes its callback last.
        const result = (view[name] as Mutate).call(view, ...args, done);
      }),
  ]));
}
