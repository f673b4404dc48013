/**
 * A program of the test's own: started, listened to, and ended by its id.
 *
 * @module
 */

import { ROOT } from "./source.ts";

/** A program that runs. */
export interface Running extends AsyncDisposable {
  /** The line that said it is ready. */
  readonly readyLine: string;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

/** Starts Deno with these arguments at the root of the checkout, and waits for a line of its output that matches. */
export async function startDeno(args: readonly string[], ready: RegExp): Promise<Running> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: WITHOUT_STORE,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const stop = async (): Promise<void> => {
    try {
      child.kill();
    } catch {
      // It has ended by itself.
    }
    await lines.cancel();
    await child.status;
  };
  let output = "";
  while (!ready.test(output)) {
    const { done, value } = await lines.read();
    if (done) {
      await stop();
      throw new Error(`deno ${args.join(" ")} ended before it was ready: ${output}`);
    }
    output += value;
  }
  const readyLine = output.split("\n").find((line) => ready.test(line)) ?? output;
  return { readyLine, stop, [Symbol.asyncDispose]: stop };
}

/** Runs Deno with these arguments to its end. */
export async function runDeno(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { ...WITHOUT_STORE, NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** An environment that names no store, whatever the one of this process names. */
const WITHOUT_STORE: Readonly<Record<string, string>> = {
  UPSTASH_REDIS_REST_URL: "",
  UPSTASH_REDIS_REST_TOKEN: "",
};
