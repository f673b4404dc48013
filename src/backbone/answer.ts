/**
 * The one place where a promise becomes callbacks.
 *
 * @module
 */

/** Who wants to know. */
export interface Callbacks {
  /** Called with what the work gives. */
  readonly success?: ((value: unknown) => unknown) | undefined;
  /** Called with why it failed. */
  readonly error?: ((failure: unknown) => unknown) | undefined;
}

/**
 * Tells callbacks what comes of a piece of work, and gives the promise of it.
 *
 * A failure of the work that the callbacks were told is told: nobody has to take the promise as well, so it never
 * becomes an unhandled rejection. What a callback itself throws rejects the promise like any other, and so reaches who
 * awaits it, or the host; it never turns a success into a call of `error`.
 */
export function answered<Value>(work: Promise<Value>, callbacks: Callbacks): Promise<Value> {
  const answer: Promise<Value> = outcomeOf(work).then((outcome) => {
    if (outcome.kind === "value") {
      callbacks.success?.(outcome.value);
      return outcome.value;
    }
    callbacks.error?.(outcome.failure);
    answer.catch(() => {});
    throw outcome.failure;
  });
  return answer;
}

async function outcomeOf<Value>(work: Promise<Value>): Promise<
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "failure"; readonly failure: unknown }
> {
  try {
    return { kind: "value", value: await work };
  } catch (failure) {
    // Whatever it is, its caller is told.
    return { kind: "failure", failure };
  }
}
