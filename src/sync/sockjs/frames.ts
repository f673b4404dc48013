/**
 * The frames of SockJS 0.3.3, and its way to write text.
 *
 * @module
 */

import type { ModelEvent } from "../model_event.ts";

/** The frame that opens a session. */
export const OPEN_FRAME = "o";
/** The frame that shows a sign of life. */
export const HEARTBEAT_FRAME = "h";

/** What browsers and proxies of old could not be trusted with, beside what JSON escapes itself. */
// deno-lint-ignore no-control-regex -- the protocol names control characters among those to escape.
const UNTRUSTED = /[\x00-\x1f\ud800-\udfff\u200c-\u200f\u2028-\u202f\u2060-\u206f\ufff0-\uffff]/g;

/** A frame with messages. */
export function messagesFrame(quoted: readonly string[]): string {
  return `a[${quoted.join(",")}]`;
}

/** A frame that closes a session. */
export function closeFrame(code: number, reason: string): string {
  return `c[${code},${JSON.stringify(reason)}]`;
}

/** Puts a message in quotes. */
export type Quote = (text: string, event?: ModelEvent) => string;

/** Puts messages in quotes; that of a change once for all connections. */
export function quoter(): Quote {
  const written = new WeakMap<ModelEvent, string>();
  return (text, event) => {
    if (event === undefined || event.text !== text) return escaped(text);
    const known = written.get(event) ?? escaped(text);
    written.set(event, known);
    return known;
  };
}

/** The messages of a client's text: a JSON array of strings, or one string; `undefined` if it is neither. */
export function messagesOf(text: string): readonly string[] | undefined {
  if (text === "") return [];
  try {
    const value: unknown = JSON.parse(text);
    const list = Array.isArray(value) ? value : [value];
    return list.every((one) => typeof one === "string") ? list : undefined;
  } catch {
    // Only SyntaxError can come here.
    return undefined;
  }
}

function escaped(text: string): string {
  // JSON leaves whole pairs of surrogates as they are, and writes lone ones as escapes; the protocol wants all escaped.
  return JSON.stringify(text).replace(
    UNTRUSTED,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
