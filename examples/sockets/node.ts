/**
 * Notes, pages and a journal on Node, over the WebSockets of npm `ws`:
 *
 * ```sh
 * deno bundle --output examples/dist/sockets.mjs examples/sockets/node.ts
 * node examples/dist/sockets.mjs 8000
 * ```
 *
 * @module
 */
// deno-lint-ignore-file no-console

import { createServer } from "node:http";
import process from "node:process";
import { WebSocketServer } from "ws";
import { nodeListener } from "../node_http.ts";
import { createApp } from "./app.ts";
import { nodeSockets } from "./node_sockets.ts";

const sockets = nodeSockets(WebSocketServer);
const app = createApp(process.env, { upgrade: sockets.upgrade });
const [port = "8000"] = process.argv.slice(2);

const server = createServer(nodeListener(app));
server.on("upgrade", sockets.listener(app));
server.listen(Number(port), "127.0.0.1", () => {
  console.log(`Notes, pages and a journal are on http://127.0.0.1:${port}`);
});
