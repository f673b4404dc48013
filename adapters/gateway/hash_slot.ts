/**
 * The slot of a key in a Redis Cluster: CRC16 (XMODEM) of the key, or of what stands between its first braces.
 * Redis Cluster Specification, "Key distribution model".
 *
 * @module
 */

import type { Argument } from "./command.ts";

const SLOTS = 16_384;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** The slot of a key, from 0 to 16,383. */
export function hashSlot(key: Argument): number {
  const bytes = typeof key === "string" ? new TextEncoder().encode(key) : key;
  const open = bytes.indexOf(OPEN);
  const close = open < 0 ? -1 : bytes.indexOf(CLOSE, open + 1);
  const hashed = close > open + 1 ? bytes.subarray(open + 1, close) : bytes;
  let crc = 0;
  for (const byte of hashed) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return (crc & 0xffff) % SLOTS;
}
