/**
 * Real processes over TCP on loopback, each with a Redis server of its own, while things break: nothing that was
 * acknowledged is lost, and one order explains all answers. `deno task soak:consensus` goes on where this stops.
 *
 * @module
 */

import { FAULTS } from "../support/consensus/faults.ts";
import { ProcessCluster } from "../support/consensus/processes.ts";
import { Workload } from "../support/consensus/workload.ts";
import { redisTest } from "../support/redis/register.ts";

/** How many writes are acknowledged before and after each fault, at least. */
const WRITES = 5;

redisTest("three processes keep every acknowledged write through every fault", async () => {
  await using cluster = await ProcessCluster.start(3);
  const workload = new Workload(cluster, { clients: 6, seed: 1 });
  for (const fault of Object.values(FAULTS)) {
    await workload.writes(WRITES);
    await fault(cluster);
  }
  await workload.writes(WRITES);
  await workload.check();
});

redisTest("five processes go on without two, and across a partition", async () => {
  await using cluster = await ProcessCluster.start(5);
  const workload = new Workload(cluster, { clients: 6, seed: 2 });
  for (const fault of [FAULTS.killTwo, FAULTS.splitInHalves]) {
    await workload.writes(WRITES);
    await fault(cluster);
  }
  await workload.writes(WRITES);
  await workload.check();
});
