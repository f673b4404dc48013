/**
 * Real processes, each in a network namespace of its own, while links go down as cables do: nobody is told, and packets
 * get lost in silence. Where the host permits no namespaces, the tests are skipped with the reason.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import {
  NamespaceCluster,
  type NamespaceNode,
  whyNoNamespaces,
} from "../support/consensus/namespaces.ts";
import { Workload } from "../support/consensus/workload.ts";

/** Longer than two election timeouts, so that another node leads meanwhile. */
const CUT_MS = 4_000;
/** Longer than a node waits for a sign of life. */
const LONG_CUT_MS = 6_000;
/** When a kernel sends again what was lost, at most two minutes: longer than anything here waits. */
const RESEND_MS = 110_000;
/** How many writes are acknowledged before, during and after each cut, at least. */
const WRITES = 5;

const reason = await whyNoNamespaces();
const ignore = reason !== undefined;
const where = ignore ? ` (skipped: ${reason})` : "";

Deno.test({
  name: `three processes keep every acknowledged write while links go down and up${where}`,
  ignore,
  async fn() {
    await using cluster = await NamespaceCluster.start(3);
    const workload = new Workload<NamespaceNode>(cluster, { clients: 6, seed: 3 });
    // The leader's cable, its own interface, and one direction of its ways.
    const cuts: ((leader: NamespaceNode, state: "down" | "up") => Promise<void>)[] = [
      (leader, state) => cluster.link(leader, state),
      (leader, state) => cluster.interface(leader, state),
      async (leader, state) => {
        for (const other of cluster.nodes) {
          if (other !== leader) {
            await cluster.way(leader, other, state === "down" ? "cut" : "open");
          }
        }
      },
      async (leader, state) => {
        for (const other of cluster.nodes) {
          if (other !== leader) {
            await cluster.way(other, leader, state === "down" ? "cut" : "open");
          }
        }
      },
    ];
    for (const cut of cuts) {
      const leader = await cluster.leader();
      await workload.writes(WRITES);
      await cut(leader, "down");
      await passes(CUT_MS);
      await cluster.leader(leader);
      await workload.writes(WRITES);
      await cut(leader, "up");
      await cluster.whole();
    }
    await workload.writes(WRITES);
    await workload.check();
  },
});

Deno.test({
  name: `a process whose link was down for long is back soon after it is up${where}`,
  ignore,
  async fn() {
    await using cluster = await NamespaceCluster.start(3, { resendMs: RESEND_MS });
    const leader = await cluster.leader();
    const follower = cluster.nodes.find((node) => node !== leader);
    ok(follower);
    await cluster.link(follower, "down");
    await passes(LONG_CUT_MS);
    const command = { key: "a", input: { kind: "put", value: "1" } } as const;
    await cluster.ask(await cluster.leader(follower), { do: "propose", command });
    await cluster.link(follower, "up");
    const sinceMs = performance.now();
    await cluster.whole();
    const tookMs = performance.now() - sinceMs;
    // The kernels send again what was lost much later, and a socket is idle after a minute; nodes wait for neither.
    ok(tookMs < 40_000, `${Math.round(tookMs)} ms`);
  },
});

function passes(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
