/**
 * What waits in a client's queue: one write of one record, as plain data that a storage keeps as text.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject } from "../../json.ts";

/** The id of a record. A record that no server has seen yet has a temporary one, which is a text. */
export type RecordId = string | number;

/** A record as the wire carries it: its id, its fields, and its version. */
export interface SyncRecord extends JsonObject {
  /** The record's id. */
  readonly id: RecordId;
}

/** A write that waits to be acknowledged. */
export interface QueueEntry {
  /** Its own name, never used again: `client.number`. */
  readonly key: string;
  /** The model's name on the wire. */
  readonly model: string;
  /** What is done. */
  readonly verb: "upsert" | "delete";
  /** The record; temporary while `isNew`, and in what follows a creation that is not acknowledged. */
  readonly id: RecordId;
  /** Whether the server gives the id. */
  readonly isNew: boolean;
  /** The fields, without the id. */
  readonly data: JsonObject;
  /** Whether fields that are not named stay as they are. */
  readonly isPatch: boolean;
  /** The record that the write was made on; `undefined` if there was none. */
  readonly base: SyncRecord | undefined;
  /** Whether it is refused when somebody else wrote since `base`. */
  readonly isChecked: boolean;
  /** Its position as `source/index`, given when it is sent first and kept for every time it is sent again. */
  readonly tx: string | undefined;
  /** How often it was sent under its position. */
  readonly sends: number;
  /** How often it met a conflict that was resolved. */
  readonly conflicts: number;
}

/** Whether a value can be the id of a record. */
export function isRecordId(value: unknown): value is RecordId {
  return typeof value === "string" ? value !== "" : Number.isSafeInteger(value);
}

/** Whether a value is a record: an object with an id. */
export function isRecord(value: unknown): value is SyncRecord {
  return isJsonObject(value) && Object.hasOwn(value, "id") && isRecordId(value.id);
}

/** The number that a version begins with: the place of the record's last write in its model's journal. */
export function seqOf(version: unknown): number {
  const seq = parseInt(typeof version === "string" ? version : "");
  return seq >= 0 ? seq : 0;
}

/** What a record looks like once a write is made; `undefined` if it is deleted. */
export function afterWrite(
  record: SyncRecord | undefined,
  { verb, id, data, isPatch }: QueueEntry,
): SyncRecord | undefined {
  if (verb === "delete") return undefined;
  const version = record?.$version;
  return {
    ...isPatch ? record : version !== undefined && { $version: version },
    ...data,
    id,
  };
}

/** The record of an id as its owner sees it: as the server has it, with what waits. */
export function seen(
  entries: readonly QueueEntry[],
  model: string,
  id: RecordId,
  record: SyncRecord | undefined,
): SyncRecord | undefined {
  return entries.filter((one) => one.model === model && one.id === id)
    .reduce<SyncRecord | undefined>(afterWrite, record);
}

/** A value in which every text that is one of these ids is the id that it became. */
export function withIds<Value extends Json>(
  value: Value,
  ids: ReadonlyMap<string, RecordId>,
): Value;
export function withIds(value: Json, ids: ReadonlyMap<string, RecordId>): Json {
  if (typeof value === "string") return ids.get(value) ?? value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((part) => withIds(part, ids));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, withIds(part, ids)]),
  );
}

/** Whether a text stands anywhere among the values of a value. */
export function names(value: Json, text: string): boolean {
  if (typeof value !== "object" || value === null) return value === text;
  return Object.values(value).some((part) => names(part, text));
}

/** Entries as a storage keeps them. */
export function entriesText(entries: readonly QueueEntry[]): string {
  return JSON.stringify(entries);
}

/** The entries of a text; what is none is left out, as a storage is open to everybody. */
export function entriesOf(text: string | null | undefined): readonly QueueEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "[]");
  } catch {
    // Not ours, or cut off: there is nothing in it that could be sent.
  }
  return Array.isArray(value) ? value.filter(isEntry) : [];
}

function isEntry(value: unknown): value is QueueEntry {
  if (!isJsonObject(value)) return false;
  const { key, model, verb, id, data, base, tx, sends, conflicts } = value;
  return typeof key === "string" && typeof model === "string" &&
    (verb === "upsert" || verb === "delete") && isRecordId(id) && isJsonObject(data) &&
    (base === undefined || isRecord(base)) && (tx === undefined || typeof tx === "string") &&
    typeof sends === "number" && typeof conflicts === "number";
}
