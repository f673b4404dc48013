/**
 * One test for each sentence that states a rule, named by its section: what the thesis adds.
 * "§" is Ongaro, "Consensus: Bridging Theory and Practice" (2014).
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster.ts";
import { entriesAfter, kinds, Lone, only } from "../lone.ts";

Deno.test("thesis §3.10 the prior leader brings the target's log up to date, then sends it TimeoutNow", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  n1.cluster.step("n1", { kind: "transfer", to: "n3" });
  deepStrictEqual(only(n1.sent(), "timeoutNow"), []);
  deepStrictEqual(kinds(only(n1.acknowledge(2, "n3"), "timeoutNow")), ["timeoutNow>n3"]);
});

Deno.test("thesis §3.10 the prior leader stops accepting client requests", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.cluster.step("n1", { kind: "transfer", to: "n3" });
  deepStrictEqual(n1.cluster.propose("n1", "x"), {
    kind: "refused",
    reason: "transferring",
    leader: "n1",
  });
});

Deno.test("thesis §3.10 a transfer that is not done after an election timeout is given up", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3");
  n1.cluster.step("n1", { kind: "transfer", to: "n3" });
  n1.tick(10);
  deepStrictEqual(n1.cluster.propose("n1", "x")?.kind, "accepted");
  deepStrictEqual(n1.cluster.node("n1").events.filter(({ kind }) => kind === "transferEnded"), [{
    kind: "transferEnded",
    to: "n3",
    isDone: false,
  }]);
});

Deno.test("thesis §4.1 a server accepts AppendEntries from a leader that is not in its configuration", () => {
  const n1 = new Lone();
  const answers = n1.hear("n9", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 2),
    commit: 1,
  });
  deepStrictEqual(kinds(answers), ["appended>n9"]);
});

Deno.test("thesis §4.1 a server votes for a candidate that is not in its configuration", () => {
  const n1 = new Lone();
  const [answer] = n1.hear("n9", {
    kind: "requestVote",
    term: 2,
    last: { index: 2, term: 1 },
    isTransfer: false,
  });
  strictEqual(answer?.kind === "vote" && answer.isGranted, true);
});

Deno.test("thesis §6.2 a leader steps down if an election timeout passes without a round to a majority", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.tick(10);
  strictEqual(n1.status.role, "leader");
  n1.tick(10);
  deepStrictEqual([n1.status.role, n1.status.term, n1.status.leader], ["follower", 2, undefined]);
});

Deno.test("thesis §6.4 a follower asks the leader for an index, and serves the read itself", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  cluster.propose("n1", "x");
  cluster.settle();
  cluster.step("n2", { kind: "read", id: 7 });
  cluster.settle();
  deepStrictEqual(cluster.node("n2").reads, [{
    kind: "ready",
    id: 7,
    index: 3,
    validUntilMs: Infinity,
  }]);
});

Deno.test("thesis §9.6 in Pre-Vote a candidate raises its term only if a majority would vote for it", () => {
  const n1 = new Lone();
  n1.tick(100);
  strictEqual(n1.status.term, 1);
});

Deno.test("thesis §9.6 a server grants a pre-vote only if it has not heard from a leader for an election timeout", () => {
  const n1 = new Lone();
  n1.hear("n2", {
    kind: "heartbeat",
    term: 2,
    committed: { index: 0, term: 0 },
    match: 0,
    round: 1,
  });
  const ask = { kind: "requestPreVote", term: 3, last: { index: 5, term: 2 } } as const;
  deepStrictEqual(n1.hear("n3", ask), []);
  n1.tick(10);
  const [answer] = only(n1.hear("n3", ask), "preVote");
  deepStrictEqual([answer?.isGranted, n1.status.term], [true, 2]);
});

Deno.test("thesis §10.2.1 the leader sends entries before it has stored them, and counts its own copy only after", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3");
  n1.block();
  n1.propose("x");
  deepStrictEqual(kinds(n1.sent()), ["appendEntries>n2", "appendEntries>n3"]);
  n1.acknowledge(3, "n2");
  strictEqual(n1.status.commit, 2);
  n1.unblock();
  strictEqual(n1.status.commit, 3);
});

Deno.test("thesis §10.2.1 the leader may commit an entry that a majority of followers has stored, but not itself", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3");
  n1.block();
  n1.propose("x");
  n1.acknowledge(3, "n2", "n3");
  strictEqual(n1.status.commit, 3);
});
