/**
 * An API of models mounted in Hono; any router that hands over a `Request` does it in as many lines.
 *
 * @module
 */

import { memory } from "@holdfast/holdfast/memory";
import { createHandler, type Handler, serveModels } from "@holdfast/holdfast/http";
import { createModel, defineModel } from "@holdfast/holdfast/models";
import { Hono } from "hono";
import * as z from "zod";

const notes = createModel(
  memory(),
  defineModel({ key: "note", schema: z.object({ text: z.string().min(1) }) }),
);

const api: Handler = createHandler([serveModels({ notes })], { basePath: "/api" });
/** The application; its other routes are its own. */
export const app: Hono = new Hono().get("/", (c) => c.text("notes are below /api"));
app.all("/api/*", (c) => api(c.req.raw));

/** The same without a framework: what is not below `/api` is somebody else's. */
export function router(request: Request): Response | Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/api/")) return api(request);
  return new Response("not here", { status: 404 });
}
