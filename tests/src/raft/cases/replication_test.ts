/** Bugs that others had, about replication and commitment. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster.ts";
import { disk, entriesAfter, kinds, Lone, only } from "../lone.ts";

const FIVE = ["n1", "n2", "n3", "n4", "n5"];

Deno.test("Case 17: figure 8, an entry of an earlier term on a majority is not committed, and may be overwritten", () => {
  const cluster = new Cluster([]);
  const logs: Readonly<Record<string, readonly number[]>> = {
    n1: [1, 2],
    n2: [1, 2],
    n3: [1],
    n4: [1],
    n5: [1, 3],
  };
  for (const id of FIVE) {
    cluster.add(id, {}, disk({ terms: logs[id] ?? [], term: 3, voters: FIVE }));
  }
  cluster.isolate("n5");
  // n1 wins term 4. Its own entry reaches nobody; the one of term 2 reaches n3, and so a majority.
  cluster.tick("n1", 10);
  cluster.settle((message) => message.kind !== "appendEntries");
  cluster.lose();
  const address = { cluster: "test", from: "n1", fromIncarnation: 1, to: "n3", toIncarnation: 1 };
  const prev = { index: 1, term: 1 };
  const body = { isToVoter: true, term: 4, prev, entries: entriesAfter(1, 2), commit: 1 };
  cluster.deliver({ kind: "appendEntries", ...address, ...body });
  cluster.settle((message) => message.kind === "appended");
  const { last, commit } = cluster.node("n1").core.status();
  deepStrictEqual([cluster.terms("n3"), last, commit], [[1, 2], { index: 3, term: 4 }, 1]);
  // n1 crashes; n5 wins term 5 and overwrites the entry.
  cluster.crash("n1");
  cluster.lose();
  cluster.heal();
  cluster.elect("n5");
  deepStrictEqual(["n2", "n3", "n4"].map((id) => cluster.terms(id)), [[1, 3, 5], [1, 3, 5], [
    1,
    3,
    5,
  ]]);
});

Deno.test("Case 17: once an entry of its own term is on a majority, everything before is committed for good", () => {
  const n1 = new Lone({ terms: [1, 2], voters: FIVE });
  n1.lead("n2", "n3");
  n1.acknowledge(2, "n2", "n3");
  strictEqual(n1.status.commit, 1);
  n1.acknowledge(3, "n2", "n3");
  strictEqual(n1.status.commit, 3);
});

Deno.test("Case 19: a conflict removes the whole suffix", () => {
  const n2 = new Lone({ terms: [1, 1, 1, 2, 2] });
  n2.hear("n2", {
    kind: "appendEntries",
    term: 3,
    prev: { index: 3, term: 1 },
    entries: entriesAfter(3, 3),
    commit: 1,
  });
  deepStrictEqual(n2.terms, [1, 1, 1, 3]);
});

Deno.test("Case 21: the commit index is not taken beyond what the message proves", () => {
  const n2 = new Lone({ terms: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1] });
  n2.hear("n2", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 9, term: 1 },
    entries: [],
    commit: 11,
  });
  strictEqual(n2.status.commit, 9);
});

Deno.test("Case 23: a heartbeat does not say that more is committed than the follower has", () => {
  const n1 = new Lone({ terms: [1, 1, 1] });
  n1.lead("n2");
  n1.acknowledge(4, "n2");
  n1.acknowledge(2, "n3");
  const beats = only(n1.tick(), "heartbeat").map(({ to, committed }) => [to, committed.index]);
  deepStrictEqual(beats, [["n2", 4], ["n3", 2]]);
});

Deno.test("Case 23: a follower compares the term of what is said to be committed", () => {
  const n1 = new Lone({ terms: [1, 2] });
  n1.hear("n2", {
    kind: "heartbeat",
    term: 3,
    committed: { index: 2, term: 3 },
    match: 2,
    round: 1,
  });
  strictEqual(n1.status.commit, 1);
});

Deno.test("Case 25: a new leader's blank entry counts here only when it is stored here", () => {
  const n1 = new Lone();
  n1.tick(10);
  n1.hear("n2", { kind: "preVote", term: 2, isGranted: true });
  n1.block();
  n1.hear("n2", { kind: "vote", term: 2, isGranted: true });
  n1.acknowledge(2, "n2");
  strictEqual(n1.status.commit, 1);
  n1.unblock();
  strictEqual(n1.status.commit, 2);
});

Deno.test("Case 27: writes that are reported out of order count up to the last", () => {
  const n1 = new Lone({ voters: ["n1"] });
  n1.tick();
  n1.block();
  n1.propose("a");
  n1.propose("b");
  const [first, second] = n1.cluster.node("n1").writes.map(({ sequence }) => sequence);
  n1.cluster.step("n1", { kind: "stored", sequence: second ?? 0 });
  strictEqual(n1.status.commit, 4);
  n1.cluster.step("n1", { kind: "stored", sequence: first ?? 0 });
  deepStrictEqual([n1.status.commit, n1.status.dropped.stale], [4, 1]);
});

Deno.test("Case 29: an acknowledgement of an earlier life of a node's store is not counted", () => {
  const n1 = new Lone({ learners: ["n4"] });
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3", "n4");
  n1.cluster.change("n1", ["n1", "n2", "n3"], [{ id: "n4", incarnation: 2 }]);
  n1.acknowledge(3, "n2");
  n1.acknowledge(3, "n4");
  const peer = n1.status.peers.find(({ id }) => id === "n4");
  deepStrictEqual([peer?.match, n1.status.dropped.incarnation], [0, 1]);
});

Deno.test("Case 37: a proposal whose index another leader took is lost, and is not proposed again", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  cluster.isolate("n1");
  const answer = cluster.propose("n1", "lost");
  deepStrictEqual(answer, { kind: "accepted", index: 3, term: 2 });
  cluster.run(40);
  cluster.propose(cluster.leader() ?? "", "other");
  cluster.settle();
  cluster.heal();
  cluster.run(5);
  const at3 = cluster.node("n1").applied.find(({ index }) => index === 3);
  strictEqual(at3?.term !== 2, true);
  deepStrictEqual(cluster.node("n1").commands, ["other"]);
});

Deno.test("Several writes are under way at once, and what each attests leaves with it", () => {
  const n1 = new Lone();
  n1.block();
  n1.hear("n2", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 2),
    commit: 1,
  });
  n1.hear("n2", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 2, term: 2 },
    entries: entriesAfter(2, 2),
    commit: 1,
  });
  deepStrictEqual(n1.cluster.node("n1").waiting.map(({ sequence }) => sequence), [1, 2]);
  deepStrictEqual(only(n1.unblock(), "appended").map(({ match }) => match), [2, 3]);
});

Deno.test("An acknowledgement waits for the write of entries that came before, even if it brings none", () => {
  const n1 = new Lone();
  n1.block();
  const append = {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 2),
    commit: 1,
  } as const;
  n1.hear("n2", append);
  deepStrictEqual(n1.hear("n2", append), []);
  deepStrictEqual(kinds(n1.unblock()), ["appended>n2", "appended>n2"]);
});

Deno.test("A write that another leader's entries overtook does not make them durable", () => {
  const n1 = new Lone();
  n1.block();
  n1.hear("n2", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 2, 2),
    commit: 1,
  });
  n1.hear("n3", {
    kind: "appendEntries",
    term: 3,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 3, 3, 3),
    commit: 4,
  });
  n1.cluster.step("n1", { kind: "stored", sequence: 1 });
  deepStrictEqual([n1.status.stored, n1.status.commit, n1.cluster.node("n1").applied.length], [
    1,
    4,
    1,
  ]);
});

Deno.test("The log's time never goes back, whatever the leaders' clocks say", () => {
  const cluster = new Cluster(["n1"]);
  for (const timeMs of [5_000, 9_000, 2_000, 10_000]) {
    cluster.step("n1", { kind: "tick", nowMs: 0, timeMs });
    cluster.propose("n1", "x");
  }
  const times = cluster.node("n1").applied.filter(({ kind }) => kind === "command").map((
    { timeMs },
  ) => timeMs);
  deepStrictEqual(times, [5_000, 9_000, 9_000, 10_000]);
});
