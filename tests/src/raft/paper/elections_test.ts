/**
 * One test for each sentence that states a rule, named by its section: the basics and elections (§5.1 and §5.2).
 * "§" is Ongaro and Ousterhout, "In Search of an
 * Understandable Consensus Algorithm" (2014, extended version).
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { entriesAfter, kinds, Lone, only } from "../lone.ts";

Deno.test("§5.1 current terms are exchanged whenever servers communicate", () => {
  const n1 = new Lone({ term: 4 });
  const [answer] = n1.hear("n2", {
    kind: "requestVote",
    term: 5,
    last: { index: 1, term: 1 },
    isTransfer: false,
  });
  strictEqual(answer?.term, 5);
});

Deno.test("§5.1 a server with a smaller term updates it to the larger value, and stores it", () => {
  const n1 = new Lone({ term: 4, vote: "n3" });
  n1.hear("n2", {
    kind: "appendEntries",
    term: 7,
    prev: { index: 1, term: 1 },
    entries: [],
    commit: 1,
  });
  deepStrictEqual(n1.cluster.node("n1").store.state.hardState, { term: 7, vote: undefined });
});

Deno.test("§5.1 a candidate or leader whose term is out of date reverts to follower at once", () => {
  const leader = new Lone();
  leader.lead("n2");
  leader.hear("n3", { kind: "appendRefused", term: 9, refused: 0, hint: { index: 0, term: 0 } });
  deepStrictEqual([leader.status.role, leader.status.term], ["follower", 9]);
});

Deno.test("§5.1 a server rejects a request with a stale term number", () => {
  const n1 = new Lone({ terms: [1, 3], term: 5 });
  const answers = n1.hear("n2", {
    kind: "appendEntries",
    term: 4,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 4),
    commit: 2,
  });
  deepStrictEqual(answers.map(({ kind, term }) => [kind, term]), [["appendRefused", 5]]);
  deepStrictEqual([n1.terms, n1.status.commit], [[1, 3], 1]);
});

Deno.test("§5.2 when servers start up, they begin as followers", () => {
  strictEqual(new Lone().status.role, "follower");
});

Deno.test("§5.2 a follower that hears of no leader for an election timeout begins an election", () => {
  const n1 = new Lone();
  n1.tick(9);
  strictEqual(n1.status.role, "follower");
  n1.tick();
  strictEqual(n1.status.role, "preCandidate");
});

Deno.test("§5.2 a server stays follower as long as it gets messages from a leader", () => {
  const n1 = new Lone();
  for (let i = 0; i < 10; i++) {
    n1.tick(9);
    n1.hear("n2", {
      kind: "heartbeat",
      term: 2,
      committed: { index: 0, term: 0 },
      match: 0,
      round: 1,
    });
  }
  strictEqual(n1.status.role, "follower");
});

Deno.test("§5.2 to begin an election, a follower increments its term, votes for itself and asks all others", () => {
  const n1 = new Lone({ term: 3 });
  n1.tick(10);
  const sent = n1.hear("n2", { kind: "preVote", term: 4, isGranted: true });
  deepStrictEqual([n1.status.role, n1.status.term, n1.status.vote], ["candidate", 4, "n1"]);
  deepStrictEqual(kinds(sent), ["requestVote>n2", "requestVote>n3"]);
});

Deno.test("§5.2 a candidate wins with votes from a majority of the full cluster for the same term", () => {
  const n1 = new Lone({ voters: ["n1", "n2", "n3", "n4", "n5"] });
  n1.tick(10);
  for (const peer of ["n2", "n3"]) n1.hear(peer, { kind: "preVote", term: 2, isGranted: true });
  n1.hear("n2", { kind: "vote", term: 2, isGranted: true });
  strictEqual(n1.status.role, "candidate");
  n1.hear("n3", { kind: "vote", term: 2, isGranted: true });
  strictEqual(n1.status.role, "leader");
});

Deno.test("§5.2 each server votes for at most one candidate in a term, first come first served", () => {
  const n1 = new Lone();
  const ask = {
    kind: "requestVote",
    term: 2,
    last: { index: 1, term: 1 },
    isTransfer: false,
  } as const;
  const answers = ["n2", "n3", "n2"].flatMap((peer) => only(n1.hear(peer, ask), "vote"));
  deepStrictEqual(answers.map(({ isGranted }) => isGranted), [true, false, true]);
});

Deno.test("§5.2 a new leader sends to all others at once, to prevent new elections", () => {
  const n1 = new Lone();
  deepStrictEqual(kinds(n1.lead("n2")), ["appendEntries>n2", "appendEntries>n3"]);
});

Deno.test("§5.2 a candidate that hears a leader of its term returns to follower", () => {
  const n1 = new Lone();
  n1.tick(10);
  n1.hear("n2", { kind: "preVote", term: 2, isGranted: true });
  n1.hear("n3", {
    kind: "heartbeat",
    term: 2,
    committed: { index: 0, term: 0 },
    match: 0,
    round: 1,
  });
  deepStrictEqual([n1.status.role, n1.status.leader], ["follower", "n3"]);
});

Deno.test("§5.2 a candidate rejects a leader of an earlier term and remains candidate", () => {
  const n1 = new Lone({ term: 4 });
  n1.tick(10);
  n1.hear("n2", { kind: "preVote", term: 5, isGranted: true });
  n1.hear("n3", {
    kind: "heartbeat",
    term: 4,
    committed: { index: 0, term: 0 },
    match: 0,
    round: 1,
  });
  deepStrictEqual([n1.status.role, n1.status.term], ["candidate", 5]);
});

Deno.test("§5.2 a candidate that neither wins nor loses times out and begins again", () => {
  const n1 = new Lone();
  n1.tick(10);
  n1.hear("n2", { kind: "preVote", term: 2, isGranted: true });
  const sent = n1.tick(10);
  deepStrictEqual(kinds(sent), ["requestPreVote>n2", "requestPreVote>n3"]);
  strictEqual(only(sent, "requestPreVote")[0]?.term, 3);
});

Deno.test("§5.2 election timeouts are chosen at random from a fixed interval, anew for each election", () => {
  const draws = [0, 0.5, 0.99];
  const random = {
    bytes: (length: number) => new Uint8Array(length),
    float: () => draws.shift() ?? 0,
  };
  const n1 = new Lone({}, { random });
  const waits: number[] = [];
  for (let at = 0, last = 0; waits.length < 2; at++) {
    if (only(n1.tick(), "requestPreVote").length === 0) continue;
    waits.push(at + 1 - last);
    last = at + 1;
  }
  // The first draw is for the numbers of read attempts.
  deepStrictEqual(waits, [15, 19]);
});
