/**
 * Calls that answer by a callback if they are given one, and by a promise if not.
 *
 * @module
 */

import { HoldfastError } from "../../src/errors.ts";
import { NotLeaderError } from "../../src/raft/node_errors.ts";

/** Called once: with an error, or with null and the value. */
export type Callback<Value = void> = (error: Error | null, value?: Value) => void;

/** A failure as the ancestor told it. */
export class SkiffError extends Error {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "SkiffError";
  /** What happened: `"ENOTLEADER"` or `"ENOTFOUND"`; what is Holdfast's own is thrown as it is. */
  readonly code: "ENOTLEADER" | "ENOTFOUND";
  /** Who leads, as far as is known. */
  readonly leader: string | undefined;
  /** Whether a key is not there, as level's errors say it. */
  readonly notFound: boolean;

  /** Makes an error. */
  constructor(code: SkiffError["code"], message: string, leader?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.leader = leader;
    this.notFound = code === "ENOTFOUND";
  }
}

/** The result of work, told by the callback or, without one, by the promise that is returned. */
export async function told<Value>(
  work: () => Promise<Value>,
  callback: Callback<Value> | undefined,
): Promise<Value> {
  const doing = work().catch((error) => Promise.reject(asTheAncestor(error)));
  if (callback === undefined) return await doing;
  doing.then((value) => queueMicrotask(() => callback(null, value)), (error) => {
    queueMicrotask(() => callback(error));
  });
  // Who gave a callback hears of a failure there, and not once more as a rejection that nobody handles.
  return await doing.catch(() => undefined as Value);
}

function asTheAncestor(error: unknown): unknown {
  if (!HoldfastError.is(error, "ERR_NOT_LEADER")) return error;
  const leader = error instanceof NotLeaderError ? error.leader : undefined;
  return new SkiffError("ENOTLEADER", error.message, leader, { cause: error });
}
