/**
 * Keys that are too long for a store, shortened.
 *
 * @module
 */

import { type KeyMangler, utf8Bytes } from "./key.ts";
import { sha256 } from "./sha256.ts";

/** What the keys begin with that stand for longer ones. */
const MARK = "~#";

/**
 * A mangler that leaves keys alone up to a length, and puts the SHA-256 of longer ones in their place.
 *
 * @param bytesMax The longest key that is left alone, in bytes of UTF-8.
 *
 * @example
 * ```ts
 * import { createCache, hashLongKeys } from "@holdfast/holdfast/cache";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { strictEqual } from "node:assert/strict";
 *
 * const pages = createCache(memory(), { name: "pages", mangleKey: hashLongKeys(512) });
 * await pages.set("x".repeat(100_000), "long");
 * strictEqual(await pages.get("x".repeat(100_000)), "long");
 * ```
 */
export function hashLongKeys(bytesMax = 512): KeyMangler {
  // Keys that look like hashes are hashed too, so that nobody can choose one that stands for another.
  return (key) => utf8Bytes(key) > bytesMax || key.startsWith(MARK) ? MARK + sha256(key) : key;
}
