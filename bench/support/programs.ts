/**
 * Servers in processes of their own, so that what the bench's process uses is the client's alone.
 *
 * @module
 */

/** A server in a process of its own. */
export interface Program extends AsyncDisposable {
  /** Its address. */
  readonly url: string;
  /** Its process. */
  readonly pid: number;
}

/** The token of every gateway of a bench. */
export const BENCH_TOKEN = "token-of-the-bench";

/** Starts a gateway in front of a Redis. Stop it with `await using`. */
export function startGatewayProgram(redis: { readonly url: string }): Promise<Program> {
  const main = new URL("../../adapters/gateway/main.ts", import.meta.url).pathname;
  const options = ["--redis", redis.url, "--port", "0", "--token", BENCH_TOKEN];
  return startProgram(["run", "-A", main, ...options]);
}

/** Starts a program that prints its address, and reads no more of what it prints. */
export async function startProgram(args: readonly string[]): Promise<Program> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  let url: string | undefined;
  while (url === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error("Cannot measure as a server did not start");
    url = /(http:\/\/[\d.]+:\d+)\n/.exec(printed += value)?.[1];
  }
  return {
    url,
    pid: child.pid,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}
