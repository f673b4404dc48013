/**
 * Notes, pages and a journal on Deno, over its own WebSockets:
 *
 * ```sh
 * deno serve --allow-env examples/sockets/deno.ts
 * ```
 *
 * @module
 */

import { createApp } from "./app.ts";

const app = createApp(Deno.env.toObject(), { upgrade: Deno.upgradeWebSocket });

export default { fetch: (request: Request): Promise<Response> => app(request) };
