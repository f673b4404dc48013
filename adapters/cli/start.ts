/**
 * Starting a node as a program: its store, its transport, and the HTTP front for operators and clients.
 *
 * @module
 */

import { createHandler, type Handler, serveNode } from "../../src/http/mod.ts";
import { mac, macMatches } from "../../src/mac.ts";
import type { EventSource } from "../../src/events.ts";
import {
  createNode,
  keyValueMachine,
  type NodeEvents,
  type RaftBackend,
} from "../../src/raft/mod.ts";
import { serveGateway } from "../gateway/mod.ts";
import { memory } from "../memory/mod.ts";
import { connectRedis, redisRaftStore } from "../redis/raft.ts";
import { tcp } from "../tcp/mod.ts";
import type { StartCommand } from "./command_line.ts";
import type { Console } from "./console.ts";

/**
 * Runs a node until the console's signal is aborted.
 *
 * @throws {HoldfastError} what ends a node by itself: `ERR_FENCED`, `ERR_STORE_REGRESSED`, `ERR_INVARIANT`; and as
 * `createNode` and `ConsensusNode.ready`.
 */
export async function start(
  command: StartCommand,
  { print, complain, signal }: Console,
): Promise<void> {
  let handler: Handler = () => Promise.resolve(new Response(null, { status: 503 }));
  await using front = await serveGateway({
    fetch: (request) => handler(request),
    close: () => Promise.resolve(),
  }, command.http);
  const http = `${front.url}/node`;
  await using node = createNode(backendOf(command), nodeOptions(command, http));
  const ended = endOf(node, signal);
  handler = createHandler([serveNode(node)], {
    authenticate: async (request) =>
      await mayPass(request, command.token) ? { id: "operator" } : undefined,
  });
  print(`listening ${http}`);
  await node.ready({ signal });
  print(`ready ${command.url}`);
  if (command.redis === undefined) complain(FORGETS);
  await ended;
}

const FORGETS =
  "its log is in memory: if this process ends, start it again with --standby and have it joined";

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
    // A cluster is the same list on every node, so nothing is said in it of this one alone.
    ...(cluster === undefined ? { metadata: { http } } : { cluster }),
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

/** Resolves when the console ends it; rejects when the node ends by itself. */
function endOf(node: Pick<EventSource<NodeEvents>, "on">, signal: AbortSignal): Promise<void> {
  const end = new Promise<void>((resolve, reject) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
    node.on("error", ({ error }) => reject(error));
  });
  // It may fail while something else is waited for, and is met later.
  end.catch(() => {});
  return end;
}
