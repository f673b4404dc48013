/**
 * The events of a stream of server-sent events, as its bytes come.
 *
 * Source: WHATWG HTML, "Server-sent events", 9.2.6 (interpreting an event stream).
 *
 * @module
 */

import { HoldfastError } from "./errors.ts";

/** One event. */
export interface RemoteEvent {
  /** Its name. */
  readonly event: string;
  /** The last id that the stream told; `""` for none. */
  readonly id: string;
  /** What it says; `undefined` for one that only moves the id. */
  readonly data: string | undefined;
}

/** The most characters of one event. */
export const EVENT_LENGTH_MAX = 1_048_576;

/** Takes the bytes of a stream, and gives the events that are complete. */
export function eventReader(): (bytes: Uint8Array) => readonly RemoteEvent[] {
  const decoder = new TextDecoder();
  let rest = "";
  let id = "";
  return (bytes) => {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? "";
    if (rest.length > EVENT_LENGTH_MAX) {
      throw new HoldfastError("ERR_TOO_LARGE", "Cannot read an event that is too large");
    }
    return blocks.map((block) => {
      const fields = new Map<string, string>();
      for (const line of block.split(/\r?\n/)) {
        const [, name = "", value = ""] = /^(\w+): ?(.*)$/s.exec(line) ?? [];
        const before = name === "data" ? fields.get(name) : undefined;
        fields.set(name, before === undefined ? value : `${before}\n${value}`);
      }
      id = fields.get("id") ?? id;
      return { event: fields.get("event") ?? "message", id, data: fields.get("data") };
    });
  };
}
