/**
 * One of several processes that want the same value at the same time: `cache_worker.ts URL TOKEN KEY CALLERS MS`.
 *
 * Says `ready`, waits for a line, asks as many times at once as it is told for a value whose creation takes so long, and
 * prints what it got, how many creations it ran and how many requests it sent.
 *
 * @module
 */

import { redisCacheStore } from "../../../adapters/redis/cache.ts";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { createCache } from "../../../src/cache/mod.ts";
import { sleep } from "../../../src/waiting.ts";

/** What a worker prints at its end. */
export interface WorkerReport {
  /** The different values that its callers got. */
  readonly values: readonly unknown[];
  /** How many creations it ran. */
  readonly creations: number;
  /** How many requests it sent. */
  readonly requests: number;
}

if (import.meta.main) {
  const [url = "", token = "", key = "", callers = "1", ms = "0"] = Deno.args;
  const connection = connectRedis({ url, token });
  const backend = { ...connection, cache: redisCacheStore(connection) };
  const cache = createCache(backend, { name: "race", ttl: "10m", breaker: 0 });
  say("ready");
  await Deno.stdin.read(new Uint8Array(16));
  let creations = 0;
  const create = async (): Promise<string> => {
    creations++;
    await sleep(connection.clock, Number(ms));
    return `by ${Deno.pid}`;
  };
  const asked = Array.from({ length: Number(callers) }, () => cache.getOrCreate(key, create));
  const values = [...new Set(await Promise.all(asked))];
  const { requests } = connection.client.counters;
  say(JSON.stringify({ values, creations, requests } satisfies WorkerReport));
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
