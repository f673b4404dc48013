/**
 * A promise that somebody else settles. `Promise.withResolvers` is not on every host that the client runs on.
 *
 * @module
 */

/** A promise with what settles it. */
export interface Deferred<Value> {
  /** Who waits takes this. */
  readonly promise: Promise<Value>;
  /** Settles it well. */
  readonly resolve: (value: Value) => void;
  /** Settles it badly. */
  readonly reject: (reason: unknown) => void;
}

/** A promise that is not settled. */
export function deferred<Value>(): Deferred<Value> {
  const settle: Partial<Pick<Deferred<Value>, "resolve" | "reject">>[] = [];
  const promise = new Promise<Value>((resolve, reject) => settle.push({ resolve, reject }));
  const [{ resolve = () => {}, reject = () => {} } = {}] = settle;
  return { promise, resolve, reject };
}
