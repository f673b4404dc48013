/**
 * A stampede: callers of one cold key, spread over instances of a function that share nothing but the store, with a
 * creator that takes its time. With the cache's lease, and by hand: look, create, store.
 *
 * @module
 */

import { type Cache, type CacheBackend, createCache } from "@holdfast/holdfast/cache";
import type { Part } from "@holdfast/holdfast/http";
import { CALLERS, INSTANCES, type StampedeNews } from "./wire.ts";

/** Over which time the callers come, in milliseconds. */
const ARRIVAL_MS = 900;
/** How long a creation takes. */
const CREATION_MS = 350;
/** Between two lines of news. */
const NEWS_MS = 40;

/** Serves stampedes: a line of JSON for every moment. */
export function serveStampede(backend: CacheBackend): Part {
  return {
    name: "stampede",
    routes: [{
      method: "POST",
      path: "/stampede",
      access: { resource: "stampede", action: "write" },
      about: {
        summary: "Send callers for one cold key",
        query: { lease: "yes, or no for what one writes without a cache that knows better" },
        answers: { 200: ["Lines of JSON"] },
        answerType: "application/x-ndjson",
      },
      answer: ({ query }) => {
        const news = stampede(backend, query.get("lease") !== "no");
        const body = ReadableStream.from(linesOf(news));
        return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
      },
    }],
  };
}

async function* linesOf(all: AsyncIterable<StampedeNews>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const news of all) yield encoder.encode(`${JSON.stringify(news)}\n`);
}

/** Runs a stampede, and tells of it as it goes. */
export async function* stampede(
  backend: CacheBackend,
  withLease: boolean,
): AsyncGenerator<StampedeNews> {
  const key = crypto.randomUUID();
  const instances = Array.from({ length: INSTANCES }, () => {
    return createCache(backend, { name: "stampede", ttl: "1m" });
  });
  const startedMs = performance.now();
  let news: Moment = { arrived: [], creating: [], answered: [] };
  const ask = async (caller: number): Promise<void> => {
    await pause(caller / CALLERS * ARRIVAL_MS);
    news.arrived.push(caller);
    const cache = instances[caller % INSTANCES];
    const create = async (): Promise<string> => {
      news.creating.push(caller);
      await pause(CREATION_MS);
      return "what took so long to make";
    };
    if (withLease) await cache?.getOrCreate(key, create);
    else if (cache !== undefined) await byHand(cache, key, create);
    news.answered.push(caller);
  };
  let isOver = false;
  const all = Promise.all(Array.from({ length: CALLERS }, (_, caller) => ask(caller)))
    .finally(() => isOver = true);
  while (!isOver) {
    await Promise.race([pause(NEWS_MS), all]);
    const told = news;
    news = { arrived: [], creating: [], answered: [] };
    yield { atMs: performance.now() - startedMs, ...told, isOver };
  }
  await all;
}

interface Moment {
  readonly arrived: number[];
  readonly creating: number[];
  readonly answered: number[];
}

/** What one writes without a lease. It is right, and everybody who comes too early creates. */
async function byHand(cache: Cache, key: string, create: () => Promise<string>): Promise<string> {
  const found = await cache.get<string>(key);
  if (found !== undefined) return found;
  const created = await create();
  await cache.set(key, created);
  return created;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
