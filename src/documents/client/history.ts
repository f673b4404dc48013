/**
 * Documents as they were: what is asked, and what is answered.
 *
 * @module
 */

import { ArgumentError } from "../../errors.ts";
import { checkNames } from "../names.ts";
import type { HistoryReply } from "../protocol/replies.ts";
import type { HistoryOptions, PastDocument } from "./connection_face.ts";
import { errorFrom, type Sent, type Wire } from "./wire.ts";

/** Asks for a past. */
export async function askPast(
  wire: Wire,
  collection: string,
  id: string,
  options: HistoryOptions,
): Promise<PastDocument> {
  const { signal } = options;
  signal?.throwIfAborted();
  if (wire.closedBy !== undefined) throw wire.closedBy;
  const message = pastRequest(collection, id, wire.nextNumber(), options);
  return await new Promise<PastDocument>((resolve, reject) => {
    const leave = wire.join({
      connected() {},
      flush() {},
      closed: reject,
      hasPending: true,
      isTouched: false,
    });
    const end = wire.inquire(message, (reply) => {
      leave();
      signal?.removeEventListener("abort", aborted);
      // A reply is one of its request's kind.
      const past = reply as HistoryReply;
      if (past.error === undefined) resolve(pastFrom(past));
      else reject(errorFrom(past.error));
    });
    const aborted = (): void => {
      leave();
      end();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

/** The request for a past. @throws {ArgumentError} `ERR_INVALID_ARGUMENT` unless it is of one moment, `ERR_INVALID_ID`. */
function pastRequest(
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
function pastFrom({ v, type, data }: HistoryReply): PastDocument {
  return { version: v ?? 0, type: type ?? undefined, data };
}
