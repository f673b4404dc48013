/**
 * Several processes that ask one cache for the same key at the same time.
 *
 * @module
 */

import { ROOT } from "../source.ts";
import type { WorkerReport } from "./cache_worker.ts";

/** What the workers are to do. */
export interface WorkerOptions {
  /** Where the gateway is. */
  readonly url: string;
  /** Its token. */
  readonly token: string;
  /** How many processes. */
  readonly processes: number;
  /** How many callers in each. */
  readonly callers: number;
  /** How long the creation takes, in milliseconds. */
  readonly createMs: number;
  /** The key. */
  readonly key: string;
}

/** Starts all workers, lets them go at once when all are ready, and gives their reports. */
export async function raceWorkers(options: WorkerOptions): Promise<WorkerReport[]> {
  const workers = Array.from({ length: options.processes }, () => startWorker(options));
  try {
    await Promise.all(workers.map(({ ready }) => ready));
    return await Promise.all(workers.map(({ go }) => go()));
  } finally {
    await Promise.all(workers.map(({ end }) => end()));
  }
}

function startWorker({ url, token, callers, createMs, key }: WorkerOptions) {
  const args = ["run", "-A", "--no-check", "tests/support/redis/cache_worker.ts"];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, url, token, key, String(callers), String(createMs)],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = linesOf(child.stdout);
  const stdin = child.stdin.getWriter();
  return {
    ready: lines.next(),
    go: async (): Promise<WorkerReport> => {
      await stdin.write(new TextEncoder().encode("go\n"));
      return JSON.parse((await lines.next()).value ?? "null");
    },
    end: async (): Promise<void> => {
      await stdin.close();
      await child.status;
      await lines.return(undefined);
    },
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}
