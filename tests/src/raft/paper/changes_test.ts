/**
 * One test for each sentence that states a rule, named by its section: memberships, snapshots and clients (§6 to §8).
 * "§" is Ongaro and Ousterhout, "In Search of an
 * Understandable Consensus Algorithm" (2014, extended version).
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster.ts";
import { kinds, Lone, only } from "../lone.ts";

Deno.test("§6 a server uses the latest configuration in its log, whether it is committed or not", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  n1.cluster.change("n1", ["n1", "n2"]);
  deepStrictEqual(n1.status.membership.outgoing.map(({ id }) => id), ["n1", "n2", "n3"]);
  strictEqual(n1.status.membershipIndex > n1.status.commit, true);
});

Deno.test("§6 log entries are replicated to all servers in both configurations", () => {
  const n1 = new Lone({ learners: ["n4"] });
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3", "n4");
  n1.cluster.change("n1", ["n1", "n2", "n4"]);
  deepStrictEqual(kinds(only(n1.sent(), "appendEntries")), [
    "appendEntries>n2",
    "appendEntries>n3",
    "appendEntries>n4",
  ]);
});

Deno.test("§6 any server from either configuration may serve as leader", () => {
  for (const candidate of ["n1", "n2"]) {
    const cluster = new Cluster(["n1", "n2", "n3"]);
    cluster.elect("n1");
    cluster.change("n1", ["n2", "n3"]);
    cluster.settle((message) => message.kind === "appendEntries");
    cluster.crash("n1");
    cluster.lose();
    cluster.restart("n1");
    cluster.elect(candidate); // Throws if it is not elected; n1 then finishes its own removal.
    strictEqual(cluster.leader(), candidate === "n1" ? undefined : candidate);
  }
});

Deno.test("§6 agreement needs majorities of both the old and the new configuration", () => {
  const n1 = new Lone({ learners: ["n4", "n5"] });
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3", "n4", "n5");
  n1.cluster.change("n1", ["n1", "n4", "n5"]);
  n1.acknowledge(3, "n4", "n5");
  strictEqual(n1.status.commit, 2);
  n1.acknowledge(3, "n2");
  strictEqual(n1.status.commit, 3);
});

Deno.test("§6 once the joint configuration is committed the leader creates the entry of the new one", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  n1.cluster.change("n1", ["n1", "n2"]);
  n1.acknowledge(3, "n2");
  deepStrictEqual([n1.status.membership.outgoing, n1.status.membershipIndex], [[], 4]);
});

Deno.test("§6 new servers first join as non-voting members, which do not count for majorities", () => {
  const n1 = new Lone({ learners: ["n4"] });
  n1.lead("n2");
  n1.acknowledge(2, "n4");
  strictEqual(n1.status.commit, 1);
  n1.hear("n4", { kind: "vote", term: 2, isGranted: true });
  deepStrictEqual(n1.cluster.change("n1", ["n1", "n2", "n3", "n5"]), {
    kind: "refused",
    reason: "changing",
    leader: "n1",
  });
});

Deno.test("§6 the leader steps down once it has committed the configuration without it, and not earlier", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  cluster.change("n1", ["n2", "n3"]);
  cluster.settle((message) => !(message.kind === "appended" && message.match >= 4));
  strictEqual(cluster.node("n1").core.status().role, "leader");
  cluster.settle();
  strictEqual(cluster.node("n1").core.status().role, "follower");
});

Deno.test("§6 servers disregard RequestVote when they believe that a leader exists", () => {
  const n1 = new Lone();
  n1.hear("n2", {
    kind: "heartbeat",
    term: 2,
    committed: { index: 0, term: 0 },
    match: 0,
    round: 1,
  });
  const answers = n1.hear("n3", {
    kind: "requestVote",
    term: 9,
    last: { index: 9, term: 8 },
    isTransfer: false,
  });
  deepStrictEqual([answers, n1.status.term, n1.status.dropped.sticky], [[], 2, 1]);
});

Deno.test("§7 a snapshot is sent when the next entry for a follower is discarded already", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  cluster.isolate("n3");
  for (const command of ["a", "b", "c"]) cluster.propose("n1", command);
  cluster.settle();
  cluster.compact("n1");
  cluster.restart("n1");
  cluster.elect("n1");
  cluster.heal();
  cluster.run(4);
  const { state, content } = cluster.node("n3").store;
  deepStrictEqual([state.snapshot?.index, content], [5, [1, 2, 3]]);
});

Deno.test("§7 a follower discards its whole log if the snapshot says what the log does not", () => {
  const n1 = new Lone({ terms: [1, 1, 4, 4] });
  const { membership } = n1.status;
  n1.hear("n2", {
    kind: "installSnapshot",
    term: 6,
    snapshot: { index: 4, term: 5, timeMs: 0, membership },
    offset: 0,
    data: new Uint8Array(3),
    isLast: true,
  });
  deepStrictEqual([n1.terms, n1.status.last], [[], { index: 4, term: 5 }]);
});

Deno.test("§7 a follower that has the snapshot's last entry keeps what follows it", () => {
  const n1 = new Lone({ terms: [1, 1, 1, 2] });
  const { membership } = n1.status;
  n1.hear("n2", {
    kind: "installSnapshot",
    term: 2,
    snapshot: { index: 3, term: 1, timeMs: 0, membership },
    offset: 0,
    data: new Uint8Array(3),
    isLast: true,
  });
  deepStrictEqual([n1.terms, n1.status.commit], [[1, 1, 1, 2], 3]);
});

Deno.test("§8 each leader commits a blank entry at the start of its term", () => {
  const n1 = new Lone();
  const [append] = only(n1.lead("n2"), "appendEntries");
  deepStrictEqual(append?.entries.map(({ kind, term }) => [kind, term]), [["blank", 2]]);
});

Deno.test("§8 before a read the leader exchanges heartbeats with a majority", () => {
  const n1 = new Lone({}, { isStoreExclusive: true });
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  n1.cluster.step("n1", { kind: "read", id: 7 });
  const [heartbeat] = only(n1.sent(), "heartbeat").filter(({ round }) => round > 0);
  deepStrictEqual(n1.cluster.node("n1").reads, []);
  n1.hear("n2", { kind: "heartbeatHeard", term: 2, round: heartbeat?.round ?? 0 });
  deepStrictEqual(n1.cluster.node("n1").reads, [{
    kind: "ready",
    id: 7,
    index: 2,
    validUntilMs: Infinity,
  }]);
});

Deno.test("§8 a leader that has committed nothing in its term does not know what is, so that reads wait", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.cluster.step("n1", { kind: "read", id: 7 });
  deepStrictEqual(only(n1.sent(), "heartbeat"), []);
  n1.acknowledge(2, "n2");
  n1.hear("n2", { kind: "heartbeatHeard", term: 2, round: 1 });
  deepStrictEqual(n1.cluster.node("n1").reads.map(({ kind, id }) => [kind, id]), [["ready", 7]]);
});
