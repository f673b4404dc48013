/**
 * The atlas on Deno, and on Deno Deploy as it is:
 *
 * ```sh
 * deno serve --allow-env examples/deno.ts
 * ```
 *
 * @module
 */

import type { Handler } from "@holdfast/holdfast/http";
import { createApp } from "./atlas/app.ts";

const app: Handler = createApp(Deno.env.toObject());

export default { fetch: (request: Request): Promise<Response> => app(request) };
