/**
 * One run of the command line, from its words to its exit code.
 *
 * @module
 */

import { assertNever, type ErrorCode, HoldfastError } from "../../src/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../src/json.ts";
import { connectNode, type RemoteNode } from "../../src/raft/mod.ts";
import { type CommandLine, parseCommandLine, USAGE } from "./command_line.ts";
import { RemoteError } from "../../src/remote.ts";
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
    console.complain(`${saidOf(line.kind, error)} (${error.code})`);
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

/** What a server's refusal means here, where its status alone would say little. */
const REFUSALS: Partial<Readonly<Record<ErrorCode, string>>> = {
  ERR_ALREADY_MEMBER: "it is a member already",
  ERR_CHANGING: "an earlier change of members is not finished",
  ERR_INVALID_ARGUMENT: "the URL must be one of a node, and of another voter to hand over",
  ERR_LAST_MEMBER: "it is the last that can lead",
  ERR_NOT_FOUND: "no node is served there: --at must be what start printed",
  ERR_NOT_LEADER: "nobody leads now, or who leads is served nowhere",
  ERR_NOT_MEMBER: "it is no member",
  ERR_OTHER_CLUSTER: "it belongs to another cluster",
  ERR_OUTCOME_UNKNOWN: "it is not known whether it happened: see status, and try again",
  ERR_TIMEOUT: "it has not caught up in time: it stays a standby, and may be joined again",
  ERR_UNAUTHORIZED: "--token is missing or wrong",
  ERR_UNAVAILABLE: "the node, or a majority, does not answer",
  ERR_UNSUPPORTED_PROTOCOL: "the protocol must be that of the cluster",
};

function saidOf(action: string, error: HoldfastError): string {
  const rule = error instanceof RemoteError ? REFUSALS[error.code] : undefined;
  return rule === undefined ? error.message : `Cannot ${action} as ${rule}`;
}

/** What operators look for first, a line each. */
function statusLines(status: JsonObject): readonly string[] {
  const figures = [
    "id",
    "namespace",
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
  const membership = isJsonObject(status.membership) ? status.membership : {};
  const peers = objectsOf(status.peers);
  const members = Object.entries({ voters: "voter", outgoing: "leaves", learners: "standby" })
    .flatMap(([list, what]) =>
      objectsOf(membership[list]).map(({ id }) => {
        const { kind, match } = peers.find((peer) => peer.id === id) ?? {};
        // Only a leader knows how far the others are.
        return `${what.padEnd(14)} ${id}${kind === undefined ? "" : ` ${kind} to ${match}`}`;
      })
    );
  return [...rows, ...members];
}

function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function textOf(value: unknown): string {
  return typeof value === "number" ? `${Math.round(value)}` : String(value);
}

async function watch(
  client: RemoteNode<unknown, null, unknown, unknown>,
  isJson: boolean,
  { print, signal }: Console,
): Promise<void> {
  for await (const told of client.events({ signal })) {
    if (isJson) print(JSON.stringify(told));
    else if (!FREQUENT.includes(told.name)) print(`${told.name} ${wordsOf(told.event)}`.trimEnd());
  }
  throw new HoldfastError("ERR_UNAVAILABLE", "Cannot watch any longer as the node has ended");
}

/** What happens too often to be looked at line by line. */
const FREQUENT = ["persisted", "applied", "electionTimeoutReset", "idle", "connecting"];

/** An event in a few words: its fields, of members only their names. */
function wordsOf(event: Json): string {
  if (!isJsonObject(event)) return "";
  const { kind: _kind, membership, ...rest } = event;
  const lists = isJsonObject(membership) ? Object.entries(membership) : [];
  const fields = Object.entries(rest).map(([name, value]) => {
    return `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`;
  });
  const members = lists.map(([name, list]) =>
    `${name}=${objectsOf(list).map(({ id }) => id).join(",") || "none"}`
  );
  return [...members, ...fields].join(" ");
}
