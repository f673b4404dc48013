/**
 * The command line as a program: runs until it is done, or until SIGINT or SIGTERM; a second signal ends it at once.
 *
 * @module
 */

import process from "node:process";
import { runCommandLine } from "./run.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
  });
}

const code = await runCommandLine(process.argv.slice(2), {
  print: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  signal: stop.signal,
  env: process.env,
});
process.exit(code);
