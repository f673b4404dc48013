/**
 * Notes, pages and a journal on Bun, over its own WebSockets:
 *
 * ```sh
 * deno bundle --output examples/dist/sockets_bun.mjs examples/sockets/bun.ts
 * bun examples/dist/sockets_bun.mjs 8000
 * ```
 *
 * @module
 */

import process from "node:process";
import { createApp } from "./app.ts";
import { type BunSockets, bunSockets } from "./bun_sockets.ts";

const sockets = bunSockets();
const app = createApp(process.env, { upgrade: sockets.upgrade });
const [port = "8000"] = process.argv.slice(2);

/** What Bun serves: the default export of the program that it runs. */
const server: {
  readonly hostname: string;
  readonly port: number;
  readonly idleTimeout: number;
  readonly fetch: ReturnType<BunSockets["fetch"]>;
  readonly websocket: BunSockets["websocket"];
} = {
  hostname: "127.0.0.1",
  port: Number(port),
  // A stream of events may be silent for fifteen seconds; by default Bun ends what is silent for ten.
  idleTimeout: 60,
  fetch: sockets.fetch(app),
  websocket: sockets.websocket,
};

export default server;
