/**
 * Starting a node as a program: its store, its transport, and the HTTP front for operators and clients.
 *
 * @module
 */

import { createHandler, type Handler, serveNode } from "../../src/http/mod.ts";
import { mac, macMatches } from "../../src/mac.ts";
import { createNode, keyValueMachine, type RaftBackend } from "../../src/raft/mod.ts";
import { serveGateway } from "../gateway/mod.ts";
import { memory } from "../memory/mod.ts";
import { connectRedis, redisRaftStore } from "../redis/raft.ts";
import { tcp } from "../tcp/mod.ts";
import type { StartCommand } from "./command_line.ts";
import type { Console } from "./console.ts";

/** Runs a node until the console's signal is aborted. */
export async function start(command: StartCommand, { print, signal }: Console): Promise<void> {
  let handler: Handler = () => Promise.resolve(new Response(null, { status: 503 }));
  await using front = await serveGateway({
    fetch: (request) => handler(request),
    close: () => Promise.resolve(),
  }, command.http);
  const http = `${front.url}/node`;
  await using node = createNode(backendOf(command), nodeOptions(command, http));
  node.on("error", ({ error }) => print(`error ${error.message}`));
  handler = createHandler([serveNode(node)], {
    authenticate: async (request) =>
      await mayPass(request, command.token) ? { id: "operator" } : undefined,
  });
  print(`listening ${http}`);
  await node.ready({ signal });
  print(`ready ${command.url}`);
  await ended(signal);
}

/** What others are told of the node is where it is served, so that they send clients there while it leads. */
function nodeOptions(command: StartCommand, http: string) {
  const { url, secret, cluster, isStandby, namespace, heartbeatMs } = command;
  return {
    url,
    namespace,
    transport: tcp(secret === undefined ? {} : { secret }),
    machine: keyValueMachine(),
    standby: isStandby,
    heartbeat: heartbeatMs,
    metadata: { http },
    // The same list on every node, so nothing is said in it of this one alone.
    ...(cluster && { cluster }),
  };
}

function backendOf({ redis }: StartCommand): RaftBackend {
  if (redis === undefined) return memory();
  const connection = connectRedis(redis);
  return { ...connection, raft: redisRaftStore(connection) };
}

/** Whether a request brings the token, if there is one; compared without telling by the time how much of it is right. */
async function mayPass(request: Request, token: string | undefined): Promise<boolean> {
  if (token === undefined) return true;
  const given = request.headers.get("authorization") ?? "";
  return await macMatches(COMPARED, `Bearer ${token}`, await mac(COMPARED, given));
}

const COMPARED = "operator";

async function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
