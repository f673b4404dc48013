/**
 * Programs that a test starts: run to their end, or kept running and ended by their own process id.
 *
 * @module
 */

import { ROOT } from "./source.ts";

/** Where and with what a program runs. */
export interface ProgramOptions {
  /** The folder it runs in. */
  readonly cwd?: string;
  /** What it finds in its environment beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Options of {@linkcode run} and {@linkcode output}. */
export interface RunOptions extends ProgramOptions {
  /** How long it may take before it is ended, in milliseconds. */
  readonly limitMs?: number;
}

/** A program that has ended. */
export interface Ended {
  /** Its exit code. */
  readonly code: number;
  /** What ended it, if it did not end by itself. */
  readonly signal: string | null;
  /** What it printed. */
  readonly stdout: string;
  /** Its error output. */
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function run(
  program: string,
  args: readonly string[],
  { limitMs = 300_000, ...options }: RunOptions = {},
): Promise<Ended> {
  const { code, signal, stdout, stderr } = await new Deno.Command(program, {
    ...options,
    args: [...args],
    stdin: "null",
    signal: AbortSignal.timeout(limitMs),
  }).output();
  const decoder = new TextDecoder();
  return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws {Error} with its error output, if it cannot be started, fails, or takes longer than its limit.
 */
export async function output(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, signal, stdout, stderr } = await run(program, args, options);
  if (code === 0) return stdout;
  const how = signal === null ? "failed" : `was ended by ${signal}`;
  throw new Error(`${program} ${args.join(" ")} ${how}\n${stderr}${stdout}`);
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

/** Runs Deno to its end at the root of the checkout, in an environment that names no store. */
export function runDeno(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const all = { ...WITHOUT_STORE, NO_COLOR: "1", ...env };
  return run(Deno.execPath(), args, { cwd: ROOT, env: all });
}

/** A program that runs until it is disposed of. */
export interface Running extends AsyncDisposable {
  /** Everything that it has printed so far, errors included. */
  printed(): string;
}

/** Starts Deno at the root of the checkout, in an environment that names no store, and waits for what it prints. */
export function startDeno(
  args: readonly string[],
  ready: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const options = { cwd: ROOT, env: { ...WITHOUT_STORE, ...env } };
  return start(Deno.execPath(), args, (printed) => ready.test(printed), options);
}

/** A program that serves HTTP on loopback until it is disposed of. */
export interface Server extends Running {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
}

/**
 * Starts a program that is told a free port and returns once it answers there.
 *
 * @throws {Error} with what it printed, if it ends or does not answer in time.
 */
export async function serve(
  program: string,
  argsFor: (port: number) => readonly string[] | Promise<readonly string[]>,
  options: ProgramOptions = {},
): Promise<Server> {
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = await start(program, await argsFor(port), () => answers(url), options);
  return { ...running, url };
}

/** Ports below those that hosts give to connections, so that none of them takes one before it is listened on. */
const PORTS = { from: 12_000, to: 32_000 };
let lastPort = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));

/** A port of loopback that nobody listens on right now, and that this process was not given before. */
export function freePort(): number {
  for (;;) {
    lastPort = lastPort + 1 < PORTS.to ? lastPort + 1 : PORTS.from;
    try {
      using _listener = Deno.listen({ hostname: "127.0.0.1", port: lastPort });
      return lastPort;
    } catch (error) {
      // Somebody else's.
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

/** How long a program may take until it is ready, in milliseconds. */
const START_MS_MAX = 120_000;

const WITHOUT_STORE: Readonly<Record<string, string>> = {
  UPSTASH_REDIS_REST_URL: "",
  UPSTASH_REDIS_REST_TOKEN: "",
};

/** Starts a program and waits until it is ready, as one tells by what it has printed or otherwise. */
async function start(
  program: string,
  args: readonly string[],
  isReady: (printed: string) => boolean | Promise<boolean>,
  options: ProgramOptions,
): Promise<Running> {
  const child = new Deno.Command(program, {
    ...options,
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let printed = "";
  let isRunning = true;
  const listen = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const bytes of stream) printed += decoder.decode(bytes, { stream: true });
  };
  const ended = Promise.all([child.status, listen(child.stdout), listen(child.stderr)]);
  void child.status.then(() => isRunning = false);
  const stop = async (): Promise<void> => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await ended;
  };
  const untilMs = performance.now() + START_MS_MAX;
  while (isRunning && performance.now() < untilMs) {
    if (await isReady(printed)) return { printed: () => printed, [Symbol.asyncDispose]: stop };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await stop();
  throw new Error(`${program} ${args.join(" ")} is not ready\n${printed}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).body?.cancel();
    return true;
  } catch {
    // Nobody listens yet.
    return false;
  }
}
