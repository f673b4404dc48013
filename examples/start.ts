// deno-lint-ignore-file no-console
/**
 * Serves the example application on loopback: `deno task start [--port 8000]`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { createApp } from "./atlas/app.ts";

const HOSTNAME = "127.0.0.1";

/** Ends the process with one line on what is wrong. */
function fail(line: string): never {
  console.error(line);
  Deno.exit(1);
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  return fail(
    `Cannot listen as --port must be a whole number up to 65535: current value is ${text}`,
  );
}

function readPort(): number {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: { port: { type: "string", default: "8000" } },
    });
    return portOf(values.port);
  } catch (error) {
    // parseArgs says which argument it does not know.
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function start(): void {
  const port = readPort();
  try {
    const handler = createApp(Deno.env.toObject());
    Deno.serve({
      hostname: HOSTNAME,
      port,
      onListen: ({ port }) => console.log(`The atlas is on http://${HOSTNAME}:${port}`),
    }, (request) => handler(request));
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      fail(`Cannot listen as port ${port} is taken: try --port 0`);
    }
    // The environment's mistakes come here, with a message that says what to mend.
    fail(error instanceof Error ? error.message : String(error));
  }
}

start();
