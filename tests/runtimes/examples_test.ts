/**
 * The examples of hosts, started for real by the very commands that they name.
 *
 * @module
 */

import { match, ok, strictEqual } from "node:assert/strict";
import { findRuntimes, needing, required, type RuntimeName } from "./find.ts";
import { ROOT } from "../support/source.ts";
import { output, serve, type Server } from "./process.ts";

/** An example and how it is started. */
interface Example {
  /** The file that says so. */
  readonly file: string;
  /** What it runs on. */
  readonly runtime: RuntimeName;
  /** How it is bundled, if it is. */
  readonly bundle?: string;
  /** How it is started. */
  readonly start: string;
  /** What the test adds to the start, or exchanges in it, for a port of its own. */
  readonly onPort: (args: readonly string[], port: number) => readonly string[];
}

const EXAMPLES: readonly Example[] = [
  {
    file: "examples/deno.ts",
    runtime: "deno",
    start: "deno serve --allow-env examples/deno.ts",
    onPort: ([serve = "", ...rest], port) => [
      ...[serve, "--host=127.0.0.1", `--port=${port}`],
      ...rest,
    ],
  },
  {
    file: "examples/node.ts",
    runtime: "node20",
    bundle: "deno bundle --output examples/dist/node.mjs examples/node.ts",
    start: "node examples/dist/node.mjs 8000",
    onPort: ([script = ""], port) => [script, `${port}`],
  },
  {
    file: "examples/workers/worker.ts",
    runtime: "workerd",
    bundle:
      "deno bundle --platform browser --output examples/dist/worker.mjs examples/workers/worker.ts",
    start: "workerd serve examples/workers/config.capnp",
    onPort: (args, port) => [...args, "--socket-addr", `http=127.0.0.1:${port}`],
  },
  {
    file: "examples/vercel-edge/local.ts",
    runtime: "edge-runtime",
    bundle:
      "deno bundle --platform browser --format iife --output examples/dist/edge.js examples/vercel-edge/local.ts",
    start: "edge-runtime --listen --port 8000 examples/dist/edge.js",
    onPort: (args, port) => args.map((arg) => arg === "8000" ? `${port}` : arg),
  },
];

const runtimes = await findRuntimes();

for (const example of EXAMPLES) {
  const { file, runtime } = example;
  Deno.test({
    ...needing(`${file} serves pages through the cache on ${runtime}`, runtimes.get(runtime)),
    fn: async () => {
      await checkDocumented(example);
      await using host = await started(example);
      const first = await pageOf(`${host.url}/countries/AT`);
      const again = await pageOf(`${host.url}/countries/AT`);
      strictEqual(first.cacheStatus, "holdfast; fwd=miss; stored");
      strictEqual(again.cacheStatus, "holdfast; hit");
      strictEqual(again.text, first.text);
      strictEqual((await pageOf(`${host.url}/countries/XX`)).status, 404);
      const stampede = await fetch(`${host.url}/stampede`, { method: "POST" });
      match(await stampede.text(), /1000 callers, 1 creation,/);
    },
  });
}

/** The commands that run here are the ones that the example names. */
async function checkDocumented({ file, bundle = "", start }: Example): Promise<void> {
  const text = await Deno.readTextFile(`${ROOT}/${file}`);
  ok(text.includes(`* ${start}\n`), start);
  ok(text.includes(bundle), bundle);
}

/** Bundles and starts an example, with the programs that its commands name found on this machine. */
async function started({ bundle, start, runtime, onPort }: Example): Promise<Server> {
  const [program, ...args] = required(runtimes.get(runtime)).command;
  if (bundle !== undefined) {
    await output(Deno.execPath(), bundle.split(" ").slice(1), { cwd: ROOT });
  }
  const given = start.split(" ").slice(1);
  return await serve(program, (port) => [...args, ...onPort(given, port)], { cwd: ROOT });
}

async function pageOf(url: string) {
  const response = await fetch(url);
  return {
    status: response.status,
    cacheStatus: response.headers.get("cache-status"),
    text: await response.text(),
  };
}
