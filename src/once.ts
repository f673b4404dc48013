/**
 * One application per process, on hosts where the environment comes with the request.
 *
 * @module
 */

/**
 * A function that makes its value at the first call and gives the same one ever after. A call that throws keeps
 * nothing, so the next one tries again.
 *
 * On workerd the environment is an argument of each request, while an application is to be made once: its values may
 * be shared between requests, because creating any part of Holdfast does no I/O.
 *
 * @example
 * ```ts
 * import { once, open } from "@holdfast/holdfast";
 * import { strictEqual } from "node:assert/strict";
 *
 * const backendOf = once((env: Record<string, string | undefined>) => open(env));
 * strictEqual(backendOf({}), backendOf({}));
 * ```
 */
export function once<Input, Output>(make: (input: Input) => Output): (input: Input) => Output {
  let made: { readonly value: Output } | undefined;
  return (input) => (made ??= { value: make(input) }).value;
}
