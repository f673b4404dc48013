/**
 * How large an operation may be, so that nobody keeps a process busy with one.
 *
 * The bounds hold at the door, in `checkOp`. What passed it is taken at any size ever after: transformation makes
 * operations larger, and one that grew on its way must not be refused by those whom it reaches.
 *
 * @module
 */

import { checkOptions, LimitError, shown } from "../errors.ts";

/** The bounds of one operation. */
export interface OpLimits {
  /** How deep paths lead and values nest, together; 128 by default. */
  readonly depthMax: number;
  /** How many components an operation has, 1,000 by default. To transform two takes time by the product of theirs. */
  readonly componentsMax: number;
  /** How much an operation or a first state carries, about in characters of JSON; 1,048,576 by default. */
  readonly sizeMax: number;
}

/** What holds where nothing else is said. */
export const OP_LIMITS: OpLimits = { depthMax: 128, componentsMax: 1_000, sizeMax: 1_048_576 };

/** The bounds with none but that of the depth, which transformation does not change. */
export function onlyDepth({ depthMax }: OpLimits): OpLimits {
  return { depthMax, componentsMax: Infinity, sizeMax: Infinity };
}

/** The names of the bounds, for whoever checks options. */
export const LIMIT_NAMES: readonly (keyof OpLimits)[] = ["depthMax", "componentsMax", "sizeMax"];

/** No more than this is safe: values are walked by calls that nest. */
const DEPTH_MAX = 1_000;

/**
 * The bounds that some options ask for.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if there is an option that is not `known`.
 * @throws {LimitError} `ERR_INVALID_OPTION` if a bound is no whole number from 1, or a depth is above 1,000.
 */
export function limitsFrom(
  action: string,
  options: Partial<OpLimits>,
  known: readonly string[] = LIMIT_NAMES,
): OpLimits {
  checkOptions(action, options, known);
  const limits = { ...OP_LIMITS };
  for (const name of LIMIT_NAMES) {
    const value = options[name] ?? limits[name];
    const max = name === "depthMax" ? DEPTH_MAX : Number.MAX_SAFE_INTEGER;
    if (!Number.isSafeInteger(value) || value < 1 || value > max) {
      throw new LimitError(
        "ERR_INVALID_OPTION",
        `Cannot ${action} as ${name} must be a whole number from 1 to ${max}: current value is ${
          shown(value)
        }`,
      );
    }
    limits[name] = value;
  }
  return limits;
}
