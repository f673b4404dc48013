/**
 * A node as a process of its own: its options come as JSON, and a test drives it by HTTP on a port of its own, or, where
 * there is none, by lines of its standard input and output.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program: what it says goes to who started it

import { memory } from "../../../adapters/memory/mod.ts";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisRaftStore } from "../../../adapters/redis/raft.ts";
import { tcp } from "../../../adapters/tcp/mod.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { createNode, NotLeaderError } from "../../../src/raft/mod.ts";
import { registerMachine } from "./register_machine.ts";

/** What the program is told. */
export interface NodeProgramOptions {
  readonly url: string;
  /** Where it really listens; at `url` there is a proxy. */
  readonly port: number;
  /** Where it is driven by HTTP; without one it is driven by lines, and ends with its input. */
  readonly controlPort?: number;
  readonly cluster?: readonly string[];
  readonly standby?: boolean;
  /** Its store; memory if there is none. */
  readonly redis?: { readonly url: string; readonly token: string };
  readonly heartbeatMs: number;
  readonly electionMs: number;
}

/** What a process may be asked. */
export type NodeRequest =
  | {
    readonly do: "propose";
    readonly command: Parameters<ReturnType<typeof registerMachine>["encode"]>[0];
  }
  | { readonly do: "read"; readonly key: string }
  | { readonly do: "join" | "leave" | "transfer"; readonly url: string }
  | { readonly do: "snapshot" | "status" | "close" };

/** What it answers. */
export type NodeResponse =
  | { readonly ok: unknown }
  | { readonly code: string; readonly leader: string | undefined };

if (import.meta.main) main(JSON.parse(Deno.args[0] ?? "{}"));

function main(options: NodeProgramOptions): void {
  const { url, port, controlPort, cluster, standby = false, redis } = options;
  const raft = redis && redisRaftStore(connectRedis({ ...redis, attemptTimeout: 1_000 }));
  const node = createNode(raft ? { ...memory(), raft } : memory(), {
    url,
    transport: tcp({ secret: "of this test", listen: { port } }),
    machine: registerMachine(),
    namespace: "processes",
    standby,
    ...(cluster === undefined ? {} : { cluster }),
    heartbeat: options.heartbeatMs,
    electionTimeout: options.electionMs,
    compaction: { entries: 200, retained: 20 },
    limits: { heldBytesMax: 1_000 },
    timeout: "5s",
  });
  const answer = async (asked: NodeRequest): Promise<unknown> => {
    switch (asked.do) {
      case "propose":
        return await node.propose(asked.command);
      case "read":
        return await node.read({ key: asked.key });
      case "join":
        return await node.join(asked.url, undefined, { timeout: "20s" });
      case "leave":
        return await node.leave(asked.url, { timeout: "20s" });
      case "transfer":
        return await node.transfer(asked.url);
      case "snapshot":
        return await node.snapshot();
      case "status":
        return node.status();
      case "close":
        return await node.close();
    }
  };
  const respond = async (request: NodeRequest): Promise<NodeResponse> => {
    try {
      return { ok: await answer(request) ?? null };
    } catch (error) {
      // Whatever the node says.
      const code = HoldfastError.is(error) ? error.code : String(error);
      return { code, leader: error instanceof NotLeaderError ? error.leader : undefined };
    }
  };
  if (controlPort === undefined) void serveLines(respond);
  else {
    Deno.serve(
      { hostname: "127.0.0.1", port: controlPort, onListen: () => {} },
      async (request) => Response.json(await respond(await request.json())),
    );
  }
  node.ready({ timeout: "1m" }).catch((error) => console.error(error));
}

/** Answers questions of the standard input until it ends, and the process with it. */
async function serveLines(respond: (request: NodeRequest) => Promise<NodeResponse>): Promise<void> {
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const { question, request } = JSON.parse(line);
      void respond(request).then((answer) => console.log(JSON.stringify({ question, answer })));
    }
  }
  Deno.exit();
}
