/**
 * Real processes over TCP on loopback, each with a Redis server of its own, while things break: nothing that was
 * acknowledged is lost, and one order explains all answers. `deno task soak:consensus` goes on where this stops.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import { FAULTS } from "../support/consensus/faults.ts";
import { ProcessCluster } from "../support/consensus/processes.ts";
import { Workload } from "../support/consensus/workload.ts";
import { redisTest } from "../support/redis/register.ts";

redisTest("three processes keep every acknowledged write through every fault", async () => {
  await using cluster = await ProcessCluster.start(3);
  const workload = new Workload(cluster, { clients: 6, seed: 1 });
  for (const fault of Object.values(FAULTS)) await fault(cluster);
  const count = await workload.check();
  ok(workload.done > 30 && count > 60, `${workload.done} writes of ${count} operations`);
});

redisTest("five processes go on without two, and across a partition", async () => {
  await using cluster = await ProcessCluster.start(5);
  const workload = new Workload(cluster, { clients: 6, seed: 2 });
  await FAULTS.killTwo(cluster);
  await FAULTS.splitInHalves(cluster);
  await workload.check();
  ok(workload.done > 5, `${workload.done} writes`);
});
