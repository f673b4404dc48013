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
import { Gate, handshaking } from "./gate.ts";
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
import type { Part, PartFunction, RequestContext, Subject, Upgrade } from "./part.ts";
import { problem } from "./problem.ts";
import { FORBIDDEN } from "./refusal.ts";
import { type Found, Router } from "./routing.ts";

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
  const upgrade = options.upgrade && handshaking(options.upgrade);
  const gate = new Gate({ ...options, ...upgrade && { upgrade } }, clock);
  const counts = new RequestCounts();
  const given = parts.map(partOf);
  const all = [ownPart({ parts: given, counts, gate, clock, basePath }), ...given];
  const router = new Router(all, basePath);

  const answer = async (request: Request, context: RequestContext): Promise<Response> => {
    const meaning = router.find(request.url);
    const found = typeof meaning === "object" ? meaning : undefined;
    if (cors !== undefined && found !== undefined && isPreflight(request)) {
      return preflight(request, cors, found.methods);
    }
    if (isForeignWrite(request, cors)) return problem(403, FORBIDDEN);
    const routed = async (): Promise<Response> => {
      if (found === undefined) return problem(404);
      const response = await answered(found, { request, context, gate });
      counts.add(found.part.name, request.method, response.status);
      return request.method === "HEAD" ? await withoutBody(response) : response;
    };
    const lost = (): Response => meaning === "malformed" ? problem(400, MALFORMED) : problem(404);
    return await run(all, 0, { request, context, found, routed, lost });
  };
  return async (request, ...host) => {
    const context = contextOf(request, host, upgrade);
    // Whatever a part threw: the client learns its code at most, the owner all of it.
    const response = await answer(request, context).catch((error) => gate.failed(error, request));
    return withHeaders(response, corsHeaders(request, cors));
  };
}

const MALFORMED = { code: "ERR_MALFORMED", detail: "The path must be UTF-8" } as const;

/** A request on its way through the parts. */
interface Passage {
  readonly request: Request;
  readonly context: RequestContext;
  /** What it means, if any part has its path. */
  readonly found: Found | undefined;
  /** Answers it on its route. */
  readonly routed: () => Promise<Response>;
  /** Answers it where no part does. */
  readonly lost: () => Response;
}

/** The answer of the first part from `at` on that has one. */
async function run(parts: readonly Part[], at: number, passage: Passage): Promise<Response> {
  const { request, context, found, routed, lost } = passage;
  for (let next = at; next < parts.length; next++) {
    const part = parts[next];
    if (part?.handle !== undefined) {
      return await part.handle(request, context, () => run(parts, next + 1, passage));
    }
    if (found !== undefined && part === found.part) return await routed();
  }
  return lost();
}

async function answered<S extends Subject>(
  { part, routes, methods, params }: Found,
  { request, context, gate }: Pick<Passage, "request" | "context"> & { readonly gate: Gate<S> },
): Promise<Response> {
  const route = routes.get(request.method);
  if (route !== undefined) {
    try {
      return await gate.answer({ request, context, part: part.name, route, params });
    } catch (error) {
      // Whatever its route threw, counted by what the client gets for it.
      return gate.failed(error, request);
    }
  }
  return request.method === "OPTIONS"
    ? new Response(null, { status: 204, headers: { allow: methods } })
    : problem(405, { headers: { allow: methods } });
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
  for (const [name, value] of headers) {
    // What a part says of origins itself is said once; what its answer varies by stays beside ours.
    if (name === "vary") fresh.headers.append(name, value);
    else fresh.headers.set(name, value);
  }
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
function contextOf(
  request: Request,
  host: readonly unknown[],
  upgrade: Upgrade | undefined,
): RequestContext {
  const context = new HostContext(request);
  if (upgrade !== undefined) context.upgrade = upgrade;
  for (const given of host) {
    if (typeof given !== "object" || given === null || !("waitUntil" in given)) continue;
    const { waitUntil } = given;
    if (typeof waitUntil !== "function") continue;
    context.waitUntil = (work) => void waitUntil.call(given, work);
    break;
  }
  return context;
}

class HostContext implements RequestContext {
  waitUntil?: (work: Promise<unknown>) => void;
  upgrade?: Upgrade;
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  /** Hosts make a request's signal when it is first asked for, and many requests end without. */
  get signal(): AbortSignal {
    return this.#request.signal;
  }
}
