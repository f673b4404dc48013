/**
 * Bytes: joined from chunks, and written as text.
 *
 * @module
 */

/** As many arguments as a call may have everywhere; a multiple of three, so that the texts can be joined. */
const SLICE = 0x6000;

/** All chunks as one. */
export function joined(
  chunks: readonly Uint8Array[],
  sizeBytes: number = chunks.reduce((sum, { length }) => sum + length, 0),
): Uint8Array {
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Bytes as base64 (RFC 4648, §4). */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += SLICE) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + SLICE)));
  }
  return text;
}

/** The bytes of base64. Throws the host's error if it is none. */
export function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** A text, or bytes, as base64 that may stand in a URL (RFC 4648, §5), without padding. */
export function toBase64Url(source: string | Uint8Array): string {
  const bytes = typeof source === "string" ? new TextEncoder().encode(source) : source;
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The text of such base64; `undefined` if it is none, or not UTF-8 inside. */
export function textOfBase64Url(text: string): string | undefined {
  try {
    const bytes = fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // What somebody made up.
    return undefined;
  }
}
