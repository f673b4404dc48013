/**
 * A record in memory with all that it holds, and what the journal says of it.
 *
 * @module
 */

import { entryText } from "../../src/models/journal_entry.ts";
import type { PutWrite, StoredRecord } from "../../src/models/port.ts";

/** A record with all that it holds. */
export interface Held extends StoredRecord {
  /** Its claims. */
  readonly claims: readonly string[];
  /** With its id, and with the entry of its expiry. */
  readonly entries: readonly string[];
  /** Its scopes, as JSON text. */
  readonly scopes: string;
}

/** A record as it leaves the store. */
export function plain({ id, version, body, shape, expiresAtMs, isHidden }: Held): StoredRecord {
  return { id, version, body, shape, expiresAtMs, isHidden };
}

/** The entry of a write of a record. */
export function putEntry(
  { body, shape, scopes, isHidden }: PutWrite,
  id: string,
  before: Held | undefined,
  expiresAtMs: number | undefined,
): string {
  const old = before === undefined || before.isHidden ? undefined : before.scopes;
  if (isHidden) {
    return entryText({ kind: "delete", id, before: old ?? "null", after: "null", rest: "" });
  }
  const expires = expiresAtMs === undefined ? "" : `,"expires":${expiresAtMs}`;
  return entryText({
    kind: old === undefined ? "create" : "update",
    id,
    before: old ?? "null",
    after: scopes,
    rest: `,"shape":${shape}${expires},"body":${body}`,
  });
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
