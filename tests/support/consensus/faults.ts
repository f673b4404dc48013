/**
 * What breaks, and is mended again. Each leaves a cluster that is whole.
 *
 * @module
 */

import { eventually } from "../eventually.ts";
import type { ProcessCluster, ProcessNode } from "./processes.ts";

/** How long a fault lasts: two election timeouts, so that another node leads meanwhile. */
const FAULT_MS = 3_500;

/** One fault. */
export type ClusterFault = (cluster: ProcessCluster) => Promise<void>;

/** Their names. */
export type FaultName =
  | "killLeader"
  | "pauseLeader"
  | "cutLeaderOff"
  | "deafenLeader"
  | "loseStore"
  | "freezeStore"
  | "restartAll"
  | "comeAndGo"
  | "killTwo"
  | "splitInHalves";

/** All of them, by name. */
export const FAULTS: Readonly<Record<FaultName, ClusterFault>> = {
  /** kill -9 of the leader; it comes back. */
  async killLeader(cluster) {
    const leader = await cluster.leader();
    await cluster.kill(leader);
    await isLedByAnother(cluster, leader);
    cluster.run(leader);
    await isWhole(cluster);
  },

  /** The leader's process stands still, and goes on. */
  async pauseLeader(cluster) {
    const leader = await cluster.leader();
    leader.child?.kill("SIGSTOP");
    await passes(FAULT_MS);
    leader.child?.kill("SIGCONT");
    await isWhole(cluster);
  },

  /** The leader neither hears nor is heard. */
  async cutLeaderOff(cluster) {
    const { url } = await cluster.leader();
    cluster.partitions.cut((from, to) => from === url || to === url);
    await passes(FAULT_MS);
    cluster.partitions.cut(() => false);
    await isWhole(cluster);
  },

  /** The leader is heard, and hears nobody. */
  async deafenLeader(cluster) {
    const { url } = await cluster.leader();
    cluster.partitions.cut((_, to) => to === url);
    await passes(FAULT_MS);
    cluster.partitions.cut(() => false);
    await isWhole(cluster);
  },

  /** A follower's store is lost. */
  async loseStore(cluster) {
    const leader = await cluster.leader();
    const follower = cluster.nodes.find((node) => node !== leader && node.child !== undefined);
    if (follower !== undefined) await cluster.loseStore(follower);
    await isWhole(cluster);
  },

  /** A store stands still. */
  async freezeStore(cluster) {
    const leader = await cluster.leader();
    leader.redis.freeze();
    await passes(FAULT_MS);
    leader.redis.thaw();
    await isWhole(cluster);
  },

  /** Every process is ended and started again, one after the other. */
  async restartAll(cluster) {
    for (const node of [...cluster.nodes]) {
      await cluster.ask(node, { do: "close" });
      await cluster.kill(node);
      cluster.run(node);
      await isWhole(cluster);
    }
  },

  /** A node comes, and goes again. */
  async comeAndGo(cluster) {
    const node = await cluster.add();
    await cluster.operate({ do: "join", url: node.url }, (code) => code === "ERR_ALREADY_MEMBER");
    await isWhole(cluster);
    await cluster.operate({ do: "leave", url: node.url }, (code) => code === "ERR_NOT_MEMBER");
    await cluster.kill(node);
    cluster.nodes.splice(cluster.nodes.indexOf(node), 1);
    await isWhole(cluster);
  },

  /** kill -9 of two nodes, the leader among them. */
  async killTwo(cluster) {
    if (cluster.nodes.length < 5) return;
    const leader = await cluster.leader();
    const other = cluster.nodes.find((node) => node !== leader);
    const killed = other === undefined ? [leader] : [leader, other];
    for (const node of killed) await cluster.kill(node);
    await isLedByAnother(cluster, leader);
    for (const node of killed) cluster.run(node);
    await isWhole(cluster);
  },

  /** The leader is with the smaller half. */
  async splitInHalves(cluster) {
    const leader = await cluster.leader();
    const rest = cluster.nodes.filter((node) => node !== leader);
    const few = [leader, ...rest.slice(0, Math.floor((cluster.nodes.length - 1) / 2) - 1)];
    const isFew = (url: string) => few.some((node) => node.url === url);
    cluster.partitions.cut((from, to) => isFew(from) !== isFew(to));
    await passes(FAULT_MS);
    cluster.partitions.cut(() => false);
    await isWhole(cluster);
  },
};

/** Waits until every node that runs follows one leader, and has what it has. */
async function isWhole(cluster: ProcessCluster): Promise<void> {
  await eventually("the cluster is whole", async () => {
    const all = await Promise.all(cluster.nodes.map((node) => cluster.status(node)));
    const [first] = all;
    return all.every((status) =>
      status !== undefined && status.ended === undefined && status.leader !== undefined &&
      status.leader === first?.leader && status.term === first.term &&
      status.membership.outgoing.length === 0 &&
      status.applied >= (first.commit - 200)
    );
  });
}

async function isLedByAnother(cluster: ProcessCluster, old: ProcessNode): Promise<void> {
  await eventually("another leads", async () => await cluster.leader() !== old);
}

function passes(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
