/**
 * The command line of nodes.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { ArgumentError } from "../../src/errors.ts";
import { isJsonObject, type Json } from "../../src/json.ts";
import type { FirstMember } from "../../src/raft/mod.ts";

/** What a command line asks for. */
export type CommandLine =
  | { readonly kind: "help" }
  | StartCommand
  | {
    readonly kind: "join" | "leave" | "transfer";
    readonly url: string;
    readonly meta: Json | undefined;
    readonly at: readonly string[];
    readonly headers: Readonly<Record<string, string>>;
  }
  | {
    readonly kind: "status" | "watch";
    readonly isJson: boolean;
    readonly at: readonly string[];
    readonly headers: Readonly<Record<string, string>>;
  };

/** Starts a node. */
export interface StartCommand {
  /** Which command this is. */
  readonly kind: "start";
  /** The node's own URL. */
  readonly url: string;
  /** Where it is served over HTTP. */
  readonly http: { readonly hostname: string; readonly port: number };
  /** What operators must bring; nobody is asked for one if it is left out. */
  readonly token: string | undefined;
  /** The first members, this one among them. */
  readonly cluster: readonly FirstMember[] | undefined;
  /** Whether it waits to be joined. */
  readonly isStandby: boolean;
  /** The cluster's name. */
  readonly namespace: string;
  /** What all nodes share. */
  readonly secret: string | undefined;
  /** Between two heartbeats, in milliseconds. */
  readonly heartbeatMs: number;
  /** Where it keeps its log; in memory if left out. */
  readonly redis: { readonly url: string; readonly token: string } | undefined;
}

/** What `--help` prints. */
export const USAGE = `Runs and operates nodes of a Raft cluster that keeps an ordered map.

  start --url URL       start a node at tcp://host:port or tcp+msgpack://host:port, and run until a signal
    --http HOST:PORT    where operators and clients reach it (default 127.0.0.1:9081; port 0 takes a free one)
    --token TOKEN       what they must bring; HOLDFAST_TOKEN does the same out of sight
    --cluster URL,URL   the nodes that begin the cluster, this one among them (default: this one alone); URL=HTTP tells
                        where one is served, as start prints it, so that clients find the leader
    --standby           wait to be joined instead
    --namespace NAME    the cluster's name (default raft)
    --secret SECRET     what all nodes share; or HOLDFAST_SECRET
    --heartbeat MS      between two heartbeats (default 100)
    --redis-url URL     where it keeps its log, and --redis-token; or UPSTASH_REDIS_REST_URL and _TOKEN (default: memory,
                        which forgets: a node that ended comes back by --standby and join)
  join URL              make a node a member, with --meta JSON told of it
  leave URL             make a node no member any more
  transfer URL          hand leadership to a node
  status                show how a node is; --json for all of it
  watch                 show what happens, until a signal; --json for all of it

join to watch take --at URL,URL, where nodes are served (default http://127.0.0.1:9081/node), and --token.
Exit codes: 0 done, 1 failed, 2 not understood.
`;

const OPTIONS = {
  help: { type: "boolean" },
  url: { type: "string" },
  http: { type: "string", default: "127.0.0.1:9081" },
  token: { type: "string" },
  cluster: { type: "string" },
  standby: { type: "boolean", default: false },
  namespace: { type: "string", default: "raft" },
  secret: { type: "string" },
  heartbeat: { type: "string", default: "100" },
  "redis-url": { type: "string" },
  "redis-token": { type: "string" },
  meta: { type: "string" },
  json: { type: "boolean", default: false },
  at: { type: "string", default: "http://127.0.0.1:9081/node" },
} as const;

/** Which options each command takes. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  start: [
    "url",
    "http",
    "token",
    "cluster",
    "standby",
    "namespace",
    "secret",
    "heartbeat",
    "redis-url",
    "redis-token",
  ],
  join: ["at", "token", "meta"],
  leave: ["at", "token"],
  transfer: ["at", "token"],
  status: ["at", "token", "json"],
  watch: ["at", "token", "json"],
};

/** The values of the options. */
type Values = ReturnType<typeof parsed>["values"];

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a command line.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if it is not understood.
 */
