/**
 * How the suite is run on each runtime: which entry, started how, and how its verdicts come back.
 *
 * @module
 */

import { join } from "node:path";
import { launchChromium } from "../support/browser.ts";
import { bundle } from "./bundle.ts";
import type { Verdict } from "./case.ts";
import type { Found, RuntimeName } from "./find.ts";
import { output, serve, type Server } from "./process.ts";
import { serveWorkerd } from "./workerd.ts";

/** The suite bundled for every kind of runtime; removes its files when disposed of. */
export interface Bundles extends AsyncDisposable {
  /** The folder they are in. */
  readonly folder: string;
}

/** Bundles the suite for every kind of runtime. */
export async function bundleSuite(): Promise<Bundles> {
  const folder = await Deno.makeTempDir({ prefix: "runtimes-" });
  await bundle("entries/console.ts", join(folder, "console.mjs"), { format: "esm" });
  await bundle("entries/module_worker.ts", join(folder, "module_worker.mjs"), { format: "esm" });
  await bundle("entries/event_worker.ts", join(folder, "event_worker.js"), { format: "iife" });
  await bundle("entries/page.ts", join(folder, "page.js"), { format: "iife" });
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** Runs the whole suite on a runtime. */
export function runSuite(
  name: RuntimeName,
  found: Found,
  { folder }: Bundles,
): Promise<readonly Verdict[]> {
  const [program, ...args] = found.command;
  switch (name) {
    case "deno":
      // Without a permission: the core needs none.
      return runProgram(program, [
        "run",
        "--no-config",
        "--no-prompt",
        join(folder, "console.mjs"),
      ]);
    case "node20":
    case "node22":
    case "node24":
    case "bun":
      return runProgram(program, [...args, join(folder, "console.mjs")]);
    case "workerd":
    case "workerd+node": {
      const module = join(folder, "module_worker.mjs");
      return runServed(serveWorkerd(program, module, { hasNode: name === "workerd+node" }));
    }
    case "edge-runtime":
      return runServed(serveEdgeRuntime(found, join(folder, "event_worker.js")));
    case "chromium":
      return runInPage(program, join(folder, "page.js"));
  }
}

/** Vercel's edge-runtime as a server of one script. */
export function serveEdgeRuntime({ command }: Found, script: string): Promise<Server> {
  const [program, ...args] = command;
  const host = ["--listen", "--host", "127.0.0.1", "--port"];
  return serve(program, (port) => [...args, ...host, `${port}`, script]);
}

async function runProgram(program: string, args: readonly string[]): Promise<readonly Verdict[]> {
  return JSON.parse(await output(program, args));
}

async function runServed(starting: Promise<Server>): Promise<readonly Verdict[]> {
  await using server = await starting;
  const ask = async (path: string) => {
    const response = await fetch(`${server.url}/${path}`);
    if (response.ok) return await response.json();
    throw new Error(`/${path} is answered by ${response.status} ${await response.text()}`);
  };
  const verdicts: Verdict[] = [];
  const count: number = await ask("");
  for (let at = 0; at < count; at++) verdicts.push(await ask(`${at}`));
  return verdicts;
}

/** The page comes from loopback because only a secure context has Web Crypto whole. */
async function runInPage(program: string, script: string): Promise<readonly Verdict[]> {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using page = Deno.serve(
    options,
    () =>
      new Response("<!doctype html><title>Holdfast</title>", {
        headers: { "content-type": "text/html" },
      }),
  );
  await using browser = await launchChromium(program);
  const tab = await browser.newPage();
  await tab.goto(`http://127.0.0.1:${page.addr.port}/`);
  await tab.addScriptTag({ path: script });
  return await tab.evaluate("verdicts");
}
