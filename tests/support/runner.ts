/**
 * `deno test` as a function: runs it, passes its output on, and counts.
 *
 * @module
 */

import { counted, type Counts } from "./junit.ts";

/** What a run did. */
export interface TestRun {
  /** How many tests did what. */
  readonly counts: Counts;
  /** 0 only if something passed and nothing failed. */
  readonly exitCode: number;
}

/** How much of the runner's output is kept, in characters: its closing line is at the end. */
const TAIL_MAX = 10_000;

/** Runs the tests and doc examples of a folder with these files or flags; `show` gets the output as it comes. */
export async function denoTest(
  args: readonly string[],
  cwd: string,
  show: (output: Uint8Array) => Promise<void>,
): Promise<TestRun> {
  const report = await Deno.makeTempFile({ prefix: "holdfast-tests-", suffix: ".xml" });
  try {
    const runner = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--doc", `--junit-path=${report}`, ...args],
      cwd,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const tail = await passedOn(runner.stdout, show);
    const { code } = await runner.status;
    const counts = counted(await Deno.readTextFile(report), tail, code);
    return { counts, exitCode: code || (counts.failed > 0 || counts.passed === 0 ? 1 : 0) };
  } finally {
    await Deno.remove(report);
  }
}

/** Hands every chunk on, and returns the end of the text. */
async function passedOn(
  output: ReadableStream<Uint8Array>,
  show: (output: Uint8Array) => Promise<void>,
): Promise<string> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of output) {
    await show(chunk);
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-TAIL_MAX);
  }
  return tail;
}
