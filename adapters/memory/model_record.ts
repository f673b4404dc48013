/**
 * A record in memory with all that it holds, and what the journal says of it.
 *
 * @module
 */

import { HoldfastError } from "../../src/errors.ts";
import { isNumberId } from "../../src/models/index_keys.ts";
import { entryText } from "../../src/models/journal_entry.ts";
import type { ModelWrite, StoredRecord } from "../../src/models/port.ts";
import type { EntryText } from "./model_journal.ts";

/** A record with all that it holds. */
export interface Held extends StoredRecord {
  /** Its claims. */
  readonly claims: readonly string[];
  /** With its id, and with the entry of its expiry. */
  readonly entries: readonly string[];
  /** Its scopes, as JSON text. */
  readonly scopes: string;
}

/** When something is written, and its random characters in the journal. */
export interface Moment {
  /** The store's time, in milliseconds since 1970. */
  readonly nowMs: number;
  /** The characters. */
  readonly tag: string;
}

/** A record as it leaves the store. */
export function plain({ id, version, body, shape, expiresAtMs, isHidden }: Held): StoredRecord {
  return { id, version, body, shape, expiresAtMs, isHidden };
}

/** What an entry has around the record's JSON, about. */
const FRAME_LENGTH = 100;

/** The entry of a write of a record: it and the record have the same body, and its text is made when it is read. */
export class PutEntry implements EntryText {
  readonly #held: Held;
  /** The scopes before; `undefined` if it was not there. */
  readonly #before: string | undefined;

  constructor(held: Held, before: Held | undefined) {
    this.#held = held;
    this.#before = before === undefined || before.isHidden ? undefined : before.scopes;
  }

  get length(): number {
    return (this.#held.body?.length ?? 0) + FRAME_LENGTH;
  }

  toString(): string {
    const { id, body, shape, scopes, expiresAtMs, isHidden } = this.#held;
    const before = this.#before ?? "null";
    if (isHidden) return entryText({ kind: "delete", id, before, after: "null", rest: "" });
    const expires = expiresAtMs === undefined ? "" : `,"expires":${expiresAtMs}`;
    return entryText({
      kind: this.#before === undefined ? "create" : "update",
      id,
      before,
      after: scopes,
      rest: `,"shape":${shape}${expires},"body":${body}`,
    });
  }
}

/** The entry of a deletion; `rest` as `EntryParts` has it. */
export function deleteEntry({ id, scopes, isHidden }: Held, rest: string): string {
  return entryText({
    kind: "delete",
    id,
    before: isHidden ? "null" : scopes,
    after: "null",
    rest,
  });
}

/** By what a record is found: ids that are numbers by the number, whose hash costs a third of its text's. */
export function keyOf(id: string): string | number {
  return isNumberId(id) ? Number(id) : id;
}

/** What a write claims. */
export function claimsOf(write: ModelWrite | undefined): readonly string[] {
  return write?.kind === "put" ? write.claims : NO_CLAIMS;
}

const NO_CLAIMS: readonly string[] = [];

/** The highest number that is or will be an id by some writes, without those that they draw. */
export function lastNumberWith(writes: readonly ModelWrite[], lastBefore: number): number {
  let [last, drawn] = [lastBefore, 0];
  for (const { kind, id } of writes) {
    if (id === undefined) drawn++;
    else if (kind === "put" && isNumberId(id)) last = Math.max(last, Number(id));
  }
  if (drawn === 0 || last + drawn <= Number.MAX_SAFE_INTEGER) return last;
  throw new HoldfastError(
    "ERR_LIMIT",
    "Cannot draw an id as the numbers up to 2^53 - 1 are used up",
  );
}
