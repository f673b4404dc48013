/**
 * The atlas as an edge function of Netlify, which runs Deno: put it into `netlify/edge-functions/`.
 *
 * The shape is driven in Deno, not on Netlify itself.
 *
 * @module
 */

import type { Handler } from "@holdfast/holdfast/http";
import { createApp } from "../atlas/app.ts";

const app: Handler = createApp(Deno.env.toObject(), { isolation: "request" });

/** Answers every request; the host's context has its `waitUntil`. */
export default app;

/** Which paths the function is for. */
export const config = { path: "/*" } as const;
