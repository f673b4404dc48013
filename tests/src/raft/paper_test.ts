/**
 * One test for each sentence that states a rule, with its place: "§" is Ongaro and Ousterhout, "In Search of an
 * Understandable Consensus Algorithm" (2014, extended version); "thesis §" is Ongaro, "Consensus: Bridging Theory and
 * Practice" (2014).
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Cluster } from "./cluster.ts";
import { entriesAfter, kinds, Lone, only } from "./lone.ts";

// §5.1 Raft basics

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

// §5.2 Leader election

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

// §5.3 Log replication

Deno.test("§5.3 the leader appends the command to its log and sends it to each of the others in parallel", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3");
  n1.propose("x");
  const sent = only(n1.sent(), "appendEntries");
  deepStrictEqual(sent.map(({ to, prev, entries }) => [to, prev.index, entries.length]), [[
    "n2",
    2,
    1,
  ], ["n3", 2, 1]]);
});

Deno.test("§5.3 the leader retries AppendEntries until all followers have stored all entries", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  cluster.propose("n1", "x");
  cluster.lose((message) => message.to === "n3");
  cluster.settle();
  cluster.run(3);
  deepStrictEqual(cluster.terms("n3"), cluster.terms("n1"));
});

Deno.test("§5.3 an entry is committed once the leader that created it has it on a majority", () => {
  const n1 = new Lone({ voters: ["n1", "n2", "n3", "n4", "n5"] });
  n1.lead("n2", "n3");
  n1.acknowledge(2, "n2");
  strictEqual(n1.status.commit, 1);
  n1.acknowledge(2, "n3");
  strictEqual(n1.status.commit, 2);
});

Deno.test("§5.3 committing an entry commits all before it, also those of earlier leaders", () => {
  const n1 = new Lone({ terms: [1, 1, 1, 2] });
  n1.lead("n2");
  n1.acknowledge(5, "n2");
  deepStrictEqual(n1.cluster.node("n1").commands, ["2@1", "3@1", "4@2"]);
});

Deno.test("§5.3 the leader includes the highest committed index in AppendEntries, also in heartbeats", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3");
  n1.propose("x");
  deepStrictEqual(only(n1.sent(), "appendEntries").map(({ commit }) => commit), [2, 2]);
  n1.acknowledge(3, "n2", "n3");
  deepStrictEqual(only(n1.tick(), "heartbeat").map(({ committed }) => committed.index), [3, 3]);
});

Deno.test("§5.3 a follower that learns that an entry is committed applies it, in log order", () => {
  const n1 = new Lone({ terms: [1, 1, 1] });
  n1.hear("n2", {
    kind: "heartbeat",
    term: 1,
    committed: { index: 3, term: 1 },
    match: 3,
    round: 1,
  });
  deepStrictEqual(n1.cluster.node("n1").applied.map(({ index }) => index), [1, 2, 3]);
});

Deno.test("§5.3 a follower refuses entries if it has no entry with the preceding index and term", () => {
  const n1 = new Lone({ terms: [1, 1, 2] });
  for (const prev of [{ index: 3, term: 3 }, { index: 5, term: 3 }]) {
    const answers = n1.hear("n2", {
      kind: "appendEntries",
      term: 3,
      prev,
      entries: entriesAfter(prev.index, 3),
      commit: 1,
    });
    deepStrictEqual(kinds(answers), ["appendRefused>n2"]);
  }
  deepStrictEqual(n1.terms, [1, 1, 2]);
});

Deno.test("§5.3 conflicting entries in followers' logs are overwritten with the leader's", () => {
  const n1 = new Lone({ terms: [1, 1, 2, 2, 2] });
  n1.hear("n2", {
    kind: "appendEntries",
    term: 4,
    prev: { index: 2, term: 1 },
    entries: entriesAfter(2, 3, 4),
    commit: 2,
  });
  deepStrictEqual(n1.terms, [1, 1, 3, 4]);
});

Deno.test("§5.3 a new leader takes its peers' next index from just after its own last entry", () => {
  const n1 = new Lone({ terms: [1, 1, 1] });
  deepStrictEqual(only(n1.lead("n2"), "appendEntries").map(({ prev }) => prev.index), [3, 3]);
});

Deno.test("§5.3 after a rejection the leader lowers next index and retries", () => {
  const n1 = new Lone({ terms: [1, 2, 2, 2] });
  n1.lead("n2");
  const sent = n1.hear("n3", {
    kind: "appendRefused",
    term: 3,
    refused: 4,
    hint: { index: 1, term: 1 },
  });
  const [retry] = only(sent, "appendEntries");
  deepStrictEqual([retry?.prev.index, retry?.entries.length], [1, 4]);
});

Deno.test("§5.3 a leader never overwrites or deletes entries in its own log", () => {
  const n1 = new Lone({ terms: [1, 1] });
  n1.lead("n2");
  const { term } = n1.status;
  n1.hear("n3", {
    kind: "appendEntries",
    term,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, term),
    commit: 1,
  });
  deepStrictEqual([n1.status.role, n1.terms, n1.status.dropped.impossible], [
    "leader",
    [1, 1, 2],
    1,
  ]);
});

// §5.4 Safety

Deno.test("§5.4.1 the voter denies its vote if its own log is more up-to-date than the candidate's", () => {
  const table = [
    { last: { index: 9, term: 2 }, isGranted: false },
    { last: { index: 2, term: 3 }, isGranted: false },
    { last: { index: 3, term: 3 }, isGranted: true },
    { last: { index: 2, term: 4 }, isGranted: true },
  ];
  for (const { last, isGranted } of table) {
    const n1 = new Lone({ terms: [1, 3, 3] });
    const [answer] = n1.hear("n2", {
      kind: "requestVote",
      term: 5,
      last,
      isTransfer: false,
    });
    strictEqual(answer?.kind === "vote" && answer.isGranted, isGranted);
  }
});

Deno.test("§5.4.2 entries of earlier terms are not committed by counting replicas", () => {
  const n1 = new Lone({ terms: [1, 2, 2], commit: 1 });
  n1.lead("n2");
  n1.acknowledge(3, "n2", "n3");
  strictEqual(n1.status.commit, 1);
  n1.acknowledge(4, "n2");
  strictEqual(n1.status.commit, 4);
});

// §5.5 Follower and candidate crashes

Deno.test("§5.5 a request that a follower gets a second time does no harm", () => {
  const n1 = new Lone({ terms: [1] });
  const first = {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 2),
    commit: 1,
  } as const;
  n1.hear("n2", first);
  n1.hear("n2", { ...first, prev: { index: 2, term: 2 }, entries: entriesAfter(2, 2, 2) });
  const again = only(n1.hear("n2", first), "appended");
  deepStrictEqual([n1.terms, again.map(({ match }) => match)], [[1, 2, 2, 2], [2]]);
});

// Figure 2

Deno.test("Figure 2: term, vote and log are on stable storage before a request is answered", () => {
  const n1 = new Lone();
  n1.block();
  const vote = {
    kind: "requestVote",
    term: 2,
    last: { index: 1, term: 1 },
    isTransfer: false,
  } as const;
  deepStrictEqual(n1.hear("n2", vote), []);
  deepStrictEqual(kinds(n1.unblock()), ["vote>n2"]);
  n1.block();
  const append = {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 2),
    commit: 1,
  } as const;
  deepStrictEqual(n1.hear("n2", append), []);
  deepStrictEqual(kinds(n1.unblock()), ["appended>n2"]);
});

Deno.test("Figure 2: the commit index becomes min(leaderCommit, index of last new entry)", () => {
  const n1 = new Lone({ terms: [1, 1, 1] });
  n1.hear("n2", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 2, term: 1 },
    entries: [],
    commit: 9,
  });
  strictEqual(n1.status.commit, 2);
});

Deno.test("Figure 2: voting resets the election timer, refusing does not", () => {
  const n1 = new Lone({ terms: [1, 2] });
  n1.tick(9);
  n1.hear("n2", {
    kind: "requestVote",
    term: 3,
    last: { index: 1, term: 1 },
    isTransfer: false,
  });
  n1.hear("n3", {
    kind: "requestVote",
    term: 3,
    last: { index: 2, term: 2 },
    isTransfer: false,
  });
  n1.tick(9);
  strictEqual(n1.status.role, "follower");
  n1.tick();
  strictEqual(n1.status.role, "preCandidate");
});

// §6 Cluster membership changes

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

// §7 Log compaction

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

// §8 Client interaction

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

// Thesis

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
