/**
 * The texts by which a model's records are found: each is a path of parts with a separator that sorts before all
 * that a part may hold, and its parts are scalars as `ordered_text.ts` writes them.
 *
 * @module
 */

import { hash32 } from "../ordered_text.ts";

/** What stands between the parts of a claim and of an entry. */
export const SEPARATOR = "\u0000";
/** Sorts right after everything that begins with what is before the separator. */
const AFTER_SEPARATOR = "\u0001";

const WHOLE = /^(?:0|[1-9]\d{0,15})$/;

/** Whether an id is the text of a number from 0 to 2^53 - 1, written the one way. */
export function isNumberId(id: string): boolean {
  return WHOLE.test(id) && Number(id) <= Number.MAX_SAFE_INTEGER;
}

/** An id as the end of an entry: numbers in their order (the letter counts the digits), then all others. */
export function idSuffix(id: string): string {
  return isNumberId(id) ? String.fromCharCode(64 + id.length) + id : `s${id}`;
}

/** An entry of a record: where it stands, and the record's id. */
export function withId(entry: string, id: string): string {
  return withSuffix(entry, idSuffix(id));
}

/** An entry of a record whose {@linkcode idSuffix} is known. */
export function withSuffix(entry: string, suffix: string): string {
  // One flat text, as it is compared again and again.
  return [entry, suffix].join(SEPARATOR);
}

/** The id at the end of an entry. */
export function idOfEntry(entry: string): string {
  return entry.slice(entry.lastIndexOf(SEPARATOR) + 2);
}

/** Everything that goes on after `prefix` and a separator. */
export function rangeOf(prefix: string): { readonly from: string; readonly to: string } {
  return { from: prefix + SEPARATOR, to: prefix + AFTER_SEPARATOR };
}

/** The first text after another one. */
export function after(text: string): string {
  return text + SEPARATOR;
}

/** Where all members of a record's sets stand, without the separator before the set. */
export function membersPrefix(id: string): string {
  return ["m", idSuffix(id)].join(SEPARATOR);
}

/** Where the members of a record's set stand, without the separator before the member. */
export function memberPrefix(set: string, id: string): string {
  return [membersPrefix(id), set].join(SEPARATOR);
}

/** Where the records stand whose set has a member, without the separator before the id. */
export function memberOfPrefix(set: string, member: string): string {
  return ["r", set, member].join(SEPARATOR);
}

/** Where a record stands that expires: the moment in milliseconds, in digits of one length. */
export function expiryEntry(atMs: number): string {
  return ["x", String(Math.floor(atMs)).padStart(16, "0")].join(SEPARATOR);
}

/** Which of `shards` a text belongs to: by the value of a number id, else by an FNV-1a hash. */
export function shardOf(text: string, shards: number): number {
  if (shards === 1) return 0;
  if (isNumberId(text)) return Number(text) % shards;
  return hash32(text) % shards;
}
