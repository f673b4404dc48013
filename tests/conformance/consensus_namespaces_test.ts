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
      await cut(leader, "down");
      await passes(CUT_MS);
      await cluster.leader(leader);
      await cut(leader, "up");
      await cluster.whole();
    }
    const count = await workload.check();
    ok(workload.done > 30 && count > 60, `${workload.done} writes of ${count} operations`);
  },
});

Deno.test({
  name: `a process whose link was down for long is back soon after it is up${where}`,
  ignore,
  async fn() {
    await using cluster = await NamespaceCluster.start(3);
    const leader = await cluster.leader();
    const follower = cluster.nodes.find((node) => node !== leader);
    ok(follower);
    await cluster.link(follower, "down");
    await passes(14_000);
    const command = { key: "a", input: { kind: "put", value: "1" } } as const;
    await cluster.ask(await cluster.leader(follower), { do: "propose", command });
    await cluster.link(follower, "up");
    const sinceMs = performance.now();
    await cluster.whole();
    const tookMs = performance.now() - sinceMs;
    // A kernel that sends again what was lost waits twice as long each time; nodes must not wait for that.
    ok(tookMs < 8_000, `${Math.round(tookMs)} ms`);
  },
});

function passes(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
