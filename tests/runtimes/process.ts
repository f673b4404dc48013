/**
 * Programs that a test starts: run to their end, or kept running and ended by their own process id.
 *
 * @module
 */

/** Where and how long a program runs. */
export interface RunOptions {
  /** The folder it runs in. */
  readonly cwd?: string;
  /** How long it may take before it is ended, in milliseconds. */
  readonly limitMs?: number;
}

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws {Error} with its error output, if it cannot be started, fails, or takes longer than its limit.
 */
export async function output(
  program: string,
  args: readonly string[],
  { cwd, limitMs = 60_000 }: RunOptions = {},
): Promise<string> {
  const { success, stdout, stderr, signal } = await new Deno.Command(program, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(limitMs),
  }).output();
  const printed = new TextDecoder().decode(stdout);
  if (success) return printed;
  const errors = new TextDecoder().decode(stderr);
  const how = signal === null ? "failed" : `was ended by ${signal}`;
  throw new Error(`${program} ${args.join(" ")} ${how}\n${errors}${printed}`);
}

/** What a program prints about its version, or undefined where there is no such program. */
export async function printedVersion(program: string): Promise<string | undefined> {
  try {
    return (await output(program, ["--version"], { limitMs: 20_000 })).trim();
  } catch {
    // Not there, not for this machine, or broken: all the same to who asks.
    return undefined;
  }
}

/** A program that serves HTTP on loopback until it is disposed of. */
export interface Server extends AsyncDisposable {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** Everything that it has printed so far, errors included. */
  printed(): string;
}

/** How long a server may take to answer for the first time, in milliseconds. */
const START_MS_MAX = 30_000;

/**
 * Starts a program that is told a free port and returns once it answers there.
 *
 * @throws {Error} with what it printed, if it ends or does not answer in time.
 */
export async function serve(
  program: string,
  argsFor: (port: number) => readonly string[] | Promise<readonly string[]>,
  options: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
): Promise<Server> {
  const port = freePort();
  const child = new Deno.Command(program, {
    args: [...await argsFor(port)],
    ...options,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let printed = "";
  const listen = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    for await (const text of stream.pipeThrough(decoder())) printed += text;
  };
  const ended = Promise.all([child.status, listen(child.stdout), listen(child.stderr)]);
  const url = `http://127.0.0.1:${port}`;
  const server: Server = {
    url,
    printed: () => printed,
    [Symbol.asyncDispose]: async () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await ended;
    },
  };
  let isRunning = true;
  void child.status.then(() => isRunning = false);
  if (await answers(url, () => isRunning)) return server;
  await server[Symbol.asyncDispose]();
  throw new Error(`${program} does not answer on its port\n${printed}`);
}

/** A stream of bytes as text; typed here because a process's output has a wider type than a decoder takes. */
function decoder(): TransformStream<Uint8Array, string> {
  const text = new TextDecoder();
  return new TransformStream({
    transform: (bytes, out) => out.enqueue(text.decode(bytes, { stream: true })),
  });
}

async function answers(url: string, isRunning: () => boolean): Promise<boolean> {
  const until = performance.now() + START_MS_MAX;
  while (isRunning() && performance.now() < until) {
    try {
      await (await fetch(url)).body?.cancel();
      return true;
    } catch {
      // Nobody listens yet.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return false;
}

/** A port of loopback that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
