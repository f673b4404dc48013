/**
 * Entries of a log, and bytes, as the texts that stand in Redis.
 *
 * An entry is `term:time:kind:…`; its index is its place in the list. A command's bytes stay readable where they are
 * UTF-8 text, which most are, and are base64 where they are not.
 *
 * @module
 */

import { fromBase64, toBase64 } from "../../src/bytes.ts";
import { HoldfastError } from "../../src/errors.ts";
import type { Entry, SessionStamp } from "../../src/raft/core/message.ts";
import type { Membership } from "../../src/raft/core/membership.ts";

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** An entry as text. */
export function entryText(entry: Entry): string {
  const head = `${entry.term}:${entry.timeMs}:`;
  switch (entry.kind) {
    case "command":
      return `${head}${commandText(entry.data, entry.session)}`;
    case "membership":
      return `${head}m:${JSON.stringify(entry.membership)}`;
    case "blank":
      return `${head}n:`;
    case "witnessed":
      return `${head}w:`;
  }
}

/** The entry that a text stands for. @throws {HoldfastError} `ERR_STORE_REGRESSED` if it is none. */
export function parseEntry(text: string, index: number): Entry {
  const [, term, timeMs, kind, rest = ""] = /^(\d+):(\d+):(\w):([^]*)$/.exec(text) ?? [];
  const head = { index, term: Number(term), timeMs: Number(timeMs) };
  switch (kind) {
    case "n":
      return { kind: "blank", ...head };
    case "w":
      return { kind: "witnessed", ...head };
    case "m": {
      // The text is our own, written by entryText().
      const membership: Membership = JSON.parse(rest);
      return { kind: "membership", ...head, membership };
    }
    case "c":
    case "b": {
      const at = rest.indexOf(":");
      const payload = rest.slice(at + 1);
      const data = kind === "c" ? encoder.encode(payload) : fromBase64(payload);
      return { kind: "command", ...head, data, session: stampOf(rest.slice(0, at)) };
    }
    default:
      throw new HoldfastError("ERR_STORE_REGRESSED", "Cannot read the log as an entry is damaged");
  }
}

function commandText(data: Uint8Array, session: SessionStamp | undefined): string {
  const stamp = session ? `${session.session}.${session.sequence}.${session.acknowledged}` : "";
  try {
    return `c:${stamp}:${decoder.decode(data)}`;
  } catch {
    // Not UTF-8.
    return `b:${stamp}:${toBase64(data)}`;
  }
}

function stampOf(text: string): SessionStamp | undefined {
  if (text === "") return undefined;
  const [session = 0, sequence = 0, acknowledged = 0] = text.split(".").map(Number);
  return { session, sequence, acknowledged };
}
