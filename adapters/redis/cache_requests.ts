/**
 * How what a cache asks for at once is laid out over requests.
 *
 * @module
 */

import type { StoreKey } from "../../src/cache/port.ts";

/** The most keys, and characters, of one request; more are sent in several. */
const KEYS_MAX = 500;
const CHARACTERS_MAX = 8_000_000;

/** The fields that are asked for of each hash, each once. */
export function groupByHash(keys: readonly StoreKey[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    if (typeof key === "string") continue;
    const fields = groups.get(key[0]) ?? [];
    if (!fields.includes(key[1])) groups.set(key[0], [...fields, key[1]]);
  }
  return groups;
}

/** Items in lists that fit a request. */
export function chunked<Item>(items: readonly Item[], lengthOf: (item: Item) => number): Item[][] {
  const chunks: Item[][] = [];
  let characters = Infinity;
  for (const item of items) {
    characters += lengthOf(item);
    const last = chunks.at(-1);
    if (last !== undefined && last.length < KEYS_MAX && characters <= CHARACTERS_MAX) {
      last.push(item);
      continue;
    }
    chunks.push([item]);
    characters = lengthOf(item);
  }
  return chunks;
}
