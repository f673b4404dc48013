/**
 * Cursors as users hold them: opaque text that says where a page or a feed goes on.
 *
 * A page's cursor carries a hash of the query it came from, so that one that was cut, altered or taken to another
 * query is told apart from a place. The hash is no secret: a cursor gives access to nothing but the order of a range
 * that its holder may read anyway.
 *
 * @module
 */

import { textOfBase64Url, toBase64Url } from "../bytes.ts";
import { ArgumentError } from "../errors.ts";
import type { JournalPosition } from "../wakes/port.ts";
import { after } from "./index_keys.ts";
import { compareUtf8, hash32 } from "../ordered_text.ts";
import type { EntryRange, ModelShape } from "./port.ts";

const POSITION = /^([\w-]{1,64})\.(0|[1-9]\d{0,15})\.([\w-]{0,64})$/;

/** The cursor of a page that ended at an entry. */
export function pageCursor(
  shape: ModelShape,
  range: EntryRange,
  isReverse: boolean,
  entry: string,
): string {
  return `${toBase64Url(entry)}.${checksum(shape, range, isReverse, entry)}`;
}

/**
 * What is left of a range at a page's cursor.
 *
 * @throws {ArgumentError} `ERR_INVALID_CURSOR` if the cursor is none of this query.
 */
export function rangeAfter(
  shape: ModelShape,
  range: EntryRange,
  isReverse: boolean,
  cursor: string,
): EntryRange {
  const [text = "", hash] = typeof cursor === "string" ? cursor.split(".") : [];
  const entry = textOfBase64Url(text);
  if (entry === undefined || hash !== checksum(shape, range, isReverse, entry)) throw refused();
  const isInside = compareUtf8(range.from, entry) <= 0 && compareUtf8(entry, range.to) < 0;
  if (!isInside) throw refused();
  return isReverse ? { from: range.from, to: entry } : { from: after(entry), to: range.to };
}

/** A position in a model's journal as a cursor. */
export function changeCursor({ epoch, index, tag }: JournalPosition): string {
  return `${epoch}.${index}.${tag}`;
}

/**
 * The position of a cursor.
 *
 * @throws {ArgumentError} `ERR_INVALID_CURSOR` if it has not the form of one.
 */
export function positionOf(cursor: string): JournalPosition {
  const [, epoch, index, tag] = typeof cursor === "string" ? POSITION.exec(cursor) ?? [] : [];
  if (epoch === undefined || tag === undefined || !Number.isSafeInteger(Number(index))) {
    throw refused();
  }
  return { epoch, index: Number(index), tag };
}

function refused(): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_CURSOR",
    "Cannot go on at a cursor as it must be one that this query gave",
  );
}

function checksum(
  { key }: ModelShape,
  { from, to }: EntryRange,
  isReverse: boolean,
  entry: string,
): string {
  return hash32(JSON.stringify([key, from, to, isReverse, entry])).toString(36);
}
