/**
 * The few assertions that contract suites need, with no runner and no runtime behind them.
 *
 * @module
 */

import { type ErrorCode, HoldfastError } from "../../src/errors.ts";

/** Throws unless both values are the same by `Object.is`, or alike in structure. */
export function equal(actual: unknown, expected: unknown, what = "value"): void {
  if (!alike(actual, expected)) {
    throw new Error(
      `${what} differs\n  actual:   ${print(actual)}\n  expected: ${print(expected)}`,
    );
  }
}

/** Throws unless the condition holds. */
export function ok(condition: boolean, what: string): void {
  if (!condition) throw new Error(`does not hold: ${what}`);
}

/** Throws unless the action fails with an error of Holdfast that has this code. Returns the error. */
export async function fails(code: ErrorCode, action: () => unknown): Promise<Error> {
  let failure: unknown;
  try {
    await action();
  } catch (error) {
    // Any error is what this waits for.
    failure = error;
  }
  if (HoldfastError.is(failure, code)) return failure;
  throw new Error(
    `must fail with ${code}: ${failure === undefined ? "it succeeded" : print(failure)}`,
    {
      cause: failure,
    },
  );
}

function alike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof Map && b instanceof Map) return alike([...a], [...b]);
  if (a instanceof Set && b instanceof Set) return alike([...a], [...b]);
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && alike(Reflect.get(a, key), Reflect.get(b, key)));
}

function print(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  const text = JSON.stringify(value, (_key, part) => typeof part === "bigint" ? `${part}n` : part);
  return text === undefined ? String(value) : text.slice(0, 2_000);
}
