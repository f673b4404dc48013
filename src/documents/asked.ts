/**
 * Calls what a server's owner gave: rules and functions on the way.
 *
 * @module
 */

import type { Hooks } from "./middleware.ts";
import { isRefusal, refusalOf } from "./refusal.ts";

/** Hears of what failed and was not a client's mistake. */
export type OnError = ((error: unknown) => void) | undefined;

/** Calls one function or several in turn. What they throw has a code. */
export async function run<Context>(
  hooks: Hooks<Context> | undefined,
  context: Context,
  onError: OnError,
): Promise<void> {
  for (const hook of listOf(hooks)) await told(() => hook(context), onError);
}

/** The same for what can refuse nothing any more: all of it is called, and the owner hears of whatever is thrown. */
export async function runAll<Context>(
  hooks: Hooks<Context> | undefined,
  context: Context,
  onError: OnError,
): Promise<void> {
  for (const hook of listOf(hooks)) {
    try {
      await hook(context);
    } catch (error) {
      // A function of the owner's may throw whatever it likes.
      onError?.(error);
    }
  }
}

/** What a rule gives; what it throws has a code. The owner hears of it, unless it has a code already: then it refuses. */
export async function told<T>(rule: () => T | PromiseLike<T>, onError: OnError): Promise<T> {
  try {
    return await rule();
  } catch (error) {
    // A rule refuses by throwing whatever it likes.
    if (!isRefusal(error)) onError?.(error);
    throw refusalOf(error);
  }
}

function listOf<Context>(hooks: Hooks<Context> | undefined) {
  if (hooks === undefined) return [];
  return typeof hooks === "function" ? [hooks] : hooks;
}
