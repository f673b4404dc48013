/**
 * A real redis-server of a test's own: on a free port, in a temporary folder, there within milliseconds and gone with
 * the test.
 *
 * The server's standard input is the leash: a watcher beside it reads that pipe and kills the server when it closes.
 * Closing it is how a test stops its server, and what happens by itself when the whole test run is killed.
 *
 * @module
 */

import { freePort } from "../process.ts";
import { findRedis } from "./binary.ts";
import { openWire, type Reply } from "./wire.ts";

/** How a server is to be. */
export interface RedisOptions {
  /** Whether every acknowledged write is on disk: append-only file, synced always. Default: nothing is kept. */
  readonly isDurable?: boolean;
  /** Further settings, as redis.conf names them. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running redis-server. */
export interface RedisServer extends AsyncDisposable {
  /** Its port on 127.0.0.1; the same after a restart. */
  readonly port: number;
  /** Its address: `redis://127.0.0.1:port`. */
  readonly url: string;
  /** Its process. */
  readonly pid: number;
  /** Its folder. */
  readonly folder: string;
  /** Sends one command on a connection of its own. */
  command(...args: readonly (string | number)[]): Promise<Reply>;
  /** Ends the process at once, without a goodbye (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again after {@linkcode kill}: same port, same folder. */
  start(): Promise<void>;
  /** How many bytes the append-only file has: a moment to go back to. Only for a durable server. */
  mark(): Promise<number>;
  /** Forgets what was written after a mark, as a failover would. Only between {@linkcode kill} and {@linkcode start}. */
  loseAfter(mark: number): Promise<void>;
  /** Stops the process for a while (SIGSTOP), so that it holds its connections but answers nothing. */
  freeze(): void;
  /** Lets a frozen process go on. */
  thaw(): void;
}

/**
 * `exec` makes the server the child itself, so its pid is the child's; the watcher knows the same pid as `$$`.
 */
const LEASH =
  'exec 3<&0; (read _ <&3; kill -9 $$) >/dev/null 2>&1 & exec "$0" "$@" 3<&- </dev/null';

const START_MS_MAX = 60_000;

/** Starts a server. Stop it with `await using`. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-redis-" });
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = freePort();
    const first = spawn(port, folder, options);
    // False means that another program took the port between the look and the start.
    if (await isReady(first, port, folder)) return running(first, port, folder, options);
    await stop(first);
  }
  await Deno.remove(folder, { recursive: true });
  throw new Error("Cannot start redis-server: five free ports were all taken before it came up");
}

function running(first: Deno.ChildProcess, port: number, folder: string, options: RedisOptions) {
  let child = first;
  const command: RedisServer["command"] = async (...args) => {
    using wire = await openWire(port);
    return await wire.command(...args);
  };
  const server: RedisServer = {
    port,
    folder,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return child.pid;
    },
    command,
    kill: () => stop(child),
    start: async () => {
      child = spawn(port, folder, options);
      if (!await isReady(child, port, folder)) {
        throw new Error("Cannot start redis-server again as its port is taken");
      }
    },
    mark: async () => (await Deno.stat(await appendOnlyFile(folder))).size,
    loseAfter: async (mark) => Deno.truncate(await appendOnlyFile(folder), mark),
    freeze: () => Deno.kill(child.pid, "SIGSTOP"),
    thaw: () => Deno.kill(child.pid, "SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      await stop(child);
      await Deno.remove(folder, { recursive: true });
    },
  };
  return server;
}

function spawn(port: number, folder: string, options: RedisOptions): Deno.ChildProcess {
  const binary = findRedis();
  if (binary === undefined) throw new Error("Cannot start redis-server as there is none on PATH");
  const settings: Record<string, string> = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder,
    logfile: `${folder}/redis.log`,
    save: "",
    appendonly: options.isDurable ? "yes" : "no",
    appendfsync: "always",
    "auto-aof-rewrite-percentage": "0",
    "repl-diskless-sync-delay": "0",
    ...options.settings,
  };
  const args = Object.entries(settings).flatMap((
    [name, value],
  ) => [`--${name}`, ...value.split(" ")]);
  return new Deno.Command("/bin/sh", {
    args: ["-c", LEASH, binary, ...args],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Whether this very process, in this very folder, answers on the port; false if it ended instead. */
async function isReady(child: Deno.ChildProcess, port: number, folder: string): Promise<boolean> {
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  const until = performance.now() + START_MS_MAX;
  while (!hasEnded && performance.now() < until) {
    const answer = await identity(port);
    if (answer !== undefined) return answer.pid === child.pid && answer.folder === folder;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return false;
}

/** Who listens on a port, or undefined while nobody does or it is still reading its files. */
async function identity(port: number): Promise<{ pid: number; folder: string } | undefined> {
  try {
    using wire = await openWire(port);
    await wire.command("PING");
    const info = String(await wire.command("INFO", "server"));
    const [, folder] = await wire.command("CONFIG", "GET", "dir") as readonly string[];
    return { pid: Number(/^process_id:(\d+)/m.exec(info)?.[1]), folder: folder ?? "" };
  } catch {
    // Refused, or "LOADING": not yet.
    return undefined;
  }
}

async function stop(child: Deno.ChildProcess): Promise<void> {
  try {
    await child.stdin.close();
  } catch {
    // Closed before: a second stop.
  }
  await child.status;
}

/** Redis 7 keeps what was appended since the last rewrite in one file. */
async function appendOnlyFile(folder: string): Promise<string> {
  for await (const entry of Deno.readDir(`${folder}/appendonlydir`)) {
    if (entry.name.endsWith(".incr.aof")) return `${folder}/appendonlydir/${entry.name}`;
  }
  throw new Error("Cannot find an append-only file as the server was not started durable");
}
