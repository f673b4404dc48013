/**
 * The suite for runtimes that fire fetch events at a script: Vercel's edge-runtime.
 *
 * @module
 */

import { answer } from "../case.ts";
import { cases } from "../suite.ts";

interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

addEventListener("fetch", (event) => {
  // The host fires no other event by this name.
  const { request } = event as FetchEvent;
  (event as FetchEvent).respondWith(answer(request, cases));
});
