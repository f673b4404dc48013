/**
 * Lengths of time as users write them: a number of milliseconds, or a number with its unit.
 *
 * A text without a unit is refused, because nobody can tell `"60"` seconds from `"60"` milliseconds.
 *
 * @module
 */

import { ArgumentError, shown } from "./errors.ts";

/** Milliseconds as a number, `Infinity` included, or text such as `"250ms"`, `"10s"`, `"5m"`, `"1.5h"`, `"2d"`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const TEXT = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * The milliseconds of a duration.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`, naming the option, if it is negative, NaN, has no unit or no number.
 *
 * @example
 * ```ts
 * import { durationMs } from "@holdfast/holdfast";
 * import { strictEqual, throws } from "node:assert/strict";
 *
 * strictEqual(durationMs("1.5h", "ttl"), 5_400_000);
 * strictEqual(durationMs(250, "ttl"), 250);
 * throws(() => durationMs("60" as never, "ttl"), { code: "ERR_INVALID_OPTION" });
 * ```
 */
export function durationMs(duration: Duration, option: string): number {
  if (typeof duration === "number" && duration >= 0) return duration;
  if (typeof duration === "string") {
    const [, amount, unit = ""] = TEXT.exec(duration) ?? [];
    const unitMs = UNITS_MS[unit];
    if (amount !== undefined && unitMs !== undefined) return Number(amount) * unitMs;
  }
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot use ${option} as it must be milliseconds of at least 0 or text such as "10s": ` +
      `current value is ${shown(duration)}`,
  );
}
