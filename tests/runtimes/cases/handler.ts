/**
 * The fetch handler: made at module scope, called by whatever host there is.
 *
 * @module
 */

import { memoryCacheStore } from "../../../adapters/memory/cache.ts";
import { createCache } from "../../../src/cache/mod.ts";
import { systemClock } from "../../../src/clock.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { createHandler, serveCache } from "../../../src/http/mod.ts";
import { systemRandom } from "../../../src/random.ts";
import { equal } from "../../contracts/assert.ts";
import type { Case } from "../case.ts";

const handler = createHandler([
  async (request, _context, next) => {
    const response = await next();
    response.headers.set("x-path", new URL(request.url).pathname);
    return response;
  },
  (request, { waitUntil }, next) => {
    if (!request.url.endsWith("/later")) return next();
    waitUntil?.(Promise.resolve("done"));
    return new Response("later");
  },
  (request, _context, next) => {
    if (!request.url.endsWith("/busy")) return next();
    throw new HoldfastError("ERR_RATE_LIMITED", "too many by far");
  },
]);

const clock = systemClock();
const backend = {
  clock,
  random: systemRandom(),
  isolation: "request",
  cache: memoryCacheStore({ clock }),
} as const;
let made = 0;
const cached = createHandler([
  serveCache(createCache(backend, { name: "pages", ttl: "1m" })),
  () => new Response(`page ${++made}`, { headers: { "content-type": "text/plain" } }),
]);

/** Cases of `createHandler` and of the parts that stand in it. */
export const handlerCases: readonly Case[] = [
  {
    name: "createHandler() answers 404 where no part does, through the parts in front",
    run: async () => {
      const response = await handler(new Request("http://localhost/nothing"));
      equal(response.status, 404);
      equal(response.headers.get("x-path"), "/nothing");
      equal((await response.json()).title, "Nothing is here");
    },
  },
  {
    name: "createHandler() hands over the host's waitUntil",
    run: async () => {
      const work: Promise<unknown>[] = [];
      const host = { waitUntil: (promise: Promise<unknown>) => void work.push(promise) };
      const response = await handler(new Request("http://localhost/later"), {}, host);
      equal(await response.text(), "later");
      equal(await Promise.all(work), ["done"]);
    },
  },
  {
    name: "createHandler() turns a coded error into problem details without its message",
    run: async () => {
      const response = await handler(new Request("http://localhost/busy"));
      equal(response.status, 429);
      equal(response.headers.get("content-type"), "application/problem+json");
      const { code } = JSON.parse(await response.clone().text());
      equal(code, "ERR_RATE_LIMITED");
      equal((await response.text()).includes("by far"), false);
    },
  },
  {
    name: "serveCache() keeps a whole response for the next client",
    run: async () => {
      const first = await cached(new Request("http://localhost/page"));
      const again = await cached(new Request("http://localhost/page"));
      equal(await again.text(), await first.text());
      equal(again.headers.get("content-type"), "text/plain");
      equal(first.headers.get("cache-status"), "holdfast; fwd=miss; stored");
      equal(again.headers.get("cache-status"), "holdfast; hit");
    },
  },
];
