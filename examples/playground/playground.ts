/**
 * The playground: one page on which the library is at work, and everything behind it.
 *
 * @module
 */

import {
  createHandler,
  type Handler,
  type PartFunction,
  serveDocuments,
  serveSync,
} from "@holdfast/holdfast/http";
import type { Backend } from "@holdfast/holdfast";
import { createBoard } from "./board.ts";
import type { Bundle } from "./bundle.ts";
import { Cluster } from "./cluster/cluster.ts";
import { serveCluster } from "./cluster/part.ts";
import { createDesk } from "./desk.ts";
import { playgroundPage } from "./page.ts";
import { serveStampede } from "./stampede.ts";
import { BASE_PATH } from "./wire.ts";

/** What a playground is made of. */
export interface PlaygroundOptions {
  readonly backend: Backend;
  /** What the page loads. */
  readonly bundle: Bundle;
  /** The same for every process on one store: proves who a connection was before. */
  readonly secret: string;
  /** Answers what is not the playground's. */
  readonly otherwise: Handler;
}

/** Makes the playground's handler, on Deno: others upgrade a request to a socket in their own way. */
export async function createPlayground(
  { backend, bundle, secret, otherwise }: PlaygroundOptions,
): Promise<Handler> {
  const hub = await createBoard(backend);
  const documents = await createDesk(backend, secret);
  const cluster = new Cluster();
  cluster.start();
  const isShared = backend.durability !== "memory";
  return createHandler([
    pageOf(bundle, isShared),
    serveSync(hub),
    serveDocuments(documents),
    serveCluster(cluster),
    serveStampede(backend),
    (request) => otherwise(request),
  ], {
    basePath: BASE_PATH,
    upgrade: Deno.upgradeWebSocket,
    // Documents are for the sockets of the page, by rules of their own: no single calls.
    authorize: ({ part, resource }) =>
      part === "cluster" || part === "stampede" || (part === "documents" && resource === "*"),
  });
}

/** The page, its script and its style. */
function pageOf({ script, style }: Bundle, isShared: boolean): PartFunction {
  const files = new Map([
    ["/", [String(playgroundPage(isShared)), "text/html"]],
    [`${BASE_PATH}/main.js`, [script, "text/javascript"]],
    [`${BASE_PATH}/style.css`, [style, "text/css"]],
    [`${BASE_PATH}/icon.svg`, [ICON, "image/svg+xml"]],
  ]);
  return (request, _context, next) => {
    const [text, type] = files.get(new URL(request.url).pathname) ?? [];
    if (text === undefined || (request.method !== "GET" && request.method !== "HEAD")) {
      return next();
    }
    return new Response(request.method === "HEAD" ? null : text, {
      headers: { ...HEADERS, "content-type": `${type}; charset=utf-8` },
    });
  };
}

/** The page loads nothing from elsewhere, runs nothing inline, and is framed by nobody. */
const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-cache",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="8" fill="#0b6e5f"/>
<path d="M16 5v12M16 17c0 4-6 3-7 9M16 17c0 4 6 3 7 9M16 17v10M12 9c0 3 4 3 4 6M20 9c0 3-4 3-4 6"
 fill="none" stroke="#f7f5f0" stroke-width="2.4" stroke-linecap="round"/></svg>`;
