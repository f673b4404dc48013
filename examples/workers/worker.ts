/**
 * The atlas on Cloudflare Workers, or on workerd by itself:
 *
 * ```sh
 * deno bundle --platform browser --output examples/dist/worker.mjs examples/workers/worker.ts
 * workerd serve examples/workers/config.capnp
 * ```
 *
 * or, with the modules of Node beside it:
 *
 * ```sh
 * workerd serve examples/workers/config_node.capnp
 * ```
 *
 * The environment comes with each request, and one application is to serve them all: `once` keeps it. Nothing of one
 * request may wait for another there, which is what the isolation says.
 *
 * @module
 */

import { once } from "@holdfast/holdfast";
import { createApp } from "../atlas/app.ts";

/** The variables and secrets of the Worker. */
type Env = Readonly<Record<string, string | undefined>>;

/** What a request lends: here, more time for work that its answer does not wait for. */
interface Context {
  waitUntil(work: Promise<unknown>): void;
}

const appOf = once((env: Env) => createApp(env, { isolation: "request" }));

export default {
  fetch: (request: Request, env: Env, context: Context): Promise<Response> =>
    appOf(env)(request, env, context),
};
