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

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import process from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeStream } from "node:stream/web";
import { createApp } from "./atlas/app.ts";

const app = createApp(process.env);
const [port = "8000"] = process.argv.slice(2);

const server = createServer(async (incoming, outgoing) => {
  try {
    await send(await app(requestOf(incoming, outgoing)), outgoing);
  } catch (error) {
    // The app answers its own failures; what comes here is a client that left, or a request that is none.
    outgoing.destroy(error instanceof Error ? error : undefined);
  }
});
server.listen(Number(port), "127.0.0.1", () => {
  console.log(`The atlas is on http://127.0.0.1:${port}`);
});

/** Node's request as the Web's. Its signal is aborted when the client goes away. */
function requestOf(incoming: IncomingMessage, outgoing: ServerResponse): Request {
  const { method = "GET", url = "/", headers } = incoming;
  const gone = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(`http://${headers.host ?? "localhost"}${url}`, {
    method,
    headers: Object.entries(headers).flatMap(([name, value = []]) =>
      [value].flat().map((each): [string, string] => [name, each])
    ),
    signal: gone.signal,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" } : {}),
  });
}

/** The Web's response as Node's. */
async function send({ status, headers, body }: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(status, [...headers].flat());
  if (body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(body as NodeStream), outgoing);
}
