/**
 * The atlas on Bun:
 *
 * ```sh
 * deno bundle --output examples/dist/bun.mjs examples/bun.ts
 * bun examples/dist/bun.mjs 8000
 * ```
 *
 * @module
 */

import process from "node:process";
import { createApp } from "./atlas/app.ts";

const app = createApp(process.env);
const [port = "8000"] = process.argv.slice(2);

/** What Bun serves: the default export of the program that it runs. */
const server: {
  readonly hostname: string;
  readonly port: number;
  readonly idleTimeout: number;
  readonly fetch: (request: Request) => Promise<Response>;
} = {
  hostname: "127.0.0.1",
  port: Number(port),
  // A stream of events may be silent for fifteen seconds; by default Bun ends what is silent for ten.
  idleTimeout: 60,
  fetch: (request) => app(request),
};

export default server;
