/**
 * The gateway as a program: `deno task gateway --redis redis://127.0.0.1:6379`.
 *
 * It prints the two variables that clients need, and runs until SIGINT or SIGTERM. What keeps it from starting is said
 * in one line, with exit code 1.
 *
 * @module
 */

import process from "node:process";
import { HoldfastError } from "../../src/errors.ts";
import { randomToken, systemRandom } from "../../src/random.ts";
import { type CommandLine, parseCommandLine, USAGE } from "./command_line.ts";
import { createGateway } from "./gateway.ts";
import { type ServedGateway, serveGateway } from "./serve.ts";

async function main(): Promise<void> {
  try {
    const line = parseCommandLine(process.argv.slice(2), process.env);
    if (line === undefined) process.stdout.write(USAGE);
    else await run(line);
  } catch (error) {
    // What is no error of ours is a defect, and its stack is wanted.
    if (!HoldfastError.is(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

async function run(line: CommandLine): Promise<void> {
  const token = line.gateway.token ?? randomToken(systemRandom(), 32);
  const gateway = createGateway({ ...line.gateway, token });
  try {
    await gateway.ready();
    const served = await serveGateway(gateway, line.serve);
    process.stdout.write(`UPSTASH_REDIS_REST_URL=${served.url}\n`);
    // A token that was given is known already, and need not stand in a log.
    if (line.gateway.token === undefined) {
      process.stdout.write(`UPSTASH_REDIS_REST_TOKEN=${token}\n`);
    }
    await stopOnSignal(served);
  } finally {
    await gateway.close();
  }
}

/** Waits for a signal and stops; a second one ends the program at once. */
async function stopOnSignal(served: ServedGateway): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
  await served.stop();
  process.exit(0);
}

await main();
