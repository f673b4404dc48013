/**
 * One fetch handler from many parts, for any host that speaks `Request` and `Response`.
 *
 * A part answers a request or passes it on by `next()`, so parts stand behind one another like layers: a cache in front
 * of pages, a guard in front of both. What no part answers is 404; what a part throws becomes problem details.
 *
 * @module
 */

import { ArgumentError, checkOptions, shown } from "../errors.ts";
import { problem, problemOf } from "./problem.ts";

/** What a host gives with a request, reduced to what the parts use. */
export interface RequestContext {
  /** Ends with the client's interest in the answer. */
  readonly signal: AbortSignal;
  /** Keeps the host from ending the process before this work is done, where the host has such a call. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

/** Answers a request, or passes it on by `next()`. */
export type PartFunction = (
  request: Request,
  context: RequestContext,
  next: () => Promise<Response>,
) => Response | Promise<Response>;

/** One part of a handler; `serveCache` and its like make them. */
export interface Part {
  /** The part's name, for people. */
  readonly name: string;
  /** Answers a request, or passes it on. */
  readonly handle: PartFunction;
}

/** Options of {@linkcode createHandler}. */
export interface HandlerOptions {
  /** Hears of everything that a part threw and that became an answer with problem details. */
  readonly onError?: (error: unknown, request: Request) => void;
}

/** A fetch handler. Hosts pass their own things after the request; the one with a `waitUntil` is used. */
export type Handler = (request: Request, ...host: readonly unknown[]) => Promise<Response>;

/**
 * Makes one fetch handler from parts, in the order in which they see a request.
 *
 * Fits `export default { fetch: handler }` (workerd, Deno, Bun), `Deno.serve(handler)` and edge functions as it is.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if a part is none, `ERR_INVALID_OPTION` for an unknown option.
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
export function createHandler(
  parts: readonly (Part | PartFunction)[],
  options: HandlerOptions = {},
): Handler {
  checkOptions("create a handler", options, ["onError"]);
  const chain = parts.map(handleOf);
  return async (request, ...host) => {
    const context = contextOf(request, host);
    try {
      return await run(chain, 0, request, context);
    } catch (error) {
      // Whatever a part threw: the client learns its code at most, the owner all of it.
      options.onError?.(error, request);
      return problemOf(error);
    }
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

function handleOf(part: Part | PartFunction): PartFunction {
  if (typeof part === "function") return part;
  if (typeof part?.handle === "function") {
    return (request, context, next) => part.handle(request, context, next);
  }
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot create a handler as each part must be a function or have a handle method: one is ${
      shown(part)
    }`,
  );
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
