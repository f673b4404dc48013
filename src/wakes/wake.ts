/**
 * The rules of channels and wakes, and a wake's form on the wire.
 *
 * The form is one line, `epoch SP index SP tag SP previousTag [SP entry]`, so that a script in a store can put it
 * together by joining strings, and an event stream can carry it.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { type Wake, WAKE_CHANNEL_LENGTH_MAX, WAKE_ENTRY_BYTES_MAX } from "./port.ts";

const NAME = /^[\w-]{1,64}$/;
const LINE = /^([\w-]{1,64}) (\d{1,16}) ([\w-]{1,64}) ([\w-]{0,64})(?: (.*))?$/s;

/**
 * Refuses what is no name of a channel: 1 to {@linkcode WAKE_CHANNEL_LENGTH_MAX} characters, well-formed Unicode.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT`.
 */
export function checkChannel(channel: string): void {
  const length = typeof channel === "string" ? channel.length : 0;
  if (length > 0 && length <= WAKE_CHANNEL_LENGTH_MAX && !/\p{Surrogate}/u.test(channel)) return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot use a channel as its name must have 1 to ${WAKE_CHANNEL_LENGTH_MAX} characters ` +
      `of well-formed Unicode: current length is ${length}`,
  );
}

/**
 * The wake as every driver delivers it: checked, copied, and without an entry that is not to travel.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if a part of it breaks its rule.
 */
export function carriedWake({ epoch, index, tag, previousTag, entry }: Wake): Wake {
  const named = NAME.test(epoch) && NAME.test(tag);
  const follows = index > 1 ? NAME.test(previousTag) : index === 1 && previousTag === "";
  if (!named || !follows || !Number.isSafeInteger(index)) {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      "Cannot publish a wake as epoch and tags must have 1 to 64 characters of A-Z a-z 0-9 - _, " +
        "and index must be a whole number of at least 1 (the first has no previous tag)",
    );
  }
  const position = { epoch, index, tag, previousTag };
  return entry !== undefined && travels(entry) ? { ...position, entry } : position;
}

/** Whether an entry is small enough, and one line of well-formed Unicode. */
export function travels(entry: string): boolean {
  return entry.length <= WAKE_ENTRY_BYTES_MAX && !/[\r\n\p{Surrogate}]/u.test(entry) && fits(entry);
}

/** A unit of UTF-16 is at most three bytes of UTF-8, so that most entries need no counting. */
function fits(entry: string): boolean {
  return entry.length * 3 <= WAKE_ENTRY_BYTES_MAX ||
    new TextEncoder().encode(entry).length <= WAKE_ENTRY_BYTES_MAX;
}

/** A wake as one line. */
export function encodeWake({ epoch, index, tag, previousTag, entry }: Wake): string {
  const position = `${epoch} ${index} ${tag} ${previousTag}`;
  return entry === undefined ? position : `${position} ${entry}`;
}

/** The wake of a line; `undefined` if it is none (a stranger published, or a later version did). */
export function decodeWake(line: string): Wake | undefined {
  const [, epoch, digits, tag, previousTag, entry] = LINE.exec(line) ?? [];
  if (epoch === undefined || tag === undefined || previousTag === undefined) return undefined;
  const index = Number(digits);
  if (!Number.isSafeInteger(index) || index < 1) return undefined;
  const position = { epoch, index, tag, previousTag };
  return entry === undefined ? position : { ...position, entry };
}
