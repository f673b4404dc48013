/**
 * One run of the command line, from its words to its exit code.
 *
 * @module
 */

import { assertNever, HoldfastError } from "../../src/errors.ts";
import { isJsonObject, type JsonObject } from "../../src/json.ts";
import { connectNode, type RemoteNode } from "../../src/raft/mod.ts";
import { type CommandLine, parseCommandLine, USAGE } from "./command_line.ts";
import type { Console } from "./console.ts";
import { start } from "./start.ts";

/**
 * Runs a command line.
 *
 * @returns The exit code: 0 for done, 1 for failed, 2 for not understood. What failed is said in one line.
 *
 * @example
 * ```ts
 * import { runCommandLine } from "@holdfast/holdfast/cli";
 * import { strictEqual } from "node:assert/strict";
 *
 * const lines: string[] = [];
 * const console = {
 *   print: (line: string) => lines.push(line),
 *   complain: (line: string) => lines.push(line),
 *   signal: new AbortController().signal,
 *   env: {},
 * };
 * strictEqual(await runCommandLine(["fly"], console), 2);
 * strictEqual(lines[0]?.startsWith("Cannot read the command line"), true);
 * ```
 */
export async function runCommandLine(args: readonly string[], console: Console): Promise<number> {
  let line: CommandLine;
  try {
    line = parseCommandLine(args, console.env);
  } catch (error) {
    // What is no error of ours is a defect, and its stack is wanted.
    if (!HoldfastError.is(error)) throw error;
    console.complain(error.message);
    return 2;
  }
  try {
    await carriedOut(line, console);
    return 0;
  } catch (error) {
    if (console.signal.aborted && error === console.signal.reason) return 0;
    // Anything but our own errors is a defect, and its stack is wanted.
    if (!HoldfastError.is(error)) throw error;
    console.complain(`${error.message} (${error.code})`);
    return 1;
  }
}

async function carriedOut(line: CommandLine, console: Console): Promise<void> {
  const { signal, print } = console;
  switch (line.kind) {
    case "help":
      return print(USAGE.trimEnd());
    case "start":
      return await start(line, console);
    case "join":
      await clientOf(line).join(line.url, line.meta, { signal });
      return print(`joined ${line.url}`);
    case "leave":
      await clientOf(line).leave(line.url, { signal });
      return print(`left ${line.url}`);
    case "transfer":
      await clientOf(line).transfer(line.url, { signal });
      return print(`leads ${line.url}`);
    case "status": {
      const status = await clientOf(line).status({ signal });
      const lines = line.isJson ? [JSON.stringify(status)] : statusLines(status);
      return lines.forEach((text) => print(text));
    }
    case "watch":
      return await watch(clientOf(line), line.isJson, console);
    default:
      return assertNever(line, "a command line");
  }
}

function clientOf(
  { at, headers }: {
    readonly at: readonly string[];
    readonly headers: Readonly<Record<string, string>>;
  },
): RemoteNode<unknown, null, unknown, unknown> {
  // A change of members may wait for a node to catch up.
  return connectNode(at, { headers, attemptTimeout: "60s", attemptsMax: 4 });
}

/** What operators look for first, a line each. */
function statusLines(status: JsonObject): readonly string[] {
  const figures = [
    "role",
    "leader",
    "term",
    "commit",
    "applied",
    "applyLag",
    "entries",
    "snapshotIndex",
    "sessions",
    "durability",
    "uptimeMs",
    "ended",
  ];
  const rows = figures.flatMap((name) =>
    status[name] === undefined ? [] : [`${name.padEnd(14)} ${textOf(status[name])}`]
  );
  const peers = Array.isArray(status.peers) ? status.peers : [];
  return [...rows, ...peers.map((peer) => `peer           ${JSON.stringify(peer)}`)];
}

function textOf(value: unknown): string {
  return isJsonObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
}

async function watch(
  client: RemoteNode<unknown, null, unknown, unknown>,
  isJson: boolean,
  { print, signal }: Console,
): Promise<void> {
  for await (const told of client.events({ signal })) {
    if (isJson) print(JSON.stringify(told));
    else if (!["persisted", "applied", "electionTimeoutReset", "idle"].includes(told.name)) {
      print(`${told.name} ${JSON.stringify(told.event)}`);
    }
  }
  throw new HoldfastError("ERR_UNAVAILABLE", "Cannot watch any longer as the node has ended");
}
