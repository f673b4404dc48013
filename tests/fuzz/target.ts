/**
 * What a fuzz target is, and from what its inputs are drawn.
 *
 * @module
 */

import { type ErrorCode, HoldfastError } from "../../src/errors.ts";
import fc from "fast-check";

/** A parser of what comes from outside, and what must hold of it. */
export interface FuzzTarget {
  /** Symbol and behaviour. */
  readonly name: string;
  /** Draws inputs from a seed until the time is up. Throws with the smallest input that breaks the rule. */
  readonly run: (seed: number, untilMs: number) => Promise<number>;
}

/** A target of some inputs and of what must hold for each of them. */
export function target<Input>(
  name: string,
  inputs: fc.Arbitrary<Input>,
  holds: (input: Input) => void | Promise<void>,
): FuzzTarget {
  return {
    name,
    run: async (seed, untilMs) => {
      const property = fc.asyncProperty(inputs, async (input) => await holds(input));
      const details = await fc.check(property, {
        seed,
        numRuns: Number.MAX_SAFE_INTEGER,
        interruptAfterTimeLimit: Math.max(1, untilMs - performance.now()),
      });
      if (details.failed) {
        throw new Error(`SEED=${seed}: ${fc.stringify(details.counterexample)}`, {
          cause: details.errorInstance,
        });
      }
      return details.numRuns;
    },
  };
}

/** Any text: from letters to lone surrogates. */
export function anyText(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.string({ unit: "grapheme", maxLength: 50 }),
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 50 }).map((units) =>
      String.fromCharCode(...units)
    ),
  );
}

/** Any bytes. */
export function anyBytes(): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength: 400 });
}

/** A text that is nearly one of these: pieces of it left out, doubled, moved or replaced. */
export function nearly(...samples: readonly string[]): fc.Arbitrary<string> {
  const cut = fc.tuple(
    fc.nat(),
    fc.nat(20),
    fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom(...ODD)),
  );
  return fc.tuple(fc.constantFrom(...samples), fc.array(cut, { maxLength: 4 })).map(
    ([sample, cuts]) =>
      cuts.reduce((text, [at, count, by]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + by + text.slice(from + count);
      }, sample),
  );
}

/** What parsers trip over. */
const ODD: readonly string[] = [
  "__proto__",
  "constructor",
  "\u0000",
  "\ud800",
  "\u2028",
  "\r\n",
  "9".repeat(20),
  "-1",
  "1e999",
  "%",
  "%00",
  "%ff",
  "[[[[",
  "{}",
  '"',
  "\\",
  "null",
  "🙂",
  "=",
  ":",
  ",",
  " ",
];

/**
 * What the action gives; `undefined` if it refuses by one of these codes, and nothing else.
 *
 * @throws whatever else it throws.
 */
export function refusing<Value>(
  action: () => Value,
  ...codes: readonly ErrorCode[]
): Value | undefined {
  try {
    return action();
  } catch (error) {
    if (codes.some((code) => HoldfastError.is(error, code))) return undefined;
    throw error;
  }
}

/** Throws if an object that everything inherits from was given a property. */
export function assertUnpolluted(): void {
  for (const name in {}) throw new Error(`Object.prototype has ${name}`);
}
