/**
 * An example of a host: which file, and the commands that start it.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import { output, serve, type Server } from "../support/process.ts";
import { ROOT } from "../support/source.ts";
import { type Findings, required, type RuntimeName } from "./find.ts";

/** An example and how it is started. */
export interface Example {
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

/** Holds the commands that run here against the ones that the example names. */
export async function checkDocumented({ file, bundle = "", start }: Example): Promise<void> {
  const text = await Deno.readTextFile(`${ROOT}/${file}`);
  ok(text.includes(`* ${start}\n`), start);
  ok(text.includes(bundle), bundle);
}

/** Bundles and starts an example, with the programs that its commands name found on this machine. */
export async function started(
  { bundle, start, runtime, onPort }: Example,
  runtimes: Findings,
): Promise<Server> {
  const [program, ...args] = required(runtimes.get(runtime)).command;
  if (bundle !== undefined) {
    await output(Deno.execPath(), bundle.split(" ").slice(1), { cwd: ROOT });
  }
  const given = start.split(" ").slice(1);
  return await serve(program, (port) => [...args, ...onPort(given, port)], { cwd: ROOT });
}
