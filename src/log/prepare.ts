/**
 * What users hand to a log, checked and written out before anything is sent; and what a log's texts mean.
 *
 * @module
 */

import { durationMs } from "../duration.ts";
import { ArgumentError, checkOptions, HoldfastError, LimitError, shown } from "../errors.ts";
import type { JournalEntry } from "../wakes/port.ts";
import { parseJson } from "../json.ts";
import type { LogEntry, LogOptions } from "./log_face.ts";
import {
  APPEND_BYTES_MAX,
  APPEND_ENTRIES_MAX,
  ENTRY_BYTES_MAX,
  type LogShape,
  type LogWriter,
} from "./port.ts";

/** The shape that options ask for. */
export function shapeOf<Event>(options: LogOptions<Event>): LogShape {
  checkOptions("create a log", options, ["name", "schema", "entriesMax", "bytesMax", "ageMax"]);
  const { name, entriesMax = 1_000_000, bytesMax = 67_108_864, ageMax = Infinity } = options;
  checkName("create a log", "name", name, 64, "ERR_INVALID_OPTION");
  checkWhole("create a log", "entriesMax", entriesMax, 1, 10_000_000);
  checkWhole("create a log", "bytesMax", bytesMax, 1_024, 100_000_000);
  return { name, entriesMax, bytesMax, ageMsMax: durationMs(ageMax, "ageMax") };
}

/** The texts of events, as the store keeps them. */
export function entryTexts(events: readonly unknown[]): readonly string[] {
  const rule = `Cannot append as events must be an array of 1 to ${APPEND_ENTRIES_MAX}`;
  if (!Array.isArray(events)) throw new ArgumentError("ERR_INVALID_ARGUMENT", rule);
  if (events.length < 1 || events.length > APPEND_ENTRIES_MAX) {
    throw new LimitError("ERR_LIMIT", rule);
  }
  const encoder = new TextEncoder();
  let total = 0;
  return events.map((event) => {
    const text = jsonText(event);
    // A unit of UTF-16 is at most three bytes: most entries need no counting.
    const isSmall = text.length * 3 * events.length <= ENTRY_BYTES_MAX;
    const bytes = isSmall ? text.length * 3 : encoder.encode(text).length;
    total += bytes;
    checkSize("an event", bytes, ENTRY_BYTES_MAX);
    checkSize("all events together", total, APPEND_BYTES_MAX);
    return text;
  });
}

/** A value as JSON text. */
export function jsonText(value: unknown): string {
  try {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch {
    // A circle, a bigint, or a toJSON() that throws: its message may quote the value.
  }
  throw new ArgumentError("ERR_NOT_SERIALIZABLE", "Cannot write a value that JSON does not carry");
}

/** Refuses what is over a bound of bytes. */
export function checkSize(what: string, bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw new LimitError(
    "ERR_TOO_LARGE",
    `Cannot write as ${what} must have at most ${bytesMax} bytes: current size is ${bytes}`,
  );
}

/** Refuses a text that is no name: visible ASCII without `;`. */
export function checkName(
  action: string,
  what: string,
  name: unknown,
  lengthMax: number,
  code: "ERR_INVALID_ARGUMENT" | "ERR_INVALID_OPTION" = "ERR_INVALID_ARGUMENT",
): asserts name is string {
  if (typeof name === "string" && name.length <= lengthMax && /^[!-:<-~]+$/.test(name)) return;
  const rule = `${what} must have 1 to ${lengthMax} visible ASCII characters without ";"`;
  throw new ArgumentError(code, `Cannot ${action} as ${rule}`);
}

/** Refuses what is no whole number of a range. */
export function checkWhole(
  action: string,
  what: string,
  value: number,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  const rule = `${what} must be a whole number from ${min} to ${max}`;
  const message = `Cannot ${action} as ${rule}: current value is ${shown(value)}`;
  throw new ArgumentError("ERR_INVALID_OPTION", message);
}

/** A writer that a user gave, copied. */
export function checkedWriter({ id, sequence }: LogWriter): LogWriter {
  checkName("append", "writer.id", id, 120);
  checkWhole("append", "writer.sequence", sequence, 1);
  return { id, sequence };
}

/** An entry as its reader gets it. */
export function entryOf<Event>(
  epoch: string,
  { index, tag, entry }: JournalEntry<string>,
): LogEntry<Event> {
  // What this log's own schema and types let in; another program's writing is that program's word.
  return { position: { epoch, index, tag }, event: valueOf(entry) as Event };
}

/** The value of a text that a log kept. */
export function valueOf(text: string): unknown {
  return parseJson(text, "what a log holds");
}

/** The failure of a wait for an index. */
export function notReached(): HoldfastError {
  return new HoldfastError("ERR_TIMEOUT", "Cannot read as the log must have reached minIndex");
}
