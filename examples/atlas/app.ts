/**
 * The example application: the atlas as pages behind a cache and as an API of models, on whatever backend the
 * environment names.
 *
 * Nothing here belongs to a host: what `createApp` gives fits `Deno.serve`, `export default { fetch }` and edge
 * functions alike.
 *
 * @module
 */

import { createCache } from "@holdfast/holdfast/cache";
import {
  createHandler,
  type Handler,
  type PartFunction,
  serveCache,
} from "@holdfast/holdfast/http";
import { open, type OpenOptions } from "@holdfast/holdfast";
import { API_PATH, apiParts, authorize } from "./api.ts";
import { frontPage, page, type Report, type Visit } from "./pages.ts";
import type { Html } from "./html.ts";

/** Where the front page is, whatever else a host serves at its root. */
const FRONT_PATH = "/atlas";
const VISITS_MAX = 12;
const CALLERS = 1_000;

/** Makes the application's fetch handler; a host that binds everything to a request says so in the options. */
export function createApp(
  env: Readonly<Record<string, string | undefined>>,
  options: OpenOptions = {},
): Handler {
  const backend = open(env, options);
  const pages = createCache(backend, { name: "pages", ttl: "10m" });
  const visits: Visit[] = [];
  let stampede: string | undefined;

  const report = (): Report => ({
    store: backend.durability === "memory" ? "kept in memory" : "kept in Redis",
    counters: Object.entries(pages.counters),
    visits,
    stampede,
  });

  const front: PartFunction = async (request, _context, next) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/stampede" && request.method === "POST") {
      stampede = await sendCallers(backend.clock.monotonic);
      return new Response(null, { status: 303, headers: { location: FRONT_PATH } });
    }
    return (pathname === "/" || pathname === FRONT_PATH) && request.method === "GET"
      ? respond(frontPage(report()))
      : await next();
  };

  const remember: PartFunction = async (request, _context, next) => {
    const startedMs = backend.clock.monotonic();
    const response = await next();
    const verdict = response.headers.get("cache-status")?.replace(/^holdfast; /, "") ?? "passed by";
    visits.unshift({
      path: new URL(request.url).pathname,
      verdict,
      tookMs: backend.clock.monotonic() - startedMs,
    });
    visits.length = Math.min(visits.length, VISITS_MAX);
    return response;
  };

  async function sendCallers(now: () => number): Promise<string> {
    const key = "stampede";
    await pages.delete(key);
    let creations = 0;
    const startedMs = now();
    await Promise.all(Array.from({ length: CALLERS }, () =>
      pages.getOrCreate(key, () => {
        creations++;
        return String(page("/countries/AQ"));
      })));
    return `${CALLERS} callers, ${creations} creation, ${(now() - startedMs).toFixed(1)} ms`;
  }

  return createHandler(
    [...apiParts(backend), front, remember, serveCache(pages), renderPage],
    { basePath: API_PATH, authorize },
  );
}

const renderPage: PartFunction = (request, _context, next) => {
  const made = page(new URL(request.url).pathname);
  return made === undefined ? next() : respond(made);
};

function respond(markup: Html): Response {
  return new Response(String(markup), { headers: { "content-type": "text/html; charset=utf-8" } });
}
