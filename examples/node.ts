/**
 * The atlas on Node, by its own HTTP server:
 *
 * ```sh
 * deno bundle --output examples/dist/node.mjs examples/node.ts
 * node examples/dist/node.mjs 8000
 * ```
 *
 * @module
 */
// deno-lint-ignore-file no-console

import { createServer } from "node:http";
import process from "node:process";
import { createApp } from "./atlas/app.ts";
import { nodeListener } from "./node_http.ts";

const app = createApp(process.env);
const [port = "8000"] = process.argv.slice(2);

createServer(nodeListener(app)).listen(Number(port), "127.0.0.1", () => {
  console.log(`The atlas is on http://127.0.0.1:${port}`);
});
