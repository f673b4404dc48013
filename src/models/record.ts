/**
 * Records as their users see them, from what a store keeps.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { isJsonObject, type JsonObject, parseJson } from "../json.ts";
import type { Change } from "./change.ts";
import { changeCursor } from "./cursor.ts";
import type { ModelDefinition } from "./definition.ts";
import { decodeScalar } from "../ordered_text.ts";
import { type ModelEntry, parseEntry } from "./journal_entry.ts";
import type { StoredRecord } from "./port.ts";
import { type Fields, idOfText } from "./record_keys.ts";
import type { ModelTypes, RecordOf } from "./record_types.ts";
import type { JournalEntry } from "../wakes/port.ts";

/** A record's state, as a store tells it in several ways. */
export interface RecordState {
  /** The record's id. */
  readonly id: string;
  /** Its version. */
  readonly version: string;
  /** When it expires. */
  readonly expiresAtMs: number | undefined;
}

/**
 * The record that a store keeps.
 *
 * @throws {HoldfastError} `ERR_MALFORMED` if what is stored is no record.
 */
export function recordOf<T extends ModelTypes>(
  definition: ModelDefinition<T>,
  stored: StoredRecord,
): RecordOf<T> {
  return withFields(definition, stored, storedFields(definition, stored));
}

/** The fields of a stored record, in the definition's present shape. */
export function storedFields<T extends ModelTypes>(
  definition: ModelDefinition<T>,
  { body, shape }: Pick<StoredRecord, "body" | "shape">,
): JsonObject {
  const fields = body === undefined ? undefined : parseJson(body, "a record");
  if (!isJsonObject(fields)) {
    throw new HoldfastError("ERR_MALFORMED", "Cannot read a record as it must be a JSON object");
  }
  return presentShape(definition, fields, shape);
}

/** A record of stored fields. */
export function withFields<T extends ModelTypes>(
  definition: ModelDefinition<T>,
  { id, version, expiresAtMs }: RecordState,
  stored: JsonObject,
): RecordOf<T> {
  const fields = definition.codec === undefined ? stored : definition.codec.decode(stored);
  const record = {
    id: idOfText(definition.plan, id),
    ...fields,
    $version: version,
  };
  const whole = expiresAtMs === undefined ? record : { ...record, $expiresAt: expiresAtMs };
  // The schema accepted these fields when they were written.
  return whole as unknown as RecordOf<T>;
}

/** A record's own fields: without id, version and what else every record has. */
export function fieldsOf(record: object): Fields {
  const named: Fields = { ...record };
  const { id: _id, $version: _version, $expiresAt: _expiresAt, ...fields } = named;
  return fields;
}

/** The change that an entry of the journal tells of; `undefined` for one that changed nothing. */
export function changeOf<T extends ModelTypes>(
  definition: ModelDefinition<T>,
  epoch: string,
  { index, tag, entry: text }: JournalEntry<string>,
): Change<T> | undefined {
  const entry = parseEntry(text);
  if (entry.kind === "none") return undefined;
  const base = {
    // Ids and scopes have the types of the definition that wrote them.
    id: idOfText(definition.plan, entry.id) as T["id"],
    index,
    cursor: changeCursor({ epoch, index, tag }),
    before: entry.before as Partial<T["fields"]> | undefined,
    after: entry.after as Partial<T["fields"]> | undefined,
  };
  switch (entry.kind) {
    case "delete":
      return { ...base, kind: "delete", isExpiry: entry.isExpiry };
    case "members":
      return {
        ...base,
        kind: "members",
        set: entry.set ?? "",
        added: entry.added.map(decodeScalar),
        removed: entry.removed.map(decodeScalar),
      };
    default:
      return { ...base, kind: entry.kind, record: writtenRecord(definition, entry, index, tag) };
  }
}

function writtenRecord<T extends ModelTypes>(
  definition: ModelDefinition<T>,
  { id, body = {}, shape, expiresAtMs }: ModelEntry,
  index: number,
  tag: string,
): RecordOf<T> {
  const state = { id, version: `${index}-${tag}`, expiresAtMs };
  return withFields(definition, state, presentShape(definition, body, shape));
}

function presentShape<T extends ModelTypes>(
  definition: ModelDefinition<T>,
  fields: JsonObject,
  shape: number,
): JsonObject {
  const { plan, migrate } = definition;
  if (shape >= plan.version || migrate === undefined) return fields;
  // What migrate gives is fields of the present shape; they are encoded like those that are written.
  const present = migrate(fields, shape);
  return encoded(definition, present) as JsonObject;
}

/** Fields as they are stored: what the codec makes of them, if there is one. */
export function encoded<T extends ModelTypes>(
  { codec }: ModelDefinition<T>,
  fields: object,
): object {
  return codec === undefined ? fields : codec.encode(fields);
}
