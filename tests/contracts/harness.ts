/**
 * What a contract suite asks of whoever runs it: a way to register a test, and a way to open a fresh store.
 *
 * A suite is a function of the two, so the same one runs under `Deno.test`, `node:test` or any other runner, and proves
 * a driver that a stranger wrote. Time belongs to the bench: a fake clock steps, a real server waits.
 *
 * @module
 */

/** Registers one test: `Deno.test`, `test` of `node:test`, `it` of vitest, … */
export type TestFunction = (name: string, run: () => Promise<void>) => unknown;

/** One fresh store that shares nothing with any other, and the power to let time pass for it. */
export interface Bench<Store> extends AsyncDisposable {
  /** The store under test, empty. */
  readonly store: Store;
  /** Another handle on the same data, as a second process would have it. */
  peer(): Promise<Store>;
  /** Lets `ms` milliseconds pass: a fake clock steps, a real server waits. Suites ask for less than 500 at a time. */
  advance(ms: number): Promise<void>;
}

/** Opens a bench; called once per test. */
export type OpenBench<Store> = () => Promise<Bench<Store>>;
