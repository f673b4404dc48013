/**
 * UUIDs of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random ones, so that ids sort by age.
 *
 * @module
 */

import type { Random } from "../random.ts";

/** A new UUID. */
export function uuidV7(nowMs: number, random: Random): string {
  const bytes = random.bytes(16);
  let time = nowMs;
  for (let at = 5; at >= 0; at--, time = Math.floor(time / 256)) bytes[at] = time % 256;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [0, 8, 12, 16, 20].map((from, at, starts) => hex.slice(from, starts[at + 1])).join("-");
}
