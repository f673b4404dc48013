/**
 * The middleware in Vercel's edge-runtime on one's own machine, which fires fetch events:
 *
 * ```sh
 * deno bundle --platform browser --format iife --output examples/dist/edge.js examples/vercel-edge/local.ts
 * edge-runtime --listen --port 8000 examples/dist/edge.js
 * ```
 *
 * @module
 */

import middleware from "./middleware.ts";

/** A request that comes in as an event. */
interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
  waitUntil(work: Promise<unknown>): void;
}

addEventListener("fetch", (event) => {
  // The host fires no other event by this name.
  const fetched = event as FetchEvent;
  fetched.respondWith(middleware(fetched.request, fetched));
});
