/**
 * Values that no document can hold, and that somebody will send.
 *
 * @module
 */

/** A value that holds itself. */
export function cyclic(): unknown {
  const value: Record<string, unknown> = {};
  value["self"] = { again: value };
  return value;
}

/** Lists in lists. */
export function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

/** A value of 2^40 nodes that takes 40 lists to write down. */
export function exploding(): unknown {
  let value: unknown = 1;
  for (let level = 0; level < 40; level++) value = [value, value];
  return value;
}

/** A component whose verb is its prototype's. */
export function inherited(): unknown {
  return Object.create({ na: 1 }, { p: { value: ["n"], enumerable: true } });
}

/** A value with a property of its own by the name `__proto__`. */
export const ownProto: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
/** A list with a hole. */
// deno-lint-ignore no-sparse-arrays -- a hole is what is tried here.
export const sparse: unknown = [1, , 3];
