/**
 * The gateway's command line.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { ArgumentError } from "../../src/errors.ts";
import type { GatewayOptions } from "./options.ts";
import type { ServeOptions } from "./serve.ts";

/** What a command line asks for. */
export interface CommandLine {
  /** How the gateway is to be; without a token if none was given. */
  readonly gateway: Omit<GatewayOptions, "token"> & { readonly token?: string | undefined };
  /** Where to listen. */
  readonly serve: ServeOptions;
}

/** What `--help` prints. */
export const USAGE = `Serves the REST protocol of Upstash in front of a Redis of your own.

  --redis URL             where Redis is: redis://, rediss:// or unix:// (required)
  --cluster               it is a Redis Cluster; one node's address is enough
  --replica URL           a replica that answers reads
  --connections N         how many connections to Redis share the requests (default 1)
  --host NAME             where to listen (default 127.0.0.1)
  --port N                the port to listen on (default 8079; 0 takes a free one)
  --token TOKEN           what opens everything; GATEWAY_TOKEN does the same out of sight (default: a random one)
  --read-only-token TOKEN what opens reads only; or GATEWAY_READ_ONLY_TOKEN (default: none)
  --refuse NAME,NAME      commands to refuse besides, like FLUSHALL or CONFIG|GET
  --strict                behave as Upstash does where a plain Redis would not
  --no-publish-in-scripts refuse PUBLISH in scripts; only with --strict
  --connect-ms N          how long to wait for Redis at the start (default 5000)
`;

/**
 * Reads a command line; undefined if it asks for help.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if it has what no gateway knows.
 */
export function parseCommandLine(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandLine | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  if (values.redis === undefined) {
    throw new ArgumentError("ERR_INVALID_OPTION", "Cannot start the gateway without --redis URL");
  }
  return {
    gateway: {
      redis: values.redis,
      token: values.token ?? env["GATEWAY_TOKEN"],
      readOnlyToken: values["read-only-token"] ?? env["GATEWAY_READ_ONLY_TOKEN"],
      isCluster: values.cluster,
      replica: values.replica,
      connections: Number(values.connections),
      refuse: values.refuse.split(",").filter((name) => name !== ""),
      isStrict: values.strict,
      mayScriptsPublish: !values["no-publish-in-scripts"],
      connectMs: Number(values["connect-ms"]),
    },
    serve: { hostname: values.host, port: portOf(values.port) },
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", default: false },
        redis: { type: "string" },
        cluster: { type: "boolean", default: false },
        replica: { type: "string" },
        connections: { type: "string", default: "1" },
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "8079" },
        token: { type: "string" },
        "read-only-token": { type: "string" },
        refuse: { type: "string", default: "" },
        strict: { type: "boolean", default: false },
        "no-publish-in-scripts": { type: "boolean", default: false },
        "connect-ms": { type: "string", default: "5000" },
      },
    }).values;
  } catch (error) {
    // Unknown, doubled or without its value; the parser's first sentence says which.
    const [why = ""] = error instanceof Error ? error.message.split(/\. |\n/) : [];
    throw new ArgumentError("ERR_INVALID_OPTION", `Cannot start the gateway: ${why}`);
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    "Cannot start the gateway as --port must be a whole number from 0 to 65535",
  );
}
