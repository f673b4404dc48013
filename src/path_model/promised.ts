/**
 * Mutators as promises.
 *
 * @module
 */

import type { PathModel } from "./model.ts";

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

/** The mutators, each giving a promise of its result that resolves when the mutation is committed. */
export type Promised = {
  readonly [Name in (typeof MUTATORS)[number]]: (
    ...args: Parameters<PathModel[Name]>
  ) => Promise<ReturnType<PathModel[Name]>>;
};

/** The mutators of a view as promises. */
export function promised(model: PathModel): Promised {
  const entries = MUTATORS.map((name) => [
    name,
    (...args: readonly unknown[]) =>
      new Promise((resolve, reject) => {
        const mutate = model[name] as (this: PathModel, ...args: unknown[]) => unknown;
        const result = mutate.call(model, ...filled(name, args), (error?: unknown) => {
          // After the mutator gave its result, which may be in this very call.
          queueMicrotask(() => error === undefined ? resolve(result) : reject(error));
        });
      }),
  ]);
  // Each of the names has its function.
  return Object.fromEntries(entries) as Promised;
}

/** These take a path and then the callback, so that the path must be there. */
function filled(name: string, args: readonly unknown[]): readonly unknown[] {
  return ["del", "pop", "shift"].includes(name) && args.length === 0 ? [undefined] : args;
}
