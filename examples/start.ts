// deno-lint-ignore-file no-console
/**
 * Serves the playground, and the atlas behind it, on loopback: `deno task start [--port 8000]`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type Backend, open } from "@holdfast/holdfast";
import type { Handler } from "@holdfast/holdfast/http";
import { createApp } from "./atlas/app.ts";
import { bundlePage } from "./playground/bundle.ts";
import { createPlayground } from "./playground/playground.ts";

const HOSTNAME = "127.0.0.1";
/** How long to wait for the store at the start, in milliseconds. */
const STORE_MS_MAX = 5_000;

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

/** Asks the store, if the environment names one, whether it is there: better now than at the first visitor. */
async function checkStore(backend: Backend): Promise<void> {
  if (!("client" in backend)) return;
  await backend.client.command(["PING"], { effect: "read", deadlineMs: STORE_MS_MAX });
}

/** Proves the ids of connections to every process on one store: who has its token has this. */
async function secretOf({ UPSTASH_REDIS_REST_TOKEN: token = "" }: Environment): Promise<string> {
  const bytes = new TextEncoder().encode(`playground ${token || crypto.randomUUID()}`);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

type Environment = Readonly<Record<string, string>>;

async function createHandler(env: Environment): Promise<Handler> {
  const backend = open(env);
  await checkStore(backend);
  const [bundle, secret] = await Promise.all([bundlePage(), secretOf(env)]);
  return await createPlayground({ backend, bundle, secret, otherwise: createApp(env) });
}

/** Refuses a port that is taken before anything else is begun. */
function checkPort(port: number): void {
  Deno.listen({ hostname: HOSTNAME, port }).close();
}

async function start(): Promise<void> {
  const port = readPort();
  try {
    checkPort(port);
    const handler = await createHandler(Deno.env.toObject());
    Deno.serve({
      hostname: HOSTNAME,
      port,
      onListen: ({ port }) => console.log(`The playground is on http://${HOSTNAME}:${port}`),
    }, (request) => handler(request));
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      fail(`Cannot listen as port ${port} is taken: try --port 0`);
    }
    // The environment's mistakes and a store that is not there: the message says what to mend.
    fail(error instanceof Error ? error.message : String(error));
  }
}

await start();
