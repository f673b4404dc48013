/**
 * Writes on their way: what a caller gives, as a write; a write as a message; and what an answer means for it.
 *
 * @module
 */

import { ArgumentError, LimitError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { codeOf } from "./sync_error.ts";
import type { ResolveConflict } from "./face.ts";
import { type ClientMessage, MESSAGE_BYTES_MAX } from "../messages.ts";
import type { Answer, NewWrite } from "./queue.ts";
import {
  afterWrite,
  isRecord,
  isRecordId,
  type QueueEntry,
  type SyncRecord,
} from "./queue_entry.ts";

/** The most writes that wait. */
export const QUEUE_MAX = 1_000;

/** Codes after which the same may be sent again. */
const PASSING = ["ERR_UNAVAILABLE", "ERR_TIMEOUT", "ERR_RATE_LIMITED", "ERR_CLOSED"];

/**
 * A write of what a caller gave, detached from it.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` or `ERR_INVALID_ID` if it is none.
 * @throws {LimitError} `ERR_TOO_LARGE` if no message can carry it, `ERR_LIMIT` if too many wait.
 */
export function writeOf(
  write: Omit<NewWrite, "data"> & { readonly data: unknown },
  waiting: number,
): NewWrite {
  if (write.id !== undefined && !isRecordId(write.id)) {
    throw new ArgumentError(
      "ERR_INVALID_ID",
      "Cannot write as the id must be text or a whole number",
    );
  }
  const data = fieldsOf(write.data);
  if (waiting >= QUEUE_MAX) {
    throw new LimitError("ERR_LIMIT", `Cannot write as ${QUEUE_MAX} writes wait for the server`);
  }
  return { ...write, data };
}

/** Fields as JSON carries them, without what is not a record's own. */
function fieldsOf(given: unknown): JsonObject {
  const text = JSON.stringify(given) ?? "";
  // A kilobyte for what the message has besides.
  if (new TextEncoder().encode(text).length > MESSAGE_BYTES_MAX - 1_024) {
    throw new LimitError("ERR_TOO_LARGE", `Cannot write more than ${MESSAGE_BYTES_MAX} bytes`);
  }
  const value: unknown = text === "" ? undefined : JSON.parse(text);
  if (!isJsonObject(value)) {
    throw new ArgumentError("ERR_INVALID_ARGUMENT", "Cannot write as a record must be an object");
  }
  const { id: _id, $version: _version, ...fields } = value;
  return fields;
}

/** Whether an answer is a refusal that passes: the same may be asked again. */
export function isPassing({ code }: JsonObject): boolean {
  return PASSING.includes(codeOf(code));
}

/** The message of an entry. */
export function messageOf(
  { model, verb, id, isNew, data, isPatch, base, isChecked, tx }: QueueEntry,
): ClientMessage {
  const version = base?.$version;
  return {
    event: `${model}:${verb}`,
    data: verb === "delete" ? { id } : isNew ? data : { ...data, id },
    tx,
    ...isPatch && { patch: true },
    ...isChecked && typeof version === "string" && { v: version },
  };
}

/** What an answer means for an entry. */
export function answerOf(
  { verb }: QueueEntry,
  reply: JsonObject,
  resolution: (current: SyncRecord | undefined) => JsonObject | undefined,
): Answer {
  const { code, error, data, details, seq } = reply;
  if (code === undefined && error === undefined) {
    const record = isRecord(data) ? data : undefined;
    // What is acknowledged without a record is no acknowledgement.
    if (record === undefined && verb === "upsert") return { kind: "refused" };
    return { kind: "done", record: verb === "upsert" ? record : undefined, seq: seqOf(seq) };
  }
  if (isPassing(reply)) {
    const { retryAfterMs } = Object(details);
    return {
      kind: "failed",
      afterMs: retryAfterMs > 0 ? Math.min(Number(retryAfterMs), 60_000) : undefined,
    };
  }
  if (code === "ERR_OUTCOME_UNKNOWN") return { kind: "unknown" };
  if (code !== "ERR_CONFLICT") return { kind: "refused" };
  const { current } = Object(details);
  const theirs = isRecord(current) ? current : undefined;
  return { kind: "conflict", current: theirs, resolution: resolution(theirs) };
}

/** What a user's function makes of a conflict. */
export function resolved(
  entry: QueueEntry,
  theirs: SyncRecord | undefined,
  resolve: ResolveConflict,
): JsonObject | undefined {
  const { model, base } = entry;
  const mine = afterWrite(base, entry);
  const fields = mine && resolve({ model, base, mine, theirs });
  return fields && fieldsOf(fields);
}

function seqOf(seq: unknown): number | undefined {
  return typeof seq === "number" && seq > 0 ? seq : undefined;
}
