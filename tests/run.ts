/**
 * Runs every test and doc example: `deno task test [files or flags of deno test…]`.
 *
 * Ends with `N passed, N failed`, and `, N skipped` if any were, alone on the last line; exits with 0 only if something
 * passed and nothing failed.
 *
 * @module
 */
// deno-lint-ignore-file no-console

import { ensureRuntimes } from "./runtimes/install.ts";
import { denoTest } from "./support/runner.ts";
import { closingLine } from "./support/junit.ts";
import { ensureRedis } from "./support/redis/binary.ts";

/**
 * What the tests want to find on this machine, made ready in this order before the first of them runs.
 *
 * A preparation is quick when there is nothing to do, and says what it installs. What cannot be had here is no failure:
 * the tests that want it skip, with the reason. One that throws counts as a failed test, and the tests run all the same.
 */
const PREPARATIONS: readonly (() => Promise<unknown>)[] = [
  () => ensureRedis(console.log),
  ensureRuntimes,
];

if (import.meta.main) {
  const unprepared = await prepare();
  const { counts, exitCode } = await denoTest(Deno.args, Deno.cwd(), toStdout);
  console.log(closingLine({ ...counts, failed: counts.failed + unprepared }));
  Deno.exit(exitCode || (unprepared > 0 ? 1 : 0));
}

/** Makes everything ready; returns how many preparations failed. */
async function prepare(): Promise<number> {
  let failed = 0;
  for (const preparation of PREPARATIONS) {
    try {
      await preparation();
    } catch (error) {
      // Whatever it is, it is shown, counted, and kept from hiding what the tests have to say.
      console.error(error);
      failed++;
    }
  }
  return failed;
}

async function toStdout(output: Uint8Array): Promise<void> {
  for (let from = 0; from < output.length;) from += await Deno.stdout.write(output.subarray(from));
}
