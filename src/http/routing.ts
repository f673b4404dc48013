/**
 * Which route a request means: by whole segments of its path, decoded after they are parted.
 *
 * @module
 */

import type { Route } from "./part.ts";
import { Refusal } from "./refusal.ts";

/** What a path means to some routes. */
export interface Found {
  /** The routes of this path. */
  readonly routes: readonly Route[];
  /** The path's named segments, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/**
 * The routes of a request's path below a base; `undefined` if there is none.
 *
 * @throws {Refusal} 400 if the path cannot be decoded.
 */
export function findRoutes(
  routes: readonly Route[],
  { url }: Request,
  basePath: string,
): Found | undefined {
  const { pathname } = new URL(url);
  if (routes.length === 0 || !pathname.startsWith(`${basePath}/`)) return undefined;
  const segments = pathname.slice(basePath.length + 1).split("/").map(decoded);
  const found = routes.filter(({ path }) => paramsOf(path, segments) !== undefined);
  const [first] = found;
  if (first === undefined) return undefined;
  const params = paramsOf(first.path, segments) ?? {};
  return { routes: found.filter(({ path }) => path === first.path), params };
}

/** The route of a method; HEAD is a GET whose body nobody wants. */
export function routeOf({ routes }: Found, method: string): Route | undefined {
  return routes.find((route) => route.method === (method === "HEAD" ? "GET" : method));
}

/** The methods of a path, for `Allow`. */
export function methodsOf({ routes }: Found): string {
  const methods: string[] = routes.map(({ method }) => method);
  return [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // A lone "%", or bytes that are no UTF-8.
    throw new Refusal(400, { code: "ERR_MALFORMED", detail: "The path must be UTF-8" });
  }
}

function paramsOf(path: string, segments: readonly string[]): Record<string, string> | undefined {
  const names = path.slice(1).split("/");
  if (names.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, name] of names.entries()) {
    const segment = segments[at] ?? "";
    const [, param] = /^\{(\w+)\}$/.exec(name) ?? [];
    if (param === undefined ? name !== segment : segment === "") return undefined;
    if (param !== undefined) params[param] = segment;
  }
  return params;
}