export function parseCommandLine(args: readonly string[], env: Environment): CommandLine {
  const { values, positionals: [kind = "", url, ...more], given } = parsed(args);
  if (values.help === true || (kind === "" && args.length === 0)) return { kind: "help" };
  const taken = TAKEN[kind];
  if (taken === undefined || !Object.hasOwn(TAKEN, kind)) {
    throw refused(`the command must be one of ${Object.keys(TAKEN).join(", ")}`);
  }
  const foreign = given.find((name) => !taken.includes(name));
  if (foreign !== undefined) throw refused(`${kind} takes no --${foreign}`);
  if (more.length > 0) throw refused(`${kind} takes no more words`);
  if (kind === "start") return startOf(values, url, env);
  const token = values.token ?? env["HOLDFAST_TOKEN"];
  const headers: Readonly<Record<string, string>> = token === undefined
    ? {}
    : { authorization: `Bearer ${token}` };
  const at = values.at.split(",").map(withPath);
  if (kind === "status" || kind === "watch") {
    if (url !== undefined) throw refused(`${kind} takes no more words`);
    return { kind, isJson: values.json, at, headers };
  }
  if (url === undefined) throw refused(`${kind} must be told the URL of a node`);
  if (kind !== "join" && kind !== "leave" && kind !== "transfer") throw refused("unknown");
  return { kind, url, meta: metaOf(values.meta), at, headers };
}

function startOf(values: Values, word: string | undefined, env: Environment): StartCommand {
  if (word !== undefined) throw refused("start takes no more words");
  if (values.url === undefined) throw refused("start must be told --url");
  const redisUrl = values["redis-url"] ?? env["UPSTASH_REDIS_REST_URL"];
  const redisToken = values["redis-token"] ?? env["UPSTASH_REDIS_REST_TOKEN"];
  if ((redisUrl === undefined) !== (redisToken === undefined)) {
    throw refused("URL and token of Redis must be given together");
  }
  if (!/^\d{1,6}$/.test(values.heartbeat)) throw refused("--heartbeat must be milliseconds");
  return {
    kind: "start",
    url: values.url,
    http: placeOf(values.http),
    token: values.token ?? env["HOLDFAST_TOKEN"],
    cluster: values.cluster?.split(",").map(firstMember),
    isStandby: values.standby,
    namespace: values.namespace,
    secret: values.secret ?? env["HOLDFAST_SECRET"],
    heartbeatMs: Number(values.heartbeat),
    redis: redisUrl === undefined || redisToken === undefined
      ? undefined
      : { url: redisUrl, token: redisToken },
  };
}

/** A first member: its URL, and behind an equals sign where it is served. */
function firstMember(text: string): FirstMember {
  const at = text.indexOf("=");
  return at < 0 ? text : { url: text.slice(0, at), meta: { http: text.slice(at + 1) } };
}

function parsed(args: readonly string[]) {
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
      tokens: true,
    });
    const given = tokens.flatMap((token) => token.kind === "option" ? [token.name] : []);
    return { values, positionals, given };
  } catch (error) {
    // Unknown, or without its value; the parser's first sentence says which.
    const [why = ""] = error instanceof Error ? error.message.split(/\. |\n/) : [];
    throw refused(why);
  }
}

function placeOf(text: string): StartCommand["http"] {
  const [, hostname = "", port = ""] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (hostname === "" || Number(port) > 65_535) throw refused("--http must be host:port");
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** An address alone means where start serves a node. */
function withPath(at: string): string {
  return /^https?:\/\/[^/]+\/?$/.test(at) ? `${at.replace(/\/$/, "")}/node` : at;
}

function metaOf(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Not JSON: told below, without the text.
  }
  throw refused("--meta must be a JSON object");
}

function refused(rule: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_OPTION", `Cannot read the command line: ${rule}`);
}
