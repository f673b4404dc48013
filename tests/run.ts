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
import { closingLine, counted, type Counts } from "./support/junit.ts";
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

/** How much of the runner's output is kept, in characters: its closing line is at the end. */
const TAIL_MAX = 10_000;

if (import.meta.main) {
  const unprepared = await prepare();
  const { counts, exitCode } = await run(Deno.args);
  const total = { ...counts, failed: counts.failed + unprepared };
  console.log(closingLine(total));
  Deno.exit(exitCode || (total.failed > 0 || total.passed === 0 ? 1 : 0));
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

async function run(args: readonly string[]): Promise<{ counts: Counts; exitCode: number }> {
  const report = await Deno.makeTempFile({ prefix: "holdfast-tests-", suffix: ".xml" });
  try {
    const runner = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--doc", `--junit-path=${report}`, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const output = await shown(runner.stdout);
    const { code } = await runner.status;
    return { counts: counted(await Deno.readTextFile(report), output, code), exitCode: code };
  } finally {
    await Deno.remove(report);
  }
}

/** Passes the output on as it comes, and returns the end of it. */
async function shown(output: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of output) {
    for (let from = 0; from < chunk.length;) from += await Deno.stdout.write(chunk.subarray(from));
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-TAIL_MAX);
  }
  return tail;
}
