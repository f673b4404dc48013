/**
 * The cluster over HTTP: a stream of what happens, and actions.
 *
 * @module
 */

import type { Part } from "@holdfast/holdfast/http";
import * as z from "zod";
import { type ClusterAction, type ClusterNews, NODE_COUNT } from "../wire.ts";
import type { Cluster } from "./cluster.ts";

const NodeNumber = z.int().min(1).max(NODE_COUNT);
const Action = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["cut", "mend"]), link: z.tuple([NodeNumber, NodeNumber]) }),
  z.object({ kind: z.enum(["pause", "resume", "kill", "restart"]), node: NodeNumber }),
  z.object({ kind: z.literal("pace"), pace: z.literal([10, 4]) }),
  z.object({ kind: z.literal("writes"), isOn: z.boolean() }),
  z.object({ kind: z.enum(["write", "heal"]) }),
]);

/** Serves a cluster. */
export function serveCluster(cluster: Cluster): Part {
  return {
    name: "cluster",
    routes: [
      {
        method: "GET",
        path: "/cluster",
        access: undefined,
        about: { summary: "What the cluster does, as it happens", answers: { 200: ["News"] } },
        answer: ({ request, takeStream }) => newsOf(cluster, request.signal, takeStream()),
      },
      {
        method: "POST",
        path: "/cluster",
        access: { resource: "cluster", action: "write" },
        about: { summary: "Do something to the cluster", answers: { 204: ["Done"] } },
        answer: async ({ json }) => {
          const { success, data } = Action.safeParse(await json());
          if (!success) return new Response(null, { status: 422 });
          cluster.act(data satisfies ClusterAction);
          return new Response(null, { status: 204 });
        },
      },
    ],
  };
}

function newsOf(cluster: Cluster, signal: AbortSignal, free: () => void): Response {
  const encoder = new TextEncoder();
  let end = (): void => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const stop = cluster.watch((news: ClusterNews) => {
        // Who does not read for a while needs the newest news only.
        if ((controller.desiredSize ?? 0) < -20) return;
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(news)}\n\n`));
      });
      end = () => {
        stop();
        free();
        end = () => {};
      };
      signal.addEventListener("abort", () => end());
    },
    cancel: () => end(),
  });
  const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
  return new Response(body, { headers });
}
