/**
 * Documents as they were: what is asked, and what is answered.
 *
 * @module
 */

import { ArgumentError } from "../../errors.ts";
import { checkNames } from "../names.ts";
import type { HistoryReply } from "../protocol/replies.ts";
import type { HistoryOptions, PastDocument } from "./face.ts";
import type { Sent } from "./wire.ts";

/** The request for a past. @throws {ArgumentError} `ERR_INVALID_ARGUMENT` unless it is of one moment, `ERR_INVALID_ID`. */
export function pastRequest(
  collection: string,
  id: string,
  number: number,
  { version, time }: HistoryOptions,
): Sent {
  checkNames(collection, [id]);
  const isOne = (version === undefined) !== (time === undefined);
  const value = version ?? time;
  if (!isOne || !Number.isSafeInteger(value) || Number(value) < 0) {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      "Cannot tell the history as either version or time must be a whole number from 0",
    );
  }
  const which = version === undefined ? { a: "nt", ts: time } : { a: "nf", v: version };
  return { ...which, id: number, c: collection, d: id };
}

/** The past that a reply tells. */
export function pastFrom({ v, type, data }: HistoryReply): PastDocument {
  return { version: v ?? 0, type: type ?? undefined, data };
}
