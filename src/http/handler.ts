/**
 * One fetch handler from many parts, for any host that speaks `Request` and `Response`.
 *
 * A layer answers a request or passes it on by `next()`, so layers stand behind one another: a cache in front of pages, a
 * guard in front of both. A routed part is found by its paths. What no part answers is 404; what a part throws becomes
 * problem details.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import { ArgumentError, shown } from "../errors.ts";
import { type Arrival, Gate } from "./gate.ts";
import { RequestCounts } from "./metrics.ts";
import { checkHandlerOptions, type HandlerOptions } from "./options.ts";
import {
  corsHeaders,
  type CorsOptions,
  isForeignWrite,
  isPreflight,
  preflightHeaders,
} from "./origin.ts";
import { ownPart } from "./own_part.ts";
import type { Part, PartFunction, RequestContext, Subject } from "./part.ts";
import { problem } from "./problem.ts";
import { FORBIDDEN } from "./refusal.ts";
import { findRoutes, type Found, methodsOf, routeOf } from "./routing.ts";

/** A fetch handler. Hosts pass their own things after the request; the one with a `waitUntil` is used. */
export type Handler = (request: Request, ...host: readonly unknown[]) => Promise<Response>;

/**
 * Makes one fetch handler from parts, in the order in which they see a request.
 *
 * Fits `export default { fetch: handler }` (workerd, Deno, Bun), `Deno.serve(handler)` and edge functions as it is.
 *
 * In front of them it serves what every API has: `/livez` (always 200), `/readyz` (503 while a part cannot reach its
 * store), `/metrics` (counters as Prometheus reads them) and `/openapi.json` (a description of all routes, OpenAPI 3.1).
 * The last three are asked of `authorize` as part `"handler"`.
 *
 * A write that a browser sends for another origin is 403 unless `cors` names that origin.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if a part is none, `ERR_INVALID_OPTION` for an unknown option or one
 * that cannot work.
 *
 * @example
 * ```ts
 * import { createHandler } from "@holdfast/holdfast/http";
 * import { strictEqual } from "node:assert/strict";
 *
 * const handler = createHandler([(request) => new Response(new URL(request.url).pathname)]);
 * const response = await handler(new Request("http://localhost/hello"));
 * strictEqual(await response.text(), "/hello");
 * ```
 */
export function createHandler<S extends Subject = Subject>(
  parts: readonly (Part | PartFunction)[],
  options: HandlerOptions<S> = {},
): Handler {
  checkHandlerOptions(options);
  if (!Array.isArray(parts)) {
    throw invalidParts(`its parts must be an array: they are ${shown(parts)}`);
  }
  const { clock = systemClock(), basePath = "", cors } = options;
  const gate = new Gate(options, clock);
  const counts = new RequestCounts();
  const given = parts.map(partOf);
  const all = [ownPart({ parts: given, counts, gate, clock, basePath }), ...given];
  const chain = all.map((part) => part.handle?.bind(part) ?? routed(part, gate, counts, basePath));
  const routes = all.flatMap((part) => part.routes ?? []);

  const answer = async (request: Request, context: RequestContext): Promise<Response> => {
    if (cors !== undefined && isPreflight(request)) {
      const found = findRoutes(routes, request, basePath);
      if (found !== undefined) return preflight(request, cors, methodsOf(found));
    }
    if (isForeignWrite(request, cors)) return problem(403, FORBIDDEN);
    return await run(chain, 0, request, context);
  };
  return async (request, ...host) => {
    const context = contextOf(request, host);
    // Whatever a part threw: the client learns its code at most, the owner all of it.
    const response = await answer(request, context).catch((error) => gate.failed(error, request));
    return withHeaders(response, corsHeaders(request, cors));
  };
}

async function run(
  chain: readonly PartFunction[],
  at: number,
  request: Request,
  context: RequestContext,
): Promise<Response> {
  const part = chain[at];
  if (part === undefined) return problem(404);
  return await part(request, context, () => run(chain, at + 1, request, context));
}

/** The function of a part that is given as its routes. */
function routed<S extends Subject>(
  { name, routes = [] }: Part,
  gate: Gate<S>,
  counts: RequestCounts,
  basePath: string,
): PartFunction {
  return async (request, context, next) => {
    const found = findRoutes(routes, request, basePath);
    if (found === undefined) return await next();
    const { method } = request;
    const response = await answered(found, { request, context, part: name, gate });
    counts.add(name, method, response.status);
    return method === "HEAD" ? await withoutBody(response) : response;
  };
}

async function answered<S extends Subject>(
  found: Found,
  { gate, ...arrival }: Pick<Arrival, "request" | "context" | "part"> & { readonly gate: Gate<S> },
): Promise<Response> {
  const { request } = arrival;
  const route = routeOf(found, request.method);
  const headers = { allow: methodsOf(found) };
  if (route !== undefined) {
    const { params } = found;
    return await gate.answer({ ...arrival, route, params }).catch((error) =>
      gate.failed(error, request)
    );
  }
  return request.method === "OPTIONS"
    ? new Response(null, { status: 204, headers })
    : problem(405, { headers });
}

/** What HEAD gets of an answer to GET; a body that was begun is ended. */
async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel();
  return new Response(null, response);
}

function preflight(request: Request, cors: CorsOptions, methods: string): Response {
  return new Response(null, { status: 204, headers: preflightHeaders(request, cors, methods) });
}

function withHeaders(
  response: Response,
  headers: readonly (readonly [string, string])[],
): Response {
  // A change of protocol is no answer: hosts know it by the very object, and nobody may make another.
  if (headers.length === 0 || response.status < 200) return response;
  const fresh = new Response(response.body, response);
  for (const [name, value] of headers) fresh.headers.append(name, value);
  return fresh;
}

function partOf(part: Part | PartFunction): Part {
  if (typeof part === "function") return { name: part.name || "page", handle: part };
  if (typeof part?.handle === "function" || Array.isArray(part?.routes)) return part;
  throw invalidParts(
    `each part must be a function, or have a handle method or routes: one is ${shown(part)}`,
  );
}

function invalidParts(rule: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_ARGUMENT", `Cannot create a handler as ${rule}`);
}

/** workerd hands over (request, env, context), edge functions (request, context), Deno and Bun nothing of the kind. */
function contextOf(request: Request, host: readonly unknown[]): RequestContext {
  for (const given of host) {
    if (typeof given !== "object" || given === null || !("waitUntil" in given)) continue;
    const { waitUntil } = given;
    if (typeof waitUntil !== "function") continue;
    return { signal: request.signal, waitUntil: (work) => void waitUntil.call(given, work) };
  }
  return { signal: request.signal };
}
