/**
 * The heap that a million entries take beyond their keys and texts: a program of its own, because garbage must be
 * collected at will (`--v8-flags=--expose-gc`). Prints bytes per entry as JSON.
 *
 * @module
 */

import { LRUCache } from "npm:lru-cache@^11.2.4";
import { memoryCacheStore } from "../../adapters/memory/cache.ts";
import { createCache } from "../../src/cache/mod.ts";
import { systemClock } from "../../src/clock.ts";
import { systemRandom } from "../../src/random.ts";

const ENTRIES = 1_000_000;
const TTL_MS = 600_000;

const keyOf = (i: number): string => `user:${i}`;
const valueOf = (i: number) => ({ id: i, n: i * 7, a: "abc" });

const plain = await heapOf(async () => {
  const keys: string[] = [];
  const texts: string[] = [];
  for (let i = 0; i < ENTRIES; i++) {
    keys.push(flat(keyOf(i)));
    texts.push(flat(JSON.stringify(valueOf(i))));
  }
  return await Promise.resolve([keys, texts]);
});

const cached = await heapOf(async () => {
  const backend = {
    cache: memoryCacheStore({ entriesMax: 2 * ENTRIES, bytesMax: 2 ** 40 }),
    clock: systemClock(),
    random: systemRandom(),
    isolation: "process",
  } as const;
  const cache = createCache(backend, { name: "heap", ttl: TTL_MS });
  for (let i = 0; i < ENTRIES; i++) await cache.set(keyOf(i), valueOf(i));
  return [cache, backend];
});

const lru = await heapOf(async () => {
  const cache = new LRUCache<string, string>({ max: ENTRIES, ttl: TTL_MS });
  for (let i = 0; i < ENTRIES; i++) cache.set(flat(keyOf(i)), flat(JSON.stringify(valueOf(i))));
  return await Promise.resolve(cache);
});

// The two arrays that hold keys and texts are no part of them.
const texts = plain / ENTRIES - 16;
const report = { holdfast: cached / ENTRIES - texts, lruCache: lru / ENTRIES - texts };
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(report)));

/** The heap that what an action returns takes, in bytes, once the garbage is gone. */
async function heapOf(action: () => Promise<unknown>): Promise<number> {
  const before = used();
  const kept = [await action()];
  const after = used();
  // Named once more, so that it lives until here.
  if (kept.length === 0) throw new Error("Nothing to measure");
  return after - before;
}

function used(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("Cannot collect garbage without --v8-flags=--expose-gc");
  for (let i = 0; i < 3; i++) gc();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/** A text in one piece, as a cache has it once it has looked a key up. */
function flat(text: string): string {
  return JSON.parse(JSON.stringify(text));
}
