/**
 * Tries the library on a person's own Redis behind REST, and tells what only a live one can tell:
 *
 * ```sh
 * UPSTASH_REDIS_REST_URL=… UPSTASH_REDIS_REST_TOKEN=… deno task live [--idle-seconds 60]
 * ```
 *
 * Every test has a namespace of its own, and the keys that it named are deleted after it; nothing else is touched. It
 * costs a few thousand commands.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program: what it says goes to the terminal

import { parseArgs } from "node:util";
import { probeAll } from "./probes.ts";
import { runSuites } from "./suites.ts";
import type { LiveTarget } from "./target.ts";

if (import.meta.main) Deno.exit(await main(Deno.args, Deno.env.toObject()));

async function main(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = env;
  if (!url || !token) {
    console.error(
      "Cannot try a live Redis as UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN must be set",
    );
    return 1;
  }
  const idleSeconds = secondsOf(args);
  if (idleSeconds === undefined) {
    console.error(
      "Cannot wait on an idle stream as --idle-seconds must be a number from 1 to 3600",
    );
    return 1;
  }
  return await tryAll({ url, token }, idleSeconds);
}

async function tryAll(target: LiveTarget, idleSeconds: number): Promise<number> {
  try {
    for await (const { name, finding } of probeAll(target, idleSeconds)) {
      console.log(`${name.padEnd(28)}${finding}`);
    }
  } catch (error) {
    // The address, the token or the network: one line says which, and never the token.
    console.error(error instanceof Error ? error.message : "Cannot reach the store");
    return 1;
  }
  let [passed, failed] = [0, 0];
  for await (const { name, failure } of runSuites(target)) {
    if (failure === undefined) passed++;
    else {
      failed++;
      console.log(`FAILED ${name}\n${failure}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

function secondsOf(args: readonly string[]): number | undefined {
  try {
    const options = { "idle-seconds": { type: "string", default: "60" } } as const;
    const seconds = Number(parseArgs({ args: [...args], options }).values["idle-seconds"]);
    return seconds >= 1 && seconds <= 3_600 ? seconds : undefined;
  } catch {
    // parseArgs does not know an argument.
    return undefined;
  }
}
