/** Bugs that others had, about changes of membership. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster.ts";
import { entriesAfter, Lone, only } from "../lone.ts";
import type { Entry, Membership } from "../../../../src/raft/core/mod.ts";

function ids(members: Membership["voters"]): readonly string[] {
  return members.map(({ id }) => id);
}

Deno.test("Case 47: one change at a time, and none before the leader has committed in its term", () => {
  const n1 = new Lone({ voters: ["n1", "n2", "n3", "n4"] });
  n1.lead("n2", "n3");
  const changing = { kind: "refused", reason: "changing", leader: "n1" };
  deepStrictEqual(n1.cluster.change("n1", ["n1", "n2", "n3"]), changing);
  n1.acknowledge(2, "n2", "n3");
  strictEqual(n1.cluster.change("n1", ["n1", "n2", "n3"])?.kind, "accepted");
  deepStrictEqual(n1.cluster.change("n1", ["n1", "n2", "n4"]), changing);
});

Deno.test("Case 47: removals of two leaders across a change of leader never give two memberships at one index", () => {
  const cluster = new Cluster(["n1", "n2", "n3", "n4"]);
  cluster.elect("n3");
  cluster.isolate("n3");
  cluster.change("n3", ["n2", "n3", "n4"]);
  cluster.lose();
  for (const id of ["n1", "n2", "n4"]) cluster.forget(id);
  cluster.elect("n4");
  strictEqual(cluster.change("n4", ["n1", "n3", "n4"])?.kind, "accepted");
  cluster.settle();
  cluster.heal();
  cluster.run(30);
  const memberships = ["n1", "n3", "n4"].map((id) => cluster.node(id).core.status().membership);
  deepStrictEqual(memberships.map(({ voters }) => ids(voters)), [["n1", "n3", "n4"], [
    "n1",
    "n3",
    "n4",
  ], ["n1", "n3", "n4"]]);
});

Deno.test("Case 49: a membership that is cut off again never held, and the one before holds", () => {
  const n2 = new Lone();
  const membership = { voters: [{ id: "n4", incarnation: 1 }], outgoing: [], learners: [] };
  const entry: Entry = { kind: "membership", index: 2, term: 2, timeMs: 0, membership };
  n2.hear("n2", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: [entry],
    commit: 1,
  });
  deepStrictEqual(ids(n2.status.membership.voters), ["n4"]);
  n2.hear("n3", {
    kind: "appendEntries",
    term: 5,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 5),
    commit: 1,
  });
  deepStrictEqual([ids(n2.status.membership.voters), n2.status.membershipIndex], [[
    "n1",
    "n2",
    "n3",
  ], 1]);
});

Deno.test("Case 51: a leader that removes itself does not count itself, steps down when done, and stays quiet", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3");
  n1.cluster.change("n1", ["n2", "n3"]);
  n1.acknowledge(3, "n2");
  strictEqual(n1.status.commit, 2); // Itself and n2 are a majority before, but n2 alone is none after.
  n1.acknowledge(3, "n3");
  n1.acknowledge(4, "n2", "n3");
  deepStrictEqual([n1.status.role, n1.status.commit], ["follower", 4]);
  n1.sent();
  deepStrictEqual(n1.tick(100), []);
});

Deno.test("A voter whose removal nobody committed campaigns, for it may have what the others lack", () => {
  const n1 = new Lone();
  const membership = { voters: [{ id: "n2", incarnation: 1 }], outgoing: [], learners: [] };
  const entry: Entry = { kind: "membership", index: 2, term: 2, timeMs: 0, membership };
  n1.hear("n2", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: [entry],
    commit: 1,
  });
  const sent = only(n1.tick(10), "requestPreVote");
  deepStrictEqual(sent.map(({ to }) => to), ["n2"]);
  n1.hear("n2", {
    kind: "heartbeat",
    term: 2,
    committed: { index: 2, term: 2 },
    match: 2,
    round: 1,
  });
  deepStrictEqual(n1.tick(100), []);
});

Deno.test("Case 55: membership survives restarts and compaction, whatever the options say", () => {
  const cluster = new Cluster(["n1", "n2", "n3"], { joining: ["n4"] });
  cluster.elect("n1");
  cluster.change("n1", ["n1", "n2", "n3"], ["n4"]);
  cluster.run(25);
  cluster.change("n1", ["n1", "n2", "n3", "n4"]);
  cluster.run(5);
  for (const id of cluster.nodes.keys()) {
    cluster.compact(id);
    cluster.crash(id);
    cluster.restart(id);
  }
  for (const { core } of cluster.nodes.values()) {
    deepStrictEqual(ids(core.status().membership.voters), ["n1", "n2", "n3", "n4"]);
  }
});

Deno.test("Case 55: the membership of a snapshot replaces one that was only appended", () => {
  const n1 = new Lone();
  const membership = { voters: [{ id: "n4", incarnation: 1 }], outgoing: [], learners: [] };
  const entry: Entry = { kind: "membership", index: 2, term: 2, timeMs: 0, membership };
  const prev = { index: 1, term: 1 };
  n1.hear("n2", { kind: "appendEntries", term: 2, prev, entries: [entry], commit: 1 });
  const voters = ["n1", "n2"].map((id) => ({ id, incarnation: 1 }));
  const snapshot = {
    index: 7,
    term: 3,
    timeMs: 0,
    membership: { voters, outgoing: [], learners: [] },
  };
  const piece = { snapshot, offset: 0, data: new Uint8Array(1), isLast: true };
  n1.hear("n2", { kind: "installSnapshot", term: 3, ...piece });
  deepStrictEqual([ids(n1.status.membership.voters), n1.status.membershipIndex], [["n1", "n2"], 7]);
  n1.restart();
  deepStrictEqual(ids(n1.status.membership.voters), ["n1", "n2"]);
});

Deno.test("A node joins as a learner, catches up, and only then may become a voter", () => {
  const cluster = new Cluster(["n1", "n2", "n3"], { joining: ["n4"] });
  cluster.elect("n1");
  const behind = { kind: "refused", reason: "learnerBehind", leader: "n1" };
  deepStrictEqual(cluster.change("n1", ["n1", "n2", "n3", "n4"]), behind);
  cluster.isolate("n4");
  cluster.change("n1", ["n1", "n2", "n3"], ["n4"]);
  cluster.run(1);
  deepStrictEqual(cluster.change("n1", ["n1", "n2", "n3", "n4"]), behind);
  cluster.heal();
  cluster.run(25);
  const caughtUp = cluster.node("n1").events.filter(({ kind }) => kind === "caughtUp");
  deepStrictEqual(caughtUp, [{ kind: "caughtUp", id: "n4" }]);
  strictEqual(cluster.change("n1", ["n1", "n2", "n3", "n4"])?.kind, "accepted");
  cluster.settle();
  const { voters, outgoing } = cluster.node("n4").core.status().membership;
  deepStrictEqual([ids(voters), ids(outgoing)], [["n1", "n2", "n3", "n4"], []]);
});

Deno.test("A learner does not campaign", () => {
  const n1 = new Lone({ voters: ["n2", "n3"], learners: ["n1"] });
  deepStrictEqual(n1.tick(100), []);
});

Deno.test("Only learners change without going by way of both memberships", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  n1.cluster.change("n1", ["n1", "n2", "n3"], ["n4"]);
  deepStrictEqual([n1.status.membership.outgoing, ids(n1.status.membership.learners)], [[], [
    "n4",
  ]]);
});

Deno.test("A change that nobody can want is refused", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  const [a, b, c] = ["n1", "n2", "n3"];
  const table:
    readonly (readonly [Parameters<Cluster["change"]>[1], Parameters<Cluster["change"]>[2]?])[] = [
      [[]],
      [[a, a, b]],
      [[a, b, c], [c]],
      [[a, b, ""]],
      [[a, b, { id: "n3", incarnation: 0 }]],
      [[a, b, { id: "n3", incarnation: 2 }]],
      [[a, b], [{ id: "n3", incarnation: 2 }]],
      [[a, b, { id: "n3", incarnation: 1, isWitness: true }]],
      [[{ id: "w", incarnation: 1, isWitness: true }]],
    ];
  for (const [voters, learners] of table) {
    const answer = n1.cluster.change("n1", voters, learners);
    deepStrictEqual(answer, { kind: "refused", reason: "badMembership", leader: "n1" });
  }
  strictEqual(n1.status.last.index, 2);
});

Deno.test("The next leader finishes a change that the one before began", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  cluster.change("n1", ["n1", "n2"]);
  cluster.settle((message) => message.kind === "appendEntries");
  cluster.lose();
  cluster.crash("n1");
  cluster.restart("n1");
  cluster.elect("n2");
  cluster.run(5);
  const { voters, outgoing } = cluster.node("n2").core.status().membership;
  deepStrictEqual([ids(voters), ids(outgoing)], [["n1", "n2"], []]);
});

Deno.test("A wiped voter comes back in two steps: removed, then added as a learner of a new incarnation", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  cluster.propose("n1", "x");
  cluster.settle();
  cluster.crash("n3");
  cluster.add("n3", { incarnation: 2 });
  cluster.run(2);
  strictEqual(cluster.node("n3").core.status().dropped.incarnation > 0, true);
  cluster.change("n1", ["n1", "n2"]);
  cluster.settle();
  cluster.change("n1", ["n1", "n2"], [{ id: "n3", incarnation: 2 }]);
  cluster.run(25);
  strictEqual(cluster.change("n1", ["n1", "n2", { id: "n3", incarnation: 2 }])?.kind, "accepted");
  cluster.run(2);
  deepStrictEqual(cluster.node("n3").commands, ["x"]);
});

Deno.test("A leader that is being removed gives a witness no entry that no voter who stays has", () => {
  const witness = { id: "w", incarnation: 1, isWitness: true };
  const bootstrap = [{ id: "n1", incarnation: 1 }, { id: "n2", incarnation: 1 }, witness];
  const cluster = new Cluster([]);
  for (const id of ["n1", "n2"]) cluster.add(id, { bootstrap });
  cluster.add("w", { bootstrap, isWitness: true });
  cluster.elect("n1");
  cluster.change("n1", ["n2", witness]);
  cluster.propose("n1", "x");
  cluster.settle((message) => message.to !== "n2");
  deepStrictEqual([
    cluster.node("n1").core.status().last.index,
    cluster.node("w").core.status().last.index,
  ], [4, 2]);
  cluster.settle();
  cluster.elect("n2");
  deepStrictEqual(cluster.node("n2").commands, ["x"]);
});
