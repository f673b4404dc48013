/**
 * Message authentication codes: a text that only who holds the secret can have made.
 *
 * HMAC with SHA-256 (RFC 2104, RFC 6234) by the host's Web Crypto; the code is base64url text without padding.
 *
 * @module
 */

import { toBase64Url } from "./bytes.ts";

/** The code of a text under a secret: 43 URL-safe characters. */
export async function mac(secret: string, text: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, [
    "sign",
  ]);
  const code = await crypto.subtle.sign("HMAC", key, encoder.encode(text));
  return toBase64Url(new Uint8Array(code));
}

/** Whether a code was made for this text under this secret. Takes the same time for every wrong code of one length. */
export async function macMatches(secret: string, text: string, code: string): Promise<boolean> {
  const expected = await mac(secret, text);
  if (expected.length !== code.length) return false;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    difference |= expected.charCodeAt(i) ^ code.charCodeAt(i);
  }
  return difference === 0;
}
