/**
 * workerd as a server of one module.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { serve, type Server } from "./process.ts";

/** Which Cloudflare the module sees. */
export interface WorkerdOptions {
  /** Whether the modules and globals of Node are there. */
  readonly hasNode: boolean;
}

/** From 2026-08-04 on workerd has Node's modules by default; the day before is the last without. */
const LAST_DATE_WITHOUT_NODE = "2026-08-03";
const DATE_WITH_NODE = "2026-11-01";

/** Serves a bundled module until it is disposed of. */
export function serveWorkerd(
  workerd: string,
  module: string,
  { hasNode }: WorkerdOptions,
): Promise<Server> {
  const date = hasNode ? DATE_WITH_NODE : LAST_DATE_WITHOUT_NODE;
  return serve(workerd, async (port) => {
    const config = join(dirname(module), `${basename(module)}.${port}.capnp`);
    await Deno.writeTextFile(config, configText(basename(module), port, date));
    return ["serve", config];
  });
}

function configText(module: string, port: number, date: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .worker) ],
  sockets = [ (name = "http", address = "127.0.0.1:${port}", http = (), service = "main") ]
);
const worker :Workerd.Worker = (
  modules = [ (name = "worker.mjs", esModule = embed "${module}") ],
  compatibilityDate = "${date}"
);
`;
}
