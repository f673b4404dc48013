/**
 * Positions as text, for headers, cookies and addresses, and the check of those that users hand in.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { LogPosition } from "./port.ts";

const TEXT = /^([\w-]{1,64})\.(0|[1-9]\d{0,15})\.([\w-]{0,64})$/;

/** A position as text of `A-Z a-z 0-9 - _ .`, at most 146 characters. */
export function positionText({ epoch, index, tag }: LogPosition): string {
  return `${epoch}.${index}.${tag}`;
}

/**
 * The position of a text.
 *
 * @throws {ArgumentError} `ERR_INVALID_CURSOR` if it has not the form of one.
 *
 * @example
 * ```ts
 * import { parsePosition, positionText } from "@holdfast/holdfast/log";
 * import { strictEqual, throws } from "node:assert/strict";
 *
 * strictEqual(parsePosition("e1.12.t12").index, 12);
 * strictEqual(positionText({ epoch: "e1", index: 12, tag: "t12" }), "e1.12.t12");
 * throws(() => parsePosition("12"), { code: "ERR_INVALID_CURSOR" });
 * ```
 */
export function parsePosition(text: string): LogPosition {
  const [, epoch, index, tag] = TEXT.exec(text) ?? [];
  if (epoch === undefined || tag === undefined || !Number.isSafeInteger(Number(index))) {
    throw new ArgumentError(
      "ERR_INVALID_CURSOR",
      "Cannot use a position of a log as it must be one that a log gave",
    );
  }
  return { epoch, index: Number(index), tag };
}

/**
 * A position that a user gave, copied.
 *
 * @throws {ArgumentError} `ERR_INVALID_CURSOR` if it has not the form of one.
 */
export function checkedPosition(position: LogPosition): LogPosition {
  return parsePosition(positionText(Object(position)));
}
